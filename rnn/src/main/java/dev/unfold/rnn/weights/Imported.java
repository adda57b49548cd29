package dev.unfold.rnn.weights;

import dev.unfold.rnn.unroll.Unroll;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Import} has made of a file.
 *
 * @param unroll the network
 * @param layout what the weights were taken for
 * @param became what has become of each tensor of the file, by name, in words
 * @param proof how well a stored pair of inputs and outputs was met, or null where none was given
 */
public record Imported(
        Unroll unroll,
        WeightLayout layout,
        Map<String, String> became,
        @Nullable Proof proof) {
    /**
     * The network has given out what it gave out where its weights come from.
     *
     * @param numbers how many numbers were compared
     * @param difference the greatest difference
     * @param tolerance the greatest that was allowed
     */
    public record Proof(int numbers, double difference, double tolerance) {}

    /** Returns whether a stored pair of inputs and outputs was replayed. */
    public boolean proven() {
        return proof != null;
    }
}
