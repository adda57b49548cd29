package dev.unfold.examples.memory;

import dev.unfold.examples.bench.MadeUp;
import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.cli.CommonOptions.UnrollMode;
import dev.unfold.examples.cli.ModeOption;
import dev.unfold.examples.cli.ReportOption;
import dev.unfold.examples.mnist.CellKind;
import dev.unfold.examples.report.JsonReport;
import dev.unfold.examples.report.OutputFiles;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code memory}: what training takes up, by what it is for, dynamic and static. */
@Command(
        name = "memory",
        description =
                "Measure what training takes up, dynamic and static: bytes by what they are for, time, and what to take.",
        mixinStandardHelpOptions = true,
        version = CommonOptions.VERSION)
public final class MemoryCommand implements Runnable {
    private static final int MOST = 100_000;
    private static final String FILE = "file";

    /** What may differ from one measured case to the next. */
    public enum Sweep {
        STEPS,
        ROWS,
        HIDDEN,
        LENGTHS;

        private List<String> usual() {
            return switch (this) {
                case STEPS -> List.of("28", "56", "112");
                case ROWS -> List.of("16", "32", "64");
                case HIDDEN -> List.of("32", "64", "128");
                case LENGTHS -> Distribution.names();
            };
        }

        /** Returns the name that users give. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private ModeOption mode = new ModeOption();

    @Option(
            names = "--cell",
            defaultValue = "lstm",
            description = "The recurrent cell, as of mnist (default ${DEFAULT-VALUE}).")
    private CellKind cell = CellKind.LSTM;

    @Option(
            names = "--sweep",
            description =
                    "What differs from case to case: steps, rows, hidden or lengths (default: steps, or lengths with"
                            + " --lengths-from).")
    private @Nullable Sweep givenSweep;

    @Option(
            names = "--values",
            split = ",",
            paramLabel = "VALUE",
            description =
                    "The values to sweep, by commas (default: 28,56,112 steps; 16,32,64 rows; hidden 32,64,128; lengths"
                            + " equal,uniform,long-tailed and, with --lengths-from, file).")
    private List<String> givenValues = new ArrayList<>();

    @Option(
            names = "--steps",
            defaultValue = "56",
            description = "Steps of the longest sequence (default ${DEFAULT-VALUE}).")
    private int steps;

    @Option(names = "--rows", defaultValue = "32", description = "Sequences in a batch (default ${DEFAULT-VALUE}).")
    private int rows;

    @Option(names = "--hidden", defaultValue = "64", description = "Hidden size (default ${DEFAULT-VALUE}).")
    private int hidden;

    @Option(names = "--input", defaultValue = "28", description = "Numbers in a step (default ${DEFAULT-VALUE}).")
    private int input;

    @Option(
            names = "--lengths",
            defaultValue = "equal",
            description = "Lengths of the sequences where they are not swept: equal, uniform or long-tailed (default"
                    + " ${DEFAULT-VALUE}), or those of --lengths-from.")
    private String lengths = "equal";

    @Option(
            names = "--lengths-from",
            paramLabel = "FILE",
            description =
                    "Take lengths from the sentences of this file: a text, one sentence a line, or a CoNLL-U treebank.")
    private @Nullable Path lengthsFrom;

    @Option(
            names = "--budget",
            split = ",",
            paramLabel = "BUDGET",
            description =
                    "Measure each case within these budgets as well, by commas: bytes for what the unrolled steps work in, such as"
                            + " 28300000, 512K, 32M or 1G, or a share of what the same takes up without, such as 1/10 or 10%%; 1"
                            + " for none. It is always measured without one first.")
    private List<String> givenBudgets = new ArrayList<>();

    @Option(names = "--batches", defaultValue = "4", description = "Batches to train on (default ${DEFAULT-VALUE}).")
    private int batches;

    @Option(
            names = "--repetitions",
            defaultValue = "5",
            description = "How many times all batches are timed (default ${DEFAULT-VALUE}).")
    private int repetitions;

    @Option(
            names = "--warmup-seconds",
            defaultValue = "2",
            description = "How long to train at the least before that (default ${DEFAULT-VALUE}).")
    private double warmupSeconds;

    @Option(
            names = "--csv",
            paramLabel = "FILE",
            description = "Write all figures to this file, a line for each case and mode.")
    private @Nullable Path csv;

    @Mixin
    private ReportOption report = new ReportOption();

    @Override
    public void run() {
        common.oneThreadUnlessGiven();
        common.check();
        Sweep sweep = givenSweep != null ? givenSweep : lengthsFrom != null ? Sweep.LENGTHS : Sweep.STEPS;
        check(sweep);
        List<UnrollMode> modes = mode.modes(common);
        List<String> values = values(sweep);
        List<Budget> budgets = budgets();
        int @Nullable [] sentences = lengthsFrom == null ? null : SentenceLengths.read(lengthsFrom);
        PrintWriter out = common.out();
        common.tellEnvironment();
        Trial.Settings settings =
                new Trial.Settings(common.dtype(), common.seed(), common.threads(), warmupSeconds, repetitions);
        List<Point> points = new ArrayList<>();
        for (UnrollMode each : modes) {
            Trial.warmUp(made(sweep, values.get(0), sentences), each, settings);
        }
        List<String> refused = new ArrayList<>();
        for (String value : values) {
            Case each = made(sweep, value, sentences);
            for (UnrollMode unroll : modes) {
                points.addAll(Trial.measure(
                        each, unroll, budgets, settings, why -> refused.add("At " + sweep + " " + value + ", " + why)));
            }
        }
        Table.lines(sweep.toString(), points).forEach(out::println);
        refused.forEach(out::println);
        Recommendation.of(sweep.toString(), points, Runtime.getRuntime().maxMemory())
                .forEach(out::println);
        MemoryCurves curves = new MemoryCurves(sweep, points);
        Map<String, Object> all = write(sweep, values, points, refused, curves);
        report.write(common, "memory", all, page -> new MemoryPage(curves, points, refused).add(page, settings));
        out.flush();
        checkSame(sweep, points);
    }

    private void check(Sweep sweep) {
        checkSize("--steps", steps);
        checkSize("--rows", rows);
        checkSize("--hidden", hidden);
        checkSize("--input", input);
        common.require(batches >= 1, "--batches", batches, "at least 1");
        common.require(repetitions >= 1, "--repetitions", repetitions, "at least 1");
        common.requireSeconds("--warmup-seconds", warmupSeconds);
        common.require(
                Distribution.names().contains(lengths),
                "--lengths",
                lengths,
                "one of " + String.join(", ", Distribution.names()));
        common.refuseIf(
                sweep != Sweep.LENGTHS && common.isGiven("--" + sweep),
                "--" + sweep + ": is what --sweep " + sweep + " sets; give --values instead");
        common.refuseIf(
                sweep == Sweep.LENGTHS && common.isGiven("--lengths"),
                "--lengths: is what --sweep lengths sets; give --values instead");
        common.refuseIf(
                lengthsFrom != null && (sweep == Sweep.STEPS || common.isGiven("--lengths")),
                "--lengths-from: the file says how long sequences are; leave out "
                        + (sweep == Sweep.STEPS ? "--sweep steps" : "--lengths"));
        common.refuseIf(
                lengthsFrom != null && sweep != Sweep.LENGTHS && common.isGiven("--steps"),
                "--lengths-from: the file says how long sequences are; leave out --steps");
        Path table = csv;
        if (table != null) {
            common.refuseIf("--csv", OutputFiles.whyNoFile(table));
            boolean same = common.json()
                    .filter(json -> json.toAbsolutePath()
                            .normalize()
                            .equals(table.toAbsolutePath().normalize()))
                    .isPresent();
            common.require(!same, "--csv", table, "another name than that of --json");
        }
        report.check(common, csv);
    }

    private void checkSize(String option, int size) {
        common.require(size >= 1 && size <= MOST, option, size, "1 to " + MOST);
    }

    /** Returns the values to sweep, each once. */
    private List<String> values(Sweep sweep) {
        List<String> allowed = lengthsFrom == null
                ? Distribution.names()
                : Stream.concat(Distribution.names().stream(), Stream.of(FILE)).toList();
        if (givenValues.isEmpty()) {
            return sweep == Sweep.LENGTHS ? allowed : sweep.usual();
        }
        for (String value : givenValues) {
            boolean fits = sweep == Sweep.LENGTHS
                    ? allowed.contains(value)
                    : value.matches("0*[1-9]\\d{0,5}") && Integer.parseInt(value) <= MOST;
            common.require(
                    fits,
                    "--values",
                    "'" + value + "'",
                    sweep == Sweep.LENGTHS
                            ? "some of " + String.join(", ", allowed)
                                    + (lengthsFrom == null ? "; file needs --lengths-from" : "")
                            : "whole numbers from 1 to " + MOST);
        }
        return givenValues.stream()
                .map(each -> sweep == Sweep.LENGTHS ? each : Integer.toString(Integer.parseInt(each)))
                .distinct()
                .toList();
    }

