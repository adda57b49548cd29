package dev.unfold.examples.gradients;

import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.report.OutputFiles;
import dev.unfold.examples.report.Plots;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Shape;
import dev.unfold.graph.check.GradientCheck;
import dev.unfold.graph.check.GradientReport.Element;
import dev.unfold.rnn.report.DataTable;
import dev.unfold.rnn.report.Line;
import dev.unfold.rnn.report.LineChart;
import dev.unfold.rnn.report.ReportPage;
import dev.unfold.rnn.report.Scale;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code gradients weight}: the loss against one weight, with the tangent by backpropagation. */
@Command(
        name = "weight",
        description = "Draw the loss against one weight, with the slope that backpropagation gives as a tangent.",
        mixinStandardHelpOptions = true,
        version = CommonOptions.VERSION,
        defaultValueProvider = ExerciseCommand.Float64.class)
final class WeightCommand extends ExerciseCommand {
    private static final int MOST_POINTS = 100_000;
    /** How far the tangent is drawn to either side, as a share of the range, where it does not leave the picture before. */
    private static final double TANGENT = 0.4;

    @Mixin
    private CellOptions cells = new CellOptions();

    @Mixin
    private SizeOptions sizes = new SizeOptions();

    @Option(
            names = "--layer",
            defaultValue = "rnn.wh",
            paramLabel = "PARAMETER",
            description = "The parameter, as gradients check names it (default ${DEFAULT-VALUE}).")
    private String layer = "";

    @Option(
            names = "--row",
            defaultValue = "0",
            description = "The weight's row; 0 of a vector (default ${DEFAULT-VALUE}).")
    private int row;

    @Option(names = "--column", defaultValue = "0", description = "The weight's column (default ${DEFAULT-VALUE}).")
    private int column;

    @Option(
            names = "--range",
            defaultValue = "10",
            description = "How far the weight is moved to either side (default ${DEFAULT-VALUE}).")
    private double range;

    @Option(
            names = "--points",
            defaultValue = "200",
            description = "At how many values the loss is computed (default ${DEFAULT-VALUE}).")
    private int points;

    /** The loss over the values of a weight. */
    private record Losses(List<Double> weights, List<Double> losses) {}

    @Override
    public void run() {
        check();
        cells.check(common);
        sizes.check(common);
        common.require(range > 0 && Double.isFinite(range), "--range", range, "a finite number above 0");
        common.require(points >= 2 && points <= MOST_POINTS, "--points", points, "2 to " + MOST_POINTS);
        boolean shown = common.plots().isPresent() || common.json().isPresent() || common.isGiven("--report");
        for (String option : List.of("--range", "--points")) {
            common.refuseIf(
                    !shown && common.isGiven(option),
                    option + " has no effect without --plots, --json or --report; give one of them, or leave it out");
        }
        Exercise exercise = Exercise.of(common, sizes, cells);
        Parameter parameter = named(exercise.parameters());
        int position = position(parameter.shape());
        double weight = parameter.value().getFlat(position);
        common.require(
                weight + 2 * range / (points - 1) - range > weight - range,
                "--range",
                range,
                "enough for " + points + " weights about " + weight + " to differ");
        common.tellEnvironment();
        Element slope = new GradientCheck()
                .report(List.of(parameter), exercise::loss)
                .elements()
                .get(position);
        double loss = exercise.loss(new Graph()).item();
        print("%s of %s is %.6f, where the loss is %.6f%n", slope.place(), slope.shape(), weight, loss);
        print("slope by backpropagation  %18.12f%n", slope.gradient());
        print("slope by differences      %18.12f%n", slope.numeric());
        print("difference                %18.2e%n", difference(slope));
        Losses losses = shown ? losses(exercise, parameter, position) : new Losses(List.of(), List.of());
        List<Line> lines = lines(slope, weight, loss, losses);
        common.plots().ifPresent(folder -> plot(folder, slope, lines));
        write(slope, weight, loss, losses, lines);
    }

