package dev.unfold.rnn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.random.MersenneTwister;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrthogonalTest {
    private static RealMatrix filled(Initializer initializer, int rows, int columns, int seed) {
        Tensor tensor = Tensor.zeros(DType.FLOAT64, rows, columns);
        initializer.fill(tensor, new MersenneTwister(seed));
        RealMatrix matrix = MatrixUtils.createRealMatrix(rows, columns);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                matrix.setEntry(i, j, tensor.get(i, j));
            }
        }
        return matrix;
    }

    private static void assertScaledIdentity(RealMatrix product, double diagonal) {
        for (int i = 0; i < product.getRowDimension(); i++) {
            for (int j = 0; j < product.getColumnDimension(); j++) {
                assertThat(product.getEntry(i, j)).isCloseTo(i == j ? diagonal : 0, within(1e-12));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "5, 5", "64, 64", "7, 3", "20, 1"})
    void columns_are_orthogonal_and_of_length_gain(int rows, int columns) {
        RealMatrix w = filled(Initializers.orthogonal(), rows, columns, 1);
        assertScaledIdentity(w.transpose().multiply(w), 1);
        RealMatrix scaled = filled(Initializers.orthogonal(0.5), rows, columns, 1);
        assertScaledIdentity(scaled.transpose().multiply(scaled), 0.25);
    }

    @ParameterizedTest
    @CsvSource({"3, 7", "1, 20", "16, 64"})
    void rows_are_orthogonal_where_there_are_fewer(int rows, int columns) {
        RealMatrix w = filled(Initializers.orthogonal(), rows, columns, 1);
        assertScaledIdentity(w.multiply(w.transpose()), 1);
    }

    /** Were the signs those of the decomposition, the diagonal would lean to one side. */
    @Test
    void all_signs_are_equally_likely() {
        int seeds = 2000;
        double[] sums = new double[4];
        for (int seed = 0; seed < seeds; seed++) {
            RealMatrix w = filled(Initializers.orthogonal(), 2, 2, seed);
            for (int i = 0; i < sums.length; i++) {
                sums[i] += w.getEntry(i / 2, i % 2);
            }
        }
        // An entry has deviation sqrt(1/2), a mean of 2000 about 0.016: the bound is four times that.
        for (double sum : sums) {
            assertThat(sum / seeds).isCloseTo(0, within(0.064));
        }
    }

    @Test
    void blocks_are_filled_each_by_itself_from_the_left() {
        int h = 6;
        RealMatrix w = filled(Initializers.blocks(4, Initializers.orthogonal()), h, 4 * h, 3);
        MersenneTwister random = new MersenneTwister(3);
        for (int block = 0; block < 4; block++) {
            RealMatrix part = w.getSubMatrix(0, h - 1, block * h, block * h + h - 1);
            assertScaledIdentity(part.transpose().multiply(part), 1);
            Tensor alone = Tensor.zeros(DType.FLOAT64, h, h);
            Initializers.orthogonal().fill(alone, random);
            assertThat(part.getEntry(2, 5)).isEqualTo(alone.get(2, 5));
        }
    }

    @Test
    void one_block_is_the_whole_matrix() {
        assertThat(filled(Initializers.blocks(1, Initializers.xavierNormal()), 3, 5, 3))
                .isEqualTo(filled(Initializers.xavierNormal(), 3, 5, 3));
    }

    @Test
    void fan_out_of_a_block_is_its_own_width() {
        RealMatrix w = filled(Initializers.blocks(100, Initializers.xavierUniform()), 2, 400, 3);
        double bound = Math.sqrt(6.0 / (2 + 4));
        assertThat(w.getColumnVector(0).getMaxValue()).isLessThan(bound);
        assertThat(w.scalarMultiply(1 / bound).getFrobeniusNorm()).isCloseTo(Math.sqrt(800 / 3.0), within(1.0));
    }

    @Test
    void wrong_blocks_throw() {
        assertThatThrownBy(() -> Initializers.blocks(0, Initializers.zeros()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("blocks: count is 0; expected 1 or more");
        assertThatThrownBy(() -> filled(Initializers.blocks(4, Initializers.zeros()), 3, 6, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("blocks: the tensor is [3, 6]; expected columns in 4 equal blocks,"
                        + " and 6 is no multiple of 4");
        assertThatThrownBy(() -> Initializers.blocks(2, Initializers.zeros())
                        .fill(Tensor.zeros(DType.FLOAT32, 4), new MersenneTwister(1)))
                .hasMessageStartingWith("blocks: the tensor is [4]; expected a matrix");
    }
}
