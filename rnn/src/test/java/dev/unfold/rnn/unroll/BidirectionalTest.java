package dev.unfold.rnn.unroll;

import static dev.unfold.rnn.Weighted.linspace;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.model.SequenceClassifier;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class BidirectionalTest {
    private final Graph graph = Graph.inference();
    private final Tensor x = linspace(-1, 1, 4, 2, 3);
    private final Cell there = vanilla("there", 3, 4);
    private final Cell back = new LstmCell(parameters("back"), 3, 4);

    private static Parameters parameters(String path) {
        return new Parameters(path, DType.FLOAT64, new NumpyRandom(11));
    }

    private static Cell vanilla(String path, int inputSize, int hiddenSize) {
        return new VanillaCell(parameters(path), inputSize, hiddenSize);
    }

    @Test
    void cells_that_take_in_different_sizes_should_be_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Unroll.bidirectional(there, vanilla("back", 5, 4), Merge.CONCAT))
                .withMessage("bidirectional: the forward cell takes in 3 features and the backward cell 5;"
                        + " both must take in the same");
    }

    @ParameterizedTest
    @EnumSource(names = {"SUM", "AVERAGE"})
    void outputs_of_different_sizes_should_only_be_concatenated(Merge merge) {
        Cell wide = vanilla("back", 3, 6);
        assertThat(Unroll.bidirectional(there, wide, Merge.CONCAT).outputSize()).isEqualTo(10);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Unroll.bidirectional(there, wide, merge))
                .withMessage(
                        "bidirectional: outputs of 4 and 6 features cannot be merged by " + merge + "; use CONCAT");
    }

    @Test
    void one_cell_for_both_directions_should_be_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Unroll.bidirectional(there, there, Merge.SUM))
                .withMessage("bidirectional: both directions share parameter 'there.wx' float64 [3, 4];"
                        + " give each a cell of its own");
    }

    @ParameterizedTest
    @CsvSource({"CONCAT, 8", "SUM, 4", "AVERAGE, 4"})
    void the_output_size_should_be_that_of_the_outputs(Merge merge, int size) {
        Unroll unroll = Unroll.bidirectional(there, back, merge);
        Unrolled run = unroll.over(graph, x);
        assertThat(unroll.inputSize()).isEqualTo(3);
        assertThat(unroll.outputSize()).isEqualTo(size);
        assertThat(run.steps()).isEqualTo(4);
        assertThat(run.outputs().shape().dims()).containsExactly(4, 2, size);
        assertThat(run.output(1).shape().dims()).containsExactly(2, size);
        assertThat(run.last().shape().dims()).containsExactly(2, size);
    }

    @Test
    void parameters_should_be_those_of_both_cells() {
        List<Parameter> both = new ArrayList<>(there.parameters());
        both.addAll(back.parameters());
        assertThat(Unroll.bidirectional(there, back, Merge.SUM).parameters()).isEqualTo(both);
    }

    @Test
    void fields_should_be_named_by_their_direction() {
        Unrolled run = Unroll.bidirectional(there, back, Merge.SUM).over(graph, x);
        assertThat(run.finalNodes().names()).containsExactly("forward.h", "backward.h", "backward.c");
        assertThat(run.state(2).names()).containsExactly("forward.h", "backward.h", "backward.c");
        assertThat(run.finalState().values().keySet()).containsExactly("forward.h", "backward.h", "backward.c");
    }

    @Test
    void initial_values_should_give_the_bits_of_an_initial_state_in_the_graph() {
        DetachedState values = DetachedState.of("forward.h", linspace(-1, 1, 2, 4))
                .with("backward.c", linspace(0, 1, 2, 4))
                .with("backward.h", linspace(-1, 0, 2, 4));
        Unroll unroll = Unroll.bidirectional(there, back, Merge.CONCAT);
        Tensor fromValues = unroll.from(values).over(graph, x).outputs().value();
        Tensor fromNodes =
                unroll.from(values.attach(graph)).over(graph, x).outputs().value();
        assertThat(fromValues.sameBits(fromNodes)).isTrue();
        assertThat(fromValues.sameBits(unroll.over(graph, x).outputs().value())).isFalse();
    }

    @Test
    void fields_of_no_direction_should_be_refused() {
        Unroll unroll = Unroll.bidirectional(there, back, Merge.SUM);
        DetachedState values = DetachedState.of("h", linspace(-1, 1, 2, 4));
        String message = "bidirectional: the initial state has a field 'h'; expected names that begin with forward."
                + " or backward.";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unroll.from(values))
                .withMessage(message);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unroll.from(values.attach(graph)))
                .withMessage(message);
    }

    @Test
    void an_initial_state_of_one_direction_should_be_refused() {
        State half = State.of("forward.h", graph.input(linspace(-1, 1, 2, 4)));
        Unroll unroll = Unroll.bidirectional(there, back, Merge.SUM).from(half);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unroll.over(graph, x))
                .withMessage("cell 'back': the initial state has the fields []; the cell declares [h, c]");
    }

    @Test
    void directions_that_are_not_merged_should_be_two_runs() {
        Cell wide = vanilla("wide", 3, 6);
        Lengths lengths = Lengths.of(4, 1);
        Unroll unroll = Unroll.bidirectional(there, wide, Merge.NONE);
        Unrolled run = unroll.over(graph, x, lengths);
        assertSameRun("forward", Unroll.dynamic(there).over(graph, x, lengths), run.forward());
        assertSameRun("backward", Unroll.dynamic(wide).reversed().over(graph, x, lengths), run.backward());
        assertThat(run.steps()).isEqualTo(4);
        assertThat(run.finalNodes().names()).containsExactly("forward.h", "backward.h");
        assertThat(unroll.parameters()).hasSize(6);
        Unrolled merged = Unroll.bidirectional(there, back, Merge.SUM).over(graph, x, lengths);
        assertSameRun("forward of a sum", run.forward(), merged.forward());
        Unrolled turned = unroll.reversed().over(graph, x, lengths);
        assertSameRun("forward turned", Unroll.dynamic(there).reversed().over(graph, x, lengths), turned.forward());
        Unrolled goneOn = unroll.from(run.finalState()).over(graph, x, lengths);
        assertSameRun(
                "forward gone on",
                Unroll.dynamic(there).from(run.forward().finalState()).over(graph, x, lengths),
                goneOn.forward());
    }

    private static void assertSameRun(String what, Unrolled expected, Unrolled actual) {
        Bits.assertSame(what, expected.outputs().value(), actual.outputs().value());
        Bits.assertSame(what, expected.last().value(), actual.last().value());
        Bits.assertSame(what, expected.output(1).value(), actual.output(1).value());
        Bits.assertSameAll(
                what, expected.finalState().values(), actual.finalState().values());
    }

    @Test
    void one_output_of_directions_that_are_not_merged_should_be_refused() {
        Unroll unroll = Unroll.bidirectional(there, back, Merge.NONE);
        Unrolled run = unroll.over(graph, x);
        for (ThrowingCallable question : List.<ThrowingCallable>of(
                run::outputs,
                run::last,
                () -> run.output(0),
                unroll::outputSize,
                () -> new SequenceClassifier(parameters("model"), unroll, 2))) {
            assertThatIllegalStateException()
                    .isThrownBy(question)
                    .withMessage("bidirectional: the directions are not merged (Merge.NONE), so there is no one output;"
                            + " ask forward() and backward() of the run, or merge by CONCAT, SUM or AVERAGE");
        }
    }

    @Test
    void a_layer_should_only_be_put_on_directions_that_are_merged() {
        Unroll apart = Unroll.bidirectional(there, back, Merge.NONE);
        Unroll above = Unroll.dynamic(vanilla("above", 4, 5));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Unroll.stacked(List.of(apart, above)))
                .withMessage(
                        "stacked: layer 1 is given two outputs, since the directions of the layer below are not merged"
                                + " (Merge.NONE); merge them by CONCAT, SUM or AVERAGE");
        Unroll below = Unroll.dynamic(vanilla("below", 2, 3));
        Unrolled highest = Unroll.stacked(List.of(below, apart)).over(graph, linspace(-1, 1, 4, 2, 2));
        Unrolled alone = apart.over(below.over(graph, linspace(-1, 1, 4, 2, 2)).outputs());
        assertSameRun("backward of the highest", alone.backward(), highest.backward());
        assertSameRun("forward of the highest", alone.forward(), highest.forward());
    }

    @Test
    void a_run_in_one_direction_should_have_no_other() {
        Unrolled run = Unroll.dynamic(there).over(graph, x);
        assertThatIllegalStateException()
                .isThrownBy(run::forward)
                .withMessage("forward: this run goes one way; ask it itself");
        assertThatIllegalStateException()
                .isThrownBy(run::backward)
                .withMessage("backward: this run goes one way; ask it itself");
    }
}
