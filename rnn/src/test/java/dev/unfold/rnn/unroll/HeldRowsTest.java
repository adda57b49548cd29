package dev.unfold.rnn.unroll;

import static dev.unfold.ops.Ops.matmul;
import static dev.unfold.ops.Ops.sqrt;
import static dev.unfold.ops.Ops.square;
import static dev.unfold.ops.Ops.sum;
import static dev.unfold.rnn.Weighted.linspace;
import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.Step;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeldRowsTest {
    /** Has no derivative where its input or its state is zero. */
    private record RootCell(Parameter w) implements Cell {
        @Override
        public int inputSize() {
            return 2;
        }

        @Override
        public int outputSize() {
            return 3;
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(w);
        }

        @Override
        public Step step(Node x, State state) {
            Node h = sqrt(square(matmul(x, w)).plus(square(state.get("h"))));
            return Step.of(h, State.of("h", h));
        }
    }

    @Test
    void a_cell_without_a_derivative_at_zero_should_learn_from_ragged_batches() {
        Parameter w = new Parameter("w", linspace(0.1, 0.6, 2, 3));
        Graph graph = new Graph();
        Node x = graph.variable(linspace(1, 2, 3, 3, 2));
        Unrolled run = Unroll.dynamic(new RootCell(w)).over(x, Lengths.of(3, 0, 1));
        graph.backward(sum(run.outputs()));
        assertThat(w.gradient().firstNonFinite()).isEqualTo(-1);
        Tensor gradient = x.gradient();
        assertThat(gradient.firstNonFinite()).isEqualTo(-1);
        assertThat(gradient.at(2).at(2).toDoubles()).containsOnly(0);
    }
}
