package dev.unfold.ops.kernel;

import dev.unfold.graph.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of a cross entropy count, how much, and by what their sum is divided.
 *
 * @param mask int32, one number a row, 0 where the row does not count; null where all do
 * @param classes a weight for each label; null where all weigh 1
 * @param ignores whether rows with a certain label do not count
 * @param ignored that label
 * @param divisor the divisor, or 0 for the sum of the weights of the rows that count
 */
public record LabelWeights(
        @Nullable Tensor mask, @Nullable Tensor classes, boolean ignores, int ignored, double divisor) {
    /** Returns whether a row with the given label counts. */
    boolean counts(int row, int label) {
        return !(ignores && label == ignored) && (mask == null || mask.ints()[mask.offset() + row] != 0);
    }

    /** Returns the weight of a row with the given label. */
    double weight(int label) {
        return classes == null ? 1 : classes.getFlat(label);
    }
}
