package dev.unfold.rnn.cell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.unroll.Unrolled;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Cells made of cells. */
class WrapperTest {
    private static final Lengths RAGGED = Lengths.of(4, 0, 2);

    private final Parameters parameters = new Parameters("model", DType.FLOAT64, new NumpyRandom(3));
    private final Tensor x = Tensor.of(new NumpyRandom(9).randn(4 * 3 * 2), 4, 3, 2);

    private LstmCell lstm(String name, int inputSize, int hiddenSize) {
        return new LstmCell(parameters.below(name), inputSize, hiddenSize);
    }

    @Test
    void a_stack_should_have_the_bits_of_one_layer_over_the_other() {
        LstmCell lower = lstm("lower", 2, 3);
        LstmCell upper = lstm("upper", 3, 4);
        Cell stack = StackedCell.of(2, i -> i == 0 ? lower : upper);
        Graph graph = Graph.inference();
        Unrolled together = Unroll.dynamic(stack).over(graph, x, RAGGED);
        Unrolled apart = Unroll.stacked(List.of(Unroll.dynamic(lower), Unroll.dynamic(upper)))
                .over(graph, x, RAGGED);
        assertThat(together.outputs().value().sameBits(apart.outputs().value())).isTrue();
        assertThat(together.last().value().sameBits(apart.last().value())).isTrue();
        assertThat(together.finalState().values().keySet()).containsExactly("0.h", "0.c", "1.h", "1.c");
        for (String name : together.finalNodes().names()) {
            assertThat(together.finalState()
                            .get(name)
                            .sameBits(apart.finalState().get(name)))
                    .as(name)
                    .isTrue();
        }
        Unrolled again = Unroll.dynamic(stack).from(together.finalState()).over(graph, x);
        Unrolled apartAgain = Unroll.stacked(List.of(Unroll.dynamic(lower), Unroll.dynamic(upper)))
                .from(together.finalState())
                .over(graph, x);
        assertThat(again.last().value().sameBits(apartAgain.last().value())).isTrue();
    }

    @Test
    void layers_over_a_sequence_without_steps_should_leave_their_initial_states() {
        Unroll layers =
                Unroll.stacked(List.of(Unroll.dynamic(lstm("lower", 2, 3)), Unroll.dynamic(lstm("upper", 3, 4))));
        Unrolled run = layers.over(Graph.inference(), Tensor.zeros(DType.FLOAT64, 0, 3, 2));
        assertThat(run.outputs().shape().dims()).containsExactly(0, 3, 4);
        assertThat(run.finalState().get("1.c").toDoubles()).containsOnly(0).hasSize(12);
    }

    @Test
    void a_state_of_no_layer_should_be_refused() {
        Unroll layers = Unroll.stacked(List.of(Unroll.dynamic(lstm("only", 2, 3))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> layers.from(DetachedState.of("1.h", Tensor.zeros(DType.FLOAT64, 3, 3))))
                .withMessage(
                        "stacked: the initial state has a field '1.h'; expected names that begin with the number of a"
                                + " layer, 0. to 0.");
    }

    @Test
    void skips_should_put_the_outputs_of_all_layers_side_by_side() {
        Cell stack = StackedCell.withSkips(2, i -> lstm("layer" + i, i == 0 ? 2 : 5, 3));
        assertThat(stack.outputSize()).isEqualTo(6);
        assertThat(Unroll.dynamic(stack)
                        .over(Graph.inference(), x)
                        .last()
                        .shape()
                        .dims())
                .containsExactly(3, 6);
    }

    @Test
    void the_same_cell_twice_should_be_refused_unless_it_is_shared() {
        LstmCell cell = lstm("cell", 2, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StackedCell.of(2, i -> cell))
                .withMessage(
                        "stack: layer 1 is a cell that is in the stack already, 'model.cell'; make a new one for each"
                                + " layer, or use shared");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StackedCell.of(2, i -> new ResidualCell(cell)))
                .withMessageContaining("stack: layer 1 uses parameter 'model.cell.w'");
        assertThat(StackedCell.shared(2, cell).parameters()).isEqualTo(cell.parameters());
    }

    @Test
    void sizes_that_do_not_fit_should_be_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StackedCell.of(2, i -> lstm("wrong" + i, 2, 3)))
                .withMessage("stack: layer 1 takes in 2 features but is given 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StackedCell.of(0, i -> lstm("none", 2, 3)))
                .withMessage("stack: no layers are given; expected at least one");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ResidualCell(lstm("uneven", 2, 3)))
                .withMessage(
                        "residual: cell 'model.uneven' takes in 2 features and gives out 3; both must be the same");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Unroll.stacked(List.of(Unroll.dynamic(lstm("a", 2, 3)), Unroll.dynamic(lstm("b", 2, 3)))))
                .withMessage("stacked: layer 1 takes in 2 features but is given 3");
    }

    @Test
    void a_learned_start_should_be_the_state_of_a_row_without_steps() {
        LearnedStartCell cell = new LearnedStartCell(parameters.below("start"), lstm("inner", 2, 3));
        Parameter h = cell.parameters().stream()
                .filter(each -> each.name().equals("model.start.start.h"))
                .findFirst()
                .orElseThrow();
        h.value().fill(0.25);
        Unrolled run = Unroll.dynamic(cell).over(Graph.inference(), x, RAGGED);
        assertThat(run.finalState().get("h").at(1).toDoubles()).containsOnly(0.25);
        assertThat(run.last().value().at(1).toDoubles()).containsOnly(0);
    }

    @Test
    void a_learned_start_should_add_its_parameters_once() {
        LearnedStartCell cell = new LearnedStartCell(parameters.below("start"), lstm("inner", 2, 3));
        assertThat(cell.parameters()).hasSize(5).doesNotHaveDuplicates();
    }

    @Test
    void options_that_cannot_take_effect_should_be_refused() {
        LstmCell.Options coupled = LstmCell.options().withCoupledGates();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> coupled.forgetBias(2))
                .withMessage("lstm: a forget bias of 2.0 cannot take effect where f = 1 - i; give one or the other");
        LstmCell.Options wide = LstmCell.options().projection(3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LstmCell(parameters.below("wide"), 2, 3, wide))
                .withMessage("model.wide: projection size is 3; it must be below the hidden size, 3");
    }

    @Test
    void the_forget_bias_should_be_stored_in_its_block() {
        double[] bias = new LstmCell(
                        parameters.below("biased"), 1, 2, LstmCell.options().forgetBias(1.5))
                .parameters()
                .get(2)
                .value()
                .toDoubles();
        assertThat(bias).containsExactly(0, 0, 1.5, 1.5, 0, 0, 0, 0);
    }

    @Test
    void projection_and_clip_should_shape_output_and_state() {
        Cell cell = new LstmCell(
                parameters.below("small"),
                2,
                5,
                LstmCell.options().projection(3).cellClip(0.01));
        Unrolled run = Unroll.dynamic(cell).over(Graph.inference(), x);
        assertThat(run.last().shape().dims()).containsExactly(3, 3);
        assertThat(run.finalState().get("c").shape().dims()).containsExactly(3, 5);
        for (double each : run.finalState().get("c").toDoubles()) {
            assertThat(each).isBetween(-0.01, 0.01);
        }
    }
}
