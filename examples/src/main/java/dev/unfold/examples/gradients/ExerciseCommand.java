package dev.unfold.examples.gradients;

import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.cli.ReportOption;
import dev.unfold.examples.report.JsonReport;
import dev.unfold.graph.DType;
import dev.unfold.rnn.report.ReportPage;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What the exercises share: they compute in float64, which is their default, by one thread, and write the same kinds of files. */
abstract class ExerciseCommand implements Runnable {
    private static final String PRECISION = "--precision";

    @Mixin
    CommonOptions common = new CommonOptions();

    @Mixin
    private ReportOption report = new ReportOption();

    /** Makes float64 the default. */
    static final class Float64 implements IDefaultValueProvider {
        @Override
        public @Nullable String defaultValue(ArgSpec argument) {
            return argument instanceof OptionSpec option && option.longestName().equals(PRECISION) ? "float64" : null;
        }
    }

    /** Refuses what cannot take effect. */
    final void check() {
        common.oneThreadUnlessGiven();
        common.check();
        common.require(
                common.dtype() == DType.FLOAT64,
                PRECISION,
                common.dtype(),
                "float64; rounding in float32 is coarser than what is to be seen here");
        common.require(
                common.threads() == 1, "--threads", common.threads(), "1; these networks are too small to be shared");
        report.check(common, null);
    }

    /**
     * Writes what {@code --json} and {@code --report} ask for and tells where everything went.
     *
     * @param content adds the sections of the page
     */
    final void finish(String name, Map<String, ?> settings, Map<String, ?> results, Consumer<ReportPage> content) {
        String command = "gradients " + name;
        common.json().ifPresent(file -> JsonReport.write(file, command, settings, common.threads(), results));
        if (!common.quiet()) {
            common.plots().ifPresent(folder -> print("plots in %s%n", folder));
            common.json().ifPresent(file -> print("figures in %s%n", file));
        }
        report.write(common, command, settings, content);
        common.out().flush();
    }

    final void print(String format, Object... values) {
        common.out().printf(Locale.ROOT, format, values);
    }

    /** Returns a number with as many digits as it takes to see where it differs from another. */
    static String exact(double number) {
        return String.format(Locale.ROOT, "%.12g", number);
    }
}
