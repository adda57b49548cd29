package dev.unfold.examples.gradients;

import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.report.Images;
import dev.unfold.examples.report.Images.Panel;
import dev.unfold.examples.report.OutputFiles;
import dev.unfold.rnn.report.DataTable;
import dev.unfold.rnn.report.HeatMap;
import dev.unfold.rnn.report.ReportPage;
import dev.unfold.rnn.report.Scale;
import dev.unfold.rnn.report.Text;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code gradients compare}: hand-written backpropagation through time against the graph's. */
@Command(
        name = "compare",
        description =
                "Compare the gradients of a vanilla network by hand-written backpropagation through time with those of the graph, and"
                        + " draw both as images.",
        mixinStandardHelpOptions = true,
        version = CommonOptions.VERSION,
        defaultValueProvider = ExerciseCommand.Float64.class)
final class CompareCommand extends ExerciseCommand {
    /** Both are right to some units in the last place, and differ by how sums are ordered. */
    private static final double TOLERANCE = 1e-12;
    /** Rows and columns of a map; there are three maps of each parameter. */
    private static final int MOST_DRAWN = 40;

    @Mixin
    private SizeOptions sizes = new SizeOptions();

    @Override
    public void run() {
        check();
        sizes.check(common);
        common.tellEnvironment();
        Comparison comparison = Comparison.of(Exercise.of(common, sizes, new CellOptions()));
        tell(comparison);
        common.plots().ifPresent(folder -> plot(folder, comparison));
        write(comparison);
        if (!comparison.agrees(TOLERANCE)) {
            throw new IllegalStateException("the hand-written and the graph's gradients differ by more than "
                    + TOLERANCE + "; please report this");
        }
    }

    private void tell(Comparison comparison) {
        print("loss by hand %.15f, by the graph %.15f%n", comparison.plainLoss(), comparison.graphLoss());
        print(
                "%-9s  %-9s  %17s  %19s  %s%n",
                "parameter", "shape", "greatest gradient", "greatest difference", "where");
        for (Comparison.Pair each : comparison.pairs()) {
            print(
                    "%-9s  %-9s  %17.2e  %19.2e  %s%n",
                    each.name(), each.shape(), each.greatest(), each.difference(), each.where());
        }
    }

    private static void plot(Path folder, Comparison comparison) {
        OutputFiles.makeFolder(folder);
        for (Comparison.Pair each : comparison.pairs()) {
            Images.write(
                    folder.resolve(each.name() + ".png"),
                    "Gradient of the loss by " + each.name() + " " + each.shape(),
                    List.of(
                            new Panel("by hand", each.plain(), each.greatest()),
                            new Panel("by the graph", each.graph(), each.greatest()),
                            new Panel("difference", each.differences(), each.difference())));
        }
    }

    private void write(Comparison comparison) {
        Map<String, Object> settings = common.settings();
        sizes.settings(settings);
        Map<String, Object> results = new LinkedHashMap<>();
        results.put("plain_loss", comparison.plainLoss());
        results.put("graph_loss", comparison.graphLoss());
        results.put(
                "parameters",
                comparison.pairs().stream().map(Comparison.Pair::figures).toList());
        finish("compare", settings, results, page -> add(page, comparison));
    }

    private void add(ReportPage page, Comparison comparison) {
        List<Comparison.Pair> pairs = comparison.pairs();
        page.section(
                "Both gradients",
                new DataTable(
                        "Loss",
                        List.of("by hand", "by the graph", "difference"),
                        List.of(List.of(
                                exact(comparison.plainLoss()),
                                exact(comparison.graphLoss()),
                                Math.abs(comparison.plainLoss() - comparison.graphLoss())))),
                new DataTable(
                        "Gradients of the loss",
                        List.of("parameter", "shape", "greatest gradient", "greatest difference", "where", "signs"),
                        pairs.stream()
                                .map(each -> List.of(
                                        each.name(),
                                        each.shape(),
                                        each.greatest(),
                                        each.difference(),
                                        each.where(),
                                        signs(each)))
                                .toList()),
                Text.paragraphs("Below, shades and numbers are sizes, without signs. Of more than " + MOST_DRAWN
                        + " rows or columns, a cell is the greatest of the numbers that its labels name."));
        for (Comparison.Pair each : pairs) {
            page.section(
                    each.name() + " " + each.shape(),
                    map("By hand", each.plain()),
                    map("By the graph", each.graph()),
                    map("Difference", each.differences()));
        }
    }

    private static String signs(Comparison.Pair pair) {
        int differ = pair.signsThatDiffer();
        return differ == 0 ? "all the same" : differ + " differ";
    }

    private static HeatMap map(String title, double[][] matrix) {
        List<List<Double>> sizes = Arrays.stream(matrix)
                .map(row -> Arrays.stream(row).map(Math::abs).boxed().toList())
                .toList();
        return new HeatMap(
                        title,
                        "row",
                        "column",
                        numbered(matrix.length),
                        numbered(matrix[0].length),
                        sizes,
                        Scale.LINEAR)
                .atMost(MOST_DRAWN);
    }

    private static List<String> numbered(int size) {
        return IntStream.range(0, size).mapToObj(Integer::toString).toList();
    }
}