    /** Returns the budgets within which to measure, each once. */
    private List<Budget> budgets() {
        List<Budget> budgets = new ArrayList<>();
        for (String given : givenBudgets) {
            Optional<Budget> budget = Budget.of(given);
            common.require(budget.isPresent(), "--budget", "'" + given + "'", Budget.EXPECTED);
            budget.filter(each -> !each.isAll()).ifPresent(budgets::add);
        }
        return budgets.stream().distinct().toList();
    }

    private Case made(Sweep sweep, String value, int @Nullable [] sentences) {
        int most = sweep == Sweep.STEPS ? Integer.parseInt(value) : steps;
        int batch = sweep == Sweep.ROWS ? Integer.parseInt(value) : rows;
        String distribution = sweep == Sweep.LENGTHS ? value : sentences == null ? lengths : FILE;
        MadeUp data = new MadeUp(common.seed(), common.dtype());
        List<int[]> drawn = IntStream.range(0, batches)
                .mapToObj(i -> sentences != null && distribution.equals(FILE)
                        ? data.lengthsAmong(sentences, batch)
                        : Distribution.named(distribution).draw(data, batch, most))
                .toList();
        return new Case(
                value, cell, sweep == Sweep.HIDDEN ? Integer.parseInt(value) : hidden, input, distribution, drawn);
    }