    private Parameter named(List<Parameter> parameters) {
        String names = parameters.stream().map(Parameter::name).collect(Collectors.joining(", "));
        common.require(
                parameters.stream().anyMatch(each -> each.name().equals(layer)),
                "--layer",
                "'" + layer + "'",
                "one of " + names);
        return parameters.stream()
                .filter(each -> each.name().equals(layer))
                .findFirst()
                .orElseThrow();
    }

    private int position(Shape shape) {
        int rows = shape.rank() == 1 ? 1 : shape.dim(0);
        int columns = shape.dim(shape.rank() - 1);
        String of = ", as " + layer + " is " + shape;
        common.require(row >= 0 && row < rows, "--row", row, (rows == 1 ? "0" : "0 to " + (rows - 1)) + of);
        common.require(column >= 0 && column < columns, "--column", column, "0 to " + (columns - 1) + of);
        return row * columns + column;
    }

    private Losses losses(Exercise exercise, Parameter parameter, int position) {
        double present = parameter.value().getFlat(position);
        List<Double> weights = new ArrayList<>();
        List<Double> losses = new ArrayList<>();
        for (int i = 0; i < points; i++) {
            double weight = present - range + 2 * range * i / (points - 1);
            parameter.value().setFlat(position, weight);
            weights.add(weight);
            losses.add(exercise.loss(Graph.inference()).item());
        }
        parameter.value().setFlat(position, present);
        return new Losses(weights, losses);
    }

    private void plot(Path folder, Element slope, List<Line> lines) {
        OutputFiles.makeFolder(folder);
        Plots.tangent(
                folder.resolve("weight.png"), title(slope), "weight", "loss", lines.get(0), lines.get(1), lines.get(2));
    }

    private String title(Element slope) {
        return "Loss against one weight, " + cells.cell() + " " + slope.place();
    }

    /** Returns the loss, the tangent and the present weight. */
    private List<Line> lines(Element slope, double weight, double loss, Losses losses) {
        double least = losses.losses().stream().mapToDouble(each -> each).min().orElse(loss);
        double most = losses.losses().stream().mapToDouble(each -> each).max().orElse(loss);
        double rise = Math.abs(slope.gradient()) * TANGENT * range;
        double reach = TANGENT * range * (rise > (most - least) / 2 ? (most - least) / 2 / rise : 1);
        // One point where the loss does not rise by as much as a unit in its last place.
        List<Double> ends = Stream.of(weight - reach, weight + reach).distinct().toList();
        return List.of(
                new Line("loss", losses.weights(), losses.losses()),
                new Line(
                        "tangent by backpropagation",
                        ends,
                        ends.stream()
                                .map(each -> loss + slope.gradient() * (each - weight))
                                .toList()),
                new Line("present weight", List.of(weight), List.of(loss)));
    }

    private void add(ReportPage page, Element slope, double weight, double loss, List<Line> lines) {
        page.section(
                "The loss against the weight",
                new LineChart(title(slope), "weight", "loss", Scale.LINEAR, lines),
                new DataTable(
                        "The slope of the loss at the present weight",
                        List.of(
                                "weight",
                                "present value",
                                "loss",
                                "by backpropagation",
                                "by differences",
                                "difference"),
                        List.of(List.of(
                                slope.place() + " of " + slope.shape(),
                                exact(weight),
                                exact(loss),
                                exact(slope.gradient()),
                                exact(slope.numeric()),
                                difference(slope)))));
    }

    private static double difference(Element slope) {
        return Math.abs(slope.gradient() - slope.numeric());
    }

    private void write(Element slope, double weight, double loss, Losses losses, List<Line> lines) {
        Map<String, Object> settings = common.settings();
        cells.settings(settings);
        sizes.settings(settings);
        settings.put("layer", layer);
        settings.put("row", row);
        settings.put("column", column);
        settings.put("range", range);
        settings.put("points", points);
        Map<String, Object> results = new LinkedHashMap<>();
        results.put("weight", weight);
        results.put("loss", loss);
        results.put("backpropagated", slope.gradient());
        results.put("numeric", slope.numeric());
        results.put("difference", difference(slope));
        results.put("weights", losses.weights());
        results.put("losses", losses.losses());
        finish("weight", settings, results, page -> add(page, slope, weight, loss, lines));
    }
}
