package dev.unfold.rnn.unroll;

import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;

/**
 * The two orders of a batch of sequences: time-major, {@code [T, N, D]}, in which {@link Unroll} takes them, and batch-major,
 * {@code [N, T, D]}, in which much data comes. For nodes of a graph, with gradients, {@code Ops.swapAxes(x, 0, 1)} goes from either to
 * the other.
 */
public final class Layout {
    private Layout() {}

    /**
     * Returns a time-major copy, {@code [T, N]} or {@code [T, N, D]}.
     *
     * @param batchMajor {@code [N, T]} or {@code [N, T, D]}, of any type
     * @throws IllegalArgumentException for fewer than two axes
     */
    public static Tensor timeMajor(Tensor batchMajor) {
        return swapped(batchMajor, "[batch, time, ...]");
    }

    /**
     * Returns a batch-major copy, {@code [N, T]} or {@code [N, T, D]}.
     *
     * @param timeMajor {@code [T, N]} or {@code [T, N, D]}, of any type
     * @throws IllegalArgumentException for fewer than two axes
     */
    public static Tensor batchMajor(Tensor timeMajor) {
        return swapped(timeMajor, "[time, batch, ...]");
    }

    private static Tensor swapped(Tensor x, String expected) {
        Shape shape = x.shape();
        if (shape.rank() < 2) {
            throw new IllegalArgumentException("layout: the sequences are " + shape + "; expected " + expected);
        }
        int first = shape.dim(0);
        int second = shape.dim(1);
        int width = shape.inner(1);
        Tensor y = Tensor.zeros(x.dtype(), shape.withDim(0, second).withDim(1, first));
        for (int i = 0; i < first; i++) {
            for (int j = 0; j < second; j++) {
                y.copyRun(x, (i * second + j) * width, (j * first + i) * width, width);
            }
        }
        return y;
    }
}