    /**
     * Refuses figures of what does not compute the same.
     *
     * @throws IllegalStateException naming what differs first
     */
    static void checkSame(Sweep sweep, List<Point> points) {
        Map<Case, Point> first = new HashMap<>();
        for (Point each : points) {
            Point other = first.computeIfAbsent(each.of(), of -> each);
            if (!each.agrees(other)) {
                throw new IllegalStateException("at " + sweep + " " + each.of().value() + " the bits of the loss are "
                        + other.lossBits() + " " + other.told() + " and " + each.lossBits() + " " + each.told()
                        + "; both must compute the same, so please report this");
            }
        }
    }

    /** Writes what the other options ask for, and returns the settings. */
    private Map<String, Object> write(
            Sweep sweep, List<String> values, List<Point> points, List<String> refused, MemoryCurves curves) {
        common.plots().ifPresent(folder -> new MemoryPlots(curves).write(folder));
        Map<String, Object> settings = common.settings();
        settings.remove("unroll");
        settings.put("mode", points.stream().map(Point::mode).distinct().toList());
        settings.put("cell", cell.toString());
        settings.put("sweep", sweep.toString());
        settings.put("values", values);
        settings.put("steps", steps);
        settings.put("rows", rows);
        settings.put("hidden", hidden);
        settings.put("input", input);
        settings.put("lengths", lengths);
        settings.put("lengths_from", lengthsFrom == null ? "none" : lengthsFrom.toString());
        settings.put("budgets", givenBudgets);
        settings.put("batches", batches);
        settings.put("repetitions", repetitions);
        settings.put("warmup_seconds", warmupSeconds);
        Map<String, Object> results = new LinkedHashMap<>();
        results.put("points", points.stream().map(Point::figures).toList());
        results.put("refused", refused);
        results.put(
                "recommendation",
                Recommendation.of(sweep.toString(), points, Runtime.getRuntime().maxMemory()));
        common.json().ifPresent(file -> JsonReport.write(file, "memory", settings, common.threads(), results));
        if (csv != null) {
            OutputFiles.write(csv, Table.csv(points).getBytes(StandardCharsets.UTF_8));
        }
        if (!common.quiet()) {
            common.plots().ifPresent(folder -> common.out().println("plots in " + folder));
            common.json().ifPresent(file -> common.out().println("figures in " + file));
            if (csv != null) {
                common.out().println("table in " + csv);
            }
        }
        return settings;
    }
}
