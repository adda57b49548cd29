package dev.unfold.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ShapeTest {
    private static final Shape SEQUENCES = Shape.of(28, 100, 3);

    @Test
    void should_know_its_axes_from_both_ends() {
        assertThat(SEQUENCES.rank()).isEqualTo(3);
        assertThat(SEQUENCES.dim(0)).isEqualTo(28);
        assertThat(SEQUENCES.dim(1)).isEqualTo(100);
        assertThat(SEQUENCES.dim(2)).isEqualTo(3);
        assertThat(SEQUENCES.dim(-1)).isEqualTo(3);
        assertThat(SEQUENCES.dim(-2)).isEqualTo(100);
        assertThat(SEQUENCES.dim(-3)).isEqualTo(28);
        assertThat(SEQUENCES.axis(-3)).isZero();
        assertThat(SEQUENCES.axis(2)).isEqualTo(2);
    }

    @Test
    void should_see_every_rank_as_a_matrix_of_rows() {
        assertThat(new int[] {SEQUENCES.rows(), SEQUENCES.columns(), SEQUENCES.size()})
                .containsExactly(2800, 3, 8400);
        assertThat(new int[] {Shape.of(4, 5).rows(), Shape.of(4, 5).columns()}).containsExactly(4, 5);
        assertThat(new int[] {Shape.of(5).rows(), Shape.of(5).columns()}).containsExactly(1, 5);
        assertThat(new int[] {Shape.scalar().rows(), Shape.scalar().columns()}).containsExactly(1, 1);
    }

    @Test
    void should_count_elements_before_and_behind_an_axis() {
        Shape shape = Shape.of(2, 3, 5);
        assertThat(new int[] {shape.outer(0), shape.outer(1), shape.outer(2)}).containsExactly(1, 2, 6);
        assertThat(new int[] {shape.inner(0), shape.inner(1), shape.inner(2)}).containsExactly(15, 5, 1);
    }

    @Test
    void should_find_the_index_of_an_element() {
        assertThat(Shape.of(2, 3, 5).index(17)).containsExactly(1, 0, 2);
        assertThat(Shape.of(4).index(3)).containsExactly(3);
        assertThat(Shape.scalar().index(0)).isEmpty();
    }

    @Test
    void should_allow_axes_of_length_0() {
        assertThat(Shape.of(0, 3).size()).isZero();
        assertThat(Shape.of(0, 3).rows()).isZero();
        assertThat(Shape.of(7, 0).rows()).isEqualTo(7);
        assertThat(Shape.of(7, 0).columns()).isZero();
    }

    @Test
    void should_change_drop_and_add_an_axis() {
        Shape shape = Shape.of(2, 3);
        assertThat(shape.withDim(1, 9)).isEqualTo(Shape.of(2, 9));
        assertThat(shape.without(0)).isEqualTo(Shape.of(3));
        assertThat(shape.without(1)).isEqualTo(Shape.of(2));
        assertThat(shape.with(0, 7)).isEqualTo(Shape.of(7, 2, 3));
        assertThat(shape.with(1, 7)).isEqualTo(Shape.of(2, 7, 3));
        assertThat(shape.with(2, 7)).isEqualTo(Shape.of(2, 3, 7));
        assertThat(Shape.of(3).without(0)).isEqualTo(Shape.scalar());
    }

    @Test
    void should_equal_by_rank_and_lengths() {
        assertThat(Shape.of(2, 3)).isEqualTo(Shape.of(2, 3)).hasSameHashCodeAs(Shape.of(2, 3));
        assertThat(Shape.of(3)).isNotEqualTo(Shape.of(1, 3)).isNotEqualTo(Shape.of(3, 1));
        assertThat(Shape.scalar()).isNotEqualTo(Shape.of(1)).isNotEqualTo("[]");
    }

    @Test
    void should_hand_out_lengths_as_a_copy() {
        Shape shape = Shape.of(2, 3);
        shape.dims()[0] = 99;
        assertThat(shape).hasToString("[2, 3]");
        assertThat(Shape.scalar()).hasToString("[]");
    }

    @Test
    void should_refuse_a_negative_length() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shape.of(2, -3))
                .withMessage("shape [2, -3]: an axis has negative length -3");
    }

    @Test
    void should_refuse_more_than_three_axes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shape.of(1, 2, 3, 4))
                .withMessage("shape [1, 2, 3, 4]: rank 4 is more than 3; fold leading axes together");
        assertThatIllegalArgumentException().isThrownBy(() -> Shape.of(1, 2, 3).with(0, 4));
    }

    @Test
    void should_refuse_more_elements_than_an_array_holds() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shape.of(50_000, 50_000))
                .withMessage("shape [50000, 50000]: more than 2^31 - 1 elements; make it smaller");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Shape.of(Integer.MAX_VALUE, 1, Integer.MAX_VALUE))
                .withMessageContaining("more than 2^31 - 1 elements");
        assertThat(Shape.of(Integer.MAX_VALUE, 1, 1).size()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void should_refuse_an_axis_that_is_not_there() {
        for (int axis : new int[] {2, -3, Integer.MIN_VALUE}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Shape.of(2, 3).dim(axis))
                    .withMessage("axis " + axis + " of shape [2, 3]: there are 2 axes");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> Shape.scalar().dim(-1));
    }

    @Test
    void should_refuse_to_change_an_axis_that_is_not_there() {
        Shape matrix = Shape.of(2, 3);
        List<ThrowingCallable> calls = List.of(
                () -> matrix.withDim(2, 5),
                () -> matrix.withDim(-1, 5),
                () -> matrix.withDim(0, -5),
                () -> matrix.without(2),
                () -> matrix.with(3, 5),
                () -> Shape.scalar().withDim(0, 5),
                () -> Shape.scalar().without(0));
        for (ThrowingCallable call : calls) {
            assertThatIllegalArgumentException().isThrownBy(call).withMessageContaining("expected an axis from 0 to");
        }
    }
}
