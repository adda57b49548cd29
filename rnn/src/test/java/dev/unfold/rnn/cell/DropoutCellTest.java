package dev.unfold.rnn.cell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Merge;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.unroll.Unrolled;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is dropped, and when. Gradients and ragged runs: see the tests of {@code dev.unfold.rnn.unroll}. */
class DropoutCellTest {
    private static final int STEPS = 5;
    private static final int ROWS = 3;
    private static final int SIZE = 16;
    private static final DropoutCell.Options EVERYTHING =
            DropoutCell.options().input(0.5).output(0.5).state(0.5, "h", "c").recurrent(0.5, "h", "c");

    private final Parameters parameters = new Parameters("model", DType.FLOAT64, new NumpyRandom(3));
    private final Tensor x = Tensor.of(new NumpyRandom(9).randn(STEPS * ROWS * SIZE), STEPS, ROWS, SIZE);
    private final Tensor ones = Tensor.zeros(DType.FLOAT64, STEPS, ROWS, SIZE).fill(1);
    private final LstmCell lstm = new LstmCell(parameters.below("lstm"), SIZE, SIZE);

    /** A cell of a user: h' = h + x, which is the output, too. */
    private static final class SumCell implements Cell {
        @Override
        public int inputSize() {
            return SIZE;
        }

        @Override
        public int outputSize() {
            return SIZE;
        }

        @Override
        public List<Parameter> parameters() {
            return List.of();
        }

        @Override
        public Step step(Node x, State state) {
            Node h = state.get("h").plus(x);
            return Step.of(h, State.of("h", h));
        }
    }

    private DropoutCell around(String path, Cell inner, DropoutCell.Options options) {
        return new DropoutCell(parameters.below(path), inner, options);
    }

    /** Returns a cell that gives out its input times its mask. */
    private DropoutCell mask(String path, DropoutCell.Options options) {
        return around(path, new IdentityCell(SIZE), options);
    }

    private static Graph training(long seed) {
        Graph graph = new Graph();
        graph.training(seed);
        return graph;
    }

    private static Unrolled train(Cell cell, long seed, Tensor x) {
        return Unroll.dynamic(cell).over(training(seed), x);
    }

    private Tensor outputs(Cell cell, long seed) {
        return train(cell, seed, ones).outputs().value();
    }

    private static void assertSameRun(Cell expected, Cell actual, Tensor x, Graph graph, Graph other) {
        Unrolled first = Unroll.dynamic(expected).over(graph, x);
        Unrolled second = Unroll.dynamic(actual).over(other, x);
        assertThat(other.size()).isEqualTo(graph.size());
        assertThat(second.outputs().value().sameBits(first.outputs().value())).isTrue();
        for (String name : first.finalNodes().names()) {
            assertThat(second.finalState().get(name).sameBits(first.finalState().get(name)))
                    .as(name)
                    .isTrue();
        }
    }

    @Test
    void should_be_the_inner_cell_outside_training() {
        Cell cell = around("drop", lstm, EVERYTHING);
        assertSameRun(lstm, cell, x, Graph.inference(), Graph.inference());
        assertSameRun(lstm, cell, x, new Graph(), new Graph());
        assertThat(outputs(cell, 1).sameBits(outputs(lstm, 1))).isFalse();
    }

    @Test
    void should_be_the_inner_cell_where_everything_is_kept() {
        DropoutCell.Options keeping = DropoutCell.options()
                .input(1)
                .output(1)
                .state(1)
                .recurrent(1, "c")
                .variational();
        assertSameRun(lstm, around("drop", lstm, keeping), x, training(1), training(1));
    }

    @Test
    void should_draw_anew_for_each_row_and_step() {
        Tensor masks = outputs(mask("drop", DropoutCell.options().input(0.5)), 1);
        assertAllDiffer(masks.reshape(STEPS * ROWS, SIZE));
    }

    @Test
    void a_variational_mask_should_be_that_of_its_row_at_every_step() {
        Tensor masks = outputs(mask("drop", DropoutCell.options().input(0.5).variational()), 1);
        for (int t = 0; t < STEPS; t++) {
            assertThat(masks.at(t).sameBits(masks.at(0))).as("step %s", t).isTrue();
        }
        assertAllDiffer(masks.at(0));
    }

    private static void assertAllDiffer(Tensor rows) {
        for (int i = 0; i < rows.shape().rows(); i++) {
            for (int j = 0; j < i; j++) {
                assertThat(rows.at(i).sameBits(rows.at(j)))
                        .as("rows %s and %s are one", i, j)
                        .isFalse();
            }
        }
    }

