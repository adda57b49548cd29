package dev.unfold.ops.kernel;

import dev.unfold.graph.Prepared;
import dev.unfold.graph.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Products in float32, in plain Java: four rows by two steps of k at a time, over a block of b copied together. */
class F32Matrix implements MatrixKernels {
    @Override
    public void product(
            Tensor a,
            boolean transposeA,
            Tensor b,
            boolean transposeB,
            @Nullable Prepared prepared,
            @Nullable Tensor start,
            Tensor c,
            int from,
            int to) {
        int n = c.shape().columns();
        int k = transposeA ? a.shape().rows() : a.shape().columns();
        int aRow = transposeA ? 1 : k;
        int aStep = transposeA ? a.shape().columns() : 1;
        begin(start, c, from, to);
        F32Scratch scratch = F32Scratch.ofThread();
        for (int k0 = 0; k0 < k; k0 += F32Scratch.BLOCK_ROWS) {
            int depth = Math.min(F32Scratch.BLOCK_ROWS, k - k0);
            for (int n0 = 0; n0 < n; n0 += F32Scratch.BLOCK_COLUMNS) {
                int width = Math.min(F32Scratch.BLOCK_COLUMNS, n - n0);
                pack(
                        b,
                        transposeB ? n0 * k + k0 : k0 * n + n0,
                        transposeB,
                        transposeB ? k : n,
                        depth,
                        width,
                        scratch.block);
                for (int i = from; i < to; i += 4) {
                    int rows = Math.min(4, to - i);
                    for (int r = 0; r < rows; r++) {
                        System.arraycopy(c.floats(), c.offset() + (i + r) * n + n0, scratch.target[r], 0, width);
                    }
                    int at = a.offset() + i * aRow + k0 * aStep;
                    addBlock(a.floats(), at, aRow, aStep, rows, depth, width, scratch);
                    for (int r = 0; r < rows; r++) {
                        System.arraycopy(scratch.target[r], 0, c.floats(), c.offset() + (i + r) * n + n0, width);
                    }
                }
            }
        }
    }

    /** Writes what the chains begin with into some rows of c. */
    private static void begin(@Nullable Tensor start, Tensor c, int from, int to) {
        int n = c.shape().columns();
        if (start == null) {
            Arrays.fill(c.floats(), c.offset() + from * n, c.offset() + to * n, 0f);
        } else if (start != c) {
            int startRow = start.size() > n ? n : 0;
            for (int i = from; i < to; i++) {
                System.arraycopy(start.floats(), start.offset() + i * startRow, c.floats(), c.offset() + i * n, n);
            }
        }
    }

    @Override
    public void flush(Tensor x, int from, int to) {
        float[] values = x.floats();
        int n = x.shape().columns();
        for (int i = x.offset() + from * n; i < x.offset() + to * n; i++) {
            values[i] = F32Math.flushed(values[i]);
        }
    }

    private static void pack(
            Tensor b, int from, boolean transposed, int stride, int depth, int width, float[][] block) {
        float[] source = b.floats();
        int at = b.offset() + from;
        for (int p = 0; p < depth; p++) {
            float[] row = block[p];
            if (transposed) {
                for (int j = 0; j < width; j++) {
                    row[j] = source[at + j * stride + p];
                }
            } else {
                System.arraycopy(source, at + p * stride, row, 0, width);
            }
        }
    }

    /** Adds to up to four target rows the product of as many rows of a, given by strides, with the packed block. */
    private static void addBlock(
            float[] a, int at, int rowStride, int stepStride, int rows, int depth, int width, F32Scratch scratch) {
        float[][] block = scratch.block;
        float[][] target = scratch.target;
        if (rows == 4) {
            int p = 0;
            int q = at;
            for (; p + 2 <= depth; p += 2, q += 2 * stepStride) {
                int q1 = q + rowStride;
                int q2 = q1 + rowStride;
                int q3 = q2 + rowStride;
                fourByTwo(
                        target[0],
                        target[1],
                        target[2],
                        target[3],
                        block[p],
                        block[p + 1],
                        a[q],
                        a[q + stepStride],
                        a[q1],
                        a[q1 + stepStride],
                        a[q2],
                        a[q2 + stepStride],
                        a[q3],
                        a[q3 + stepStride],
                        width);
            }
            if (p < depth) {
                for (int r = 0; r < 4; r++) {
                    oneByOne(target[r], block[p], a[q + r * rowStride], width);
                }
            }
            return;
        }
        for (int r = 0; r < rows; r++) {
            int q = at + r * rowStride;
            int p = 0;
            for (; p + 4 <= depth; p += 4, q += 4 * stepStride) {
                oneByFour(
                        target[r],
                        block[p],
                        block[p + 1],
                        block[p + 2],
                        block[p + 3],
                        a[q],
                        a[q + stepStride],
                        a[q + 2 * stepStride],
                        a[q + 3 * stepStride],
                        width);
            }
            for (; p < depth; p++, q += stepStride) {
                oneByOne(target[r], block[p], a[q], width);
            }
        }
    }

    private static void fourByTwo(
            float[] c0,
            float[] c1,
            float[] c2,
            float[] c3,
            float[] b0,
            float[] b1,
            float a00,
            float a01,
            float a10,
            float a11,
            float a20,
            float a21,
            float a30,
            float a31,
            int width) {
        for (int j = 0; j < width; j++) {
            float x = b0[j];
            float y = b1[j];
            c0[j] = Math.fma(a01, y, Math.fma(a00, x, c0[j]));
            c1[j] = Math.fma(a11, y, Math.fma(a10, x, c1[j]));
            c2[j] = Math.fma(a21, y, Math.fma(a20, x, c2[j]));
            c3[j] = Math.fma(a31, y, Math.fma(a30, x, c3[j]));
        }
    }

    private static void oneByFour(
            float[] c,
            float[] b0,
            float[] b1,
            float[] b2,
            float[] b3,
            float a0,
            float a1,
            float a2,
            float a3,
            int width) {
        for (int j = 0; j < width; j++) {
            c[j] = Math.fma(a3, b3[j], Math.fma(a2, b2[j], Math.fma(a1, b1[j], Math.fma(a0, b0[j], c[j]))));
        }
    }

    private static void oneByOne(float[] c, float[] b, float a, int width) {
        for (int j = 0; j < width; j++) {
            c[j] = Math.fma(a, b[j], c[j]);
        }
    }
}
