package dev.unfold.ops.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products that stay in registers: a few rows by two vectors of columns. Each element is one chain of fused multiply-adds over ascending
 * k in a lane of its own.
 *
 * <p>Written out row by row, since C2 keeps no array of vectors in registers; and vectors start as what they are loaded from, since a
 * vector from a static field, or from either branch of a condition, would be made an object each time.
 */
final class V32Tiles {
    private static final VectorSpecies<Float> SPECIES = V32.SPECIES;
    private static final int LANES = V32.LANES;

    /** Columns of a tile. */
    static final int WIDTH = 2 * LANES;

    /** Rows of the greatest tile: its accumulators fill half of 32 registers, or of 16 where those are short. */
    static final int ROWS = LANES == 16 ? 8 : 4;

    private V32Tiles() {}

    /** Returns the rows of the greatest tile that is no higher than the rows that are left. */
    static int rows(int left) {
        return Math.min(ROWS, Integer.highestOneBit(left));
    }

    /**
     * c = start + a b for one tile of c.
     *
     * @param rows of the tile: 1, 2, 4 or 8
     * @param a with rows {@code aRow} apart and steps of k {@code aStep} apart
     * @param b with steps of k {@code bStep} apart
     * @param depth the number of steps of k
     * @param start what the chains begin with, with rows {@code startRow} apart; may be c
     */
    static void multiply(
            int rows,
            float[] a,
            int aAt,
            int aRow,
            int aStep,
            float[] b,
            int bAt,
            int bStep,
            int depth,
            float[] start,
            int startAt,
            int startRow,
            float[] c,
            int cAt,
            int cRow) {
        switch (rows) {
            case 8 -> {
                if (aRow == 1 && aStep == 8) {
                    packedEight(a, aAt, b, bAt, bStep, depth, start, startAt, startRow, c, cAt, cRow);
                } else {
                    eight(a, aAt, aRow, aStep, b, bAt, bStep, depth, start, startAt, startRow, c, cAt, cRow);
                }
            }
            case 4 -> four(a, aAt, aRow, aStep, b, bAt, bStep, depth, start, startAt, startRow, c, cAt, cRow);
            case 2 -> two(a, aAt, aRow, aStep, b, bAt, bStep, depth, start, startAt, startRow, c, cAt, cRow);
            default -> one(a, aAt, aStep, b, bAt, bStep, depth, start, startAt, c, cAt);
        }
    }

    /** Copies a panel of b, whose steps of k are {@code bStep} apart, to where they lie side by side. */
    static void copy(float[] b, int bAt, int bStep, int depth, float[] panel, int at) {
        for (int p = 0; p < depth; p++) {
            FloatVector u = FloatVector.fromArray(SPECIES, b, bAt + p * bStep);
            FloatVector v = FloatVector.fromArray(SPECIES, b, bAt + p * bStep + LANES);
            u.intoArray(panel, at + p * WIDTH);
            v.intoArray(panel, at + p * WIDTH + LANES);
        }
    }