    @Test
    void should_repeat_its_bits_with_the_seed_of_the_batch() {
        Cell cell = around("drop", lstm, EVERYTHING);
        assertThat(outputs(cell, 1).sameBits(outputs(cell, 1))).isTrue();
        assertThat(outputs(cell, 2).sameBits(outputs(cell, 1))).isFalse();
    }

    @Test
    void should_draw_differently_for_what_is_dropped_and_for_the_path() {
        Tensor input = outputs(mask("a", DropoutCell.options().input(0.5)), 1);
        assertThat(outputs(mask("b", DropoutCell.options().input(0.5)), 1).sameBits(input))
                .isFalse();
        assertThat(outputs(mask("c", DropoutCell.options().output(0.5)), 1).sameBits(input))
                .isFalse();
        // The path is all that counts: a cell of another model with this path has the same masks.
        Parameters another = new Parameters("model", DType.FLOAT64, new NumpyRandom(4));
        Cell same = new DropoutCell(
                another.below("a"),
                new IdentityCell(SIZE),
                DropoutCell.options().input(0.5));
        assertThat(outputs(same, 1).sameBits(input)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.25, 0.5, 0.9})
    void should_keep_the_mean(double keep) {
        Cell cell = around(
                "drop", new IdentityCell(200), DropoutCell.options().input(keep).output(keep));
        Tensor wide = Tensor.zeros(DType.FLOAT64, 20, 10, 200).fill(1);
        double[] outputs = train(cell, 1, wide).outputs().value().toDoubles();
        double deviation = Math.sqrt((1 / (keep * keep) - 1) / outputs.length);
        assertThat(Arrays.stream(outputs).average().orElseThrow()).isCloseTo(1, within(5 * deviation));
        assertThat(outputs).containsOnly(0, 1 / keep * (1 / keep));
    }

    @Test
    void the_output_should_be_dropped_and_the_state_left_alone() {
        Unrolled run = train(around("drop", new SumCell(), DropoutCell.options().output(0.5)), 1, ones);
        for (int t = 0; t < STEPS; t++) {
            assertThat(state(run, t)).containsOnly(t + 1);
            assertThat(run.output(t).value().toDoubles())
                    .contains(0, 2 * (t + 1))
                    .containsOnly(0, 2 * (t + 1));
        }
    }

    @Test
    void the_state_should_be_dropped_as_it_leaves() {
        Unrolled run = train(around("drop", new SumCell(), DropoutCell.options().state(0.5)), 1, ones);
        assertThat(run.output(0).value().toDoubles()).containsOnly(1);
        for (int t = 0; t < STEPS; t++) {
            assertDropped(run.output(t).value().toDoubles(), state(run, t));
            if (t > 0) {
                assertEach(state(run, t - 1), run.output(t).value().toDoubles(), (h, y) -> y == h + 1);
            }
        }
    }

    @Test
    void the_inner_cell_should_see_the_recurrent_state_dropped_from_the_first_on() {
        Cell cell = around("drop", new SumCell(), DropoutCell.options().recurrent(0.5));
        DetachedState initial = DetachedState.of("h", x.at(0));
        Unrolled run = Unroll.dynamic(cell).from(initial).over(training(1), Tensor.zeros(DType.FLOAT64, 5, ROWS, SIZE));
        double[] before = x.at(0).toDoubles();
        for (int t = 0; t < STEPS; t++) {
            assertThat(state(run, t)).containsExactly(run.output(t).value().toDoubles());
            assertDropped(before, state(run, t));
            before = state(run, t);
        }
    }

    private static double[] state(Unrolled run, int t) {
        return run.state(t).get("h").value().toDoubles();
    }

    /** Asserts that each number is doubled or 0, and that there are some of both, unless all were 0 before. */
    private static void assertDropped(double[] before, double[] after) {
        assertEach(before, after, (b, a) -> a == 0 || a == 2 * b);
        long some = Arrays.stream(before).filter(each -> each != 0).count();
        if (some > SIZE) {
            assertThat(Arrays.stream(after).filter(each -> each != 0).count()).isBetween(1L, some - 1);
        }
    }

    private static void assertEach(double[] a, double[] b, BiPredicate<Double, Double> related) {
        assertThat(b).hasSameSizeAs(a);
        for (int i = 0; i < a.length; i++) {
            assertThat(related.test(a[i], b[i])).as("%s to %s", a[i], b[i]).isTrue();
        }
    }

