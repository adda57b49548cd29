package dev.unfold.rnn;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a class with a main method did in a JVM of its own: of this version, with this class path, and with the Vector API if it is here.
 *
 * @param output what it printed, errors included
 */
public record ForkedJvm(int exitCode, String output) {
    /** Starts a class; what it prints on either stream is one. */
    public static Process start(Class<?> main, List<String> flags, Object... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ModuleLayer.boot()
                .findModule("jdk.incubator.vector")
                .ifPresent(vector -> command.addAll(List.of("--add-modules", vector.getName())));
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        return process;
    }

    /** Runs a class to its end. */
    public static ForkedJvm run(Class<?> main, List<String> flags, Object... arguments) {
        try {
            Process process = start(main, flags, arguments);
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new ForkedJvm(process.waitFor(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(main + ": cannot be run", e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(main + ": interrupted while it ran", e);
        }
    }
}
