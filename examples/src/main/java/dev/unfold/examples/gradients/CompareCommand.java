package dev.unfold.examples.gradients;

import static dev.unfold.examples.gradients.Exercises.print;

import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.report.Images;
import dev.unfold.examples.report.Images.Panel;
import dev.unfold.examples.report.OutputFiles;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        defaultValueProvider = Exercises.class)
final class CompareCommand implements Runnable {
    /** Both are right to some units in the last place, and differ by how sums are ordered. */
    private static final double TOLERANCE = 1e-12;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private SizeOptions sizes = new SizeOptions();

    @Override
    public void run() {
        Exercises.check(common);
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
        print(common, "loss by hand %.15f, by the graph %.15f%n", comparison.plainLoss(), comparison.graphLoss());
        print(
                common,
                "%-9s  %-9s  %17s  %19s  %s%n",
                "parameter",
                "shape",
                "greatest gradient",
                "greatest difference",
                "where");
        for (Comparison.Pair each : comparison.pairs()) {
            print(
                    common,
                    "%-9s  %-9s  %17.2e  %19.2e  %s%n",
                    each.name(),
                    each.shape(),
                    each.greatest(),
                    each.difference(),
                    each.where());
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
        Exercises.finish(common, "compare", settings, results);
    }
}
