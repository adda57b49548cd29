package dev.unfold.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Saturation, infinities and NaN. */
class OpsEdgesTest {
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double NAN = Double.NaN;

    private final Graph graph = new Graph();

    private Node vector(DType dtype, double... values) {
        return graph.variable(Tensor.of(values, values.length).to(dtype));
    }

    private void assertMaps(DType dtype, UnaryOperator<Node> op, double[] from, double... to) {
        assertThat(op.apply(vector(dtype, from)).value().toDoubles()).containsExactly(to);
    }

    private static double[] x(double... values) {
        return values;
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void functions_know_their_limits_and_pass_nan_on(DType dtype) {
        assertMaps(dtype, Ops::sigmoid, x(-1e4, 1e4, -INF, INF, NAN), 0, 1, 0, 1, NAN);
        assertMaps(dtype, Ops::tanh, x(-1e4, 1e4, -INF, INF, NAN, 0), -1, 1, -1, 1, NAN, 0);
        assertMaps(dtype, Ops::exp, x(-1e4, 1e4, -INF, INF, NAN, 0), 0, INF, 0, INF, NAN, 1);
        assertMaps(dtype, Ops::log, x(0, INF, -1, NAN, 1), -INF, INF, NAN, NAN, 0);
        assertMaps(dtype, Ops::sqrt, x(0, INF, -1, NAN, 4), 0, INF, NAN, NAN, 2);
        assertMaps(dtype, Ops::softplus, x(-1e4, 1e4, -INF, INF, NAN), 0, 1e4, 0, INF, NAN);
        assertMaps(dtype, a -> Ops.elu(a, 2), x(-1e4, 1e4, -INF, INF, NAN), -2, 1e4, -2, INF, NAN);
        assertMaps(dtype, Ops::gelu, x(-1e4, 1e4, INF, NAN), 0, 1e4, INF, NAN);
        assertMaps(dtype, a -> Ops.clip(a, -1, 1), x(-INF, INF, NAN), -1, 1, NAN);
        assertMaps(dtype, a -> Ops.leakyRelu(a, 0.5), x(-INF, INF, NAN), -INF, INF, NAN);
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void relu_and_gelu_are_0_at_minus_infinity(DType dtype) {
        assertMaps(dtype, Ops::relu, x(-INF, INF, NAN, -3), 0, INF, NAN, 0);
        assertThat(Ops.gelu(vector(dtype, -INF)).value().getFlat(0)).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void saturated_functions_have_a_gradient_of_0(DType dtype) {
        for (UnaryOperator<Node> op : List.<UnaryOperator<Node>>of(Ops::sigmoid, Ops::tanh)) {
            graph.reset();
            Node a = vector(dtype, -200, 200, -INF, INF);
            graph.backward(Ops.sum(op.apply(a)));
            for (double each : a.gradient().toDoubles()) {
                assertThat(each).isBetween(0.0, 1e-80);
            }
        }
        graph.reset();
        Node a = vector(dtype, -200, 200, -INF, INF);
        graph.backward(List.of(Ops.sum(Ops.softplus(a)), Ops.sum(Ops.gelu(a))));
        assertThat(a.gradient().getFlat(1)).isEqualTo(2);
        assertThat(a.gradient().getFlat(3)).isEqualTo(2);
        assertThat(a.gradient().getFlat(2)).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void softmax_takes_huge_and_infinitely_small_logits(DType dtype) {
        assertMaps(dtype, Ops::softmax, x(1e30, -1e30, 1e30), 0.5, 0, 0.5);
        assertMaps(dtype, Ops::softmax, x(-INF, 3, -INF), 0, 1, 0);
        assertMaps(dtype, Ops::softmax, x(-1e30, -1e30), 0.5, 0.5);
        assertMaps(dtype, Ops::logSoftmax, x(0x1p100, -0x1p100), 0, -0x1p101);
        assertMaps(dtype, Ops::logSoftmax, x(-INF, 3), -INF, 0);
        assertMaps(dtype, Ops::softmax, x(NAN, 1), NAN, NAN);
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void log_sum_exp_neither_overflows_nor_makes_nan_of_infinities(DType dtype) {
        UnaryOperator<Node> op = a -> Ops.logSumExp(a, 0);
        assertMaps(dtype, op, x(-INF, -INF), -INF);
        assertMaps(dtype, op, x(INF, 1), INF);
        assertMaps(dtype, op, x(-INF, 2), 2);
        assertMaps(dtype, op, x(NAN, 2), NAN);
        assertThat(op.apply(vector(dtype, 1000, 1000)).item()).isCloseTo(1000 + Math.log(2), within(1e-4));
        Node a = vector(dtype, -INF, 2);
        graph.backward(op.apply(a));
        assertThat(a.gradient().toDoubles()).containsExactly(0, 1);
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void max_of_nan_is_nan(DType dtype) {
        assertMaps(dtype, a -> Ops.max(a, 0), x(1, NAN, 3), NAN);
        assertMaps(dtype, a -> Ops.max(a, 0), x(-INF, -INF), -INF);
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void layer_norm_of_a_constant_row_is_0(DType dtype) {
        Node a = vector(dtype, 3, 3, 3);
        Node y = Ops.layerNorm(a);
        assertThat(y.value().toDoubles()).containsExactly(0, 0, 0);
        graph.backward(Ops.sum(Ops.square(y)));
        assertThat(a.gradient().toDoubles()).containsExactly(0, 0, 0);
    }
}
