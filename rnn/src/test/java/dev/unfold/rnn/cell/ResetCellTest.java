package dev.unfold.rnn.cell;

import static dev.unfold.ops.Ops.concat;
import static dev.unfold.ops.Ops.sum;
import static dev.unfold.rnn.Weighted.linspace;
import static dev.unfold.rnn.Weighted.parameter;
import static dev.unfold.rnn.Weighted.weightedSum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.graph.check.GradientCheck;
import dev.unfold.graph.check.GradientReport;
import dev.unfold.rnn.init.Initializers;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Merge;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.unroll.Unrolled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResetCellTest {
    private static final Lengths RAGGED = Lengths.of(4, 2, 0);
    /** Row 0 begins anew at step 2, row 1 at its first, row 2 would where it does not count. */
    private static final double[] FLAGS = {0, 1, 0, 0, 0, 0, -2, 0, 1, 0, 0, 0};

    private final NumpyRandom random = new NumpyRandom(31);
    private final Parameters parameters = new Parameters("model", DType.FLOAT64, random);
    private final Tensor features = Tensor.of(random.randn(4 * 3 * 2), 4, 3, 2);
    private final Tensor flags = Tensor.of(FLAGS, 4, 3, 1);

    private Cell lstm(String path, int inputSize, int hiddenSize) {
        return new LstmCell(parameters.below(path), inputSize, hiddenSize);
    }

    /** A learned start below two layers, all of whose parameters are drawn at random. */
    private Cell learned(String path) {
        Parameters own = parameters.below(path);
        Cell cell = new LearnedStartCell(
                own.below("started"), StackedCell.of(2, i -> new LstmCell(own.below("layer" + i), i == 0 ? 2 : 3, 3)));
        cell.parameters().forEach(each -> Initializers.uniform(-0.5, 0.5).fill(each.value(), random));
        return cell;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void gradients_should_pass_the_check_and_reach_a_learned_start(boolean bothWays) {
        Unroll unroll = bothWays
                ? Unroll.bidirectional(
                        new ResetCell(learned("there"), 2, 0), new ResetCell(learned("back"), 2, 1), Merge.CONCAT)
                : Unroll.dynamic(new ResetCell(learned("there")));
        Parameter x = new Parameter("x", features);
        List<Parameter> all = new ArrayList<>(unroll.parameters());
        all.add(x);
        GradientReport report = new GradientCheck().check(all, graph -> {
            Node flag = graph.input(flags);
            Node inputs = concat(2, bothWays ? new Node[] {graph.use(x), flag, flag} : new Node[] {graph.use(x), flag});
            Unrolled run = unroll.over(inputs, RAGGED);
            Node loss = weightedSum(run.outputs(), linspace(-1, 2, 4, 3, unroll.outputSize()));
            for (String name : run.finalNodes().names()) {
                loss = loss.plus(sum(run.finalNodes().get(name)));
            }
            return loss;
        });
        assertThat(report.warnings()).noneMatch(warning -> warning.contains("slopes"));
        for (Parameter parameter : all) {
            assertThat(report.elements())
                    .as("gradient by %s", parameter)
                    .anyMatch(element -> element.parameter().equals(parameter.name()) && element.gradient() != 0);
        }
    }

    @Test
    void a_learned_start_should_be_learned_from_the_rows_that_begin_with_it() {
        Cell inner = new LearnedStartCell(parameters.below("started"), new IntegratorCell());
        Graph graph = new Graph();
        Node inputs = concat(2, graph.input(features), graph.input(flags));
        DetachedState given = DetachedState.of("h", linspace(0, 1, 3, 2));
        Unrolled run = Unroll.dynamic(new ResetCell(inner)).from(given).over(inputs, RAGGED);
        // Row 0 has begun anew at step 2, row 1 at step 0, row 2 never.
        graph.backward(weightedSum(run.finalNodes().get("h"), Tensor.of(new double[] {2, 3, 5, 7, 11, 13}, 3, 2)));
        assertThat(parameter(inner, "start.h").gradient().toDoubles()).containsExactly(7, 10);
    }

    /** Adds up what it takes in. */
    private static final class IntegratorCell implements Cell {
        @Override
        public int inputSize() {
            return 2;
        }

        @Override
        public int outputSize() {
            return 2;
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

    @Test
    void flags_of_0_should_change_nothing() {
        Cell inner = learned("there");
        Graph graph = new Graph();
        Node x = graph.variable(features);
        Node inputs = concat(2, x, graph.input(Tensor.zeros(DType.FLOAT64, 4, 3, 1)));
        Node outputs = Unroll.dynamic(new ResetCell(inner)).over(inputs, RAGGED).outputs();
        Node alone = graph.variable(features);
        Node expected = Unroll.dynamic(inner).over(alone, RAGGED).outputs();
        graph.backward(sum(outputs).plus(sum(expected)));
        assertThat(outputs.value().sameBits(expected.value())).isTrue();
        assertThat(x.gradient().toDoubles()).containsExactly(alone.gradient().toDoubles(), within(1e-15));
    }

    @Test
    void nan_in_a_dropped_state_should_go_nowhere() {
        Cell cell = new ResetCell(lstm("there", 2, 3));
        Tensor begins = Tensor.zeros(DType.FLOAT64, 4, 3, 1);
        begins.at(0).fill(1);
        Tensor expected = null;
        for (double value : new double[] {0, Double.NaN, Double.POSITIVE_INFINITY}) {
            Graph graph = new Graph();
            Node h = graph.variable(Tensor.zeros(DType.FLOAT64, 3, 3).fill(value));
            Node c = graph.variable(Tensor.zeros(DType.FLOAT64, 3, 3).fill(value));
            Node inputs = concat(2, graph.input(features), graph.input(begins));
            Unrolled run = Unroll.dynamic(cell).from(State.of("h", h, "c", c)).over(inputs);
            cell.parameters().forEach(Parameter::zeroGradient);
            Node outputs = run.outputs();
            graph.backward(sum(outputs).plus(sum(run.finalNodes().get("c"))));
            Tensor gradient = parameter(cell, "u").gradient().copy();
            expected = expected == null ? gradient : expected;
            assertThat(outputs.value().firstNonFinite()).isEqualTo(-1);
            assertThat(gradient.sameBits(expected)).isTrue();
            assertThat(h.gradient().toDoubles()).containsOnly(0);
            assertThat(c.gradient().toDoubles()).containsOnly(0);
        }
    }

    @Test
    void a_document_of_nan_should_not_reach_the_next() {
        Cell inner = lstm("there", 2, 3);
        Tensor poisoned = features.copy();
        poisoned.at(0).at(0).fill(Double.NaN);
        Graph graph = Graph.inference();
        Node inputs = concat(2, graph.input(poisoned), graph.input(flags));
        Unrolled run = Unroll.dynamic(new ResetCell(inner)).over(inputs);
        assertThat(run.output(1).value().at(0).firstNonFinite()).isZero();
        assertThat(run.output(2).value().firstNonFinite()).isEqualTo(-1);
        assertThat(run.last().value().firstNonFinite()).isEqualTo(-1);
    }

    @Test
    void a_cell_without_a_state_should_be_taken() {
        Graph graph = Graph.inference();
        Node inputs = concat(2, graph.input(features), graph.input(flags));
        Unrolled run = Unroll.dynamic(new ResetCell(new IdentityCell(2))).over(inputs);
        assertThat(run.outputs().value().sameBits(features)).isTrue();
    }

    @Test
    void a_flag_of_nan_should_be_refused_where_it_counts() {
        Unroll unroll = Unroll.dynamic(new ResetCell(lstm("there", 2, 3)));
        Tensor x = Tensor.zeros(DType.FLOAT64, 4, 3, 3);
        x.set(Double.NaN, 3, 1, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unroll.over(Graph.inference(), x))
                .withMessage("selectNonZero: the flag at position 1 is NaN; expected 0 or another number");
        Unrolled run = unroll.over(Graph.inference(), x, RAGGED);
        assertThat(run.outputs().value().firstNonFinite()).isEqualTo(-1);
    }

    @Test
    void sizes_that_do_not_fit_should_be_refused() {
        Cell inner = lstm("there", 2, 3);
        assertThat(new ResetCell(inner).inputSize()).isEqualTo(3);
        assertThat(new ResetCell(inner, 2, 1).inputSize()).isEqualTo(4);
        assertThat(new ResetCell(inner).outputSize()).isEqualTo(3);
        for (int[] bad : new int[][] {{0, 0}, {2, 2}, {1, -1}}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new ResetCell(inner, bad[0], bad[1]))
                    .withMessage("reset of cell 'model.there': flag " + bad[1] + " of " + bad[0]
                            + "; expected at least one flag, counted from 0");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Unroll.dynamic(new ResetCell(inner)).over(Graph.inference(), features))
                .withMessageContaining("the cell takes in 3 features");
    }
}
