package dev.unfold.rnn.unroll;

import static dev.unfold.ops.Ops.sum;
import static dev.unfold.rnn.Weighted.parameter;
import static dev.unfold.rnn.Weighted.weightedSum;
import static dev.unfold.rnn.unroll.Bits.assertSameAll;
import static dev.unfold.rnn.unroll.Bits.assertZero;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Activation;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TruncatedUnrollTest {
    private static final int SEEDS = 209;

    private final NumpyRandom random = new NumpyRandom(31);

    static Stream<RaggedCase> cases() {
        return IntStream.range(0, SEEDS).mapToObj(RaggedCase::random).filter(each -> each.way() == Way.FORWARD);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void values_should_have_the_bits_of_the_whole_run(RaggedCase each) {
        Map<String, Tensor> expected = values(each, begun(each, each.unroll()), each.x());
        Tensor poisoned = RaggedCase.padded(each.x(), each.mask(), () -> Double.NaN);
        for (int k = 1; k <= each.steps() + 1; k++) {
            Unroll truncated = begun(each, Unroll.truncated(each.unroll(), k));
            assertSameAll(each + " over " + k, expected, values(each, truncated, poisoned));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradients_should_be_those_of_the_last_steps_alone(RaggedCase each) {
        int end = end(each);
        for (int k = 1; k <= each.steps(); k++) {
            int cut = Math.max(0, end - k);
            if (cut == 0) {
                continue;
            }
            Unrolled head =
                    begun(each, each.unroll()).over(Graph.inference(), each.x().slice(0, cut), lengths(each, 0, cut));
            Map<String, Tensor> expected = gradients(
                    each.unroll().from(head.finalState()),
                    each.x().slice(cut, each.steps()),
                    lengths(each, cut, each.steps()),
                    weights(each).slice(cut, each.steps()));
            Map<String, Tensor> actual =
                    gradients(begun(each, Unroll.truncated(each.unroll(), k)), each.x(), each.lengths(), weights(each));
            String what = each + " over " + k + " steps from " + cut;
            assertSamePart(what, cut, expected, actual);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void truncation_to_all_steps_should_change_no_bit_of_a_gradient(RaggedCase each) {
        int end = end(each);
        if (end == 0) {
            return;
        }
        for (int k : new int[] {end, each.steps(), Integer.MAX_VALUE}) {
            assertSameAll(
                    each + " over " + k,
                    gradients(begun(each, each.unroll()), each.x(), each.lengths(), weights(each)),
                    gradients(
                            begun(each, Unroll.truncated(each.unroll(), k)), each.x(), each.lengths(), weights(each)));
        }
    }

    /** h' = 0.5 x + 0.5 h in numbers that float64 holds exactly: 1/2, 3/4, 7/8, 15/16. */
    @Test
    void gradients_should_be_those_computed_by_hand() {
        VanillaCell cell = new VanillaCell(new Parameters("rnn", DType.FLOAT64, random), 1, 1, Activation.RELU, false);
        cell.parameters().forEach(each -> each.value().fill(0.5));
        Parameter above = new Parameter("above", Tensor.of(new double[] {1}, 1));
        Graph graph = new Graph();
        Tensor ones = Tensor.zeros(DType.FLOAT64, 4, 1, 1).fill(1);
        Unrolled run = Unroll.truncated(Unroll.dynamic(cell), 2).over(graph, ones);
        Node loss = sum(run.outputs().times(above));
        graph.backward(loss);
        assertThat(loss.item()).isEqualTo(0.5 + 0.75 + 0.875 + 0.9375);
        // dh3/dwx = 1, dh4/dwx = 1 + 0.5 * 1; without the cut it would be 1 + 1.5 + 1.75 + 1.875.
        assertThat(parameter(cell, "wx").gradient().item()).isEqualTo(2.5);
        // dh3/dwh = h2, dh4/dwh = h3 + 0.5 * h2.
        assertThat(parameter(cell, "wh").gradient().item()).isEqualTo(0.75 + 0.875 + 0.375);
        // What lies above is trained on all steps.
        assertThat(above.gradient().item()).isEqualTo(0.5 + 0.75 + 0.875 + 0.9375);
    }

    @Test
    void trailing_steps_that_count_for_no_row_should_not_be_among_the_last_ones() {
        RaggedCase each = RaggedCase.random(7, CellKind.LSTM, Way.FORWARD, false);
        Tensor x =
                RaggedCase.normal(random, DType.FLOAT64, 9, 2, each.x().shape().dim(2));
        Tensor weights =
                RaggedCase.normal(random, DType.FLOAT64, 9, 2, each.unroll().outputSize());
        Unroll truncated = Unroll.truncated(each.unroll(), 3);
        Map<String, Tensor> expected = gradients(truncated, x.slice(0, 5), Lengths.of(5, 2), weights.slice(0, 5));
        Map<String, Tensor> actual = gradients(truncated, x, Lengths.of(5, 2), weights);
        assertSamePart("padded to 9 steps", 0, expected, actual);
        for (Parameter learned : each.unroll().parameters()) {
            assertThat(learned.gradient().toDoubles()).as(learned.name()).doesNotContain(0);
        }
    }

    @Test
    void no_gradient_should_flow_through_anything_that_an_earlier_step_leaves() {
        Cell cell = CellKind.VANILLA.cell("rnn", DType.FLOAT64, random, 2, 3);
        Graph graph = new Graph();
        Node h0 = graph.variable(RaggedCase.normal(random, DType.FLOAT64, 3, 3));
        Node x = graph.variable(RaggedCase.normal(random, DType.FLOAT64, 5, 3, 2));
        Unroll begun = Unroll.dynamic(cell).from(State.of("h", h0));
        // The second row ends before the last two steps, the third has none.
        Unrolled run = Unroll.truncated(begun, 2).over(x, Lengths.of(5, 2, 0));
        graph.backward(sum(run.outputs())
                .plus(sum(run.output(1)))
                .plus(sum(run.state(2).get("h")))
                .plus(sum(run.last()))
                .plus(sum(run.output(4))));
        assertZero("gradient of the initial state", h0.gradient());
        assertZero("gradient of the first steps", x.gradient().slice(0, 3));
        assertThat(x.gradient().at(3).at(0).toDoubles()).doesNotContain(0);
    }

    @Test
    void layers_should_be_truncated_together() {
        Unroll layers = Unroll.stacked(List.of(
                Unroll.dynamic(CellKind.LSTM.cell("lower", DType.FLOAT32, random, 2, 3)),
                Unroll.dynamic(CellKind.VANILLA.cell("upper", DType.FLOAT32, random, 3, 2))));
        Tensor x = RaggedCase.normal(random, DType.FLOAT32, 6, 3, 2);
        Tensor weights = RaggedCase.normal(random, DType.FLOAT32, 6, 3, 2);
        DetachedState half = layers.over(Graph.inference(), x.slice(0, 4)).finalState();
        Map<String, Tensor> expected = gradients(layers.from(half), x.slice(4, 6), Lengths.full(), weights.slice(4, 6));
        Map<String, Tensor> actual = gradients(Unroll.truncated(layers, 2), x, Lengths.full(), weights);
        assertSamePart("two layers", 4, expected, actual);
    }

    @Test
    void what_cannot_be_truncated_should_be_refused() {
        Unroll forward = Unroll.dynamic(CellKind.LSTM.cell("forward", DType.FLOAT32, random, 2, 2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Unroll.truncated(forward, 0))
                .withMessage("truncated: gradients are to flow over 0 steps; expected at least 1");
        Unroll both = Unroll.bidirectional(
                CellKind.LSTM.cell("there", DType.FLOAT32, random, 2, 2),
                CellKind.LSTM.cell("back", DType.FLOAT32, random, 2, 2),
                Merge.SUM);
        for (Unroll backwards :
                List.of(forward.reversed(), both, both.reversed(), Unroll.stacked(List.of(forward, both)))) {
            assertThat(backwards.isCausal()).isFalse();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Unroll.truncated(backwards, 2))
                    .withMessage(
                            "truncated: the unroll goes backwards, where the last steps come first; expected one that"
                                    + " goes forwards, in all its layers");
        }
        Unroll truncated = Unroll.truncated(forward, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(truncated::reversed)
                .withMessageStartingWith("truncated: the unroll goes backwards");
        assertThat(truncated.isCausal()).isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> truncated.over(new Graph(), Tensor.zeros(DType.FLOAT32, 4, 2)))
                .withMessage("unroll of cell 'forward': inputs are [4, 2]; expected [time, batch, features 2]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> truncated.over(new Graph(), Tensor.zeros(DType.FLOAT32, 4, 2, 2), Lengths.of(4, 5)))
                .withMessage("lengths: row 1 has length 5; expected 0 to 4, the number of steps");
    }

    /** Asserts that gradients are the same, those by inputs from a step on, and zero for all other inputs. */
    private static void assertSamePart(
            String what, int from, Map<String, Tensor> expected, Map<String, Tensor> actual) {
        Tensor part = Objects.requireNonNull(expected.get("x"));
        Tensor whole = Objects.requireNonNull(actual.get("x"));
        int to = from + part.shape().dim(0);
        assertZero(what + ": x before", whole.slice(0, from));
        assertZero(what + ": x behind", whole.slice(to, whole.shape().dim(0)));
        Map<String, Tensor> cut = new LinkedHashMap<>(actual);
        cut.put("x", whole.slice(from, to));
        assertSameAll(what, expected, cut);
    }

    private static Unroll begun(RaggedCase each, Unroll unroll) {
        return each.initial().values().isEmpty() ? unroll : unroll.from(each.initial());
    }

    /** Returns the step behind the last that counts for any row. */
    private static int end(RaggedCase each) {
        int end = each.steps();
        while (end > 0 && !counts(each, end - 1)) {
            end--;
        }
        return end;
    }

    private static boolean counts(RaggedCase each, int t) {
        return IntStream.range(0, each.rows()).anyMatch(row -> each.counts(t, row));
    }

    private static Lengths lengths(RaggedCase each, int from, int to) {
        return Lengths.mask(each.mask().slice(from, to));
    }

    private static Tensor weights(RaggedCase each) {
        NumpyRandom random = new NumpyRandom(each.seed());
        return RaggedCase.normal(
                random,
                each.x().dtype(),
                each.steps(),
                each.rows(),
                each.unroll().outputSize());
    }

    /** Runs over constants and over values of the graph, which must agree, and returns all that is left. */
    private static Map<String, Tensor> values(RaggedCase each, Unroll unroll, Tensor x) {
        Graph graph = new Graph();
        Map<String, Tensor> values = values(unroll.over(graph, x, each.lengths()));
        assertSameAll(each + " as nodes", values, values(unroll.over(graph.input(x), each.lengths())));
        return values;
    }

    private static Map<String, Tensor> values(Unrolled run) {
        Map<String, Tensor> values = new LinkedHashMap<>();
        values.put("outputs", run.outputs().value());
        values.put("last", run.last().value());
        run.finalState().values().forEach((name, value) -> values.put("final " + name, value));
        for (int t = 0; t < run.steps(); t++) {
            int step = t;
            values.put("output " + t, run.output(t).value());
            run.state(t).detach().values().forEach((name, value) -> values.put(name + " behind " + step, value));
        }
        return values;
    }

    /** Returns the gradients, by inputs and parameters, of the weighted sum of all outputs. */
    private static Map<String, Tensor> gradients(Unroll unroll, Tensor x, Lengths lengths, Tensor weights) {
        unroll.parameters().forEach(Parameter::zeroGradient);
        Graph graph = new Graph();
        Node inputs = graph.variable(x);
        graph.backward(weightedSum(unroll.over(inputs, lengths).outputs(), weights));
        Map<String, Tensor> gradients = new LinkedHashMap<>();
        gradients.put("x", inputs.gradient());
        unroll.parameters()
                .forEach(each -> gradients.put(each.name(), each.gradient().copy()));
        return gradients;
    }
}
