package dev.unfold.rnn.report;

import dev.unfold.examples.report.Pictures;
import dev.unfold.examples.report.Pictures.Picture;
import dev.unfold.rnn.report.GraphDrawing.Edge;
import dev.unfold.rnn.report.GraphDrawing.Node;
import dev.unfold.rnn.report.StackedArea.Panel;
import dev.unfold.rnn.report.TaggedText.Word;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** Pages with every block. */
final class SamplePages {
    private static final int SIDE = 28;

    private SamplePages() {}

    /** Returns a page of all blocks: charts over so many steps, and graphs. */
    static ReportPage all(int steps) {
        return new ReportPage("Digits read row by row")
                .section("Settings and environment", settings(), environment())
                .section("Training", training(), gradients(steps))
                .section("Evaluation", confusion(), scores(), misread())
                .section("Tags", tagged())
                .section("Memory", memory(steps), table(steps))
                .section("Unrolled graph", graph(3), graph(24))
                .section(
                        "Plan",
                        Text.paragraphs("One template, kept for all steps.\n\nThe rest is given back."),
                        Text.lines("step  bytes\n   1  1,024"));
    }

    static Settings settings() {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("cell", "lstm");
        settings.put("seed", 1234);
        settings.put("rate", 0.01);
        settings.put("mode", "static");
        settings.put("within", null);
        return new Settings("Settings", settings);
    }

    private static Settings environment() {
        Map<String, Object> environment = new LinkedHashMap<>();
        environment.put("jdk", "OpenJDK 64-Bit Server VM 17.0.15+6");
        environment.put("kernels", "plain loops; vectors need --add-modules jdk.incubator.vector");
        environment.put("threads", 2);
        return new Settings("Environment", environment);
    }

    static LineChart training() {
        return LineChart.epochs(
                "Loss by epoch",
                "mean loss",
                Scale.LINEAR,
                List.of(
                        curve("training", 12, epoch -> 2.2 * Math.exp(-0.3 * epoch) + 0.05),
                        curve("development", 12, epoch -> 2.1 * Math.exp(-0.25 * epoch) + 0.18)));
    }

    static LineChart gradients(int steps) {
        List<Double> lags = numbers(steps, lag -> lag);
        List<Line> lines = new ArrayList<>();
        lines.add(new Line("vanilla", lags, numbers(steps, lag -> Math.pow(0.96, lag) * (1 + 0.3 * Math.sin(lag)))));
        lines.add(new Line("gru", lags, numbers(steps, lag -> Math.pow(0.985, lag) * (1 + 0.1 * Math.sin(lag)))));
        lines.add(new Line("lstm", lags, numbers(steps, lag -> Math.pow(0.995, lag))));
        return new LineChart("Gradient by lag", "lag", "norm of the gradient", Scale.LOGARITHMIC, lines);
    }

    static HeatMap confusion() {
        Random random = new Random(1);
        int[][] counts = new int[10][10];
        for (int i = 0; i < 10; i++) {
            for (int j = 0; j < 10; j++) {
                counts[i][j] = i == j ? 900 + random.nextInt(100) : Math.max(0, random.nextInt(30) - 18);
            }
        }
        return HeatMap.confusion("Confusion matrix", labels(10), counts);
    }

    private static Bars scores() {
        return new Bars(
                "Precision and recall by class",
                "share",
                labels(10),
                List.of(curve("precision", 10, i -> 0.99 - i * 0.004), curve("recall", 10, i -> 0.97 - i % 3 * 0.01)));
    }

    private static Pictures misread() {
        List<Picture> pictures = new ArrayList<>();
        for (int k = 0; k < 9; k++) {
            List<Float> pixels = new ArrayList<>();
            for (int i = 0; i < SIDE * SIDE; i++) {
                double distance = Math.hypot(i % SIDE - 13.5, Math.floorDiv(i, SIDE) - 13.5) - 5 - k * 0.5;
                pixels.add((float) Math.exp(-distance * distance / 3));
            }
            pictures.add(new Picture(k + ", read as " + (9 - k), SIDE, pixels));
        }
        return new Pictures("Misread digits", pictures);
    }

