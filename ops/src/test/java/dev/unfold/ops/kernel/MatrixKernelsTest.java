package dev.unfold.ops.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Recorded;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Guarded;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Products are one chain of fused multiply-adds over ascending k for each element, to the last bit. */
class MatrixKernelsTest {
    /** Sizes at and around those of blocks, beside random ones. */
    private static final int[] NOTABLE = {0, 1, 2, 3, 4, 5, 127, 128, 129, 130, 255, 256, 257, 300};

    private static final long SEED = 11;

    private final Random random = new Random(SEED);

    private int size() {
        return random.nextInt(3) == 0 ? NOTABLE[random.nextInt(NOTABLE.length)] : 1 + random.nextInt(70);
    }

    private Guarded matrix(DType dtype, int rows, int columns) {
        Guarded matrix = Guarded.garbage(dtype, Shape.of(rows, columns));
        for (int i = 0; i < matrix.tensor().size(); i++) {
            matrix.tensor().setFlat(i, random.nextGaussian());
        }
        return matrix;
    }

    private static double at(Tensor x, boolean transposed, int row, int column) {
        return transposed ? x.get(column, row) : x.get(row, column);
    }

    private static Tensor byDefinition(
            Tensor a, boolean transposeA, Tensor b, boolean transposeB, Tensor c, int m, int n, int k) {
        Tensor result = c.copy();
        boolean single = c.dtype() == DType.FLOAT32;
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                double chain = c.get(i, j);
                for (int p = 0; p < k; p++) {
                    double left = at(a, transposeA, i, p);
                    double right = at(b, transposeB, p, j);
                    chain = single
                            ? Math.fma((float) left, (float) right, (float) chain)
                            : Math.fma(left, right, chain);
                }
                result.set(chain, i, j);
            }
        }
        return result;
    }

    private void assertDefined(DType dtype, boolean transposeA, boolean transposeB, int m, int n, int k) {
        Guarded a = transposeA ? matrix(dtype, k, m) : matrix(dtype, m, k);
        Guarded b = transposeB ? matrix(dtype, n, k) : matrix(dtype, k, n);
        Guarded c = matrix(dtype, m, n);
        Tensor expected = byDefinition(a.tensor(), transposeA, b.tensor(), transposeB, c.tensor(), m, n, k);
        Kernels.of(dtype).matrix().addProduct(a.tensor(), transposeA, b.tensor(), transposeB, c.tensor(), m, n, k);
        String what = "seed " + SEED + ", m " + m + " n " + n + " k " + k + " " + transposeA + " " + transposeB;
        assertThat(c.tensor().sameBits(expected)).as(what).isTrue();
        assertThat(a.untouched() && b.untouched() && c.untouched()).as(what).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void should_have_the_bits_of_its_definition(DType dtype) {
        for (int i = 0; i < 25; i++) {
            for (boolean transposeA : new boolean[] {false, true}) {
                assertDefined(dtype, transposeA, false, size(), size(), size());
                assertDefined(dtype, transposeA, true, size(), size(), size());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void should_cross_every_block(DType dtype) {
        for (boolean transposeA : new boolean[] {false, true}) {
            assertDefined(dtype, transposeA, false, 7, 513, 259);
            assertDefined(dtype, transposeA, true, 7, 513, 259);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void a_product_over_stacked_steps_is_the_sum_of_its_parts(DType dtype) {
        MatrixKernels kernels = Kernels.of(dtype).matrix();
        for (int i = 0; i < 20; i++) {
            int steps = 1 + random.nextInt(12);
            int rows = 1 + random.nextInt(40);
            int m = size();
            int n = size();
            Tensor x = matrix(dtype, steps * rows, m).tensor();
            Tensor dy = matrix(dtype, steps * rows, n).tensor();
            Tensor whole = matrix(dtype, m, n).tensor();
            Tensor parts = whole.copy();
            kernels.addProduct(x, true, dy, false, whole, m, n, steps * rows);
            for (int step = 0; step < steps; step++) {
                Tensor stepX = Recorded.part(x, step * rows * m, Shape.of(rows, m));
                Tensor stepDy = Recorded.part(dy, step * rows * n, Shape.of(rows, n));
                kernels.addProduct(stepX, true, stepDy, false, parts, m, n, rows);
            }
            assertThat(whole.sameBits(parts)).as("seed %d, case %d", SEED, i).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void a_row_does_not_depend_on_the_rows_around_it(DType dtype) {
        MatrixKernels kernels = Kernels.of(dtype).matrix();
        for (int i = 0; i < 20; i++) {
            int m = 1 + random.nextInt(20);
            int n = size();
            int k = size();
            Tensor a = matrix(dtype, m, k).tensor();
            Tensor b = matrix(dtype, k, n).tensor();
            Tensor all = Tensor.zeros(dtype, m, n);
            kernels.addProduct(a, false, b, false, all, m, n, k);
            int row = random.nextInt(m);
            Tensor alone = Tensor.zeros(dtype, 1, n);
            kernels.addProduct(Recorded.part(a, row * k, Shape.of(1, k)), false, b, false, alone, 1, n, k);
            assertThat(Recorded.part(all, row * n, Shape.of(1, n)).sameBits(alone))
                    .as("seed %d, case %d", SEED, i)
                    .isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void nan_stays_in_its_own_row_and_column(DType dtype) {
        Tensor a = matrix(dtype, 9, 6).tensor();
        Tensor b = matrix(dtype, 6, 8).tensor();
        a.set(Double.NaN, 4, 2);
        Tensor c = Tensor.zeros(dtype, 9, 8);
        Kernels.of(dtype).matrix().addProduct(a, false, b, false, c, 9, 8, 6);
        for (int i = 0; i < 9; i++) {
            assertThat(Double.isNaN(c.get(i, 3))).isEqualTo(i == 4);
        }
    }
}
