package dev.unfold.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class GatherOrZeroTest {
    private final Graph graph = new Graph();
    private final Parameter table = new Parameter("table", Tensor.of(new double[] {0, 1, 10, 11, 20, 21}, 3, 2));

    private Node indices(int[] numbers, int... dims) {
        return graph.input(Tensor.of(numbers, dims));
    }

    @Test
    void should_give_zeros_for_minus_one_and_pass_no_gradient_back() {
        Node rows = Ops.gatherOrZero(table, indices(new int[] {2, -1, -1, 2, 1, -1}, 2, 3));
        assertThat(rows.shape()).isEqualTo(Shape.of(2, 3, 2));
        assertThat(rows.value().toDoubles()).containsExactly(20, 21, 0, 0, 0, 0, 20, 21, 10, 11, 0, 0);
        Tensor seed = Tensor.of(new double[] {1, 2, 9, 9, 9, 9, 10, 20, 3, 4, 9, 9}, 2, 3, 2);
        graph.backward(List.of(rows), List.of(seed));
        assertThat(table.gradient().toDoubles()).containsExactly(0, 0, 3, 4, 11, 22);
    }

    @Test
    void should_overwrite_what_was_there_before() {
        for (int batch = 0; batch < 2; batch++) {
            graph.reset();
            Node rows = Ops.gatherOrZero(table, indices(batch == 0 ? new int[] {1, 2} : new int[] {-1, -1}, 2));
            assertThat(rows.value().toDoubles())
                    .containsExactly(batch == 0 ? new double[] {10, 11, 20, 21} : new double[4]);
        }
    }

    @Test
    void should_take_a_single_index_and_none() {
        assertThat(Ops.gatherOrZero(table, indices(new int[] {1})).value().toDoubles())
                .containsExactly(10, 11);
        assertThat(Ops.gatherOrZero(table, indices(new int[] {-1})).value().toDoubles())
                .containsExactly(0, 0);
        Node none = Ops.gatherOrZero(table, graph.input(Tensor.zeros(DType.INT32, 0, 3)));
        assertThat(none.shape()).isEqualTo(Shape.of(0, 3, 2));
        graph.backward(Ops.sum(none));
        assertThat(table.gradient().toDoubles()).containsOnly(0);
    }

    @Test
    void should_give_zeros_of_an_empty_table() {
        Parameter empty = new Parameter("empty", Tensor.zeros(DType.FLOAT32, 0, 2));
        Node rows = Ops.gatherOrZero(empty, indices(new int[] {-1, -1}, 2));
        assertThat(rows.value().toDoubles()).containsExactly(0, 0, 0, 0);
        graph.backward(Ops.sum(rows));
        assertThat(empty.gradient().size()).isZero();
        graph.reset();
        Node zero = indices(new int[] {-1, 0}, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ops.gatherOrZero(empty, zero))
                .withMessageContaining("gatherOrZero: index 0 at position 1; expected -1 for none");
    }

    @Test
    void should_leave_nan_in_rows_that_are_not_taken() {
        table.value().set(Double.NaN, 1, 0);
        Node rows = Ops.gatherOrZero(table, indices(new int[] {0, -1, 2}, 3));
        assertThat(rows.value().firstNonFinite()).isEqualTo(-1);
    }

    @Test
    void should_refuse_an_index_outside_the_table() {
        for (int bad : new int[] {3, -2, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            Node indices = indices(new int[] {0, bad}, 2);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Ops.gatherOrZero(table, indices))
                    .withMessage("gatherOrZero: index " + bad
                            + " at position 1; expected -1 for none, or the number of one of the" + " table's 3 rows");
        }
    }
}
