package dev.unfold.ops.kernel;

import dev.unfold.graph.Prepared;
import dev.unfold.graph.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The product that a thread is at, and its working memory. b is cut into panels as wide as a tile of {@link V32Tiles}, and panels into
 * blocks that fit into the second-level cache; c carries the chains from one block of k to the next.
 */
final class V32Product {
    private static final int LANES = V32.LANES;
    private static final int WIDTH = V32Tiles.WIDTH;
    private static final int BLOCK_DEPTH = 256;
    private static final int BLOCK_COLUMNS = 512;

    /** Up to so many rows, b is read where it lies: to pack it costs more than it brings. */
    private static final int FEW_ROWS = 128;

    /** From so many columns on, rows of a are packed for tiles of this height. */
    private static final int MANY_COLUMNS = 192;

    private static final int PACKED_ROWS = 8;

    /** What is derived from a {@link Prepared} b: its panels, each over all k. */
    private static final int AS_IT_IS = 0;

    private static final int TRANSPOSED = 1;

    private static final float[] NOTHING = {};

    private final float[] panels = new float[BLOCK_DEPTH * BLOCK_COLUMNS];
    private final float[] packedRows = new float[BLOCK_DEPTH * PACKED_ROWS];
    private final float[] tile = new float[V32Tiles.ROWS * WIDTH];
    private final float[] zeros = new float[2 * WIDTH];

    private float[] a = NOTHING;
    private int aRow;
    private int aStep;

    private float[] b = NOTHING;
    /** From one panel of b, and from one step of k, to the next. */
    private int bPanel;

    private int bStep;
    /** Whether the last panel, where it is narrower, is the end of b itself; else zeros fill it up. */
    private boolean bInPlace;

    private float[] start = NOTHING;
    private int startAt;
    private int startRow;
    private int startColumn;

    private float[] c = NOTHING;
    private int cAt;
    private int n;

    void run(
            Tensor left,
            boolean transposeA,
            Tensor right,
            boolean transposeB,
            @Nullable Prepared prepared,
            @Nullable Tensor first,
            Tensor target,
            int from,
            int to) {
        n = target.shape().columns();
        int k = transposeA ? left.shape().rows() : left.shape().columns();
        a = left.floats();
        aRow = transposeA ? 1 : k;
        aStep = transposeA ? left.shape().columns() : 1;
        c = target.floats();
        cAt = target.offset();
        begin(first, target);
        int few = prepared == null ? FEW_ROWS : 1;
        bInPlace = !transposeB && (n >= WIDTH || n == LANES) && to - from <= few;
        boolean kept = !bInPlace && prepared != null;
        if (bInPlace) {
            b = right.floats();
        } else {
            b = prepared == null ? panels : panels(right, transposeB, prepared);
        }
        for (int k0 = 0; k0 == 0 || k0 < k; k0 += BLOCK_DEPTH) {
            int depth = Math.min(BLOCK_DEPTH, k - k0);
            for (int n0 = 0; n0 < n; n0 += BLOCK_COLUMNS) {
                int end = Math.min(n, n0 + BLOCK_COLUMNS);
                int bAt = 0;
                if (kept) {
                    bPanel = k * WIDTH;
                    bStep = WIDTH;
                    bAt = n0 * k + k0 * WIDTH;
                } else if (bInPlace) {
                    bPanel = WIDTH;
                    bStep = n;
                    bAt = right.offset() + k0 * n + n0;
                } else {
                    bPanel = depth * WIDTH;
                    bStep = WIDTH;
                    pack(right, transposeB, k, n, k0, k0 + depth, n0, end, panels);
                }
                for (int row = from; row < to; row += V32Tiles.rows(to - row)) {
                    rows(row, V32Tiles.rows(to - row), left.offset() + row * aRow + k0 * aStep, bAt, depth, n0, end);
                }
            }
            begin(target, target);
        }
        a = NOTHING;
        b = NOTHING;
        c = NOTHING;
        start = NOTHING;
    }

    /** Sets what the chains begin with: zeros, one row for all, or a row for each, which may be those of c itself. */
    private void begin(@Nullable Tensor first, Tensor target) {
        start = first == null ? zeros : first.floats();
        startAt = first == null ? 0 : first.offset();
        startRow = first != null && first.size() > n ? n : 0;
        startColumn = first == null ? 0 : 1;
    }

