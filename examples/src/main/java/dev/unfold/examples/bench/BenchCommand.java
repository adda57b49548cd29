package dev.unfold.examples.bench;

import dev.unfold.examples.bench.Workload.Run;
import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.cli.CommonOptions.UnrollMode;
import dev.unfold.examples.cli.ModeOption;
import dev.unfold.examples.report.JsonReport;
import dev.unfold.graph.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bench}: times the workloads. */
@Command(
        name = "bench",
        description =
                "Time training and inference on workloads that other libraries were timed on, and parts of the library.",
        mixinStandardHelpOptions = true,
        version = CommonOptions.VERSION)
public final class BenchCommand implements Runnable {
    private static final double CHUNK_SECONDS = 0.3;
    private static final Peak PEAK = new Peak(List.of(512, 768, 1024), 1);
    private static final double GIGA = 1e9;

    private final List<Workload> workloads;
    private final double chunkSeconds;
    private final Peak peak;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private ModeOption mode = new ModeOption();

    @Parameters(
            paramLabel = "WORKLOAD",
            description =
                    "What to time: W1 to W9, W3a to W3c, W3a-primitives; W3 is W3a, W3b and W3c; products, recording, plan, or"
                            + " some of one, such as products/1x80x70 or products/1x80x70/NT (default: all). There is no"
                            + " other way to make a plan than static; products are the same in both modes.")
    private List<String> names = new ArrayList<>();

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

    @Option(
            names = "--scaling",
            description = "Time each workload on one thread first, and tell how many times as fast it is on --threads.")
    private boolean scaling;

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
        common.oneThreadUnlessGiven();
        common.check();
        check();
        List<UnrollMode> modes = mode.modes(common);
        List<Workload> chosen = chosen();
        check(chosen, modes);
        common.tellEnvironment();
        boolean peakNeeded = peakWanted || chosen.stream().anyMatch(each -> each.operations() > 0);
        double limit = peakNeeded ? peak() : 0;
        List<Map<String, Object>> runs = new ArrayList<>();
        for (Workload workload : chosen) {
            for (Setup setup : setups(workload, modes)) {
                double alone = 0;
                if (scaling && setup.threads() > 1) {
                    alone = tell(workload, setup.onOneThread(), limit, 0, runs);
                }
                tell(workload, setup, limit, alone, runs);
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
        common.requireSeconds("--warmup-seconds", warmupSeconds);
        common.refuseIf(common.plots().isPresent(), "--plots: there is nothing to draw; use --json");
        common.refuseIf(
                scaling && common.threads() == 1,
                "--scaling: one thread is compared with itself; give --threads 2 or more");
    }

    /** Refuses settings that change nothing of what is timed, and a named workload that has none of the modes. */
    private void check(List<Workload> chosen, List<UnrollMode> modes) {
        String option = common.isGiven("--unroll") ? "--unroll" : "--mode";
        for (Workload workload : chosen) {
            common.require(
                    names.isEmpty() || !setups(workload, modes).isEmpty(),
                    option,
                    Measured.lowerCase(modes),
                    "some of " + Measured.lowerCase(workload.modes()) + ", the modes of " + workload.name());
        }
        common.refuseIf(
                common.isGiven(option)
                        && chosen.stream().allMatch(each -> each.modes().isEmpty()),
                option + ": " + heads(chosen) + " are the same in both modes; leave out " + option);
        common.require(
                common.threads() == 1 || !chosen.stream().allMatch(Workload::isSerial),
                "--threads",
                common.threads(),
                "1, since nothing of " + heads(chosen) + " is timed on more");
    }

    /** Returns names, those of parts that belong together once. */
    private static String heads(List<Workload> workloads) {
        return workloads.stream()
                .map(each -> each.name().replaceAll("/.*", ""))
                .distinct()
                .collect(Collectors.joining(", "));
    }

    /** Returns the workloads that are named, each once. */
    private List<Workload> chosen() {
        if (names.isEmpty()) {
            return workloads;
        }
        Set<Workload> chosen = new LinkedHashSet<>();
        for (String name : names) {
            List<Workload> meant = workloads.stream()
                    .filter(each -> each.name().matches("(?i)\\Q" + name + "\\E([a-z]|/.*)?"))
                    .toList();
            common.refuseIf(
                    meant.isEmpty(), "there is no workload '" + name + "'; expected some of " + heads(workloads));
            chosen.addAll(meant);
        }
        return List.copyOf(chosen);
    }

    /** Returns how a workload is to be run, one after another; none where it has none of the modes. */
    private List<Setup> setups(Workload workload, List<UnrollMode> modes) {
        int threads = workload.isSerial() ? 1 : common.threads();
        return workload.modes().isEmpty()
                ? List.of(new Setup(null, threads, common.seed()))
                : modes.stream()
                        .filter(workload.modes()::contains)
                        .map(mode -> new Setup(mode, threads, common.seed()))
                        .toList();
    }

    /** Returns the floating-point operations per second that a thread could reach. */
    private double peak() {
        double limit = peak.measure();
        if (peakWanted) {
            common.out()
                    .printf(
                            Locale.ROOT,
                            "BENCH unfold peak GFLOP/s %.1f threads=%d%n",
                            limit * common.threads() / GIGA,
                            common.threads());
            common.out().flush();
        }
        return limit;
    }

    /** Times a workload, prints its line, adds its figures, and returns the median rate. */
    private double tell(Workload workload, Setup setup, double limit, double alone, List<Map<String, Object>> runs) {
        System.gc(); // what the run before has left is not to be collected at the cost of this one
        Run run = workload.start(setup);
        List<Double> rates = new Timing(warmupSeconds, repetitions, chunkSeconds, System::nanoTime).rates(run);
        Measured measured = new Measured(workload, setup, rates, limit, alone, run.bytes());
        common.out().println(measured.line());
        common.out().flush();
        runs.add(measured.figures());
        return measured.median();
    }

    private void write(List<UnrollMode> modes, List<Map<String, Object>> runs, double limit) {
        Map<String, Object> settings = common.settings();
        settings.remove("unroll");
        settings.put("mode", Measured.lowerCase(modes));
        settings.put("repetitions", repetitions);
        settings.put("warmup_seconds", warmupSeconds);
        settings.put("scaling", scaling);
        Map<String, Object> results = new LinkedHashMap<>();
        results.put("runs", runs);
        if (limit > 0) {
            results.put("peak_gflops", limit * common.threads() / GIGA);
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
