package dev.unfold.examples.gradients;

import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.report.OutputFiles;
import dev.unfold.examples.report.Plots;
import dev.unfold.rnn.report.DataTable;
import dev.unfold.rnn.report.Line;
import dev.unfold.rnn.report.LineChart;
import dev.unfold.rnn.report.ReportPage;
import dev.unfold.rnn.report.Scale;
import dev.unfold.rnn.report.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code gradients flow}: how gradients vanish and explode on their way back through time. */
@Command(
        name = "flow",
        description =
                "Show how the gradient of a loss at step t by the state h of step t - k vanishes or explodes over the lag k: for cells at"
                        + " their first weights, and for a vanilla cell whose recurrent weights are scaled, with and without clipping.",
        mixinStandardHelpOptions = true,
        version = CommonOptions.VERSION,
        defaultValueProvider = ExerciseCommand.Float64.class)
final class FlowCommand extends ExerciseCommand {
    /** Beyond these, squares of what has exploded or vanished leave the range of float64. */
    private static final int MOST_STEPS = 500;

    private static final String QUANTITY = "norm of dL(t) / dh(t-k)";
    private static final String CELLS = "Cells at their first weights, then with their gates opened";
    private static final String RADIUS = "Vanilla at rest (inputs 0, so tanh' = 1), by spectral radius of wh";
    private static final String CLIPPING = """
            At a spectral radius of %s the gradient grows at each step back. On inputs normal times 0.1, the gradient of the parameters \
            is clipped to a norm of %s in two ways.

            Clipped as a whole, it becomes shorter and keeps its direction: its cosine is 1. Where what flows is clipped at each step, \
            no step gets more than that norm, the sum over steps may be longer, and it points elsewhere.""";

    private static final int MOST_HIDDEN = 512;

    @Option(names = "--steps", defaultValue = "60", description = "The greatest lag k (default ${DEFAULT-VALUE}).")
    private int steps;

    @Option(names = "--hidden", defaultValue = "64", description = "Hidden size (default ${DEFAULT-VALUE}).")
    private int hidden;

    @Option(
            names = "--clip-norm",
            defaultValue = "1",
            description = "The norm to clip to, in the cases with clipping (default ${DEFAULT-VALUE}).")
    private double clipNorm;

    @Override
    public void run() {
        check();
        common.require(steps >= 1 && steps <= MOST_STEPS, "--steps", steps, "1 to " + MOST_STEPS);
        common.require(hidden >= 1 && hidden <= MOST_HIDDEN, "--hidden", hidden, "1 to " + MOST_HIDDEN);
        common.require(clipNorm > 0 && Double.isFinite(clipNorm), "--clip-norm", clipNorm, "a finite number above 0");
        common.tellEnvironment();
        FlowCases cases = new FlowCases(common.seed(), common.isStatic(), steps, hidden);
        List<Flow> cells = cases.cells();
        List<Flow> open = cases.open();
        List<Flow> scaled = cases.scaled();
        FlowCases.Clipped clipped = cases.clipped(clipNorm);
        List<Flow> bounded = List.of(clipped.flow());
        tell(CELLS + "; inputs normal", joined(cells, open));
        print("%n");
        tell(RADIUS, joined(scaled, bounded));
        print("%n");
        tell(clipped);
        common.plots().ifPresent(folder -> {
            OutputFiles.makeFolder(folder);
            plot(folder.resolve("cells.png"), "How far gradients flow back", cells, open);
            plot(folder.resolve("radius.png"), "Vanishing and exploding, by spectral radius of wh", scaled, bounded);
        });
        write(joined(cells, open), joined(scaled, bounded), clipped);
    }

    private static List<Flow> joined(List<Flow> some, List<Flow> others) {
        return Stream.concat(some.stream(), others.stream()).toList();
    }

    private void tell(String title, List<Flow> flows) {
        List<Integer> lags = lags();
        StringBuilder head = new StringBuilder(String.format(Locale.ROOT, "%-24s", QUANTITY));
        lags.forEach(lag -> head.append(String.format(Locale.ROOT, "  %8s", "k = " + lag)));
        print("%s%n%s  below 1 %%%n", title, head);
        for (Flow flow : flows) {
            StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-24s", flow.name()));
            lags.forEach(lag -> line.append(
                    String.format(Locale.ROOT, "  %8.1e", flow.norms().get(lag))));
            print("%s  %s%n", line, faint(flow));
        }
    }

    private static String faint(Flow flow) {
        int faintAt = flow.faintAt();
        return faintAt < 0 ? "never" : "from k = " + faintAt;
    }

    /** Returns some lags, ascending. */
    private List<Integer> lags() {
        return IntStream.of(1, steps / 6, steps / 3, 2 * steps / 3, steps)
                .filter(lag -> lag >= 1)
                .distinct()
                .boxed()
                .toList();
    }

