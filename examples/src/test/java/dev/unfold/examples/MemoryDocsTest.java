package dev.unfold.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.MemoryUse;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.LengthBuckets;
import dev.unfold.rnn.unroll.RaggedBatch;
import dev.unfold.rnn.unroll.Unroll;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The code that docs/memory.md shows, compiled and run. */
class MemoryDocsTest {
    private final NumpyRandom random = new NumpyRandom(1);
    private final Cell cell = new LstmCell(new Parameters("rnn", DType.FLOAT64, random), 2, 8);

    @Test
    void a_budget_should_change_bytes_and_nothing_else() {
        Tensor inputs = Tensor.of(random.randn(784 * 3 * 2), 784, 3, 2);
        Plan unbounded = plan(Unroll.fixed(cell, 784, 3), inputs);
        // tag::budget[]
        Unroll unroll = Unroll.fixed(cell, 784, 3).budget(200_000); // bytes for all that the loop works in
        Plan plan = Plan.training(
                (graph, in) -> Ops.sum(unroll.over(graph, in.get(0)).last()), inputs);
        long kept = plan.memory().peak().bytes(MemoryUse.ACTIVATIONS);
        String how = plan.explain(); // ... recomputed: 784 steps run 1,520 times in windows of 48, ...
        // end::budget[]
        assertThat(plan.run(inputs).sameBits(unbounded.run(inputs))).isTrue();
        assertThat(kept).isLessThan(unbounded.memory().peak().bytes(MemoryUse.ACTIVATIONS) / 4);
        assertThat(plan.bytes()).isLessThan(unbounded.bytes() / 3);
        assertThat(how).contains("recomputed: 784 steps run");
    }

    private static Plan plan(Unroll unroll, Tensor inputs) {
        return Plan.training(
                (graph, in) -> Ops.sum(unroll.over(graph, in.get(0)).last()), inputs);
    }

    @Test
    void sequences_should_come_back_in_their_order() {
        List<Tensor> sentences = new ArrayList<>();
        for (int length : new int[] {7, 30, 6, 29, 8, 0}) {
            sentences.add(Tensor.of(random.randn(length * 2), length, 2));
        }
        int[] lengths = sentences.stream().mapToInt(each -> each.shape().dim(0)).toArray();
        Unroll unroll = Unroll.dynamic(cell);
        // tag::buckets[]
        LengthBuckets buckets = LengthBuckets.of(lengths, 32, 0.1); // at most 32 rows, at most a tenth padding
        List<List<Tensor>> outputs = new ArrayList<>();
        Graph graph = new Graph();
        for (List<Tensor> some : buckets.split(sentences)) {
            graph.reset();
            RaggedBatch batch = RaggedBatch.of(some);
            outputs.add(batch.unpad(unroll.over(graph, batch.inputs(), batch.lengths())
                    .outputs()
                    .value()));
        }
        List<Tensor> inOrder = buckets.restore(outputs); // [length, H] each
        // end::buckets[]
        assertThat(inOrder).extracting(each -> each.shape().dim(0)).containsExactly(7, 30, 6, 29, 8, 0);
        assertThat(buckets.paddingShare()).isLessThanOrEqualTo(0.1);
    }
}
