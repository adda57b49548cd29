package dev.unfold.examples.gradients;

import dev.unfold.examples.cli.CommonOptions;
import java.util.Map;
import picocli.CommandLine.Option;

/** How large the exercises' network and its batch are. */
final class SizeOptions {
    private static final int MOST = 256;

    @Option(names = "--steps", defaultValue = "10", description = "Steps of the sequences (default ${DEFAULT-VALUE}).")
    private int steps;

    @Option(names = "--rows", defaultValue = "4", description = "Sequences in the batch (default ${DEFAULT-VALUE}).")
    private int rows;

    @Option(names = "--input", defaultValue = "8", description = "Numbers in a step (default ${DEFAULT-VALUE}).")
    private int input;

    @Option(names = "--hidden", defaultValue = "12", description = "Hidden size (default ${DEFAULT-VALUE}).")
    private int hidden;

    @Option(
            names = "--classes",
            defaultValue = "5",
            description = "Classes that a step may be of (default ${DEFAULT-VALUE}).")
    private int classes;

    void check(CommonOptions common) {
        check(common, "--steps", steps, 1);
        check(common, "--rows", rows, 1);
        check(common, "--input", input, 1);
        check(common, "--hidden", hidden, 1);
        // Of one class the loss is 0 whatever the weights are.
        check(common, "--classes", classes, 2);
    }

    private static void check(CommonOptions common, String option, int size, int least) {
        common.require(size >= least && size <= MOST, option, size, least + " to " + MOST);
    }

    int steps() {
        return steps;
    }

    int rows() {
        return rows;
    }

    int input() {
        return input;
    }

    int hidden() {
        return hidden;
    }

    int classes() {
        return classes;
    }

    /** Puts down what was given, for reports. */
    void settings(Map<String, Object> settings) {
        settings.put("steps", steps);
        settings.put("rows", rows);
        settings.put("input", input);
        settings.put("hidden", hidden);
        settings.put("classes", classes);
    }
}
