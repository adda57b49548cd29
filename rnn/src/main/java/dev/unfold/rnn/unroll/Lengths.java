package dev.unfold.rnn.unroll;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Which steps of which rows of a padded batch count. Where a step of a row does not count, its output is exactly 0, its state is
 * held, and no gradient flows: by selection, never by multiplication, so that NaN in the padding changes no bit.
 */
public final class Lengths {
    private static final Lengths FULL = new Lengths(null, null);

    private final @Nullable Tensor lengths;
    private final @Nullable Tensor mask;

    private Lengths(@Nullable Tensor lengths, @Nullable Tensor mask) {
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
        return of(Tensor.of(lengths.clone(), lengths.length));
    }

    /**
     * The first so many steps of each row count.
     *
     * @param lengths int32 {@code [N]}, each from 0 to the number of steps; not copied
     * @throws IllegalArgumentException for another type or rank
     */
    public static Lengths of(Tensor lengths) {
        if (lengths.dtype() != DType.INT32 || lengths.shape().rank() != 1) {
            throw new IllegalArgumentException(
                    "lengths: they are " + lengths.dtype() + " " + lengths.shape() + "; expected int32 [batch]");
        }
        return new Lengths(lengths, null);
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
     * Returns the mask for a batch, int32 {@code [T, N]}: 1 where a step of a row counts, else 0.
     *
     * @throws IllegalArgumentException where lengths or mask do not fit
     */
    public Tensor maskFor(int steps, int rows) {
        check(steps, rows);
        Tensor made = Tensor.zeros(DType.INT32, steps, rows);
        write(made);
        return made;
    }

    /**
     * Refuses lengths where a plan is recorded that cannot take in other lengths later.
     *
     * @throws IllegalStateException where it is so
     */
    void checkReadable(Graph graph, String who) {
        if (graph.isPlanned() && !isFull()) {
            throw new IllegalStateException(
                    who + " looks at lengths once, while it is recorded, and a plan replays it with"
                            + " others; use Unroll.fixed inside a plan");
        }
    }

    /**
     * Checks that there is a length for each row, or a mask for each step of each row.
     *
     * @throws IllegalArgumentException where it is not so
     */
    void check(int steps, int rows) {
        if (mask != null && !mask.shape().equals(Shape.of(steps, rows))) {
            throw new IllegalArgumentException(
                    "lengths: the mask is " + mask.shape() + "; expected [time " + steps + ", batch " + rows + "]");
        }
        if (lengths != null && lengths.size() != rows) {
            throw new IllegalArgumentException(
                    "lengths: " + lengths.size() + " lengths for a batch of " + rows + " rows; expected one for each");
        }
    }

    /**
     * Writes down which steps count as they do now.
     *
     * @param target int32 {@code [T, N]}, to become zeros and ones
     * @throws IllegalArgumentException for a length that is negative or above the number of steps
     */
    void write(Tensor target) {
        int steps = target.shape().dim(0);
        int rows = target.shape().dim(1);
        for (int row = 0; row < rows; row++) {
            int length = lengths == null ? steps : lengths.ints()[lengths.offset() + row];
            if (length < 0 || length > steps) {
                throw new IllegalArgumentException("lengths: row " + row + " has length " + length + "; expected 0 to "
                        + steps + ", the number of steps");
            }
            for (int t = 0; t < steps; t++) {
                boolean counts = mask == null ? t < length : mask.ints()[mask.offset() + t * rows + row] != 0;
                target.ints()[target.offset() + t * rows + row] = counts ? 1 : 0;
            }
        }
    }
}