    /** Writes 0 in place of subnormal numbers. */
    static void flush(float[] values, int from, int to) {
        int i = from;
        for (; i <= to - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, values, i);
            x.blend(0f, x.abs().lt(Float.MIN_NORMAL)).intoArray(values, i);
        }
        for (; i < to; i++) {
            values[i] = F32Math.flushed(values[i]);
        }
    }

    /** As {@link #eight}, where the numbers of a step lie side by side: faster by a tenth, once they are packed. */
    private static void packedEight(
            float[] a,
            int aAt,
            float[] b,
            int bAt,
            int bStep,
            int depth,
            float[] start,
            int startAt,
            int startRow,
            float[] c,
            int cAt,
            int cRow) {
        FloatVector x0 = FloatVector.fromArray(SPECIES, start, startAt);
        FloatVector y0 = FloatVector.fromArray(SPECIES, start, startAt + LANES);
        FloatVector x1 = FloatVector.fromArray(SPECIES, start, startAt + startRow);
        FloatVector y1 = FloatVector.fromArray(SPECIES, start, startAt + startRow + LANES);
        FloatVector x2 = FloatVector.fromArray(SPECIES, start, startAt + 2 * startRow);
        FloatVector y2 = FloatVector.fromArray(SPECIES, start, startAt + 2 * startRow + LANES);
        FloatVector x3 = FloatVector.fromArray(SPECIES, start, startAt + 3 * startRow);
        FloatVector y3 = FloatVector.fromArray(SPECIES, start, startAt + 3 * startRow + LANES);
        FloatVector x4 = FloatVector.fromArray(SPECIES, start, startAt + 4 * startRow);
        FloatVector y4 = FloatVector.fromArray(SPECIES, start, startAt + 4 * startRow + LANES);
        FloatVector x5 = FloatVector.fromArray(SPECIES, start, startAt + 5 * startRow);
        FloatVector y5 = FloatVector.fromArray(SPECIES, start, startAt + 5 * startRow + LANES);
        FloatVector x6 = FloatVector.fromArray(SPECIES, start, startAt + 6 * startRow);
        FloatVector y6 = FloatVector.fromArray(SPECIES, start, startAt + 6 * startRow + LANES);
        FloatVector x7 = FloatVector.fromArray(SPECIES, start, startAt + 7 * startRow);
        FloatVector y7 = FloatVector.fromArray(SPECIES, start, startAt + 7 * startRow + LANES);
        for (int p = 0; p < depth; p++) {
            int at = aAt + 8 * p;
            FloatVector u = FloatVector.fromArray(SPECIES, b, bAt + p * bStep);
            FloatVector v = FloatVector.fromArray(SPECIES, b, bAt + p * bStep + LANES);
            FloatVector f0 = FloatVector.broadcast(SPECIES, a[at]);
            x0 = f0.fma(u, x0);
            y0 = f0.fma(v, y0);
            FloatVector f1 = FloatVector.broadcast(SPECIES, a[at + 1]);
            x1 = f1.fma(u, x1);
            y1 = f1.fma(v, y1);
            FloatVector f2 = FloatVector.broadcast(SPECIES, a[at + 2]);
            x2 = f2.fma(u, x2);
            y2 = f2.fma(v, y2);
            FloatVector f3 = FloatVector.broadcast(SPECIES, a[at + 3]);
            x3 = f3.fma(u, x3);
            y3 = f3.fma(v, y3);
            FloatVector f4 = FloatVector.broadcast(SPECIES, a[at + 4]);
            x4 = f4.fma(u, x4);
            y4 = f4.fma(v, y4);
            FloatVector f5 = FloatVector.broadcast(SPECIES, a[at + 5]);
            x5 = f5.fma(u, x5);
            y5 = f5.fma(v, y5);
            FloatVector f6 = FloatVector.broadcast(SPECIES, a[at + 6]);
            x6 = f6.fma(u, x6);
            y6 = f6.fma(v, y6);
            FloatVector f7 = FloatVector.broadcast(SPECIES, a[at + 7]);
            x7 = f7.fma(u, x7);
            y7 = f7.fma(v, y7);
        }
        x0.intoArray(c, cAt);
        y0.intoArray(c, cAt + LANES);
        x1.intoArray(c, cAt + cRow);
        y1.intoArray(c, cAt + cRow + LANES);
        x2.intoArray(c, cAt + 2 * cRow);
        y2.intoArray(c, cAt + 2 * cRow + LANES);
        x3.intoArray(c, cAt + 3 * cRow);
        y3.intoArray(c, cAt + 3 * cRow + LANES);
        x4.intoArray(c, cAt + 4 * cRow);
        y4.intoArray(c, cAt + 4 * cRow + LANES);
        x5.intoArray(c, cAt + 5 * cRow);
        y5.intoArray(c, cAt + 5 * cRow + LANES);
        x6.intoArray(c, cAt + 6 * cRow);
        y6.intoArray(c, cAt + 6 * cRow + LANES);
        x7.intoArray(c, cAt + 7 * cRow);
        y7.intoArray(c, cAt + 7 * cRow + LANES);
    }

    private static void eight(
            float[] a,
            int aAt,
            int aRow,
            int aStep,
            float[] b,
            int bAt,
            int bStep,
            int depth,
            float[] start,
            int startAt,
            int startRow,
            float[] c,
            int cAt,
            int cRow) {
        FloatVector x0 = FloatVector.fromArray(SPECIES, start, startAt);
        FloatVector y0 = FloatVector.fromArray(SPECIES, start, startAt + LANES);
        FloatVector x1 = FloatVector.fromArray(SPECIES, start, startAt + startRow);
        FloatVector y1 = FloatVector.fromArray(SPECIES, start, startAt + startRow + LANES);
        FloatVector x2 = FloatVector.fromArray(SPECIES, start, startAt + 2 * startRow);
        FloatVector y2 = FloatVector.fromArray(SPECIES, start, startAt + 2 * startRow + LANES);
        FloatVector x3 = FloatVector.fromArray(SPECIES, start, startAt + 3 * startRow);
        FloatVector y3 = FloatVector.fromArray(SPECIES, start, startAt + 3 * startRow + LANES);
        FloatVector x4 = FloatVector.fromArray(SPECIES, start, startAt + 4 * startRow);
        FloatVector y4 = FloatVector.fromArray(SPECIES, start, startAt + 4 * startRow + LANES);
        FloatVector x5 = FloatVector.fromArray(SPECIES, start, startAt + 5 * startRow);
        FloatVector y5 = FloatVector.fromArray(SPECIES, start, startAt + 5 * startRow + LANES);
        FloatVector x6 = FloatVector.fromArray(SPECIES, start, startAt + 6 * startRow);
        FloatVector y6 = FloatVector.fromArray(SPECIES, start, startAt + 6 * startRow + LANES);
        FloatVector x7 = FloatVector.fromArray(SPECIES, start, startAt + 7 * startRow);
        FloatVector y7 = FloatVector.fromArray(SPECIES, start, startAt + 7 * startRow + LANES);
        int a1 = aAt + aRow;
        int a2 = a1 + aRow;
        int a3 = a2 + aRow;
        int a4 = a3 + aRow;
        int a5 = a4 + aRow;
        int a6 = a5 + aRow;
        int a7 = a6 + aRow;
        for (int p = 0; p < depth; p++) {
            int at = p * aStep;
            FloatVector u = FloatVector.fromArray(SPECIES, b, bAt + p * bStep);
            FloatVector v = FloatVector.fromArray(SPECIES, b, bAt + p * bStep + LANES);
            FloatVector f0 = FloatVector.broadcast(SPECIES, a[aAt + at]);
            x0 = f0.fma(u, x0);
            y0 = f0.fma(v, y0);
            FloatVector f1 = FloatVector.broadcast(SPECIES, a[a1 + at]);
            x1 = f1.fma(u, x1);
            y1 = f1.fma(v, y1);
            FloatVector f2 = FloatVector.broadcast(SPECIES, a[a2 + at]);
            x2 = f2.fma(u, x2);
            y2 = f2.fma(v, y2);
            FloatVector f3 = FloatVector.broadcast(SPECIES, a[a3 + at]);
            x3 = f3.fma(u, x3);
            y3 = f3.fma(v, y3);
            FloatVector f4 = FloatVector.broadcast(SPECIES, a[a4 + at]);
            x4 = f4.fma(u, x4);
            y4 = f4.fma(v, y4);
            FloatVector f5 = FloatVector.broadcast(SPECIES, a[a5 + at]);
            x5 = f5.fma(u, x5);
            y5 = f5.fma(v, y5);
            FloatVector f6 = FloatVector.broadcast(SPECIES, a[a6 + at]);
            x6 = f6.fma(u, x6);
            y6 = f6.fma(v, y6);
            FloatVector f7 = FloatVector.broadcast(SPECIES, a[a7 + at]);
            x7 = f7.fma(u, x7);
            y7 = f7.fma(v, y7);
        }
        x0.intoArray(c, cAt);
        y0.intoArray(c, cAt + LANES);
        x1.intoArray(c, cAt + cRow);
        y1.intoArray(c, cAt + cRow + LANES);
        x2.intoArray(c, cAt + 2 * cRow);
        y2.intoArray(c, cAt + 2 * cRow + LANES);
        x3.intoArray(c, cAt + 3 * cRow);
        y3.intoArray(c, cAt + 3 * cRow + LANES);
        x4.intoArray(c, cAt + 4 * cRow);
        y4.intoArray(c, cAt + 4 * cRow + LANES);
        x5.intoArray(c, cAt + 5 * cRow);
        y5.intoArray(c, cAt + 5 * cRow + LANES);
        x6.intoArray(c, cAt + 6 * cRow);
        y6.intoArray(c, cAt + 6 * cRow + LANES);
        x7.intoArray(c, cAt + 7 * cRow);
        y7.intoArray(c, cAt + 7 * cRow + LANES);
    }

    private static void four(
            float[] a,
            int aAt,
            int aRow,
            int aStep,
            float[] b,
            int bAt,
            int bStep,
            int depth,
            float[] start,
            int startAt,
            int startRow,
            float[] c,
            int cAt,
            int cRow) {
        FloatVector x0 = FloatVector.fromArray(SPECIES, start, startAt);
        FloatVector y0 = FloatVector.fromArray(SPECIES, start, startAt + LANES);
        FloatVector x1 = FloatVector.fromArray(SPECIES, start, startAt + startRow);
        FloatVector y1 = FloatVector.fromArray(SPECIES, start, startAt + startRow + LANES);
        FloatVector x2 = FloatVector.fromArray(SPECIES, start, startAt + 2 * startRow);
        FloatVector y2 = FloatVector.fromArray(SPECIES, start, startAt + 2 * startRow + LANES);
        FloatVector x3 = FloatVector.fromArray(SPECIES, start, startAt + 3 * startRow);
        FloatVector y3 = FloatVector.fromArray(SPECIES, start, startAt + 3 * startRow + LANES);
        int a1 = aAt + aRow;
        int a2 = a1 + aRow;
        int a3 = a2 + aRow;
        for (int p = 0; p < depth; p++) {
            int at = p * aStep;
            FloatVector u = FloatVector.fromArray(SPECIES, b, bAt + p * bStep);
            FloatVector v = FloatVector.fromArray(SPECIES, b, bAt + p * bStep + LANES);
            FloatVector f0 = FloatVector.broadcast(SPECIES, a[aAt + at]);
            x0 = f0.fma(u, x0);
            y0 = f0.fma(v, y0);
            FloatVector f1 = FloatVector.broadcast(SPECIES, a[a1 + at]);
            x1 = f1.fma(u, x1);
            y1 = f1.fma(v, y1);
            FloatVector f2 = FloatVector.broadcast(SPECIES, a[a2 + at]);
            x2 = f2.fma(u, x2);
            y2 = f2.fma(v, y2);
            FloatVector f3 = FloatVector.broadcast(SPECIES, a[a3 + at]);
            x3 = f3.fma(u, x3);
            y3 = f3.fma(v, y3);
        }
        x0.intoArray(c, cAt);
        y0.intoArray(c, cAt + LANES);
        x1.intoArray(c, cAt + cRow);
        y1.intoArray(c, cAt + cRow + LANES);
        x2.intoArray(c, cAt + 2 * cRow);
        y2.intoArray(c, cAt + 2 * cRow + LANES);
        x3.intoArray(c, cAt + 3 * cRow);
        y3.intoArray(c, cAt + 3 * cRow + LANES);
    }

    private static void two(
            float[] a,
            int aAt,
            int aRow,
            int aStep,
            float[] b,
            int bAt,
            int bStep,
            int depth,
            float[] start,
            int startAt,
            int startRow,
            float[] c,
            int cAt,
            int cRow) {
        FloatVector x0 = FloatVector.fromArray(SPECIES, start, startAt);
        FloatVector y0 = FloatVector.fromArray(SPECIES, start, startAt + LANES);
        FloatVector x1 = FloatVector.fromArray(SPECIES, start, startAt + startRow);
        FloatVector y1 = FloatVector.fromArray(SPECIES, start, startAt + startRow + LANES);
        int a1 = aAt + aRow;
        for (int p = 0; p < depth; p++) {
            int at = p * aStep;
            FloatVector u = FloatVector.fromArray(SPECIES, b, bAt + p * bStep);
            FloatVector v = FloatVector.fromArray(SPECIES, b, bAt + p * bStep + LANES);
            FloatVector f0 = FloatVector.broadcast(SPECIES, a[aAt + at]);
            x0 = f0.fma(u, x0);
            y0 = f0.fma(v, y0);
            FloatVector f1 = FloatVector.broadcast(SPECIES, a[a1 + at]);
            x1 = f1.fma(u, x1);
            y1 = f1.fma(v, y1);
        }
        x0.intoArray(c, cAt);
        y0.intoArray(c, cAt + LANES);
        x1.intoArray(c, cAt + cRow);
        y1.intoArray(c, cAt + cRow + LANES);
    }

    private static void one(
            float[] a,
            int aAt,
            int aStep,
            float[] b,
            int bAt,
            int bStep,
            int depth,
            float[] start,
            int startAt,
            float[] c,
            int cAt) {
        FloatVector x0 = FloatVector.fromArray(SPECIES, start, startAt);
        FloatVector y0 = FloatVector.fromArray(SPECIES, start, startAt + LANES);
        for (int p = 0; p < depth; p++) {
            int at = p * aStep;
            FloatVector u = FloatVector.fromArray(SPECIES, b, bAt + p * bStep);
            FloatVector v = FloatVector.fromArray(SPECIES, b, bAt + p * bStep + LANES);
            FloatVector f0 = FloatVector.broadcast(SPECIES, a[aAt + at]);
            x0 = f0.fma(u, x0);
            y0 = f0.fma(v, y0);
        }
        x0.intoArray(c, cAt);
        y0.intoArray(c, cAt + LANES);
    }

    /** Multiplies one row with two panels of b: four chains at a time, since one must wait for its last addition. */
    static void longRow(
            float[] a,
            int aAt,
            int aStep,
            float[] b,
            int bAt,
            int bNext,
            int bStep,
            int depth,
            float[] start,
            int startAt,
            float[] c,
            int cAt) {
        FloatVector x0 = FloatVector.fromArray(SPECIES, start, startAt);
        FloatVector y0 = FloatVector.fromArray(SPECIES, start, startAt + LANES);
        FloatVector x1 = FloatVector.fromArray(SPECIES, start, startAt + WIDTH);
        FloatVector y1 = FloatVector.fromArray(SPECIES, start, startAt + WIDTH + LANES);
        for (int p = 0; p < depth; p++) {
            FloatVector f = FloatVector.broadcast(SPECIES, a[aAt + p * aStep]);
            x0 = f.fma(FloatVector.fromArray(SPECIES, b, bAt + p * bStep), x0);
            y0 = f.fma(FloatVector.fromArray(SPECIES, b, bAt + p * bStep + LANES), y0);
            x1 = f.fma(FloatVector.fromArray(SPECIES, b, bNext + p * bStep), x1);
            y1 = f.fma(FloatVector.fromArray(SPECIES, b, bNext + p * bStep + LANES), y1);
        }
        x0.intoArray(c, cAt);
        y0.intoArray(c, cAt + LANES);
        x1.intoArray(c, cAt + WIDTH);
        y1.intoArray(c, cAt + WIDTH + LANES);
    }
}
