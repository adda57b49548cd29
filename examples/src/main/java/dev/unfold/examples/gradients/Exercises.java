package dev.unfold.examples.gradients;

import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.report.JsonReport;
import dev.unfold.graph.DType;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What the exercises share: they compute in float64, which is their default, by one thread. */
final class Exercises implements IDefaultValueProvider {
    private static final String PRECISION = "--precision";

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        return argument instanceof OptionSpec option && option.longestName().equals(PRECISION) ? "float64" : null;
    }

    /** Refuses what cannot take effect. */
    static void check(CommonOptions common) {
        common.oneThreadUnlessGiven();
        common.check();
        common.require(
                common.dtype() == DType.FLOAT64,
                PRECISION,
                common.dtype(),
                "float64; rounding in float32 is coarser than what is to be seen here");
        common.require(
                common.threads() == 1, "--threads", common.threads(), "1; these networks are too small to be shared");
    }

    /** Writes what {@code --json} asks for and tells where everything went. */
    static void finish(CommonOptions common, String name, Map<String, ?> settings, Map<String, ?> results) {
        common.json()
                .ifPresent(file -> JsonReport.write(file, "gradients " + name, settings, common.threads(), results));
        if (!common.quiet()) {
            common.plots().ifPresent(folder -> print(common, "plots in %s%n", folder));
            common.json().ifPresent(file -> print(common, "figures in %s%n", file));
        }
        common.out().flush();
    }

    static void print(CommonOptions common, String format, Object... values) {
        common.out().printf(Locale.ROOT, format, values);
    }

    private Exercises() {}
}
