package dev.unfold.examples.bench;

import dev.unfold.examples.bench.Workload.Run;
import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.cli.CommonOptions.UnrollMode;
import dev.unfold.examples.report.Environment;
import dev.unfold.examples.report.JsonReport;
import dev.unfold.graph.DType;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bench}: times the workloads. */
@Command(
        name = "bench",
        description = "Time training and inference on workloads that other libraries were timed on.",
        mixinStandardHelpOptions = true,
        version = CommonOptions.VERSION)
public final class BenchCommand implements Runnable {
    private static final double CHUNK_SECONDS = 0.3;
    private static final Peak PEAK = new Peak(List.of(512, 768, 1024), 1);
    private static final double GIGA = 1e9;

    /** The ways of unfolding that can be timed. */
    public enum Mode {
        DYNAMIC,
        STATIC,
        BOTH
    }

    private final List<Workload> workloads;
    private final double chunkSeconds;
    private final Peak peak;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "WORKLOAD",
            description = "What to time: W1 to W9, W3a to W3c, W3a-primitives; W3 is W3a, W3b and W3c (default: all).")
    private List<String> names = new ArrayList<>();

    @Option(names = "--mode", description = "dynamic, static or both (default: both, or what --unroll says).")
    private @Nullable Mode givenMode;

    @Option(
            names = "--repetitions",
            defaultValue = "" + Measured.FULL_RUN,
            description = "Timed repetitions after the warm-up (default ${DEFAULT-VALUE}; fewer for a quick look).")
    private int repetitions;

    @Option(
            names = "--warmup-seconds",
            defaultValue = "20",
            description = "How long to wait at the most until rates agree within 5 %% (default ${DEFAULT-VALUE}).")
    private double warmupSeconds;

    @Option(
            names = "--peak",
            description = "Tell what a large product of matrices reaches, before the rest and after it.")
    private boolean peakWanted;

    /** Makes the command. */
    public BenchCommand() {
        this(Workloads.all(), CHUNK_SECONDS, PEAK);
    }

    /** Makes a command of other workloads and times, for tests. */
    BenchCommand(List<Workload> workloads, double chunkSeconds, Peak peak) {
        this.workloads = workloads;
        this.chunkSeconds = chunkSeconds;
        this.peak = peak;
    }

    @Override
    public void run() {
        common.check();
        check();
        List<Workload> chosen = chosen();
        List<UnrollMode> modes = modes();
        PrintWriter out = common.out();
        if (!common.quiet()) {
            out.println(Environment.describe(common.threads()).entrySet().stream()
                    .map(each -> each.getKey() + " " + each.getValue())
                    .collect(Collectors.joining(", ")));
        }
        boolean peakNeeded = peakWanted || chosen.stream().anyMatch(each -> each.operations() > 0);
        double limit = peakNeeded ? peak() : 0;
        List<Map<String, Object>> runs = new ArrayList<>();
        for (Workload workload : chosen) {
            for (UnrollMode mode : modes) {
                Measured measured = measure(workload, new Setup(mode, common.threads(), common.seed()), limit);
                out.println(measured.line());
                out.flush();
                runs.add(measured.figures());
            }
        }
        if (peakWanted) {
            peak();
        }
        write(modes, runs, limit);
    }

    private void check() {
        common.require(common.dtype() == DType.FLOAT32, "--precision", common.dtype(), "float32, as the workloads say");
        common.require(repetitions >= 1, "--repetitions", repetitions, "at least 1");
        common.require(
                warmupSeconds >= 0 && warmupSeconds < Double.POSITIVE_INFINITY,
                "--warmup-seconds",
                warmupSeconds,
                "a finite number of at least 0");
        if (common.plots().isPresent()) {
            throw refused("--plots: there is nothing to draw; use --json");
        }
        if (givenMode != null && isGiven("--unroll")) {
            throw refused("--mode and --unroll say the same; give one of them");
        }
    }

    private boolean isGiven(String option) {
        return spec.commandLine().getParseResult().hasMatchedOption(option);
    }

    private ParameterException refused(String problem) {
        return new ParameterException(spec.commandLine(), problem);
    }

    private List<UnrollMode> modes() {
        if (givenMode == null && isGiven("--unroll")) {
            return List.of(common.isStatic() ? UnrollMode.STATIC : UnrollMode.DYNAMIC);
        }
        return givenMode == Mode.DYNAMIC
                ? List.of(UnrollMode.DYNAMIC)
                : givenMode == Mode.STATIC
                        ? List.of(UnrollMode.STATIC)
                        : List.of(UnrollMode.STATIC, UnrollMode.DYNAMIC);
    }

    /** Returns the workloads that are named, each once. */
    private List<Workload> chosen() {
        if (names.isEmpty()) {
            return workloads;
        }
        Set<Workload> chosen = new LinkedHashSet<>();
        for (String name : names) {
            List<Workload> meant = workloads.stream()
                    .filter(each -> each.name().matches("(?i)\\Q" + name + "\\E[a-z]?"))
                    .toList();
            if (meant.isEmpty()) {
                throw refused("there is no workload '" + name + "'; expected some of "
                        + workloads.stream().map(Workload::name).collect(Collectors.joining(", ")));
            }
            chosen.addAll(meant);
        }
        return List.copyOf(chosen);
    }

    /** Returns the floating-point operations per second that all threads could reach. */
    private double peak() {
        double limit = peak.measure() * common.threads();
        if (peakWanted) {
            common.out()
                    .printf(Locale.ROOT, "BENCH unfold peak GFLOP/s %.1f threads=%d%n", limit / GIGA, common.threads());
            common.out().flush();
        }
        return limit;
    }

    private Measured measure(Workload workload, Setup setup, double limit) {
        System.gc(); // what the run before has left is not to be collected at the cost of this one
        Run run = workload.start(setup);
        List<Double> rates = new Timing(warmupSeconds, repetitions, chunkSeconds, System::nanoTime).rates(run);
        return new Measured(workload, setup, rates, limit, run.bytes());
    }

    private void write(List<UnrollMode> modes, List<Map<String, Object>> runs, double limit) {
        Map<String, Object> settings = common.settings();
        settings.remove("unroll");
        settings.put("mode", modes.stream().map(Measured::lowerCase).toList());
        settings.put("repetitions", repetitions);
        settings.put("warmup_seconds", warmupSeconds);
        Map<String, Object> results = new LinkedHashMap<>();
        results.put("runs", runs);
        if (limit > 0) {
            results.put("peak_gflops", limit / GIGA);
        }
        common.json().ifPresent(file -> {
            JsonReport.write(file, "bench", settings, common.threads(), results);
            if (!common.quiet()) {
                common.out().println("figures in " + file);
            }
        });
        common.out().flush();
    }
}
