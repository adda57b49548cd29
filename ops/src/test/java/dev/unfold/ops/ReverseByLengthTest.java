package dev.unfold.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import org.junit.jupiter.api.Test;

class ReverseByLengthTest {
    private final Graph graph = new Graph();
    private final Node x = graph.input(Tensor.of(new double[] {1, 10, 2, 20, 3, Double.NaN}, 3, 2, 1));

    @Test
    void should_reverse_each_row_within_its_length_and_leave_padding_where_it_is() {
        Node lengths = graph.input(Tensor.of(new int[] {3, 2}, 2));
        Node y = Ops.reverseByLength(x, lengths);
        assertThat(y.value().toDoubles()).containsExactly(3, 20, 2, 10, 1, Double.NaN);
        assertThat(Ops.reverseByLength(y, lengths).value().sameBits(x.value())).isTrue();
    }

    @Test
    void should_refuse_lengths_that_do_not_fit() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ops.reverseByLength(x, graph.input(Tensor.of(new int[] {3, 4}, 2))))
                .withMessage("reverseByLength: length 4 of row 1 is outside 0..3, the number of steps");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ops.reverseByLength(
                        graph.input(Tensor.zeros(DType.FLOAT64, 0, 1, 2)), graph.input(Tensor.of(new int[] {1}, 1))))
                .withMessage("reverseByLength: length 1 of row 0 is outside 0..0, the number of steps");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ops.reverseByLength(x, graph.input(Tensor.of(new int[] {3}, 1))))
                .withMessage(
                        "reverseByLength: x is [3, 2, 1] and the lengths are [1]; expected one length for each row, [2]");
    }
}
