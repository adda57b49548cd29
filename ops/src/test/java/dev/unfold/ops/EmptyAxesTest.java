package dev.unfold.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Sequences without steps, rows or features. */
class EmptyAxesTest {
    private final Graph graph = new Graph();

    /** Differentiates the sum of what an operation makes of a tensor without elements. */
    private void assertTakesNothing(Shape shape, UnaryOperator<Node> op, Shape expected) {
        for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
            graph.reset();
            Node a = graph.variable(Tensor.zeros(dtype, shape));
            Node y = op.apply(a);
            assertThat(y.shape()).isEqualTo(expected);
            graph.backward(Ops.sum(y));
            assertThat(a.gradient().shape()).isEqualTo(shape);
        }
    }

    private Node zeros(Node like, int... dims) {
        return graph.variable(Tensor.zeros(like.dtype(), dims));
    }

    /** No steps, no rows, no features. */
    static List<Shape> empty() {
        return List.of(Shape.of(0, 2, 3), Shape.of(5, 0, 3), Shape.of(5, 2, 0));
    }

    @ParameterizedTest
    @MethodSource("empty")
    void empty_axes_are_no_error(Shape s) {
        for (UnaryOperator<Node> op : List.<UnaryOperator<Node>>of(
                Ops::tanh,
                Ops::relu,
                Ops::softmax,
                Ops::logSoftmax,
                Ops::layerNorm,
                a -> a.plus(a),
                a -> a.times(zeros(a, a.shape().dims())),
                a -> Ops.divide(zeros(a, a.shape().dims()), a))) {
            assertTakesNothing(s, op, s);
        }
        int t = s.dim(0);
        int n = s.dim(1);
        int d = s.dim(2);
        assertTakesNothing(s, a -> Ops.matmul(a, zeros(a, d, 4)), Shape.of(t, n, 4));
        assertTakesNothing(s, a -> Ops.affine(a, zeros(a, d, 4), zeros(a, 4)), Shape.of(t, n, 4));
        assertTakesNothing(s, a -> Ops.addmm(zeros(a, t, n, 4), a, zeros(a, d, 4)), Shape.of(t, n, 4));
        assertTakesNothing(s, a -> Ops.swapAxes(a, 0, 1), Shape.of(n, t, d));
        assertTakesNothing(s, a -> Ops.swapAxes(a, 0, 2), Shape.of(d, n, t));
        assertTakesNothing(s, a -> Ops.swapAxes(a, 1, 2), Shape.of(t, d, n));
        assertTakesNothing(s, a -> Ops.concat(1, a, a, a), Shape.of(t, 3 * n, d));
        assertTakesNothing(s, a -> Ops.slice(a, 2, 0, 0), Shape.of(t, n, 0));
        assertTakesNothing(s, a -> Ops.reshape(a, 0, 7), Shape.of(0, 7));
        for (int axis = 0; axis < 3; axis++) {
            int along = axis;
            assertTakesNothing(s, a -> Ops.sum(a, along), s.without(axis));
            if (s.dim(axis) > 0) {
                assertTakesNothing(s, a -> Ops.mean(a, along), s.without(axis));
                assertTakesNothing(s, a -> Ops.max(a, along), s.without(axis));
                assertTakesNothing(s, a -> Ops.logSumExp(a, along), s.without(axis));
                assertTakesNothing(s, a -> Ops.at(a, along, 0), s.without(axis));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void products_over_nothing_are_0_and_their_gradients_too(DType dtype) {
        Node b = graph.variable(Tensor.zeros(dtype, 0, 4));
        assertThat(Ops.matmul(graph.input(Tensor.zeros(dtype, 2, 0)), b).value().toDoubles())
                .hasSize(8)
                .containsOnly(0);
        Node sum = graph.input(Tensor.zeros(dtype, 2, 4).fill(3));
        assertThat(Ops.addmm(sum, graph.input(Tensor.zeros(dtype, 2, 0)), b)
                        .value()
                        .sameBits(sum.value()))
                .isTrue();
        Node a = graph.variable(Tensor.zeros(dtype, 0, 3));
        Node w = graph.variable(Tensor.zeros(dtype, 3, 4).fill(1));
        Node v = graph.variable(Tensor.zeros(dtype, 3, 0));
        graph.backward(List.of(
                Ops.sum(Ops.matmul(a, w)), Ops.sum(Ops.matmulTransposedA(w, v)), Ops.sum(Ops.matmulTransposedB(a, a))));
        assertThat(w.gradient().toDoubles()).containsOnly(0);
        assertThat(a.gradient().size()).isZero();
    }
}
