package dev.unfold.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A tape needs no deep stack, however long it is. */
class LongTapeTest {
    private static final int LENGTH = 2_000_000;
    private static final int SMALL_STACK = 256 * 1024;

    @Test
    void should_build_differentiate_and_reset_two_million_nodes_on_a_small_stack() throws InterruptedException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread thread = new Thread(null, LongTapeTest::run, "small stack", SMALL_STACK);
        thread.setUncaughtExceptionHandler((where, thrown) -> failure.set(thrown));
        thread.start();
        thread.join();
        assertThat(failure.get()).isNull();
    }

    private static void run() {
        Graph graph = new Graph();
        Parameter weight = new Parameter("w", Tensor.of(new double[] {-1}));
        Node start = graph.variable(Tensor.of(new double[] {3}));
        Node y = start;
        for (int step = 0; step < LENGTH; step++) {
            graph.atStep(step);
            y = graph.record(TinyOps.TIMES, y, weight);
        }
        assertThat(graph.size()).isEqualTo(LENGTH + 2);
        assertThat(graph.firstNonFinite()).isEmpty();
        assertThat(y).hasToString("times #2000001 [] at step 1999999");
        graph.backward(y);
        assertThat(y.item()).isEqualTo(3);
        assertThat(start.gradient().item()).isEqualTo(1);
        assertThat(weight.gradient().item()).isEqualTo(-3.0 * LENGTH);
        graph.reset();
        assertThat(graph.size()).isZero();
    }
}
