package dev.unfold.ops.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Prepared;
import dev.unfold.graph.Recorded;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Guarded;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Products are one chain of fused multiply-adds over ascending k for each element, to the last bit. */
class MatrixKernelsTest {
    /** Sizes at and around those of tiles and blocks, beside random ones. */
    private static final int[] NOTABLE = {
        0, 1, 2, 3, 4, 5, 8, 15, 16, 17, 31, 32, 33, 127, 128, 129, 130, 255, 256, 257, 300
    };

    private static final long SEED = 11;

    private final Random random = new Random(SEED);

    static List<KernelSet> sets() {
        return KernelSet.all();
    }

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

    /** A product by its definition, in the rows that are wanted. */
    private static Tensor byDefinition(
            Tensor a,
            boolean transposeA,
            Tensor b,
            boolean transposeB,
            @Nullable Tensor start,
            Tensor c,
            int from,
            int to) {
        Tensor result = c.copy();
        boolean single = c.dtype() == DType.FLOAT32;
        int k = a.shape().dim(transposeA ? 0 : 1);
        for (int i = from; i < to; i++) {
            for (int j = 0; j < c.shape().columns(); j++) {
                double chain = start == null ? 0 : start.shape().rank() == 2 ? start.get(i, j) : start.get(j);
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

    /** Compares with the definition: in some ways to begin the chains, for all rows or some, with b prepared and not. */
    private void assertDefined(KernelSet set, boolean transposeA, boolean transposeB, int m, int n, int k) {
        DType dtype = set.dtype();
        Tensor a = (transposeA ? matrix(dtype, k, m) : matrix(dtype, m, k)).tensor();
        Tensor b = (transposeB ? matrix(dtype, n, k) : matrix(dtype, k, n)).tensor();
        Tensor row = Recorded.part(matrix(dtype, 1, n).tensor(), 0, Shape.of(n));
        Guarded sum = matrix(dtype, m, n);
        Prepared prepared = new Prepared();
        int from = random.nextInt(m + 1);
        int to = from + random.nextInt(m - from + 1);
        for (int way = random.nextInt(5); way < 16; way += 5) {
            Guarded c = matrix(dtype, m, n);
            Tensor start = way % 4 == 0 ? null : way % 4 == 1 ? row : way % 4 == 2 ? c.tensor() : sum.tensor();
            boolean some = way >= 8;
            boolean keeps = way / 4 % 2 == 1;
            int first = some ? from : 0;
            int last = some ? to : m;
            Tensor expected = byDefinition(a, transposeA, b, transposeB, start, c.tensor(), first, last);
            if (start == null) {
                fill(c.tensor(), first, last, Double.NaN);
            }
            MatrixKernels matrix = set.kernels().matrix();
            matrix.product(a, transposeA, b, transposeB, keeps ? prepared : null, start, c.tensor(), first, last);
            String what = "seed " + SEED + ", m " + m + " n " + n + " k " + k + " " + transposeA + " " + transposeB
                    + ", rows " + first + ".." + last + ", way " + way;
            assertThat(c.tensor().sameBits(expected)).as(what).isTrue();
            assertThat(c.untouched()).as(what).isTrue();
        }
    }

    private static void fill(Tensor x, int from, int to, double value) {
        for (int i = from; i < to; i++) {
            x.at(i).fill(value);
        }
    }

    @ParameterizedTest
    @MethodSource("sets")
    void should_have_the_bits_of_its_definition(KernelSet set) {
        for (int i = 0; i < 15; i++) {
            for (boolean transposeA : new boolean[] {false, true}) {
                assertDefined(set, transposeA, false, size(), size(), size());
                assertDefined(set, transposeA, true, size(), size(), size());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("sets")
    void should_cross_every_block(KernelSet set) {
        for (boolean transposeA : new boolean[] {false, true}) {
            assertDefined(set, transposeA, false, 7, 1049, 259);
            assertDefined(set, transposeA, true, 7, 1049, 259);
            assertDefined(set, transposeA, false, 23, 513, 515);
            assertDefined(set, transposeA, true, 23, 513, 515);
        }
    }

    @ParameterizedTest
    @MethodSource("sets")
    void a_chain_begins_with_positive_zero_or_what_it_is_given(KernelSet set) {
        for (int rows : new int[] {1, 3, 9, 40}) {
            Tensor a = Tensor.zeros(set.dtype(), rows, 2).fill(-0.0);
            Tensor b = Tensor.zeros(set.dtype(), 2, 37);
            Tensor c = Tensor.zeros(set.dtype(), rows, 37).fill(-0.0);
            MatrixKernels matrix = set.kernels().matrix();
            matrix.product(a, false, b, false, null, null, c, 0, rows);
            assertThat(c.sameBits(Tensor.zeros(set.dtype(), rows, 37))).isTrue();
            c.fill(-0.0);
            matrix.product(a, false, b, false, null, c, c, 0, rows);
            assertThat(c.sameBits(Tensor.zeros(set.dtype(), rows, 37).fill(-0.0)))
                    .isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("sets")
    void a_product_over_stacked_steps_is_the_sum_of_its_parts(KernelSet set) {
        DType dtype = set.dtype();
        MatrixKernels kernels = set.kernels().matrix();
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
    @MethodSource("sets")
    void a_row_does_not_depend_on_the_rows_around_it(KernelSet set) {
        DType dtype = set.dtype();
        MatrixKernels kernels = set.kernels().matrix();
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
    @MethodSource("sets")
    void nan_stays_in_its_own_row_and_column(KernelSet set) {
        Tensor a = matrix(set.dtype(), 9, 6).tensor();
        Tensor b = matrix(set.dtype(), 6, 38).tensor();
        a.set(Double.NaN, 4, 2);
        b.set(Double.POSITIVE_INFINITY, 1, 37);
        Tensor c = Tensor.zeros(set.dtype(), 9, 38);
        set.kernels().matrix().addProduct(a, false, b, false, c, 9, 38, 6);
        for (int i = 0; i < 9; i++) {
            assertThat(Double.isNaN(c.get(i, 36))).isEqualTo(i == 4);
            assertThat(Double.isFinite(c.get(i, 37))).isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("sets")
    void what_is_prepared_serves_until_it_is_forgotten_and_its_room_is_used_again(KernelSet set) {
        Tensor a = matrix(set.dtype(), 5, 40).tensor();
        Tensor b = matrix(set.dtype(), 40, 50).tensor();
        Prepared prepared = new Prepared();
        MatrixKernels matrix = set.kernels().matrix();
        for (int run = 0; run < 3; run++) {
            for (boolean transposeB : new boolean[] {false, true, false}) {
                Tensor left = transposeB ? matrix(set.dtype(), 5, 50).tensor() : a;
                Tensor c = Tensor.zeros(set.dtype(), 5, transposeB ? 40 : 50);
                Tensor expected = byDefinition(left, false, b, transposeB, null, c, 0, 5);
                matrix.product(left, false, b, transposeB, prepared, null, c, 0, 5);
                assertThat(c.sameBits(expected))
                        .as("seed %d, run %d", SEED, run)
                        .isTrue();
            }
            b.copyFrom(matrix(set.dtype(), 40, 50).tensor());
            prepared.forget();
        }
    }

    @ParameterizedTest
    @MethodSource("sets")
    void flush_makes_subnormal_numbers_zero_and_no_others(KernelSet set) {
        boolean single = set.dtype() == DType.FLOAT32;
        double least = single ? Float.MIN_NORMAL : Double.MIN_NORMAL;
        double below = single ? Math.nextDown(Float.MIN_NORMAL) : Math.nextDown(Double.MIN_NORMAL);
        double[] special = {
            least,
            -least,
            below,
            -below,
            single ? Float.MIN_VALUE : Double.MIN_VALUE,
            0,
            1e-30,
            -1,
            Double.NaN,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY
        };
        Guarded x = matrix(set.dtype(), 7, 23);
        for (int i = 0; i < x.tensor().size(); i++) {
            x.tensor().setFlat(i, special[random.nextInt(special.length)]);
        }
        Tensor before = x.tensor().copy();
        set.kernels().matrix().flush(x.tensor(), 2, 6);
        for (int i = 0; i < before.size(); i++) {
            double old = before.getFlat(i);
            boolean flushed = i / 23 >= 2 && i / 23 < 6 && Math.abs(old) < least;
            assertThat(x.tensor().getFlat(i))
                    .as("seed %d, from %s", SEED, old)
                    .isEqualTo(Double.valueOf(flushed ? 0.0 : old));
        }
        assertThat(x.untouched()).isTrue();
    }
}
