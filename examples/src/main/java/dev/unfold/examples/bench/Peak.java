package dev.unfold.examples.bench;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import java.util.List;

/**
 * The speed that shares are shares of: that of one large product of float32 matrices, the fastest thing there is.
 *
 * @param sizes n, each for a product of two n x n matrices
 * @param seconds how long each is repeated
 */
record Peak(List<Integer> sizes, double seconds) {
    private static final double NANOS = 1e9;

    /** Returns the floating-point operations per second that the best product reached, on one thread. */
    double measure() {
        double best = 0;
        for (int size : sizes) {
            best = Math.max(best, measure(size));
        }
        return best;
    }

    private double measure(int size) {
        MadeUp data = new MadeUp();
        Tensor a = data.pixels(size, size);
        Tensor b = data.pixels(size, size);
        Graph graph = Graph.inference();
        double operations = 2.0 * size * size * size;
        double best = 0;
        long end = System.nanoTime() + (long) (seconds * NANOS);
        long before;
        do {
            graph.reset();
            before = System.nanoTime();
            Ops.matmul(graph.input(a), graph.input(b));
            best = Math.max(best, operations * NANOS / (System.nanoTime() - before));
        } while (before < end);
        return best;
    }
}
