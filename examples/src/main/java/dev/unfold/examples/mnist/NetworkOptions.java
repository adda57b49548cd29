package dev.unfold.examples.mnist;

import dev.unfold.examples.cli.CommonOptions;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what a classifier of digits is made of, apart from its cell. */
final class NetworkOptions {
    private static final int MOST_HIDDEN = 4_096;
    private static final int MOST_LAYERS = 64;

    @Option(
            names = "--steps",
            description = "Into how many steps to cut an image, row by row (default: as many as it has rows, 28).")
    private @Nullable Integer steps;

    @Option(
            names = "--pixels",
            description = "Pixels of a step; times --steps they are those of an image: 28 x 28, 784 x 1, 14 x 56, ...")
    private @Nullable Integer pixels;

    @Option(names = "--hidden", defaultValue = "128", description = "Hidden size (default ${DEFAULT-VALUE}).")
    private int hidden;

    @Option(names = "--layers", defaultValue = "1", description = "Recurrent layers (default ${DEFAULT-VALUE}).")
    private int layers;

    @Option(names = "--bidirectional", description = "Let every layer go both ways, with a cell for each.")
    private boolean bidirectional;

    @Option(
            names = "--keep-probability",
            defaultValue = "1",
            description =
                    "Probability of each output of a layer to be kept in training; otherwise it is dropped, in training only"
                            + " (default ${DEFAULT-VALUE}).")
    private double keepProbability;

    /** Refuses what no images can be read with. */
    void check(CommonOptions common) {
        common.require(hidden >= 1 && hidden <= MOST_HIDDEN, "--hidden", hidden, "1 to " + MOST_HIDDEN);
        common.require(layers >= 1 && layers <= MOST_LAYERS, "--layers", layers, "1 to " + MOST_LAYERS);
        common.require(
                keepProbability > 0 && keepProbability <= 1,
                "--keep-probability",
                keepProbability,
                "a probability above 0 and at most 1");
    }

    /** Returns what to make for images of a size; refuses steps that they cannot be cut into. */
    NetworkSettings settings(CommonOptions common, CellKind cell, Digits digits) {
        int size = digits.rows() * digits.columns();
        int cut = steps != null ? steps : pixels != null ? quotient(size, pixels) : digits.rows();
        int each = pixels != null ? pixels : quotient(size, cut);
        common.refuseIf(
                cut < 1 || (long) cut * each != size,
                given() + " cannot be cut from images of " + size + " pixels; expected steps x pixels to be one of "
                        + IntStream.rangeClosed(1, size)
                                .filter(divisor -> size % divisor == 0)
                                .mapToObj(divisor -> divisor + " x " + size / divisor)
                                .collect(Collectors.joining(", ")));
        return new NetworkSettings(cell, cut, each, hidden, layers, bidirectional, keepProbability, common.dtype());
    }

    private static int quotient(int size, int divisor) {
        return divisor < 1 ? 0 : size / divisor;
    }

    private String given() {
        String first = steps == null ? "" : "--steps " + steps;
        String second = pixels == null ? "" : "--pixels " + pixels;
        return first + (steps != null && pixels != null ? " " : "") + second;
    }

    /** Puts down what is made, for reports. */
    static void put(Map<String, Object> settings, NetworkSettings made) {
        settings.put("steps", made.steps());
        settings.put("pixels", made.pixels());
        settings.put("hidden", made.hidden());
        settings.put("layers", made.layers());
        settings.put("bidirectional", made.bidirectional());
        settings.put("keep_probability", made.keepProbability());
    }
}
