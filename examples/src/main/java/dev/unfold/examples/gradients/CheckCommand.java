package dev.unfold.examples.gradients;

import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.graph.check.GradientCheck;
import dev.unfold.rnn.report.Bars;
import dev.unfold.rnn.report.Curve;
import dev.unfold.rnn.report.DataTable;
import dev.unfold.rnn.report.ReportPage;
import dev.unfold.rnn.report.Text;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code gradients check}: backpropagation against central differences, for every number of every parameter. */
@Command(
        name = "check",
        description =
                "Compare the gradient of every parameter by backpropagation with central differences; ends with 1 unless all agree."
                        + " A gradient of NaN fails, and so does one that is all zero, since that would check nothing.",
        mixinStandardHelpOptions = true,
        version = CommonOptions.VERSION,
        defaultValueProvider = ExerciseCommand.Float64.class)
final class CheckCommand extends ExerciseCommand {
    private static final double STEP = 1e-5;
    private static final double FLOOR = 1e-3;

    @Mixin
    private CellOptions cells = new CellOptions();

    @Mixin
    private SizeOptions sizes = new SizeOptions();

    @Option(
            names = "--tolerance",
            defaultValue = "1e-6",
            description =
                    "The greatest relative difference |a - n| / max(0.001, |a| + |n|) that passes (default ${DEFAULT-VALUE}).")
    private double tolerance;

    @Override
    public void run() {
        check();
        cells.check(common);
        sizes.check(common);
        common.require(tolerance > 0 && tolerance < 1, "--tolerance", tolerance, "a number above 0 and below 1");
        common.refuseIf(common.plots().isPresent(), "--plots has no effect on gradients check; leave it out");
        common.tellEnvironment();
        Exercise exercise = Exercise.of(common, sizes, cells);
        List<CheckedParameter> checked =
                CheckedParameter.of(new GradientCheck(STEP, tolerance, FLOOR), exercise.parameters(), exercise::loss);
        tell(checked);
        write(checked);
        require(checked);
    }

    private void tell(List<CheckedParameter> checked) {
        int width = Math.max(
                9, checked.stream().mapToInt(each -> each.name().length()).max().orElse(0));
        String name = "%-" + width + "s";
        print(
                name + "  %-10s  %19s  %19s  %-9s  %s%n",
                "parameter",
                "shape",
                "greatest difference",
                "relative difference",
                "where",
                "verdict");
        for (CheckedParameter each : checked) {
            print(
                    name + "  %-10s  %19.2e  %19.2e  %-9s  %s%n",
                    each.name(),
                    each.shape(),
                    each.difference(),
                    each.worst().error(),
                    each.where(),
                    each.verdict());
        }
    }

    private void write(List<CheckedParameter> checked) {
        Map<String, Object> settings = common.settings();
        cells.settings(settings);
        sizes.settings(settings);
        settings.put("tolerance", tolerance);
        Map<String, Object> results = new LinkedHashMap<>();
        results.put("passed", checked.stream().allMatch(CheckedParameter::passed));
        results.put(
                "parameters", checked.stream().map(CheckedParameter::figures).toList());
        finish("check", settings, results, page -> add(page, checked));
    }

    private void add(ReportPage page, List<CheckedParameter> checked) {
        page.section(
                "Backpropagation against differences",
                new DataTable(
                        "Where each parameter's gradients differ most",
                        List.of(
                                "parameter",
                                "shape",
                                "where",
                                "by backpropagation",
                                "by differences",
                                "relative difference",
                                "greatest difference of all",
                                "verdict"),
                        checked.stream()
                                .map(each -> List.of(
                                        each.name(),
                                        each.shape(),
                                        each.where(),
                                        exact(each.worst().gradient()),
                                        exact(each.worst().numeric()),
                                        each.worst().error(),
                                        each.difference(),
                                        each.verdict()))
                                .toList()),
                new Bars(
                        "Digits that agree at the least",
                        "-log10 of the greatest relative difference",
                        checked.stream().map(CheckedParameter::name).toList(),
                        List.of(new Curve(
                                "digits",
                                checked.stream().map(CheckedParameter::digits).toList()))),
                Text.paragraphs("A parameter passes from " + String.format(Locale.ROOT, "%.1f", -Math.log10(tolerance))
                        + " digits on, unless its gradient is all zero."));
    }

    /**
     * Fails unless all gradients have passed.
     *
     * @throws IllegalStateException naming those that have not
     */
    static void require(List<CheckedParameter> checked) {
        String failed = checked.stream()
                .filter(each -> !each.passed())
                .map(each -> each.name() + " (" + each.verdict() + ")")
                .collect(Collectors.joining(", "));
        if (!failed.isEmpty()) {
            boolean vacuous = checked.stream().anyMatch(each -> each.verdict() == CheckedParameter.Verdict.VACUOUS);
            throw new IllegalStateException("the gradient check fails: " + failed
                    + (vacuous ? "; recurrent weights get a gradient from 2 --steps on" : ""));
        }
    }
}
