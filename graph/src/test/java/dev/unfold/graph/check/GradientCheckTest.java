package dev.unfold.graph.check;

import static dev.unfold.graph.TinyOps.ABS;
import static dev.unfold.graph.TinyOps.SQUARE;
import static dev.unfold.graph.TinyOps.TIMES;
import static dev.unfold.graph.TinyOps.TOTAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Op;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class GradientCheckTest {
    private final Parameter a = new Parameter("a", Tensor.of(new double[] {0.5, -1.5, 2, 0.1, -0.3, 1}, 2, 3));
    private final Parameter b = new Parameter("b", Tensor.of(new double[] {1, 2, -1, 0.7, 0.2, -2}, 2, 3));
    private final GradientCheck check = new GradientCheck();

    /** The sum of a^2 b. */
    private Node right(Graph graph) {
        return graph.record(TOTAL, graph.record(TIMES, graph.record(SQUARE, a), b));
    }

    /** Copies, and adds to the gradient of one element what a test says. */
    private record Wrong(int position, double extra) implements Op {
        @Override
        public String name() {
            return "wrong";
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
            Tensor gradient = pass.inputGradient();
            for (int i = 0; i < gradient.size(); i++) {
                double own = i == position ? extra : 0;
                gradient.setFlat(i, gradient.getFlat(i) + pass.outputGradient().getFlat(i) + own);
            }
        }
    }

    private Function<Graph, Node> wrong(int position, double extra) {
        return graph -> graph.record(
                TOTAL, graph.record(TIMES, graph.record(new Wrong(position, extra), a), graph.record(SQUARE, b)));
    }

    private void assertFails(Function<Graph, Node> function, String start) {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> check.check(List.of(a, b), function))
                .withMessageStartingWith(start);
    }

    private void assertRefuses(List<Parameter> parameters, Function<Graph, Node> function, String start) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> check.check(parameters, function))
                .withMessageStartingWith(start);
    }

    @Test
    void should_pass_a_right_gradient() {
        GradientReport report = check.check(List.of(a, b), this::right);
        assertThat(report.passed()).isTrue();
        assertThat(report.warnings()).isEmpty();
        assertThat(report.elements()).hasSize(12);
        assertThat(report.worst().error()).isLessThan(1e-6);
        GradientReport.Element element = report.elements().get(4);
        assertThat(element.place()).isEqualTo("a[1, 1]");
        assertThat(element.gradient()).isEqualTo(2 * -0.3 * 0.2);
        assertThat(element.toString()).startsWith("a[1, 1]: gradient -0.1200000000, numeric -0.12");
        assertThat(report.toString()).startsWith("gradient check passed over 12 elements; worst at ");
    }

    @Test
    void should_fail_a_wrong_gradient_and_name_parameter_and_index() {
        assertFails(wrong(5, 1e-3), "gradient check failed at a[1, 2]: gradient 4.001000000, numeric 4.000000000");
        assertFails(wrong(0, -1), "gradient check failed at a[0, 0]: gradient 0");
    }

    @Test
    void should_pass_an_error_below_the_tolerance() {
        assertThat(check.report(List.of(a, b), wrong(5, 1e-7)).passed()).isTrue();
    }

    @Test
    void should_fail_a_gradient_that_is_not_finite() {
        assertFails(wrong(3, Double.NaN), "gradient check failed at a[1, 0]: gradient NaN");
        assertFails(wrong(2, Double.POSITIVE_INFINITY), "gradient check failed at a[0, 2]: gradient Infinity");
    }

    @Test
    void should_fail_where_every_gradient_is_zero() {
        a.value().fill(0);
        b.value().fill(0);
        assertFails(this::right, "gradient check is vacuous: all 12 gradients are zero");
    }

    @Test
    void should_refuse_what_it_cannot_check() {
        Parameter single = new Parameter("s", a.value().to(DType.FLOAT32));
        Parameter empty = new Parameter("empty", Tensor.zeros(DType.FLOAT64, 0));
        assertRefuses(List.of(), this::right, "gradient check: no parameters given");
        assertRefuses(List.of(empty), this::right, "gradient check: no parameters given");
        assertRefuses(List.of(a, single), this::right, "gradient check: parameter 's' float32 [2, 3] is not float64;");
        AtomicInteger calls = new AtomicInteger();
        assertRefuses(
                List.of(a),
                graph -> graph.record(TOTAL, graph.input(Tensor.of(new double[] {calls.incrementAndGet()}, 1))),
                "gradient check: two runs gave 1.0 and 2.0: not a function of its parameters;");
    }

    @Test
    void should_refuse_settings_that_are_not_positive() {
        for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatIllegalArgumentException().isThrownBy(() -> new GradientCheck(bad, 1e-6, 1e-3));
            assertThatIllegalArgumentException().isThrownBy(() -> new GradientCheck(1e-5, bad, 1e-3));
            assertThatIllegalArgumentException().isThrownBy(() -> new GradientCheck(1e-5, 1e-6, bad));
        }
    }

    @Test
    void should_warn_at_a_kink() {
        a.value().set(2e-6, 0, 1);
        GradientReport report = check.report(List.of(a), graph -> graph.record(TOTAL, graph.record(ABS, a)));
        assertThat(report.warnings())
                .singleElement()
                .asString()
                .startsWith("a[0, 1]: the slopes to either side disagree, -0.6");
        assertThat(report.toString()).contains("; warnings: a[0, 1]");
    }

    @Test
    void should_tell_a_kink_from_a_wrong_gradient_by_a_finer_step() {
        a.value().set(2e-6, 0, 1);
        assertThat(check.report(List.of(a), graph -> graph.record(TOTAL, graph.record(ABS, a)))
                        .passed())
                .isFalse();
        assertThat(check.finer()
                        .check(List.of(a), graph -> graph.record(TOTAL, graph.record(ABS, a)))
                        .warnings())
                .isEmpty();
        assertThat(check.finer().report(List.of(a, b), wrong(5, 1e-3)).passed()).isFalse();
    }

    @Test
    void should_leave_values_and_gradients_as_they_were() {
        Tensor value = a.value().copy();
        a.gradient().fill(7);
        check.check(List.of(a, b), this::right);
        assertThat(a.value().sameBits(value)).isTrue();
        assertThat(a.gradient().toDoubles()).containsOnly(7);
        assertThat(b.gradient().toDoubles()).containsOnly(0);
    }

    @Test
    void should_leave_gradients_as_they_were_where_backward_throws() {
        a.gradient().fill(7);
        assertRefuses(List.of(a), graph -> graph.record(TOTAL, graph.input(b.value())), "backward: root total #1 []");
        assertThat(a.gradient().toDoubles()).containsOnly(7);
    }

    @Test
    void should_warn_of_a_parameter_that_the_loss_never_touches() {
        Parameter idle = new Parameter("idle", Tensor.of(new double[] {1, 2}, 2));
        assertThat(check.check(List.of(a, b, idle), this::right).warnings())
                .containsExactly("idle: its gradient is all zero, so nothing of it was checked");
    }
}
