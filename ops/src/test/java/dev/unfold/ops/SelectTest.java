package dev.unfold.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SelectTest {
    private static final double NAN = Double.NaN;

    private final Graph graph = new Graph();

    private Node variable(DType dtype, double... values) {
        return graph.variable(Tensor.of(values, 2, 2).to(dtype));
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void nan_on_the_other_side_goes_nowhere(DType dtype) {
        Node a = variable(dtype, 1, 2, NAN, Double.POSITIVE_INFINITY);
        Node b = variable(dtype, NAN, NAN, 3, 4);
        Node y = Ops.select(graph.input(Tensor.of(new int[] {1, 0}, 2)), a, b);
        assertThat(y.value().toDoubles()).containsExactly(1, 2, 3, 4);
        graph.backward(Ops.sum(Ops.square(y)));
        assertThat(a.gradient()
                        .sameBits(Tensor.of(new double[] {2, 4, 0, 0}, 2, 2).to(dtype)))
                .isTrue();
        assertThat(b.gradient()
                        .sameBits(Tensor.of(new double[] {0, 0, 6, 8}, 2, 2).to(dtype)))
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void a_gradient_of_nan_stays_on_the_side_it_belongs_to(DType dtype) {
        Node a = variable(dtype, 1, 2, 3, 4);
        Node b = variable(dtype, 5, 6, 7, 8);
        Node y = Ops.select(graph.input(Tensor.of(new int[] {1, 0}, 2)), a, b);
        Tensor seed = Tensor.of(new double[] {1, 1, NAN, NAN}, 2, 2).to(dtype);
        graph.backward(List.of(y), List.of(seed));
        assertThat(a.gradient().toDoubles()).containsExactly(1, 1, 0, 0);
        assertThat(b.gradient().toDoubles()).containsExactly(0, 0, NAN, NAN);
    }

    @Test
    void any_number_but_0_takes_the_first_side() {
        Node a = variable(DType.FLOAT64, 1, 2, 3, 4);
        Node b = variable(DType.FLOAT64, 5, 6, 7, 8);
        Node mask = graph.input(Tensor.of(new int[] {-1, 0, 7, Integer.MIN_VALUE}, 2, 2));
        assertThat(Ops.select(mask, a, b).value().toDoubles()).containsExactly(1, 6, 3, 4);
        assertThat(Ops.select(graph.input(Tensor.of(new int[] {0})), a, b)
                        .value()
                        .toDoubles())
                .containsExactly(5, 6, 7, 8);
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void any_flag_but_0_should_take_the_first_side_and_get_no_gradient(DType dtype) {
        double infinity = Double.POSITIVE_INFINITY;
        Node flags = variable(dtype, -0.0, infinity, 1e-30, 0);
        Node a = variable(dtype, NAN, 2, 3, NAN);
        Node b = variable(dtype, 5, NAN, NAN, 8);
        Node y = Ops.selectNonZero(flags, a, b);
        assertThat(y.value().toDoubles()).containsExactly(5, 2, 3, 8);
        graph.backward(
                List.of(y),
                List.of(Tensor.of(new double[] {7, infinity, 9, NAN}, 2, 2).to(dtype)));
        assertThat(a.gradient().toDoubles()).containsExactly(0, infinity, 9, 0);
        assertThat(b.gradient().toDoubles()).containsExactly(7, 0, 0, NAN);
        assertThat(flags.gradient().toDoubles()).containsOnly(0);
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void a_flag_of_nan_should_be_refused(DType dtype) {
        Node a = variable(dtype, 1, 2, 3, 4);
        Node flags = graph.input(Tensor.of(new double[] {0, NAN}, 2).to(dtype));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ops.selectNonZero(flags, a, a))
                .withMessage("selectNonZero: the flag at position 1 is NaN; expected 0 or another number");
    }

    @Test
    void should_take_no_rows_and_no_columns() {
        for (Shape shape : new Shape[] {Shape.of(0, 3), Shape.of(3, 0)}) {
            Node a = graph.input(Tensor.zeros(DType.FLOAT32, shape));
            Node mask = graph.input(Tensor.zeros(DType.INT32, shape.dim(0)));
            assertThat(Ops.select(mask, a, a).shape()).isEqualTo(shape);
            Node flags = graph.input(Tensor.zeros(DType.FLOAT32, shape.dim(0)));
            assertThat(Ops.selectNonZero(flags, a, a).shape()).isEqualTo(shape);
        }
    }
}