    private void tell(FlowCases.Clipped clipped) {
        print(
                "What the parameters get at radius %s, inputs normal times 0.1: a gradient of norm %.1e (%s).%n",
                FlowCases.EXPLODING,
                clipped.norm(),
                clipped.norms().entrySet().stream()
                        .map(each -> String.format(Locale.ROOT, "%s %.1e", each.getKey(), each.getValue()))
                        .collect(Collectors.joining(", ")));
        print(
                "  What flows clipped to %s at each step: norm %.1e, cosine with the gradient %.6f.%n",
                clipNorm, clipped.byFlow().norm(), clipped.byFlow().cosine());
        print(
                "  The parameters' gradient clipped to %s as a whole: norm %.1e, cosine with the gradient %.6f.%n",
                clipNorm, clipped.byParameters().norm(), clipped.byParameters().cosine());
    }

    private static void plot(Path file, String title, List<Flow> solid, List<Flow> dashed) {
        Plots.logarithmic(file, title, "lag k", QUANTITY, lines(solid), lines(dashed));
    }

    /** A norm of 0 has no logarithm, and ends its line. */
    private static List<Line> lines(List<Flow> flows) {
        List<Line> lines = new ArrayList<>();
        for (Flow flow : flows) {
            List<Double> norms =
                    flow.norms().stream().takeWhile(norm -> norm > 0).toList();
            List<Double> lags = IntStream.range(0, norms.size())
                    .mapToObj(lag -> (double) lag)
                    .toList();
            lines.add(new Line(flow.name(), lags, norms));
        }
        return lines;
    }

    private void write(List<Flow> cells, List<Flow> exploding, FlowCases.Clipped clipped) {
        Map<String, Object> settings = common.settings();
        settings.put("steps", steps);
        settings.put("hidden", hidden);
        settings.put("clip_norm", clipNorm);
        Map<String, Object> results = new LinkedHashMap<>();
        results.put("cells", cells.stream().map(FlowCommand::figures).toList());
        results.put("radius", exploding.stream().map(FlowCommand::figures).toList());
        results.put("parameters_norm", clipped.norm());
        results.put("parameter_norms", clipped.norms());
        results.put("flow_clipped_norm", clipped.byFlow().norm());
        results.put("flow_clipped_cosine", clipped.byFlow().cosine());
        results.put("parameters_clipped_norm", clipped.byParameters().norm());
        results.put("parameters_clipped_cosine", clipped.byParameters().cosine());
        finish("flow", settings, results, page -> add(page, cells, exploding, clipped));
    }

    private void add(ReportPage page, List<Flow> cells, List<Flow> exploding, FlowCases.Clipped clipped) {
        page.section("How far gradients flow back", chart(CELLS, cells), table("Cells", cells))
                .section("Vanishing and exploding", chart(RADIUS, exploding), table("Vanilla, by radius", exploding))
                .section(
                        "What clipping does",
                        Text.paragraphs(CLIPPING.formatted(FlowCases.EXPLODING, clipNorm)),
                        new DataTable(
                                "The gradient of the parameters",
                                List.of("gradient", "norm", "cosine of the angle to it unclipped"),
                                List.of(
                                        List.of("not clipped", clipped.norm(), 1),
                                        row("what flows is clipped at each step", clipped.byFlow()),
                                        row("clipped as a whole", clipped.byParameters()))),
                        new DataTable(
                                "The norm of each parameter's, not clipped",
                                List.of("parameter", "norm"),
                                clipped.norms().entrySet().stream()
                                        .map(each -> List.of(each.getKey(), each.getValue()))
                                        .toList()));
    }

    private static LineChart chart(String title, List<Flow> flows) {
        return new LineChart(title, "lag k", QUANTITY, Scale.LOGARITHMIC, lines(flows));
    }

    private DataTable table(String title, List<Flow> flows) {
        List<String> columns = new ArrayList<>(List.of(QUANTITY));
        lags().forEach(lag -> columns.add("k = " + lag));
        columns.add("below 1 %");
        List<List<?>> rows = new ArrayList<>();
        for (Flow flow : flows) {
            List<Object> row = new ArrayList<>(List.of(flow.name()));
            lags().forEach(lag -> row.add(flow.norms().get(lag)));
            row.add(faint(flow));
            rows.add(row);
        }
        return new DataTable(title, columns, rows);
    }

    private static List<?> row(String name, FlowCases.Gradient gradient) {
        return List.of(name, gradient.norm(), gradient.cosine());
    }

    private static Map<String, Object> figures(Flow flow) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("name", flow.name());
        figures.put("norms", flow.norms());
        figures.put("below_1_percent_at_lag", flow.faintAt());
        return figures;
    }
}