    /** Computes some rows of c, as many as a tile has, over the columns of a block of b. */
    private void rows(int row, int rows, int aFrom, int bAt, int depth, int n0, int end) {
        boolean packs = rows == PACKED_ROWS && end - n0 >= MANY_COLUMNS;
        float[] a = packs ? packedRows(aFrom, depth) : this.a;
        int aAt = packs ? 0 : aFrom;
        int aRow = packs ? 1 : this.aRow;
        int aStep = packs ? PACKED_ROWS : this.aStep;
        int panelAt = bAt;
        int j = n0;
        if (rows == 1) {
            for (; j <= end - 2 * WIDTH; j += 2 * WIDTH, panelAt += 2 * bPanel) {
                int startsAt = startAt + row * startRow + j * startColumn;
                V32Tiles.longRow(
                        a,
                        aAt,
                        aStep,
                        b,
                        panelAt,
                        panelAt + bPanel,
                        bStep,
                        depth,
                        start,
                        startsAt,
                        c,
                        cAt + row * n + j);
            }
        }
        for (; j < end; j += WIDTH, panelAt += bPanel) {
            int width = Math.min(WIDTH, end - j);
            int startsAt = startAt + row * startRow + j * startColumn;
            int to = cAt + row * n + j;
            if (width == WIDTH) {
                V32Tiles.multiply(
                        rows, a, aAt, aRow, aStep, b, panelAt, bStep, depth, start, startsAt, startRow, c, to, n);
            } else if (width == LANES) {
                V32NarrowTiles.multiply(
                        rows, a, aAt, aRow, aStep, b, panelAt, bStep, depth, start, startsAt, startRow, c, to, n);
            } else {
                edge(rows, a, aAt, aRow, aStep, panelAt, depth, startsAt, to, width);
            }
        }
    }

    /** Computes the last columns by way of a tile of its own; of a panel in place, which overlaps the one before, only these count. */
    private void edge(
            int rows,
            float[] a,
            int aAt,
            int aRow,
            int aStep,
            int panelAt,
            int depth,
            int startsAt,
            int to,
            int width) {
        boolean narrow = width < LANES;
        int skipped = !bInPlace ? 0 : narrow ? LANES - width : WIDTH - width;
        int from = panelAt - skipped;
        for (int r = 0; r < rows; r++) {
            System.arraycopy(start, startsAt + r * startRow, tile, r * WIDTH + skipped, width);
        }
        if (narrow) {
            V32NarrowTiles.multiply(rows, a, aAt, aRow, aStep, b, from, bStep, depth, tile, 0, WIDTH, tile, 0, WIDTH);
        } else {
            V32Tiles.multiply(rows, a, aAt, aRow, aStep, b, from, bStep, depth, tile, 0, WIDTH, tile, 0, WIDTH);
        }
        for (int r = 0; r < rows; r++) {
            System.arraycopy(tile, r * WIDTH + skipped, c, to + r * n, width);
        }
    }

    /** Packs the rows of a for a tile: the numbers of each step of k side by side. */
    private float[] packedRows(int from, int depth) {
        for (int r = 0; r < PACKED_ROWS; r++) {
            int at = from + r * aRow;
            for (int p = 0; p < depth; p++) {
                packedRows[p * PACKED_ROWS + r] = a[at + p * aStep];
            }
        }
        return packedRows;
    }

    private static float[] panels(Tensor b, boolean transposed, Prepared prepared) {
        return (float[])
                (transposed
                        ? prepared.get(TRANSPOSED, b, V32Product::packTransposed)
                        : prepared.get(AS_IT_IS, b, V32Product::packAsItIs));
    }

    private static Object packAsItIs(Tensor b, @Nullable Object room) {
        return packWhole(b, false, b.shape().rows(), b.shape().columns(), room);
    }

    private static Object packTransposed(Tensor b, @Nullable Object room) {
        return packWhole(b, true, b.shape().columns(), b.shape().rows(), room);
    }

    private static float[] packWhole(Tensor b, boolean transposed, int k, int n, @Nullable Object room) {
        int size = (n + WIDTH - 1) / WIDTH * WIDTH * k;
        float[] whole = room instanceof float[] old && old.length == size ? old : new float[size];
        pack(b, transposed, k, n, 0, k, 0, n, whole);
        return whole;
    }

    /** Copies steps and columns of b into panels. */
    private static void pack(
            Tensor b, boolean transposed, int k, int n, int k0, int k1, int n0, int n1, float[] panels) {
        float[] source = b.floats();
        int to = 0;
        for (int j = n0; j < n1; j += WIDTH) {
            int width = Math.min(WIDTH, n1 - j);
            if (transposed) {
                for (int i = 0; i < width; i++) {
                    int at = b.offset() + (j + i) * k;
                    for (int p = k0; p < k1; p++) {
                        panels[to + (p - k0) * WIDTH + i] = source[at + p];
                    }
                }
            } else if (width == WIDTH) {
                V32Tiles.copy(source, b.offset() + k0 * n + j, n, k1 - k0, panels, to);
            } else {
                for (int p = k0; p < k1; p++) {
                    System.arraycopy(source, b.offset() + p * n + j, panels, to + (p - k0) * WIDTH, width);
                }
            }
            if (width < WIDTH) {
                for (int p = k0; p < k1; p++, to += WIDTH) {
                    Arrays.fill(panels, to + width, to + WIDTH, 0f);
                }
            } else {
                to += (k1 - k0) * WIDTH;
            }
        }
    }
}
