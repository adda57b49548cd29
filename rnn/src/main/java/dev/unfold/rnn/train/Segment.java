package dev.unfold.rnn.train;

import dev.unfold.graph.Tensor;
import dev.unfold.rnn.unroll.Lengths;
import java.util.stream.IntStream;

/**
 * Some successive steps of a batch of sequences.
 *
 * @param from the first step
 * @param to the step behind the last
 * @param mask int32 {@code [to - from, N]}, 0 where a step of a row does not count
 */
public record Segment(int from, int to, Tensor mask) {
    /** Returns these steps of a tensor that holds all steps of the batch on its outermost axis, such as labels {@code [T, N]}: a view. */
    public Tensor of(Tensor whole) {
        return whole.slice(from, to);
    }

    /** Returns how many steps count, over all rows. */
    public int counting() {
        return (int) IntStream.range(0, mask.size())
                .filter(i -> mask.getFlat(i) != 0)
                .count();
    }

    /** Returns which steps of which rows count. */
    public Lengths lengths() {
        return counting() == mask.size() ? Lengths.full() : Lengths.mask(mask);
    }
}
