package dev.unfold.rnn.unroll;

import static dev.unfold.ops.Ops.slice;
import static dev.unfold.ops.Ops.sum;
import static dev.unfold.rnn.Weighted.linspace;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.graph.check.GradientCheck;
import dev.unfold.rnn.cell.Activation;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.StateSpec;
import dev.unfold.rnn.cell.Step;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class UnrollTest {
    private final VanillaCell cell = new VanillaCell(new Parameters("rnn", DType.FLOAT64, new NumpyRandom(7)), 3, 4);

    @ParameterizedTest
    @EnumSource(Activation.class)
    void gradients_through_time_should_pass_the_check(Activation activation) {
        VanillaCell checked =
                new VanillaCell(new Parameters("rnn", DType.FLOAT64, new NumpyRandom(3)), 3, 4, activation, true);
        Parameter x = new Parameter("x", linspace(-1, 1.3, 5, 2, 3));
        Parameter h0 = new Parameter("h0", linspace(-0.7, 0.6, 2, 4));
        List<Parameter> all = new ArrayList<>(checked.parameters());
        all.add(x);
        all.add(h0);
        new GradientCheck().check(all, graph -> {
            Unrolled run =
                    Unroll.dynamic(checked).from(State.of("h", graph.use(h0))).over(graph.use(x));
            return sum(run.outputs().times(graph.input(linspace(-1, 2, 5, 2, 4))))
                    .plus(sum(run.last().times(run.last())));
        });
    }

    @Test
    void constant_inputs_should_give_the_bits_of_inputs_in_the_graph() {
        Tensor x = linspace(-1, 1, 6, 2, 3);
        Graph graph = Graph.inference();
        Tensor fromTensor = Unroll.dynamic(cell).over(graph, x).outputs().value();
        Tensor fromNode = Unroll.dynamic(cell).over(graph.input(x)).outputs().value();
        assertThat(fromTensor.sameBits(fromNode)).isTrue();
    }

    @Test
    void rows_of_a_batch_should_have_the_bits_of_rows_alone() {
        Tensor x = linspace(-1, 1, 6, 3, 3);
        Graph graph = Graph.inference();
        Tensor batch = Unroll.dynamic(cell).over(graph, x).outputs().value();
        for (int row = 0; row < 3; row++) {
            Node alone = slice(graph.input(x), 1, row, row + 1);
            Tensor outputs = Unroll.dynamic(cell).over(alone).outputs().value();
            for (int t = 0; t < 6; t++) {
                assertThat(outputs.at(t).at(0).sameBits(batch.at(t).at(row))).isTrue();
            }
        }
    }

    @Test
    void a_run_in_two_parts_should_have_the_bits_of_one_run() {
        Tensor x = linspace(-1, 1, 6, 2, 3);
        Graph graph = Graph.inference();
        Tensor whole = Unroll.dynamic(cell).over(graph, x).last().value();
        Node inputs = graph.input(x);
        DetachedState half = Unroll.dynamic(cell).over(slice(inputs, 0, 0, 3)).finalState();
        Unrolled rest = Unroll.dynamic(cell).from(half).over(slice(inputs, 0, 3, 6));
        assertThat(rest.last().value().sameBits(whole)).isTrue();
    }

    @Test
    void a_sequence_without_steps_should_leave_the_initial_state_and_zeros() {
        Graph graph = Graph.inference();
        Node h0 = graph.input(linspace(1, 2, 2, 4));
        Unrolled run = Unroll.dynamic(cell).from(State.of("h", h0)).over(graph, Tensor.zeros(DType.FLOAT64, 0, 2, 3));
        assertThat(run.steps()).isZero();
        assertThat(run.finalState().get("h").sameBits(h0.value())).isTrue();
        assertThat(run.last().value().toDoubles()).containsOnly(0).hasSize(8);
        assertThat(run.outputs().shape().dims()).containsExactly(0, 2, 4);
    }

    @Test
    void nodes_should_carry_the_step_that_recorded_them() {
        Graph graph = new Graph();
        Unrolled run = Unroll.dynamic(cell).over(graph, linspace(-1, 1, 3, 2, 3));
        assertThat(run.output(0).step()).isZero();
        assertThat(run.output(2).step()).isEqualTo(2);
        assertThat(run.outputs().step()).isEqualTo(-1);
    }

    @Test
    void inputs_that_do_not_fit_should_be_refused_with_named_axes() {
        Graph graph = new Graph();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Unroll.dynamic(cell).over(graph, Tensor.zeros(DType.FLOAT64, 6, 2, 5)))
                .withMessage(
                        "unroll of cell 'rnn': inputs are [time 6, batch 2, features 5]; the cell takes in 3 features;"
                                + " is the sequence time-major?");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Unroll.dynamic(cell).over(graph, Tensor.zeros(DType.FLOAT64, 2, 3)))
                .withMessage("unroll of cell 'rnn': inputs are [2, 3]; expected [time, batch, features 3]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Unroll.dynamic(cell).over(graph, Tensor.zeros(DType.FLOAT32, 6, 2, 3)))
                .withMessageContaining("is float64 but an operand before it is float32");
    }

    @Test
    void an_initial_state_that_does_not_fit_should_be_refused() {
        Graph graph = new Graph();
        Tensor x = Tensor.zeros(DType.FLOAT64, 6, 2, 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Unroll.dynamic(cell)
                        .from(State.of("h", graph.input(Tensor.zeros(DType.FLOAT64, 3, 4))))
                        .over(graph, x))
                .withMessage(
                        "cell 'rnn': field 'h' of the initial state is [3, 4]; expected [batch 2, features 4]; a state begins a batch of as"
                                + " many rows as it has: choose some by its rows(...), or begin anew");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Unroll.dynamic(cell)
                        .from(State.of("c", graph.input(Tensor.zeros(DType.FLOAT64, 2, 4))))
                        .over(graph, x))
                .withMessage("cell 'rnn': the initial state has the fields [c]; the cell declares [h]");
    }

    /** Leaves what it should not: an output, or a state, of another size than declared. */
    private record Unfaithful(int declaredOutput, int declaredState) implements Cell {
        @Override
        public int inputSize() {
            return 3;
        }

        @Override
        public int outputSize() {
            return declaredOutput;
        }

        @Override
        public StateSpec stateSpec() {
            return StateSpec.of("h", declaredState);
        }

        @Override
        public List<Parameter> parameters() {
            return List.of();
        }

        @Override
        public Step step(Node x, State state) {
            return Step.of(x, State.of("h", x));
        }
    }

    @Test
    void a_cell_that_breaks_its_declaration_should_be_refused() {
        Tensor x = Tensor.zeros(DType.FLOAT64, 6, 2, 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Unroll.dynamic(new Unfaithful(4, 3)).over(new Graph(), x))
                .withMessage(
                        "cell 'Unfaithful': the output of step 0 is [2, 3]; the cell declares [batch 2, features 4]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Unroll.dynamic(new Unfaithful(3, 5)).over(new Graph(), x))
                .withMessage(
                        "cell 'Unfaithful': field 'h' of the state after step 0 is [2, 3]; expected [batch 2, features"
                                + " 5]");
    }
}
