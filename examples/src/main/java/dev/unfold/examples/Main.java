package dev.unfold.examples;

import dev.unfold.examples.bench.BenchCommand;
import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.cli.ModeOption;
import dev.unfold.examples.cli.ScheduleKind;
import dev.unfold.examples.convert.ConvertCommand;
import dev.unfold.examples.corpus.CorpusFormat;
import dev.unfold.examples.gradients.GradientsCommand;
import dev.unfold.examples.memory.MemoryCommand;
import dev.unfold.examples.mnist.CellKind;
import dev.unfold.examples.mnist.DemoCommand;
import dev.unfold.examples.mnist.MnistCommand;
import dev.unfold.examples.mnist.OptimizerKind;
import dev.unfold.examples.pos.Baseline;
import dev.unfold.examples.pos.PosCommand;
import dev.unfold.examples.pos.TagSet;
import dev.unfold.examples.pos.TaggedOutput;
import dev.unfold.examples.text.TextCommand;
import dev.unfold.examples.text.Tokens;
import dev.unfold.rnn.weights.RecurrentKind;
import dev.unfold.rnn.weights.WeightLayout;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line, {@code java -jar unfold.jar COMMAND}. */
@Command(
        name = "unfold",
        description = "Recurrent networks as computation graphs, unfolded over time.",
        subcommands = {
            BenchCommand.class,
            ConvertCommand.class,
            DemoCommand.class,
            GradientsCommand.class,
            MemoryCommand.class,
            MnistCommand.class,
            PosCommand.class,
            TextCommand.class
        },
        mixinStandardHelpOptions = true,
        version = CommonOptions.VERSION,
        synopsisSubcommandLabel = "COMMAND")
public final class Main implements Runnable {
    private static final int FAILED = 1;
    /** Kept, since a logger that nobody holds forgets its level. Tribuo warns of every digit that a small set lacks. */
    private static final Logger TRIBUO = Logger.getLogger("org.tribuo");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Runs a command; the process ends with 0, with 1 after a failure, with 2 after bad usage. */
    public static void main(String[] args) {
        System.setProperty("java.awt.headless", "true");
        // Files are UTF-8 whatever the locale, and what is printed may be one.
        PrintWriter out = new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), true);
        System.exit(execute(commandLine().setOut(out), args));
    }

    /** Returns the command line, for {@link #main} and for tests. */
    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .registerConverter(ModeOption.Mode.class, byName(ModeOption.Mode.values()))
                .registerConverter(CellKind.class, byName(CellKind.values()))
                .registerConverter(OptimizerKind.class, byName(OptimizerKind.values()))
                .registerConverter(ScheduleKind.class, byName(ScheduleKind.values()))
                .registerConverter(CommonOptions.Precision.class, byName(CommonOptions.Precision.values()))
                .registerConverter(CommonOptions.UnrollMode.class, byName(CommonOptions.UnrollMode.values()))
                .registerConverter(CorpusFormat.class, byName(CorpusFormat.values()))
                .registerConverter(TagSet.class, byName(TagSet.values()))
                .registerConverter(Baseline.class, byName(Baseline.values()))
                .registerConverter(Tokens.class, byName(Tokens.values()))
                .registerConverter(TaggedOutput.class, byName(TaggedOutput.values()))
                .registerConverter(WeightLayout.Origin.class, byName(WeightLayout.Origin.values()))
                .registerConverter(RecurrentKind.class, byName(RecurrentKind.values()))
                .registerConverter(MemoryCommand.Sweep.class, byName(MemoryCommand.Sweep.values()))
                .setParameterExceptionHandler(Main::badUsage)
                .setExecutionExceptionHandler(Main::failed);
    }

    /** Runs a command and returns what the process should end with. */
    static int execute(CommandLine commandLine, String... args) {
        TRIBUO.setLevel(Level.SEVERE);
        try {
            return commandLine.execute(args);
        } catch (OutOfMemoryError error) {
            commandLine
                    .getErr()
                    .println("unfold: out of memory (" + error.getMessage()
                            + "); use smaller sizes, or a larger heap by java -Xmx");
            return FAILED;
        }
    }

    private static <E extends Enum<E>> ITypeConverter<E> byName(E[] constants) {
        List<String> names = Arrays.stream(constants)
                .map(each -> each.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .toList();
        return text -> {
            int at = names.indexOf(text.toLowerCase(Locale.ROOT));
            if (at < 0) {
                throw new TypeConversionException("'" + text + "' is none of " + String.join(", ", names));
            }
            return constants[at];
        };
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "no command given; expected one of " + commands(spec.commandLine()));
    }

    private static String commands(CommandLine command) {
        return String.join(", ", command.getSubcommands().keySet());
    }

    private static int badUsage(ParameterException exception, String[] args) {
        CommandLine command = exception.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        String problem = oneLine(exception);
        if (exception instanceof UnmatchedArgumentException unmatched
                && !unmatched.isUnknownOption()
                && !command.getSubcommands().isEmpty()) {
            problem = "there is no command '" + unmatched.getUnmatched().get(0) + "'; expected one of "
                    + commands(command);
        }
        command.getErr().println(name + ": " + problem + " (see " + name + " --help)");
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    private static int failed(Exception exception, CommandLine command, ParseResult parsed) {
        PrintWriter err = command.getErr();
        err.println(command.getCommandSpec().qualifiedName() + ": " + oneLine(exception));
        if (command.getParseResult().matchedOptionValue("--stacktrace", false)) {
            exception.printStackTrace(err);
        }
        return FAILED;
    }

    private static String oneLine(Exception exception) {
        String message = exception.getMessage();
        return (message == null ? exception.toString() : message).replaceAll("\\s*\\v\\s*", " ");
    }
}
