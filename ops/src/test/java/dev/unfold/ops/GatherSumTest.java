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
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GatherSumTest {
    private final Graph graph = new Graph();
    private final Parameter table = new Parameter("table", Tensor.of(new double[] {0, 1, 10, 11, 20, 21}, 3, 2));

    private Node sum(int[] indices, double[] values, int... dims) {
        return Ops.gatherSum(table, graph.input(Tensor.of(indices, dims)), graph.input(Tensor.of(values, dims)));
    }

    @Test
    void should_sum_rows_and_add_up_the_gradients_of_repeated_indices() {
        Node sums = sum(new int[] {2, 0, 2, 2}, new double[] {1, 3, 0.5, 2}, 2, 2);
        assertThat(sums.shape()).isEqualTo(Shape.of(2, 2));
        assertThat(sums.value().toDoubles()).containsExactly(20, 24, 50, 52.5);
        graph.backward(List.of(sums), List.of(Tensor.of(new double[] {1, 2, 10, 20}, 2, 2)));
        assertThat(table.gradient().toDoubles()).containsExactly(3, 6, 0, 0, 26, 52);
    }

    @Test
    void should_leave_nan_in_rows_whose_value_is_zero() {
        table.value().set(Double.NaN, 1, 0);
        Node sums = sum(new int[] {1, 2, 1, 1}, new double[] {0, 1, -0.0, 0}, 2, 2);
        assertThat(sums.value().toDoubles()).containsExactly(20, 21, 0, 0);
        graph.backward(List.of(sums), List.of(Tensor.of(new double[] {1, 1, Double.NaN, 1}, 2, 2)));
        assertThat(table.gradient().toDoubles()).containsExactly(0, 0, 0, 0, 1, 1);
    }

    @Test
    void should_take_bags_without_room_and_no_bags() {
        assertThat(sum(new int[0], new double[0], 2, 0).value().toDoubles()).containsExactly(0, 0, 0, 0);
        Node none = sum(new int[0], new double[0], 0, 3);
        assertThat(none.shape()).isEqualTo(Shape.of(0, 2));
        graph.backward(Ops.sum(none));
        assertThat(table.gradient().toDoubles()).containsOnly(0);
    }

    @Test
    void should_mark_the_rows_that_are_picked() {
        graph.backward(Ops.sum(sum(new int[] {2, 2}, new double[] {1, 2}, 1, 2)));
        assertThat(table.gradientRows().count()).isEqualTo(1);
        assertThat(table.gradientRows().next(0)).isEqualTo(2);
    }

    @Test
    void should_refuse_an_index_outside_the_table_whatever_its_value() {
        for (int bad : new int[] {3, -1, Integer.MIN_VALUE}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            sum(new int[] {0, bad}, new double[] {1, 0}, 1, 2).value())
                    .withMessage("gatherSum: index " + bad + " at position 1 is outside 0..2");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT32", "FLOAT64"})
    void should_have_the_bits_of_the_same_bag_filled_up(DType dtype) {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            int symbols = 1 + random.nextInt(6);
            int width = 1 + random.nextInt(40);
            int each = random.nextInt(5);
            int more = each + random.nextInt(4);
            Parameter drawn = new Parameter("drawn", Tensor.zeros(dtype, symbols, width));
            for (int i = 0; i < drawn.value().size(); i++) {
                drawn.value().setFlat(i, random.nextGaussian());
            }
            Tensor few = Tensor.zeros(DType.INT32, 3, 2, each);
            Tensor many = Tensor.zeros(DType.INT32, 3, 2, more);
            Tensor fewValues = Tensor.zeros(dtype, 3, 2, each);
            Tensor manyValues = Tensor.zeros(dtype, 3, 2, more);
            for (int bag = 0; bag < 6; bag++) {
                for (int k = 0; k < each; k++) {
                    few.setFlat(bag * each + k, random.nextInt(symbols));
                    fewValues.setFlat(bag * each + k, random.nextGaussian());
                    many.setFlat(bag * more + k, few.getFlat(bag * each + k));
                    manyValues.setFlat(bag * more + k, fewValues.getFlat(bag * each + k));
                }
            }
            assertThat(value(drawn, many, manyValues).sameBits(value(drawn, few, fewValues)))
                    .as("seed " + seed)
                    .isTrue();
        }
    }

    private static Tensor value(Parameter table, Tensor indices, Tensor values) {
        Graph fresh = Graph.inference();
        return Ops.gatherSum(table, fresh.input(indices), fresh.input(values)).value();
    }
}
