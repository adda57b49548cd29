package dev.unfold.rnn.unroll;

import static dev.unfold.ops.Ops.sum;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.init.NumpyRandom;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the heap pays for a tape: a small constant for each recorded operation, and values in memory that is used again. */
class DynamicAllocationTest {
    private static final int STEPS = 20;
    private static final int ROWS = 4;
    private static final int INPUT_SIZE = 8;
    private static final int HIDDEN_SIZE = 16;
    private static final int MOST_ROUNDS = 500;
    private static final int MEASURED = 20;
    private static final long MOST_BYTES_PER_NODE = 350;

    private final NumpyRandom random = new NumpyRandom(19);
    private final Graph graph = new Graph();

    @ParameterizedTest
    @EnumSource(names = {"VANILLA", "LSTM"})
    void a_training_step_should_allocate_little_for_each_node(CellKind kind) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Cell cell = kind.cell("rnn", DType.FLOAT32, random, INPUT_SIZE, HIDDEN_SIZE);
        Tensor x = RaggedCase.normal(random, DType.FLOAT32, STEPS, ROWS, INPUT_SIZE);
        long bytes = Long.MAX_VALUE;
        long nodes = 0;
        // Kernels on the Vector API make objects until they are compiled.
        for (int round = 0; round < MOST_ROUNDS && bytes >= MOST_BYTES_PER_NODE; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            nodes = 0;
            for (int i = 0; i < MEASURED; i++) {
                nodes += train(cell, x, Lengths.full());
            }
            bytes = (threads.getCurrentThreadAllocatedBytes() - before) / nodes;
        }
        System.out.printf("%s: %d bytes for each of %d nodes%n", kind, bytes, nodes / MEASURED);
        assertThat(bytes).as("bytes for each node of %s", kind).isLessThan(MOST_BYTES_PER_NODE);
    }

    @Test
    void batches_of_any_lengths_should_live_in_the_memory_of_the_one_that_needs_most() {
        Cell cell = CellKind.LSTM.cell("rnn", DType.FLOAT32, random, INPUT_SIZE, HIDDEN_SIZE);
        train(cell, Tensor.zeros(DType.FLOAT32, STEPS, ROWS, INPUT_SIZE), Lengths.of(STEPS, STEPS, STEPS, STEPS));
        long bytes = graph.bytes();
        for (int i = 0; i < 300; i++) {
            int steps = random.randint(1, STEPS + 1);
            int[] lengths = new int[ROWS];
            for (int row = 0; row < ROWS; row++) {
                lengths[row] = random.randint(1, steps + 1);
            }
            train(cell, RaggedCase.normal(random, DType.FLOAT32, steps, ROWS, INPUT_SIZE), Lengths.of(lengths));
            assertThat(graph.bytes())
                    .as("after batch %s of lengths %s", i, Arrays.toString(lengths))
                    .isEqualTo(bytes);
        }
    }

    /** Records, differentiates and forgets a batch; returns how many nodes it had. */
    private int train(Cell cell, Tensor x, Lengths lengths) {
        graph.backward(sum(Unroll.dynamic(cell).over(graph, x, lengths).outputs()));
        int nodes = graph.size();
        graph.reset();
        return nodes;
    }
}
