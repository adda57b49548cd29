package dev.unfold.rnn.unroll;

import static dev.unfold.ops.Ops.sum;
import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class LongTapeTest {
    private static final int STEPS = 1_000_000;
    private static final long STACK_BYTES = 256 * 1024;

    @Test
    void a_million_steps_should_be_differentiated_on_a_small_stack() throws InterruptedException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread thread = new Thread(null, LongTapeTest::buildAndDifferentiate, "small stack", STACK_BYTES);
        thread.setUncaughtExceptionHandler((ignored, thrown) -> failure.set(thrown));
        thread.start();
        thread.join();
        assertThat(failure.get()).isNull();
    }

    private static void buildAndDifferentiate() {
        VanillaCell cell = new VanillaCell(new Parameters("rnn", DType.FLOAT32, new NumpyRandom(1)), 1, 2);
        Tensor x = Tensor.zeros(DType.FLOAT32, STEPS, 1, 1).fill(0.5);
        Graph graph = new Graph();
        graph.backward(sum(Unroll.dynamic(cell).over(graph, x).last()));
        assertThat(graph.size()).isGreaterThan(4 * STEPS);
        for (Parameter parameter : cell.parameters()) {
            assertThat(parameter.gradient().firstNonFinite()).isEqualTo(-1);
            assertThat(Arrays.stream(parameter.gradient().toDoubles()).anyMatch(each -> each != 0))
                    .isTrue();
        }
        graph.reset();
        assertThat(graph.size()).isZero();
    }
}
