package dev.unfold.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTest {
    private static Tensor twoByThree() {
        return Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void should_get_and_set_elements_of_every_type(DType dtype) {
        Tensor tensor = Tensor.zeros(dtype, 2, 3);
        tensor.set(7, 1, 0);
        tensor.setFlat(5, -4);
        assertThat(tensor.toDoubles()).containsExactly(0, 0, 0, 7, 0, -4);
        assertThat(tensor.get(1, 0)).isEqualTo(7);
        assertThat(tensor.getFlat(5)).isEqualTo(-4);
        assertThat(tensor.dtype()).isEqualTo(dtype);
        assertThat(tensor.shape()).isEqualTo(Shape.of(2, 3));
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void should_fill_and_copy_only_its_own_part_of_the_array(DType dtype) {
        Tensor whole = Tensor.zeros(dtype, 3, 2).fill(1);
        whole.at(1).fill(5);
        assertThat(whole.toDoubles()).containsExactly(1, 1, 5, 5, 1, 1);
        whole.at(1).copyFrom(Tensor.zeros(dtype, 2).fill(8));
        assertThat(whole.toDoubles()).containsExactly(1, 1, 8, 8, 1, 1);
        whole.at(2).copyRun(whole.at(1), 1, 0, 1);
        assertThat(whole.toDoubles()).containsExactly(1, 1, 8, 8, 8, 1);
        Tensor copy = whole.at(1).copy();
        copy.fill(0);
        assertThat(copy.offset()).isZero();
        assertThat(whole.at(1).toDoubles()).containsExactly(8, 8);
    }

    @Test
    void should_share_the_array_it_wraps() {
        float[] values = {1, 2};
        Tensor tensor = Tensor.of(values, 2);
        values[1] = 9;
        assertThat(tensor.get(1)).isEqualTo(9);
        assertThat(tensor.floats()).isSameAs(values);
    }

    @Test
    void should_share_elements_with_its_views() {
        Tensor whole = twoByThree();
        whole.at(1).reshape(3, 1).set(50, 1, 0);
        assertThat(whole.get(1, 1)).isEqualTo(50);
        assertThat(whole.at(1).offset()).isEqualTo(3);
        assertThat(whole.at(1).shape()).isEqualTo(Shape.of(3));
        assertThat(whole.reshape(6).at(4).item()).isEqualTo(50);
    }

    @Test
    void should_share_elements_with_slices_of_the_outermost_axis() {
        Tensor whole = Tensor.of(new int[] {0, 1, 2, 3, 4, 5, 6, 7}, 4, 2);
        whole.slice(3, 4).fill(9);
        Tensor middle = whole.slice(1, 3);
        assertThat(whole.toDoubles()).containsExactly(0, 1, 2, 3, 4, 5, 9, 9);
        assertThat(middle.shape()).isEqualTo(Shape.of(2, 2));
        assertThat(middle.toDoubles()).containsExactly(2, 3, 4, 5);
        assertThat(middle.slice(1, 2).ints()).isSameAs(whole.ints());
        assertThat(middle.slice(1, 2).toDoubles()).containsExactly(4, 5);
        assertThat(whole.slice(4, 4).shape()).isEqualTo(Shape.of(0, 2));
    }

    @Test
    void should_refuse_slices_that_leave_the_axis() {
        Tensor whole = Tensor.zeros(DType.FLOAT32, 4, 2);
        for (int[] range : new int[][] {{-1, 2}, {3, 2}, {0, 5}}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> whole.slice(range[0], range[1]))
                    .withMessage("tensor [4, 2]: " + range[0] + ".." + range[1] + " is no range of axis 0 of length 4");
        }
    }

    @Test
    void should_convert_to_another_type() {
        assertThat(Tensor.of(new double[] {0.1, 1e300}, 2).to(DType.FLOAT32).toDoubles())
                .containsExactly(0.1f, Double.POSITIVE_INFINITY);
        assertThat(Tensor.of(new int[] {3}).to(DType.FLOAT64).item()).isEqualTo(3);
    }

    @Test
    void should_find_the_first_element_that_is_not_finite() {
        assertThat(twoByThree().firstNonFinite()).isEqualTo(-1);
        assertThat(Tensor.of(new double[] {1, Double.NEGATIVE_INFINITY, Double.NaN}, 3)
                        .firstNonFinite())
                .isEqualTo(1);
        assertThat(Tensor.zeros(DType.FLOAT32, 0).firstNonFinite()).isEqualTo(-1);
    }

    @Test
    void should_tell_the_same_bits_apart_from_equal_numbers() {
        Tensor zero = Tensor.of(new double[] {0.0}, 1);
        assertThat(zero.sameBits(Tensor.of(new double[] {0.0}, 1))).isTrue();
        assertThat(zero.sameBits(Tensor.of(new double[] {-0.0}, 1))).isFalse();
        assertThat(zero.sameBits(Tensor.of(new double[] {0.0}))).isFalse();
        assertThat(zero.sameBits(Tensor.of(new float[] {0}, 1))).isFalse();
        assertThat(Tensor.of(new float[] {Float.NaN}).sameBits(Tensor.of(new float[] {Float.NaN})))
                .isTrue();
    }

    @Test
    void should_print_type_shape_and_a_few_elements() {
        assertThat(twoByThree()).hasToString("float32 [2, 3] {1.0, 2.0, 3.0, 4.0, 5.0, 6.0}");
        assertThat(Tensor.zeros(DType.INT32, 9)).hasToString("int32 [9] {0, 0, 0, 0, 0, 0, 0, 0, ...}");
    }

    @Test
    void should_refuse_an_array_of_another_length() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tensor.of(new float[5], 2, 3))
                .withMessage("tensor: shape [2, 3] needs 6 values, the array holds 5");
    }

    @Test
    void should_refuse_the_array_of_another_type() {
        assertThatIllegalStateException()
                .isThrownBy(() -> twoByThree().doubles())
                .withMessage("tensor [2, 3]: is float32, not float64");
        assertThatIllegalStateException()
                .isThrownBy(() -> twoByThree().ints())
                .withMessage("tensor [2, 3]: is float32, not int32");
        assertThatIllegalStateException()
                .isThrownBy(() -> Tensor.of(new int[] {1}).floats())
                .withMessage("tensor []: is int32, not float32");
    }

    @Test
    void should_refuse_an_index_outside() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> twoByThree().get(1, 3))
                .withMessage("tensor [2, 3]: index 3 is outside axis 1 of length 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> twoByThree().set(0, 1))
                .withMessage("tensor [2, 3]: 1 indices given for 2 axes: [1]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> twoByThree().at(1).getFlat(-1))
                .withMessage("tensor [3]: no element -1, there are 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> twoByThree().at(2))
                .withMessage("tensor [2, 3]: index 2 is outside axis 0 of length 2");
    }

    @Test
    void should_refuse_shapes_and_types_that_do_not_fit() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> twoByThree().reshape(4))
                .withMessage("reshape: [2, 3] holds 6 elements, [4] would hold 4");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> twoByThree().copyFrom(Tensor.zeros(DType.FLOAT32, 3, 2)))
                .withMessage("copy: source is float32 [3, 2], target is float32 [2, 3]; both must agree");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> twoByThree().copyRun(Tensor.zeros(DType.INT32, 3), 0, 0, 1))
                .withMessage("copy: source is int32, target is float32");
    }

    @Test
    void should_refuse_the_item_of_many() {
        assertThatIllegalStateException()
                .isThrownBy(() -> twoByThree().item())
                .withMessage("item: tensor [2, 3] holds 6 elements, not one");
    }
}
