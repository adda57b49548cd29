package dev.unfold.examples;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import picocli.CommandLine;

/**
 * A command line that has been run as the program runs it.
 *
 * @param exitCode what the process would end with
 * @param out what it printed
 * @param err what it complained
 */
public record CommandRun(int exitCode, String out, String err) {
    /** Runs a command line. */
    public static CommandRun of(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return new CommandRun(Main.execute(line, args), out.toString(), err.toString());
    }

    /** Returns the complaint, line by line. */
    public List<String> errLines() {
        return err.lines().toList();
    }
}
