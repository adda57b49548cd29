package dev.unfold.rnn.unroll;

import static dev.unfold.rnn.Weighted.linspace;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import org.junit.jupiter.api.Test;

class LengthsTest {
    @Test
    void the_first_steps_of_each_row_should_count() {
        Tensor expected = Tensor.of(new int[] {1, 1, 0, 1, 0, 0}, 2, 3);
        assertThat(Lengths.of(2, 1, 0).maskFor(2, 3).sameBits(expected)).isTrue();
    }

    @Test
    void full_should_be_as_many_steps_as_there_are_in_every_row() {
        Tensor full = Lengths.full().maskFor(3, 2);
        assertThat(full.toDoubles()).containsOnly(1).hasSize(6);
        assertThat(full.sameBits(Lengths.of(3, 3).maskFor(3, 2))).isTrue();
        assertThat(Lengths.full().isFull()).isTrue();
        assertThat(Lengths.of(3, 3).isFull()).isFalse();
        assertThat(Lengths.mask(full).isFull()).isFalse();
    }

    @Test
    void batches_without_steps_or_without_rows_should_have_lengths() {
        assertThat(Lengths.of(0, 0).maskFor(0, 2).size()).isZero();
        assertThat(Lengths.of().maskFor(4, 0).size()).isZero();
        assertThat(Lengths.full().maskFor(0, 0).size()).isZero();
    }

    @Test
    void the_array_should_be_copied() {
        int[] given = {1, 2};
        Lengths lengths = Lengths.of(given);
        given[0] = 2;
        assertThat(lengths.maskFor(2, 2).toDoubles()).containsExactly(1, 1, 0, 1);
    }

    @Test
    void another_number_of_lengths_than_of_rows_should_be_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lengths.of(1, 2, 3).maskFor(4, 2))
                .withMessage("lengths: 3 lengths for a batch of 2 rows; expected one for each");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lengths.of().maskFor(4, 2))
                .withMessage("lengths: 0 lengths for a batch of 2 rows; expected one for each");
    }

    @Test
    void lengths_below_0_or_above_the_number_of_steps_should_be_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lengths.of(4, -1).maskFor(4, 2))
                .withMessage("lengths: row 1 has length -1; expected 0 to 4, the number of steps");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lengths.of(5, 1).maskFor(4, 2))
                .withMessage("lengths: row 0 has length 5; expected 0 to 4, the number of steps");
    }

    @Test
    void lengths_of_another_type_or_rank_should_be_refused_at_once() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lengths.of(Tensor.zeros(DType.FLOAT32, 4)))
                .withMessage("lengths: they are float32 [4]; expected int32 [batch]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lengths.of(Tensor.zeros(DType.INT32, 4, 2)))
                .withMessage("lengths: they are int32 [4, 2]; expected int32 [batch]");
    }

    @Test
    void masks_of_another_type_or_rank_should_be_refused_at_once() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lengths.mask(Tensor.zeros(DType.FLOAT32, 4, 2)))
                .withMessage("lengths: the mask is float32 [4, 2]; expected int32 [time, batch]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lengths.mask(Tensor.zeros(DType.INT32, 4)))
                .withMessage("lengths: the mask is int32 [4]; expected int32 [time, batch]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lengths.mask(Tensor.zeros(DType.INT32, 4, 2, 1)))
                .withMessage("lengths: the mask is int32 [4, 2, 1]; expected int32 [time, batch]");
    }

    @Test
    void masks_of_another_shape_than_the_batch_should_be_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lengths.mask(Tensor.zeros(DType.INT32, 2, 4)).maskFor(4, 2))
                .withMessage("lengths: the mask is [2, 4]; expected [time 4, batch 2]");
    }

    @Test
    void views_and_numbers_other_than_1_should_serve_as_masks() {
        Tensor masks = Tensor.of(new int[] {0, 0, 0, 0, 1, -3, 0, 2}, 2, 2, 2);
        Tensor ones = Tensor.of(new int[] {1, 1, 0, 1}, 2, 2);
        Cell cell = new VanillaCell(new Parameters("rnn", DType.FLOAT64, new NumpyRandom(5)), 1, 2);
        Tensor x = linspace(-1, 1, 2, 2, 1);
        Tensor expected = last(cell, x, ones);
        assertThat(last(cell, x, masks.at(1)).sameBits(expected)).isTrue();
        assertThat(last(cell, x, masks.at(0)).toDoubles()).containsOnly(0);
    }

    private static Tensor last(Cell cell, Tensor x, Tensor mask) {
        return Unroll.dynamic(cell)
                .over(Graph.inference(), x, Lengths.mask(mask))
                .last()
                .value();
    }
}
