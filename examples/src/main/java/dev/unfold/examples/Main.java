package dev.unfold.examples;

import dev.unfold.examples.mnist.DemoCommand;
import dev.unfold.examples.mnist.MnistCommand;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The command line, {@code java -jar unfold.jar COMMAND}. */
@Command(
        name = "unfold",
        description = "Recurrent networks as computation graphs, unfolded over time.",
        subcommands = {DemoCommand.class, MnistCommand.class},
        mixinStandardHelpOptions = true,
        version = "Unfold 0.1.0-SNAPSHOT",
        synopsisSubcommandLabel = "COMMAND")
public final class Main implements Runnable {
    private static final int FAILED = 1;

    /** Runs a command; the process ends with 0, with 1 after a failure, with 2 after bad usage. */
    public static void main(String[] args) {
        System.setProperty("java.awt.headless", "true");
        System.exit(commandLine().execute(args));
    }

    /** Returns the command line, for {@link #main} and for tests. */
    public static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Main::badUsage)
                .setExecutionExceptionHandler(Main::failed);
    }

    @Override
    public void run() {
        throw new ParameterException(commandLine(), "no command given; expected demo or mnist");
    }

    private static int badUsage(ParameterException exception, String[] args) {
        CommandLine command = exception.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        command.getErr()
                .println(name + ": " + oneLine(String.valueOf(exception.getMessage())) + " (see " + name + " --help)");
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    private static int failed(Exception exception, CommandLine command, ParseResult parsed) {
        PrintWriter err = command.getErr();
        String message = exception.getMessage();
        err.println(command.getCommandSpec().qualifiedName() + ": "
                + oneLine(message == null ? exception.toString() : message));
        if (command.getParseResult().matchedOptionValue("--stacktrace", false)) {
            exception.printStackTrace(err);
        }
        return FAILED;
    }

    private static String oneLine(String message) {
        return message.replaceAll("\\s*\\v\\s*", " ");
    }
}
