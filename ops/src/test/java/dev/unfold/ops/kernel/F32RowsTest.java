package dev.unfold.ops.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bits of sums: sixteen stripes along a row, one ascending chain down a column. */
class F32RowsTest {
    private static final long SEED = 3;
    private static final int STRIPES = 16;

    private final Random random = new Random(SEED);
    private final RowKernels rows = Kernels.of(DType.FLOAT32).rows();

    private Tensor numbers(int... dims) {
        Tensor tensor = Tensor.zeros(DType.FLOAT32, dims);
        for (int i = 0; i < tensor.size(); i++) {
            tensor.setFlat(i, random.nextGaussian() * Math.pow(10, random.nextInt(5)));
        }
        return tensor;
    }

    /** Element i goes to stripe i mod 16; then i with i + 8, i + 4, i + 2, i + 1. */
    private static float inStripes(float[] values) {
        float[] s = new float[STRIPES];
        for (int i = 0; i < values.length; i++) {
            s[i % STRIPES] += values[i];
        }
        for (int half = 8; half >= 1; half /= 2) {
            for (int i = 0; i < half; i++) {
                s[i] = s[i] + s[i + half];
            }
        }
        return s[0];
    }

    private static float single(Tensor tensor, int position) {
        return (float) tensor.getFlat(position);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 15, 16, 17, 31, 32, 33, 1000})
    void a_sum_along_a_row_runs_in_sixteen_stripes(int length) {
        Tensor x = numbers(3, length);
        Tensor y = Tensor.zeros(DType.FLOAT32, 3).fill(Double.NaN);
        rows.sum(x, length, 1, 1, y);
        for (int row = 0; row < 3; row++) {
            assertThat(single(y, row))
                    .as("seed %d, row %d", SEED, row)
                    .isEqualTo(inStripes(x.at(row).copy().floats()));
        }
    }

    @Test
    void a_mean_is_the_sum_times_the_reciprocal_of_the_length() {
        Tensor x = numbers(33);
        Tensor y = Tensor.zeros(DType.FLOAT32);
        rows.sum(x, 33, 1, 1.0 / 33, y);
        assertThat(single(y, 0)).isEqualTo((float) (1.0 / 33) * inStripes(x.floats()));
    }

    @Test
    void a_sum_down_the_rows_is_one_ascending_chain_for_each_column() {
        Tensor x = numbers(2, 37, 5);
        Tensor y = Tensor.zeros(DType.FLOAT32, 2, 5).fill(Double.NaN);
        rows.sum(x, 37, 5, 1, y);
        for (int o = 0; o < 2; o++) {
            for (int i = 0; i < 5; i++) {
                float chain = 0;
                for (int l = 0; l < 37; l++) {
                    chain += (float) x.get(o, l, i);
                }
                assertThat((float) y.get(o, i)).as("seed %d", SEED).isEqualTo(chain);
            }
        }
    }

    @Test
    void the_gradient_of_a_repeated_row_is_one_ascending_chain_that_begins_with_what_was_there() {
        Tensor dy = numbers(6, 7, 5);
        Tensor dx = numbers(5);
        float[] chain = dx.copy().floats();
        for (int row = 0; row < 42; row++) {
            for (int i = 0; i < 5; i++) {
                chain[i] += single(dy, row * 5 + i);
            }
        }
        Tensor byStep = dx.copy();
        PointwiseKernels kernels = Kernels.of(DType.FLOAT32).pointwise();
        kernels.addGradient(dy, 1, dx);
        for (int step = 0; step < 6; step++) {
            kernels.addGradient(dy.at(step), 1, byStep);
        }
        assertThat(dx.floats()).as("seed %d", SEED).containsExactly(chain);
        assertThat(byStep.sameBits(dx)).as("seed %d", SEED).isTrue();
    }

    @Test
    void the_gradient_of_a_repeated_factor_over_all_steps_is_that_step_by_step() {
        Tensor dy = numbers(6, 7, 5);
        Tensor other = numbers(6, 7, 5);
        Tensor whole = numbers(5);
        Tensor byStep = whole.copy();
        PointwiseKernels kernels = Kernels.of(DType.FLOAT32).pointwise();
        kernels.multiplyGradient(other, dy, whole);
        for (int step = 0; step < 6; step++) {
            kernels.multiplyGradient(other.at(step), dy.at(step), byStep);
        }
        assertThat(byStep.sameBits(whole)).as("seed %d", SEED).isTrue();
    }

    @Test
    void a_row_of_a_softmax_does_not_depend_on_the_rows_around_it() {
        Tensor x = numbers(9, 33);
        Tensor y = Tensor.zeros(DType.FLOAT32, 9, 33);
        Tensor alone = Tensor.zeros(DType.FLOAT32, 33);
        rows.softmax(x, y);
        rows.softmax(x.at(4), alone);
        assertThat(y.at(4).sameBits(alone)).isTrue();
        rows.logSoftmax(x, y);
        rows.logSoftmax(x.at(4), alone);
        assertThat(y.at(4).sameBits(alone)).isTrue();
    }
}
