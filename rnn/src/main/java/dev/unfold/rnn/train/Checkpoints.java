package dev.unfold.rnn.train;

import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where, and how often, a {@link TrainingLoop} writes how far it has come. {@code last.safetensors} holds all that going on depends on, and
 * {@code best.safetensors} the weights of the best validation; each appears whole or not at all, so that there is one to go on from
 * whenever the program ends. See {@link dev.unfold.rnn.io.ModelFile} for what protects them.
 *
 * @param folder made where there is none
 * @param everyUpdates updates between checkpoints inside an epoch, 0 for none; one is written behind every epoch
 * @param settings what the numbers of a training depend on besides optimiser, options and batches, such as seed and data: a training with
 *     others is not gone on with
 */
public record Checkpoints(Path folder, int everyUpdates, Map<String, String> settings) {
    /** What the file to go on from is called. */
    public static final String LAST = "last.safetensors";
    /** What the file of the best weights is called. */
    public static final String BEST = "best.safetensors";
    /** The kind of model file to go on from. */
    public static final String KIND_OF_LAST = "unfold-checkpoint";
    /** The kind of model file of weights alone, each under the name of its parameter. */
    public static final String KIND_OF_BEST = "unfold-weights";

    /**
     * Copies the map.
     *
     * @throws IllegalArgumentException for less than 0 updates
     */
    public Checkpoints {
        if (everyUpdates < 0) {
            throw new IllegalArgumentException("checkpoints: every " + everyUpdates
                    + " updates; expected 0, for the ends of epochs only, or more");
        }
        settings = Collections.unmodifiableMap(new TreeMap<>(settings));
    }

    /** Writes behind every epoch. */
    public static Checkpoints in(Path folder) {
        return new Checkpoints(folder, 0, Map.of());
    }

    /** Returns the same, written after so many updates too. */
    public Checkpoints every(int updates) {
        return new Checkpoints(folder, updates, settings);
    }

    /** Returns the same for a training with these settings. */
    public Checkpoints settings(Map<String, String> value) {
        return new Checkpoints(folder, everyUpdates, value);
    }

    Path last() {
        return folder.resolve(LAST);
    }

    Path best() {
        return folder.resolve(BEST);
    }
}
