package dev.unfold.rnn.unroll;

import static dev.unfold.rnn.Weighted.weightedSum;
import static dev.unfold.rnn.unroll.Bits.assertSame;
import static dev.unfold.rnn.unroll.Bits.assertSameRow;
import static dev.unfold.rnn.unroll.Bits.assertZero;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.ResetCell;
import dev.unfold.rnn.init.NumpyRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A row with resets inside is its segments one by one, for every cell, every way and every choice of steps that count. */
class ResetPropertyTest {
    private static final int CASES = 66;

    static Stream<RaggedCase> cases() {
        return IntStream.range(0, CASES).mapToObj(RaggedCase::random);
    }

    static Stream<RaggedCase> casesOfBothWays() {
        return cases().filter(each -> each.parts().size() == 2);
    }

    /** Returns int32 {@code [T, N]}, 1 at one step in three. */
    private static Tensor resets(RaggedCase each, int seed) {
        NumpyRandom random = new NumpyRandom(seed);
        Tensor resets = Tensor.zeros(DType.INT32, each.steps(), each.rows());
        for (int i = 0; i < resets.size(); i++) {
            resets.setFlat(i, random.randint(0, 3) == 0 ? 1 : 0);
        }
        return resets;
    }

    /** Returns the inputs of a case with flags behind them; flags take many values, and all that does not count is NaN. */
    private static Tensor flagged(RaggedCase each, Tensor... flags) {
        int features = each.x().shape().dim(2);
        Tensor x = Tensor.zeros(each.x().dtype(), each.steps(), each.rows(), features + flags.length);
        for (int i = 0; i < each.mask().size(); i++) {
            int to = i * (features + flags.length);
            x.copyRun(each.x(), i * features, to, features);
            for (int j = 0; j < flags.length; j++) {
                x.setFlat(to + features + j, flags[j].getFlat(i) * (i % 2 == 0 ? 1 : -1e-3));
            }
        }
        return RaggedCase.padded(x, each.mask(), () -> Double.NaN);
    }

    private static Unroll unroll(Cell cell, boolean reversed) {
        return reversed ? Unroll.dynamic(cell).reversed() : Unroll.dynamic(cell);
    }

    /** A stretch of one row, its steps in the order in which a run goes through them. */
    private record Segment(List<Integer> steps, boolean reset) {}

    private static List<Segment> segments(RaggedCase each, RaggedCase.Part part, Tensor resets, int row) {
        List<Segment> segments = new ArrayList<>();
        for (int i = 0; i < each.steps(); i++) {
            int t = part.reversed() ? each.steps() - 1 - i : i;
            if (!each.counts(t, row)) {
                continue;
            }
            boolean reset = resets.get(t, row) != 0;
            if (reset || segments.isEmpty()) {
                segments.add(new Segment(new ArrayList<>(), reset));
            }
            segments.get(segments.size() - 1).steps().add(t);
        }
        return segments;
    }

    /** Returns the steps of a segment from a tensor {@code [T, N, D]}, as {@code [L, 1, D]}. */
    private static Tensor cut(Tensor whole, Segment segment, int row) {
        int width = whole.shape().dim(2);
        Tensor cut = Tensor.zeros(whole.dtype(), segment.steps().size(), 1, width);
        for (int i = 0; i < segment.steps().size(); i++) {
            Tensor step = whole.at(segment.steps().get(i)).at(row);
            cut.copyRun(step, 0, i * width, width);
        }
        return cut;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_row_should_have_the_bits_of_its_segments_alone(RaggedCase each) {
        Tensor resets = resets(each, each.seed());
        Tensor x = flagged(each, resets);
        for (RaggedCase.Part part : each.parts()) {
            DetachedState initial = each.initial(part);
            Graph graph = new Graph();
            Node variable = graph.variable(x);
            Unrolled run = unroll(new ResetCell(part.cell()), part.reversed())
                    .from(initial)
                    .over(variable, each.lengths());
            Tensor weights = RaggedCase.normal(
                    new NumpyRandom(each.seed()),
                    x.dtype(),
                    run.outputs().shape().dims());
            List<Node> outputs =
                    IntStream.range(0, each.steps()).mapToObj(run::output).toList();
            if (each.anyCounts()) {
                graph.backward(weightedSum(run.outputs(), weights));
            }
            for (int row = 0; row < each.rows(); row++) {
                DetachedState last = RaggedCase.rowOf(initial, row);
                for (Segment segment : segments(each, part, resets, row)) {
                    String what = each + " row " + row + " steps " + segment;
                    Graph own = new Graph();
                    Node alone = own.variable(cut(each.x(), segment, row));
                    Unroll inner = Unroll.dynamic(part.cell());
                    Unrolled expected = (segment.reset() ? inner : inner.from(last)).over(alone);
                    own.backward(weightedSum(expected.outputs(), cut(weights, segment, row)));
                    for (int i = 0; i < expected.steps(); i++) {
                        int t = segment.steps().get(i);
                        assertSame(
                                what,
                                expected.output(i).value().at(0),
                                outputs.get(t).value().at(row));
                    }
                    assertGradient(what + " gradient", alone.gradient(), cut(variable.gradient(), segment, row));
                    last = expected.finalState();
                }
                assertSameRow(each + " row " + row, last, 0, run.finalState(), row);
            }
        }
    }

    /**
     * Asserts that the gradient of the features is as expected, but for the order in which contributions were added, and that of the
     * flag, behind them, 0.
     */
    private static void assertGradient(String what, Tensor expected, Tensor actual) {
        Node whole = Graph.inference().input(actual);
        int features = expected.shape().dim(2);
        double tolerance = actual.dtype() == DType.FLOAT32 ? 1e-4 : 1e-11;
        assertThat(Ops.slice(whole, 2, 0, features).value().toDoubles())
                .as(what)
                .containsExactly(expected.toDoubles(), within(tolerance));
        assertZero(
                what + " of the flag",
                Ops.slice(whole, 2, features, features + 1).value());
    }

    @ParameterizedTest
    @MethodSource("casesOfBothWays")
    void both_ways_should_obey_a_flag_each(RaggedCase each) {
        Tensor begins = resets(each, each.seed());
        Tensor ends = resets(each, each.seed() + 1000);
        Graph graph = Graph.inference();
        RaggedCase.Part one = each.parts().get(0);
        RaggedCase.Part other = each.parts().get(1);
        Unroll both =
                Unroll.bidirectional(new ResetCell(one.cell(), 2, 0), new ResetCell(other.cell(), 2, 1), Merge.NONE);
        Unrolled run =
                (each.way().reversed ? both.reversed() : both).over(graph, flagged(each, begins, ends), each.lengths());
        assertSameRun(each, one, begins, run.forward());
        assertSameRun(each, other, ends, run.backward());
    }

    private static void assertSameRun(RaggedCase each, RaggedCase.Part part, Tensor resets, Unrolled run) {
        Unrolled expected = unroll(new ResetCell(part.cell()), part.reversed())
                .over(Graph.inference(), flagged(each, resets), each.lengths());
        assertSame(each + " " + part, expected.outputs().value(), run.outputs().value());
        Bits.assertSameAll(
                each + " " + part,
                expected.finalState().values(),
                run.finalState().values());
    }
}
