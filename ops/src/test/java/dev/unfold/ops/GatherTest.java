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

class GatherTest {
    private final Graph graph = new Graph();
    private final Parameter table = new Parameter("table", Tensor.of(new double[] {0, 1, 10, 11, 20, 21}, 3, 2));

    @Test
    void should_add_up_the_gradients_of_repeated_indices() {
        Node rows = Ops.gather(table, graph.input(Tensor.of(new int[] {2, 0, 2, 2}, 2, 2)));
        assertThat(rows.shape()).isEqualTo(Shape.of(2, 2, 2));
        assertThat(rows.value().toDoubles()).containsExactly(20, 21, 0, 1, 20, 21, 20, 21);
        Tensor seed = Tensor.of(new double[] {1, 2, 3, 4, 10, 20, 100, 200}, 2, 2, 2);
        graph.backward(List.of(rows), List.of(seed));
        assertThat(table.gradient().toDoubles()).containsExactly(3, 4, 0, 0, 111, 222);
    }

    @Test
    void should_take_a_single_index_and_none() {
        assertThat(Ops.gather(table, graph.input(Tensor.of(new int[] {1})))
                        .value()
                        .toDoubles())
                .containsExactly(10, 11);
        Node none = Ops.gather(table, graph.input(Tensor.zeros(DType.INT32, 0, 3)));
        assertThat(none.shape()).isEqualTo(Shape.of(0, 3, 2));
        graph.backward(Ops.sum(none));
        assertThat(table.gradient().toDoubles()).containsOnly(0);
    }

    @Test
    void should_leave_nan_in_rows_that_are_not_taken() {
        table.value().set(Double.NaN, 1, 0);
        Node rows = Ops.gather(table, graph.input(Tensor.of(new int[] {0, 2}, 2)));
        assertThat(rows.value().firstNonFinite()).isEqualTo(-1);
    }

    @Test
    void should_refuse_an_index_outside_the_table() {
        for (int bad : new int[] {3, -1}) {
            Node indices = graph.input(Tensor.of(new int[] {0, bad}, 2));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Ops.gather(table, indices))
                    .withMessage("gather: index " + bad + " at position 1 is outside 0..2");
        }
    }
}
