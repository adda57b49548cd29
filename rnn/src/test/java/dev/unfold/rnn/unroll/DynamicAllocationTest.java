package dev.unfold.rnn.unroll;

import static dev.unfold.ops.Ops.sum;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.Heap;
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
    private static final int BATCHES = 2_000;
    /** What the heap may hold more behind the last batch than behind the first tenth of them, which is about an object for each. */
    private static final long MOST_CREEP = 64 << 10;

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

    /** What a batch costs the heap is a matter of its nodes, and nothing of it stays. */
    @Test
    void two_thousand_random_batches_should_live_in_the_memory_of_the_one_that_needs_most() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Cell cell = CellKind.LSTM.cell("rnn", DType.FLOAT32, random, INPUT_SIZE, HIDDEN_SIZE);
        train(cell, Tensor.zeros(DType.FLOAT32, STEPS, ROWS, INPUT_SIZE), Lengths.of(STEPS, STEPS, STEPS, STEPS));
        long bytes = graph.bytes();
        long early = 0;
        long[] allocated = new long[2];
        long[] nodes = new long[2];
        for (int batch = 1; batch <= BATCHES; batch++) {
            int[] lengths = new int[random.randint(1, ROWS + 1)];
            Arrays.setAll(lengths, row -> random.randint(0, STEPS + 1));
            lengths[0] = Math.max(1, lengths[0]);
            int steps = Arrays.stream(lengths).max().orElseThrow();
            Tensor x = RaggedCase.normal(random, DType.FLOAT32, steps, lengths.length, INPUT_SIZE);
            int half = 2 * batch / (BATCHES + 1);
            long before = threads.getCurrentThreadAllocatedBytes();
            nodes[half] += train(cell, x, Lengths.of(lengths));
            allocated[half] += threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(graph.bytes())
                    .as("after batch %s of lengths %s", batch, Arrays.toString(lengths))
                    .isEqualTo(bytes);
            early = batch == BATCHES / 10 ? Heap.liveBytes() : early;
        }
        assertThat(allocated[1] / nodes[1]).as("bytes for each node").isLessThanOrEqualTo(allocated[0] / nodes[0] + 5);
        System.out.printf("bytes for each node: %d, then %d; ", allocated[0] / nodes[0], allocated[1] / nodes[1]);
        System.out.printf("live bytes: %,d, then %,d%n", early, Heap.liveBytes());
        assertThat(Heap.liveBytes()).as("live bytes").isLessThan(early + MOST_CREEP);
    }

    /** Records, differentiates and forgets a batch; returns how many nodes it had. */
    private int train(Cell cell, Tensor x, Lengths lengths) {
        graph.backward(sum(Unroll.dynamic(cell).over(graph, x, lengths).outputs()));
        int nodes = graph.size();
        graph.reset();
        return nodes;
    }
}
