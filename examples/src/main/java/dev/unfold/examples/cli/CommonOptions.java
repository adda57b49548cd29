package dev.unfold.examples.cli;

import dev.unfold.examples.report.Environment;
import dev.unfold.examples.report.OutputFiles;
import dev.unfold.graph.DType;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The options that every command takes. */
public final class CommonOptions {
    /** What {@code --version} prints. */
    public static final String VERSION = "Unfold 0.1.0-SNAPSHOT";

    private static final int MOST_THREADS = 64;
    /** Networks of these sizes rarely become faster by more. */
    private static final int MOST_USUAL_THREADS = 4;

    /** How a cell is unfolded over time. */
    public enum UnrollMode {
        DYNAMIC,
        STATIC
    }

    /** The precisions of floating-point numbers, as users name them. */
    public enum Precision {
        FLOAT32,
        FLOAT64
    }

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "Seed of all random numbers (default ${DEFAULT-VALUE}).")
    private int seed;

    @Option(
            names = "--threads",
            description =
                    "Threads that share the work; the result is the same for any number (default: one for each processor, at most"
                            + " 4; where times or small networks are measured, 1).")
    private @Nullable Integer threads;

    private int usualThreads = Math.min(MOST_USUAL_THREADS, Runtime.getRuntime().availableProcessors());

    @Option(
            names = "--precision",
            defaultValue = "float32",
            description = "float32 or float64 (default ${DEFAULT-VALUE}).")
    private Precision precision = Precision.FLOAT32;

    @Option(
            names = "--unroll",
            defaultValue = "dynamic",
            description =
                    "How to unfold over time: dynamic records every step anew, static replays one (default ${DEFAULT-VALUE}).")
    private UnrollMode unroll = UnrollMode.DYNAMIC;

    @Option(names = "--json", paramLabel = "FILE", description = "Write settings and all figures to this file.")
    private @Nullable Path json;

    @Option(names = "--plots", paramLabel = "DIR", description = "Write plots as PNG into this folder.")
    private @Nullable Path plots;

    @Option(names = "--quiet", description = "Print the result alone.")
    private boolean quiet;

    @Option(names = "--stacktrace", description = "After a failure, print where in the program it happened.")
    @SuppressWarnings("unused") // Main asks the parser for it, since it serves when a command has failed
    private boolean stacktrace;

    /**
     * Refuses what cannot take effect, before anything is computed.
     *
     * @throws ParameterException naming the option
     */
    public void check() {
        require(seed >= 0, "--seed", seed, "at least 0");
        require(threads() >= 1 && threads() <= MOST_THREADS, "--threads", threads(), "1 to " + MOST_THREADS);
        if (plots != null) {
            refuseIf("--plots", OutputFiles.whyNoFolder(plots));
        }
        if (json != null) {
            boolean same = plots != null && normal(plots).equals(normal(json));
            require(!same, "--json", json, "another name than that of --plots");
            refuseIf("--json", whyNoFileAtTheEnd(json));
        }
    }

    /**
     * Refuses a file that cannot be written, or that {@code --json}, {@code --plots} or another option name as well.
     *
     * @param others what the command's own options name
     * @throws ParameterException naming the option
     */
    public void checkFile(String option, Optional<Path> file, Path... others) {
        file.ifPresent(path -> {
            refuseIf(option, OutputFiles.whyNoFile(path));
            requireOwnName(option, path, others);
        });
    }

    /** Refuses a file as {@link #checkFile} does, but not one in the folder of {@code --plots}, which is made before it is written. */
    void checkFileAtTheEnd(String option, Path file, Path... others) {
        refuseIf(option, whyNoFileAtTheEnd(file));
        requireOwnName(option, file, others);
    }

    private Optional<String> whyNoFileAtTheEnd(Path file) {
        boolean madeByThen = plots != null && normal(plots).equals(normal(file).getParent()) && Files.notExists(plots);
        return madeByThen ? Optional.empty() : OutputFiles.whyNoFile(file);
    }

    private void requireOwnName(String option, Path file, Path... others) {
        boolean taken = Stream.of(Stream.of(others), json().stream(), plots().stream())
                .flatMap(each -> each)
                .anyMatch(other -> normal(other).equals(normal(file)));
        require(!taken, option, file, "a name that no other option has");
    }

    private static Path normal(Path path) {
        return path.toAbsolutePath().normalize();
    }

    /**
     * Refuses options that were given before the name of a subcommand, where they have no effect.
     *
     * @throws ParameterException naming the first
     */
    public static void refuseBefore(CommandSpec subcommand) {
        CommandSpec above = Objects.requireNonNull(subcommand.parent());
        ParseResult given = above.commandLine().getParseResult();
        if (!given.matchedOptions().isEmpty()) {
            String option = given.matchedOptions().get(0).longestName();
            throw new ParameterException(
                    subcommand.commandLine(),
                    subcommand.findOption(option) == null
                            ? option + " has no effect on " + above.name() + " " + subcommand.name() + "; leave it out"
                            : option + " has no effect before " + subcommand.name() + "; give it behind");
        }
    }

    /**
     * Refuses an option's value.
     *
     * @throws ParameterException unless {@code holds}
     */
    public void require(boolean holds, String option, Object value, String expected) {
        refuseIf(!holds, option + " is " + value + "; expected " + expected);
    }

    /**
     * Refuses an option where there is a reason to.
     *
     * @throws ParameterException with the reason
     */
    public void refuseIf(String option, Optional<String> whyNot) {
        refuseIf(whyNot.isPresent(), option + ": " + whyNot.orElse(""));
    }

    /**
     * Refuses how the command is used.
     *
     * @throws ParameterException if so
     */
    public void refuseIf(boolean refused, String problem) {
        if (refused) {
            throw new ParameterException(spec.commandLine(), problem);
        }
    }

    /**
     * Refuses times that cannot be waited for.
     *
     * @throws ParameterException unless they are finite and not below 0
     */
    public void requireSeconds(String option, double seconds) {
        require(seconds >= 0 && seconds < Double.POSITIVE_INFINITY, option, seconds, "a finite number of at least 0");
    }

    /** Returns whether the user has given an option. */
    public boolean isGiven(String option) {
        return spec.commandLine().getParseResult().hasMatchedOption(option);
    }

    /** Returns the seed of all random numbers. */
    public int seed() {
        return seed;
    }

    /** Returns the number of threads that compute. */
    public int threads() {
        return threads == null ? usualThreads : threads;
    }

    /** Lets one thread compute unless more are asked for. */
    public void oneThreadUnlessGiven() {
        usualThreads = 1;
    }

    /** Returns whether one recorded step is replayed, instead of recording every step. */
    public boolean isStatic() {
        return unroll == UnrollMode.STATIC;
    }

    /** Returns the precision. */
    public DType dtype() {
        return precision == Precision.FLOAT32 ? DType.FLOAT32 : DType.FLOAT64;
    }

    /** Returns where to write all figures. */
    public Optional<Path> json() {
        return Optional.ofNullable(json);
    }

    /** Returns where to write plots. */
    public Optional<Path> plots() {
        return Optional.ofNullable(plots);
    }

    /** Returns whether to print the result alone. */
    public boolean quiet() {
        return quiet;
    }

    /** Returns what all commands have set, for reports. */
    public Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("seed", seed);
        settings.put("threads", threads());
        settings.put("precision", dtype().toString());
        settings.put("unroll", unroll.name().toLowerCase(Locale.ROOT));
        return settings;
    }

    /** Prints what figures depend on besides the settings, unless the result alone is wanted. */
    public void tellEnvironment() {
        if (!quiet) {
            out().println(Environment.describe(threads()).entrySet().stream()
                    .map(each -> each.getKey() + " " + each.getValue())
                    .collect(Collectors.joining(", ")));
            out().flush();
        }
    }

    /** Returns where to print. */
    public PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
