package dev.unfold.rnn.unroll;

import static dev.unfold.ops.Ops.sum;
import static dev.unfold.ops.Ops.tanh;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Loop;
import dev.unfold.graph.MemoryReport;
import dev.unfold.graph.MemoryUse;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.AbstractCell;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.StateSpec;
import dev.unfold.rnn.cell.Step;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A dynamically unrolled run holds what backward reads, and little else. */
class LeanTapeTest {
    private static final int ROWS = 8;
    private static final int HIDDEN = 32;

    private final NumpyRandom random = new NumpyRandom(3);
    private final Graph graph = new Graph();

    @Test
    void a_training_step_should_hold_little_more_than_must_be_kept() {
        int steps = 400;
        Tensor x = RaggedCase.normal(random, DType.FLOAT32, steps, ROWS, 1);
        Unroll unroll = Unroll.dynamic(CellKind.LSTM.cell("lstm", DType.FLOAT32, random, 1, HIDDEN));
        long block = (long) Float.BYTES * ROWS * HIDDEN;
        // i, f, g, o, c, tanh(c) and h.
        long kept = 7 * block * steps;
        // Of a step the two sums, slices and products; of those of a stretch the gradients of the sums.
        long workspace = 21 * block + 8 * block * Loop.STRETCH;
        for (int round = 0; round < 3; round++) {
            graph.backward(sum(unroll.over(graph, x).last()));
            assertThat(graph.bytes()).as("round %d", round).isBetween(kept, (kept + workspace) * 11 / 10);
            graph.reset();
        }
        graph.keepAll(true);
        graph.backward(sum(unroll.over(graph, x).last()));
        assertThat(graph.bytes()).as("everything kept").isGreaterThan(5 * kept);
    }

    @Test
    void what_a_loop_inside_a_step_goes_over_should_stay() {
        Unroll inner = Unroll.fixed(CellKind.LSTM.cell("lstm", DType.FLOAT32, random, 1, HIDDEN), 5, ROWS);
        Tensor x = RaggedCase.normal(random, DType.FLOAT32, 5, ROWS, 1);
        List<Tensor> gradients = new ArrayList<>();
        for (boolean keepsAll : new boolean[] {true, false}) {
            graph.keepAll(keepsAll);
            graph.reset();
            Node input = graph.variable(x);
            int first = graph.size();
            Node last = inner.over(input.plus(1)).last();
            graph.endStep(first, List.of(last));
            graph.backward(sum(last));
            gradients.add(input.gradient());
        }
        Bits.assertSame("gradient", gradients.get(0), gradients.get(1));
    }

    @Test
    void a_run_without_gradients_should_hold_its_results_alone() {
        int steps = 400;
        Graph inference = Graph.inference();
        Tensor x = RaggedCase.normal(random, DType.FLOAT32, steps, ROWS, 1);
        Unroll.dynamic(CellKind.LSTM.cell("lstm", DType.FLOAT32, random, 1, HIDDEN))
                .over(inference, x);
        long block = (long) Float.BYTES * ROWS * HIDDEN;
        assertThat(inference.bytes()).isBetween(2 * block * steps, (2 * steps + 21) * block * 11 / 10);
    }

    @Test
    void memory_should_be_told_step_by_step() {
        int steps = 40;
        Tensor x = RaggedCase.normal(random, DType.FLOAT64, steps, ROWS, 1);
        Unroll unroll = Unroll.dynamic(CellKind.LSTM.cell("lstm", DType.FLOAT64, random, 1, HIDDEN));
        long block = (long) Double.BYTES * ROWS * HIDDEN;
        graph.backward(sum(unroll.over(graph, x).last()));
        MemoryReport whole = graph.memory();
        graph.reset();
        graph.watchMemory(true);
        graph.backward(sum(unroll.over(graph, x).last()));
        MemoryReport report = graph.memory();
        assertThat(whole.moments()).hasSize(1);
        assertThat(report.moments()).hasSize(2 * steps + 2);
        assertThat(report.peak().total()).isEqualTo(whole.peak().total()).isLessThanOrEqualTo(graph.bytes());
        for (int step = 0; step < steps; step++) {
            MemoryReport.Moment forward = report.moments().get(step);
            MemoryReport.Moment backward = report.moments().get(2 * steps - step);
            assertThat(forward.backward()).isFalse();
            assertThat(backward.backward()).isTrue();
            assertThat(forward.step()).isEqualTo(step);
            assertThat(backward.step()).isEqualTo(step);
            assertThat(forward.bytes(MemoryUse.ACTIVATIONS)).isEqualTo(7 * block * (step + 1));
            // Results stay.
            assertThat(backward.bytes(MemoryUse.ACTIVATIONS))
                    .isBetween(2 * block * steps, block * (2 * steps + 7 * step + 1));
        }
        graph.reset();
        assertThat(graph.memory().peak().total()).isLessThan(report.peak().total());
    }

    /** Rows that have ended take up nothing: what is held is that of the tokens, most of which are the longest row's. */
    @Test
    void the_peak_of_a_long_tailed_batch_should_follow_its_longest_row() {
        int longest = 400;
        int[] lengths = {longest, 40, 30, 20, 20, 10, 10, 10};
        int[] padded = new int[ROWS];
        Arrays.fill(padded, longest);
        long row = (long) Float.BYTES * HIDDEN;
        long tokens = Arrays.stream(lengths).sum();
        long ragged = peak(lengths);
        // Seven values of each token, as above; beside them the outputs behind each other, with gradients in both
        // places.
        assertThat(ragged).isBetween(10 * row * tokens, (10 * tokens + (21 + 8 * Loop.STRETCH) * ROWS) * row);
        assertThat(ragged).isLessThan(peak(longest) * 3 / 2).isLessThan(peak(padded) / 5);
    }

    /** What a batch of so many steps in each row takes up at most. */
    private long peak(int... lengths) {
        Tensor x = RaggedCase.normal(
                random, DType.FLOAT32, Arrays.stream(lengths).max().orElseThrow(), lengths.length, 1);
        Unroll unroll = Unroll.dynamic(CellKind.LSTM.cell("lstm", DType.FLOAT32, random, 1, HIDDEN));
        graph.reset();
        graph.backward(sum(unroll.over(graph, x, Lengths.of(lengths)).last()));
        return graph.memory().peak().total();
    }

    @Test
    void a_cell_that_keeps_a_node_should_be_told_what_to_do() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Unroll.dynamic(new Keeping(new Parameters("keeping", DType.FLOAT64, random)))
                        .over(graph, Tensor.zeros(DType.FLOAT64, 2, 1, 2)))
                .withMessageContaining("at step 0: its value has been given back")
                .withMessageContaining("make it part of the output or the state");
        graph.reset();
        graph.keepAll(true);
        assertThat(Unroll.dynamic(new Keeping(new Parameters("keeping", DType.FLOAT64, random)))
                        .over(graph, Tensor.zeros(DType.FLOAT64, 2, 1, 2))
                        .last()
                        .value()
                        .toDoubles())
                .containsExactly(0, 0);
    }

    /** Uses in each step what it has computed in all before. */
    private static final class Keeping extends AbstractCell {
        private final List<Node> kept = new ArrayList<>();

        Keeping(Parameters parameters) {
            super(parameters, 2, 2);
        }

        @Override
        public StateSpec stateSpec() {
            return StateSpec.NONE;
        }

        @Override
        public Step step(Node x, State state) {
            Node sum = x.plus(x);
            for (Node each : kept) {
                sum = sum.plus(each);
            }
            kept.add(sum);
            return Step.of(tanh(sum), State.EMPTY);
        }
    }
}