    @Test
    void only_named_fields_should_be_dropped() {
        Unrolled byDefault = train(around("a", lstm, DropoutCell.options().state(0.5)), 1, x);
        assertThat(byDefault.finalState().get("h").toDoubles()).contains(0);
        assertThat(byDefault.finalState().get("c").toDoubles()).doesNotContain(0);
        Unrolled named = train(around("b", lstm, DropoutCell.options().state(0.5, "c")), 1, x);
        assertThat(named.finalState().get("h").toDoubles()).doesNotContain(0);
        assertThat(named.finalState().get("c").toDoubles()).contains(0);
    }

    @Test
    void should_work_inside_of_a_stack_and_around_it() {
        Cell inside =
                StackedCell.of(2, i -> mask("layer" + i, DropoutCell.options().input(0.5)));
        assertThat(outputs(inside, 1).toDoubles()).contains(0, 4).containsOnly(0, 4);
        Cell stack = StackedCell.of(2, i -> i == 0 ? new IdentityCell(SIZE) : lstm);
        Cell around = around("stack", stack, DropoutCell.options().state(0.5, "1.c"));
        Unrolled run = train(around, 1, x);
        assertThat(run.finalState().get("1.c").toDoubles()).contains(0);
        assertThat(run.finalState().get("1.h").toDoubles()).doesNotContain(0);
    }

    @Test
    void masks_should_go_by_step_and_row_whatever_way_and_lengths() {
        Cell cell = mask("there", DropoutCell.options().input(0.5));
        Cell back = mask("back", DropoutCell.options().input(0.5));
        Tensor forward = outputs(cell, 1);
        Tensor backward = Unroll.dynamic(cell)
                .reversed()
                .over(training(1), ones)
                .outputs()
                .value();
        assertThat(backward.sameBits(forward)).isTrue();
        int[] lengths = {2, 0, STEPS};
        Tensor both = Unroll.bidirectional(cell, back, Merge.CONCAT)
                .over(training(1), ones, Lengths.of(lengths))
                .outputs()
                .value();
        Tensor other = outputs(back, 1);
        for (int t = 0; t < STEPS; t++) {
            for (int row = 0; row < ROWS; row++) {
                for (int j = 0; j < 2 * SIZE; j++) {
                    double full = j < SIZE ? forward.get(t, row, j) : other.get(t, row, j - SIZE);
                    assertThat(both.get(t, row, j))
                            .as("step %s, row %s, feature %s", t, row, j)
                            .isEqualTo(t < lengths[row] ? full : 0);
                }
            }
        }
    }

    @Test
    void should_refuse_to_drop_nothing() {
        for (DropoutCell.Options options :
                List.of(DropoutCell.options(), DropoutCell.options().variational())) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> around("drop", lstm, options))
                    .withMessage(
                            "model.drop: dropout without a keep cannot take effect; set one of [input, output, state.h,"
                                    + " recurrent.h, state.c, recurrent.c], to 1 to drop nothing");
        }
    }

    @Test
    void should_refuse_fields_that_the_cell_does_not_carry() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> around("drop", lstm, DropoutCell.options().state(1, "h", "C")))
                .withMessage(
                        "model.drop: cell 'model.lstm' has no 'state.C' to drop elements of; there are [input, output,"
                                + " state.h, recurrent.h, state.c, recurrent.c]");
        Cell stack = StackedCell.of(1, i -> new SumCell());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> around("drop", stack, DropoutCell.options().recurrent(0.5)))
                .withMessage(
                        "model.drop: cell 'stack of 1 from 'SumCell'' has no 'recurrent.h' to drop elements of; there are"
                                + " [input, output, state.0.h, recurrent.0.h]");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, 1.5, Double.NaN})
    void should_refuse_what_is_no_probability(double keep) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DropoutCell.options().recurrent(keep, "c"))
                .withMessage("dropout: keep of recurrent.c is " + keep
                        + "; expected a probability above 0, and 1 to drop nothing");
    }

    @Test
    void two_dropouts_of_one_path_should_be_refused() {
        Cell inner = around("drop", lstm, EVERYTHING);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> around("drop", inner, EVERYTHING))
                .withMessage(
                        "dropout 'model.drop.dropout': there is one already; give each cell and layer a path of its own by"
                                + " below(name)");
        assertThat(around("outer", inner, EVERYTHING).parameters()).isEqualTo(lstm.parameters());
    }
}