    private static TaggedText tagged() {
        return new TaggedText(
                "Mistagged sentences",
                List.of(
                        sentence("They/PRON book/NOUN/VERB a/DET flight/NOUN ./PUNCT"),
                        sentence("Time/NOUN flies/NOUN/VERB like/VERB/ADP an/DET arrow/NOUN ./PUNCT")));
    }

    private static List<Word> sentence(String text) {
        List<Word> words = new ArrayList<>();
        for (String each : text.split(" ", -1)) {
            String[] parts = each.split("/", -1);
            words.add(new Word(parts[0], parts[1], parts[parts.length - 1]));
        }
        return words;
    }

    static StackedArea memory(int steps) {
        return new StackedArea(
                "Memory over a training step",
                "event",
                "MiB",
                List.of(panel("dynamic", steps, 0.02), panel("static", steps, 0.008)));
    }

    private static Panel panel(String mode, int steps, double growth) {
        return new Panel(
                mode,
                List.of(
                        curve("parameters", 2 * steps, event -> 2),
                        curve("values", 2 * steps, event -> growth * Math.min(event, 2 * steps - event)),
                        curve("gradients", 2 * steps, event -> event < steps ? 0 : growth * 0.4 * (2 * steps - event)),
                        curve("workspace", 2 * steps, event -> 0.4 + event % 7 * 0.05)));
    }

    private static DataTable table(int steps) {
        List<List<?>> rows = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            rows.add(Arrays.asList("step " + i, i * 1024, i % 5 == 0 ? null : "kept for backward"));
        }
        return new DataTable("Buffers of the plan", List.of("what", "bytes", "why"), rows);
    }

    /** Returns the graph of a gated cell over some steps, 15 nodes each. */
    static GraphDrawing graph(int steps) {
        List<Node> nodes = new ArrayList<>();
        List<Edge> edges = new ArrayList<>();
        for (String parameter : List.of("Wx", "Wh", "b")) {
            nodes.add(new Node(parameter, List.of(parameter, "64 x 64"), "parameter " + parameter, "", Double.NaN));
        }
        for (int t = 1; t <= steps; t++) {
            String group = "step " + t;
            for (String name : List.of("x", "xWx", "hWh", "sum", "i", "f", "o", "g", "ig", "fc", "c", "tanh", "h")) {
                double heat = name.equals("x") ? Double.NaN : (double) t / steps;
                nodes.add(new Node(
                        name + t, List.of(name, "32 x 64"), name + " of step " + t + "\n8,192 bytes", group, heat));
            }
            for (String each : List.of(
                    "x>xWx", "xWx>sum", "hWh>sum", "sum>i", "sum>f", "sum>o", "sum>g", "i>ig", "g>ig", "f>fc", "ig>c",
                    "fc>c", "c>tanh", "tanh>h", "o>h")) {
                String[] ends = each.split(">", -1);
                edges.add(new Edge(ends[0] + t, ends[1] + t));
            }
            edges.add(new Edge("Wx", "xWx" + t));
            edges.add(new Edge("Wh", "hWh" + t));
            edges.add(new Edge("b", "sum" + t));
            if (t > 1) {
                edges.add(new Edge("h" + (t - 1), "hWh" + t));
                edges.add(new Edge("c" + (t - 1), "fc" + t));
            }
        }
        return new GraphDrawing("LSTM over " + steps + " steps", "Shades tell the size of the gradient.", nodes, edges);
    }

    private static List<String> labels(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    private static Curve curve(String name, int count, IntToDoubleFunction value) {
        return new Curve(name, numbers(count, value));
    }

    private static List<Double> numbers(int count, IntToDoubleFunction value) {
        return IntStream.range(0, count).mapToDouble(value).boxed().toList();
    }
}
