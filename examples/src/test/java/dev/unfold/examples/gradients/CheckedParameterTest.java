package dev.unfold.examples.gradients;

import static dev.unfold.ops.Ops.square;
import static dev.unfold.ops.Ops.sum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.unfold.examples.gradients.CheckedParameter.Verdict;
import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Op;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.graph.check.GradientCheck;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Unroll;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class CheckedParameterTest {
    private final Parameter a = new Parameter("a", Tensor.of(new double[] {0.5, -1, 2, 3}, 2, 2));
    private final Parameter b = new Parameter("b", Tensor.of(new double[] {1, 2}, 2));

    /** y = x; dx = dy times a factor, which should be 1. */
    private record Scaling(double factor) implements Op {
        @Override
        public String name() {
            return "scaling";
        }

        @Override
        public Shape shape(Shape[] inputs) {
            return inputs[0];
        }

        @Override
        public Reads backwardReads(int input) {
            return Reads.NOTHING;
        }

        @Override
        public void forward(Pass pass) {
            pass.output().copyFrom(pass.input(0));
        }

        @Override
        public void backward(Pass pass, int input) {
            Tensor dx = pass.inputGradient();
            for (int i = 0; i < dx.size(); i++) {
                dx.setFlat(i, dx.getFlat(i) + factor * pass.outputGradient().getFlat(i));
            }
        }
    }

    private List<CheckedParameter> check(Function<Graph, Node> loss) {
        return CheckedParameter.of(new GradientCheck(), List.of(a, b), loss);
    }

    private List<CheckedParameter> withBackward(double factor) {
        return check(graph ->
                sum(square(graph.record(new Scaling(factor), graph.use(a)))).plus(sum(square(graph.use(b)))));
    }

    @Test
    void right_gradients_should_pass() {
        List<CheckedParameter> checked = withBackward(1);
        assertThat(checked).extracting(CheckedParameter::verdict).containsExactly(Verdict.OK, Verdict.OK);
        assertThat(checked.get(0).difference()).isLessThan(1e-8);
        assertThatCode(() -> CheckCommand.require(checked)).doesNotThrowAnyException();
    }

    @Test
    void a_wrong_gradient_should_fail_and_be_named() {
        List<CheckedParameter> checked = withBackward(1.0001);
        assertThat(checked).extracting(CheckedParameter::verdict).containsExactly(Verdict.WRONG, Verdict.OK);
        assertThat(checked.get(0).difference()).isBetween(5.9e-4, 6.1e-4);
        assertThat(checked.get(0).where()).matches("\\[[01], [01]]");
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> CheckCommand.require(checked))
                .withMessage("the gradient check fails: a (wrong)");
    }

    /** A check that asks whether the error is above a threshold passes these: a comparison with NaN is false. */
    @Test
    void a_gradient_of_nan_should_fail() {
        List<CheckedParameter> checked = withBackward(Double.NaN);
        assertThat(checked).extracting(CheckedParameter::verdict).containsExactly(Verdict.NOT_A_NUMBER, Verdict.OK);
        assertThat(checked.get(0).figures()).containsEntry("greatest_difference", "NaN");
        assertThat(withBackward(Double.POSITIVE_INFINITY).get(0).passed()).isFalse();
    }

    @Test
    void a_gradient_of_zero_should_be_vacuous_where_it_is_right_and_wrong_where_it_is_not() {
        List<CheckedParameter> checked =
                check(graph -> sum(square(graph.use(a))).plus(sum(graph.use(b)).times(0)));
        assertThat(checked).extracting(CheckedParameter::verdict).containsExactly(Verdict.OK, Verdict.VACUOUS);
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> CheckCommand.require(checked))
                .withMessageStartingWith("the gradient check fails: b (vacuous: all zero); ");
        assertThat(withBackward(0).get(0).verdict()).isEqualTo(Verdict.WRONG);
    }

    /** (100 w)^3 at 0.001 bends so much that only a finer step comes close enough. */
    @Test
    void a_loss_that_bends_much_should_be_looked_at_by_a_finer_step() {
        Parameter w = new Parameter("w", Tensor.of(new double[] {1e-3}, 1));
        Function<Graph, Node> cubed = graph -> {
            Node x = graph.use(w).times(100);
            return sum(square(x).times(x));
        };
        assertThat(new GradientCheck().report(List.of(w), cubed).passed()).isFalse();
        assertThat(CheckedParameter.of(new GradientCheck(), List.of(w), cubed)).allMatch(CheckedParameter::passed);
    }

    /** Clipping before the check, as a course does, compares what is not the gradient. */
    @Test
    void a_gradient_that_is_clipped_on_its_way_should_fail() {
        Cell cell = new VanillaCell(new Parameters("rnn", DType.FLOAT64, new NumpyRandom(1)), 3, 4);
        Tensor x = Tensor.of(new NumpyRandom(2).randn(5 * 2 * 3), 5, 2, 3);
        assertThat(verdicts(new ClippedCell(cell, 100), x)).containsOnly(Verdict.OK);
        assertThat(verdicts(new ClippedCell(cell, 0.1), x)).containsOnly(Verdict.WRONG);
    }

    private static List<Verdict> verdicts(Cell cell, Tensor x) {
        return CheckedParameter.of(
                        new GradientCheck(),
                        cell.parameters(),
                        graph -> sum(Unroll.dynamic(cell).over(graph, x).last()))
                .stream()
                .map(CheckedParameter::verdict)
                .toList();
    }
}
