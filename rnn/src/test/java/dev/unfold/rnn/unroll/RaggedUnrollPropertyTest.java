package dev.unfold.rnn.unroll;

import static dev.unfold.rnn.unroll.Bits.assertSame;
import static dev.unfold.rnn.unroll.Bits.assertSameAll;
import static dev.unfold.rnn.unroll.Bits.assertSameRow;
import static dev.unfold.rnn.unroll.Bits.assertZero;
import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.init.NumpyRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every cell, every way through a sequence and every choice of the steps that count. */
class RaggedUnrollPropertyTest {
    private static final int CASES = CellKind.values().length * Way.values().length;

    private final Graph graph = Graph.inference();

    static Stream<RaggedCase> cases() {
        return IntStream.range(0, CASES).mapToObj(RaggedCase::random);
    }

    static Stream<RaggedCase> casesOfLengths() {
        return cases().filter(each -> !each.holes());
    }

    static Stream<RaggedCase> casesOfBothWays() {
        return cases().filter(each -> each.parts().size() == 2);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void padding_should_change_no_bit_of_values_and_gradients(RaggedCase each) {
        Graph learning = new Graph();
        Map<String, Tensor> expected = RaggedRun.values(each, learning, each.x());
        NumpyRandom noise = new NumpyRandom(each.seed());
        Map<String, DoubleSupplier> paddings = Map.of(
                "NaN", () -> Double.NaN,
                "infinity", () -> Double.POSITIVE_INFINITY,
                "-infinity", () -> Double.NEGATIVE_INFINITY,
                "noise", () -> 1000 * noise.nextGaussian());
        paddings.forEach((name, padding) -> {
            Tensor x = RaggedCase.padded(each.x(), each.mask(), padding);
            assertSameAll(each + " padded with " + name, expected, RaggedRun.values(each, learning, x));
        });
    }

    @ParameterizedTest
    @MethodSource("cases")
    void runs_should_repeat_their_bits_on_a_used_and_on_a_new_graph(RaggedCase each) {
        Graph used = new Graph();
        Map<String, Tensor> first = RaggedRun.values(each, used, each.x());
        RaggedRun.values(each, used, each.x());
        assertSameAll(each + " again", first, RaggedRun.values(each, used, each.x()));
        assertSameAll(each + " anew", first, RaggedRun.values(each, new Graph(), each.x()));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_row_should_keep_its_values_in_training_where_no_other_row_counts(RaggedCase each) {
        Map<String, Tensor> together = RaggedRun.values(each, new Graph(), each.x());
        together.keySet().removeIf(name -> name.equals("loss") || name.startsWith("gradient"));
        for (int row = 0; row < each.rows(); row++) {
            Tensor mask = Tensor.zeros(DType.INT32, each.steps(), each.rows());
            for (int t = 0; t < each.steps(); t++) {
                mask.set(each.counts(t, row) ? 1 : 0, t, row);
            }
            RaggedCase only = new RaggedCase(
                    each.seed(), each.kind(), each.way(), each.parts(), each.x(), mask, true, each.initial());
            Map<String, Tensor> apart = RaggedRun.values(only, new Graph(), each.x());
            for (String name : together.keySet()) {
                Tensor expected = Objects.requireNonNull(together.get(name));
                Tensor actual = Objects.requireNonNull(apart.get(name));
                for (int i = row; i < expected.shape().rows(); i += each.rows()) {
                    assertSame(each + " row " + row + ": " + name, rowOf(expected, i), rowOf(actual, i));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("casesOfLengths")
    void lengths_should_be_short_for_a_mask(RaggedCase each) {
        RaggedCase masked = new RaggedCase(
                each.seed(), each.kind(), each.way(), each.parts(), each.x(), each.mask(), true, each.initial());
        assertSameAll(
                each + " by mask",
                RaggedRun.values(each, new Graph(), each.x()),
                RaggedRun.values(masked, new Graph(), each.x()));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void no_gradient_should_flow_to_inputs_that_do_not_count(RaggedCase each) {
        Tensor gradient = RaggedRun.values(each, new Graph(), each.x()).get("gradient of x");
        for (int t = 0; gradient != null && t < each.steps(); t++) {
            for (int row = 0; row < each.rows(); row++) {
                if (!each.counts(t, row)) {
                    assertZero(each + " gradient of x at " + t, gradient.at(t).at(row));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("casesOfLengths")
    void rows_should_have_the_bits_of_rows_alone(RaggedCase each) {
        Unrolled batch = run(each.unroll(), each.initial(), each.x(), each.lengths());
        for (int row = 0; row < each.rows(); row++) {
            Unrolled alone =
                    run(each.unroll(), RaggedCase.rowOf(each.initial(), row), cut(each, row, false), Lengths.full());
            String what = each + " row " + row;
            for (int t = 0; t < alone.steps(); t++) {
                assertSame(
                        what,
                        alone.output(t).value().at(0),
                        batch.output(t).value().at(row));
            }
            assertSame(what, alone.last().value().at(0), batch.last().value().at(row));
            assertSameRow(what, alone.finalState(), 0, batch.finalState(), row);
        }
    }

    @ParameterizedTest
    @MethodSource("casesOfLengths")
    void going_backwards_should_be_going_forwards_through_rows_turned_by_hand(RaggedCase each) {
        for (RaggedCase.Part part : each.parts()) {
            DetachedState initial = each.initial(part);
            Unrolled batch = run(part.unroll(), initial, each.x(), each.lengths());
            for (int row = 0; row < each.rows(); row++) {
                Unroll otherWay = part.unroll().reversed();
                Unrolled turned = run(otherWay, RaggedCase.rowOf(initial, row), cut(each, row, true), Lengths.full());
                String what = each + " row " + row;
                for (int t = 0; t < turned.steps(); t++) {
                    Tensor mirrored = turned.output(turned.steps() - 1 - t).value();
                    assertSame(what, mirrored.at(0), batch.output(t).value().at(row));
                }
                assertSameRow(what, turned.finalState(), 0, batch.finalState(), row);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void steps_that_do_not_count_should_give_zeros_and_hold_the_state(RaggedCase each) {
        for (RaggedCase.Part part : each.parts()) {
            Unrolled run = run(part.unroll(), each.initial(part), each.x(), each.lengths());
            for (int row = 0; row < each.rows(); row++) {
                Tensor last = Tensor.zeros(each.x().dtype(), part.cell().outputSize());
                DetachedState held = each.initial(part);
                for (int i = 0; i < each.steps(); i++) {
                    int t = part.reversed() ? each.steps() - 1 - i : i;
                    String what = each + " row " + row + " step " + t;
                    DetachedState state = run.state(t).detach();
                    Tensor output = run.output(t).value().at(row);
                    if (each.counts(t, row)) {
                        last = output;
                    } else {
                        assertZero(what, output);
                        assertSameRow(what, held, row, state, row);
                    }
                    held = state;
                }
                assertSame(
                        each + " last of row " + row, last, run.last().value().at(row));
                assertSameRow(each + " final state of row " + row, held, row, run.finalState(), row);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("casesOfBothWays")
    void both_ways_should_be_two_runs_put_together(RaggedCase each) {
        Unrolled both = run(each.unroll(), each.initial(), each.x(), each.lengths());
        List<Unrolled> runs = new ArrayList<>();
        for (RaggedCase.Part part : each.parts()) {
            Unrolled run = run(part.unroll(), each.initial(part), each.x(), each.lengths());
            runs.add(run);
            for (String name : run.finalNodes().names()) {
                String whole = part.prefix() + name;
                assertSame(
                        each + " " + whole,
                        run.finalState().get(name),
                        both.finalState().get(whole));
                for (int t = 0; t < each.steps(); t++) {
                    assertSame(
                            each + " " + whole + " at " + t,
                            run.state(t).get(name).value(),
                            both.state(t).get(whole).value());
                }
            }
        }
        assertMerged(each + " last", each.way(), runs.get(0).last(), runs.get(1).last(), both.last());
        for (int t = 0; t < each.steps(); t++) {
            String what = each + " output " + t;
            assertMerged(what, each.way(), runs.get(0).output(t), runs.get(1).output(t), both.output(t));
            assertSame(what, both.output(t).value(), both.outputs().value().at(t));
        }
    }

    private Unrolled run(Unroll unroll, DetachedState initial, Tensor x, Lengths lengths) {
        return (initial.values().isEmpty() ? unroll : unroll.from(initial)).over(graph, x, lengths);
    }

    /** Returns the steps of one row that count, {@code [L, 1, D]}, in their order or turned around. */
    private static Tensor cut(RaggedCase each, int row, boolean turned) {
        int length = each.count(row);
        int features = each.x().shape().dim(2);
        Tensor cut = Tensor.zeros(each.x().dtype(), length, 1, features);
        for (int t = 0; t < length; t++) {
            int to = turned ? length - 1 - t : t;
            cut.copyRun(each.x(), (t * each.rows() + row) * features, to * features, features);
        }
        return cut;
    }

    private static Tensor rowOf(Tensor tensor, int row) {
        return tensor.reshape(tensor.shape().rows(), tensor.shape().columns()).at(row);
    }

    private static void assertMerged(String what, Way way, Node forward, Node backward, Node merged) {
        Tensor a = forward.value();
        Tensor b = backward.value();
        Tensor m = merged.value();
        int columns = a.shape().columns();
        for (int row = 0; row < m.shape().rows(); row++) {
            for (int j = 0; j < m.shape().columns(); j++) {
                double expected = way.merge == Merge.CONCAT
                        ? (j < columns ? a.get(row, j) : b.get(row, j - columns))
                        : (a.get(row, j) + b.get(row, j)) * (way.merge == Merge.SUM ? 1 : 0.5);
                double rounded = m.dtype() == DType.FLOAT32 ? (float) expected : expected;
                assertThat(m.get(row, j))
                        .as("%s, row %s, feature %s", what, row, j)
                        .isEqualTo(rounded);
            }
        }
    }
}
