package dev.unfold.rnn.unroll;

import dev.unfold.graph.DType;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Which steps of which rows of a padded batch count. Where a step of a row does not count, its output is exactly 0, its state is
 * held, and no gradient flows: by selection, never by multiplication, so that NaN in the padding changes no bit.
 */
public final class Lengths {
    private static final Lengths FULL = new Lengths(null, null);

    private final int @Nullable [] lengths;
    private final @Nullable Tensor mask;

    private Lengths(int @Nullable [] lengths, @Nullable Tensor mask) {
        this.lengths = lengths;
        this.mask = mask;
    }

    /** Every step of every row counts. */
    public static Lengths full() {
        return FULL;
    }

    /**
     * The first so many steps of each row count.
     *
     * @param lengths one for each row, each from 0 to the number of steps
     */
    public static Lengths of(int... lengths) {
        return new Lengths(lengths.clone(), null);
    }

    /**
     * Any steps count, with holes if need be.
     *
     * @param mask int32 {@code [T, N]}, 0 where a step of a row does not count; not copied
     * @throws IllegalArgumentException for another type or rank
     */
    public static Lengths mask(Tensor mask) {
        if (mask.dtype() != DType.INT32 || mask.shape().rank() != 2) {
            throw new IllegalArgumentException(
                    "lengths: the mask is " + mask.dtype() + " " + mask.shape() + "; expected int32 [time, batch]");
        }
        return new Lengths(null, mask);
    }

    /** Returns whether all steps count, without looking at any. */
    boolean isFull() {
        return lengths == null && mask == null;
    }

    /**
     * Returns the mask for a batch, int32 {@code [T, N]} of zeros and ones.
     *
     * @throws IllegalArgumentException where lengths or mask do not fit
     */
    Tensor maskFor(int steps, int rows) {
        if (mask != null) {
            if (!mask.shape().equals(Shape.of(steps, rows))) {
                throw new IllegalArgumentException(
                        "lengths: the mask is " + mask.shape() + "; expected [time " + steps + ", batch " + rows + "]");
            }
            return mask;
        }
        Tensor made = Tensor.zeros(DType.INT32, steps, rows);
        if (lengths == null) {
            return made.fill(1);
        }
        if (lengths.length != rows) {
            throw new IllegalArgumentException(
                    "lengths: " + lengths.length + " lengths for a batch of " + rows + " rows; expected one for each");
        }
        for (int row = 0; row < rows; row++) {
            if (lengths[row] < 0 || lengths[row] > steps) {
                throw new IllegalArgumentException("lengths: row " + row + " has length " + lengths[row]
                        + "; expected 0 to " + steps + ", the number of steps");
            }
            for (int t = 0; t < lengths[row]; t++) {
                made.ints()[t * rows + row] = 1;
            }
        }
        return made;
    }
}
