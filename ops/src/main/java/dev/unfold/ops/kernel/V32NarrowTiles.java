package dev.unfold.ops.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** As {@link V32Tiles}, one vector wide: for the last columns, where they are no more. */
final class V32NarrowTiles {
    private static final VectorSpecies<Float> SPECIES = V32.SPECIES;

    private V32NarrowTiles() {}

    /** c = start + a b for one tile of c; see {@link V32Tiles#multiply}. */
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
            case 8 -> eight(a, aAt, aRow, aStep, b, bAt, bStep, depth, start, startAt, startRow, c, cAt, cRow);
            case 4 -> four(a, aAt, aRow, aStep, b, bAt, bStep, depth, start, startAt, startRow, c, cAt, cRow);
            case 2 -> two(a, aAt, aRow, aStep, b, bAt, bStep, depth, start, startAt, startRow, c, cAt, cRow);
            default -> one(a, aAt, aStep, b, bAt, bStep, depth, start, startAt, c, cAt);
        }
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
        FloatVector x1 = FloatVector.fromArray(SPECIES, start, startAt + startRow);
        FloatVector x2 = FloatVector.fromArray(SPECIES, start, startAt + 2 * startRow);
        FloatVector x3 = FloatVector.fromArray(SPECIES, start, startAt + 3 * startRow);
        FloatVector x4 = FloatVector.fromArray(SPECIES, start, startAt + 4 * startRow);
        FloatVector x5 = FloatVector.fromArray(SPECIES, start, startAt + 5 * startRow);
        FloatVector x6 = FloatVector.fromArray(SPECIES, start, startAt + 6 * startRow);
        FloatVector x7 = FloatVector.fromArray(SPECIES, start, startAt + 7 * startRow);
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
            FloatVector f0 = FloatVector.broadcast(SPECIES, a[aAt + at]);
            x0 = f0.fma(u, x0);
            FloatVector f1 = FloatVector.broadcast(SPECIES, a[a1 + at]);
            x1 = f1.fma(u, x1);
            FloatVector f2 = FloatVector.broadcast(SPECIES, a[a2 + at]);
            x2 = f2.fma(u, x2);
            FloatVector f3 = FloatVector.broadcast(SPECIES, a[a3 + at]);
            x3 = f3.fma(u, x3);
            FloatVector f4 = FloatVector.broadcast(SPECIES, a[a4 + at]);
            x4 = f4.fma(u, x4);
            FloatVector f5 = FloatVector.broadcast(SPECIES, a[a5 + at]);
            x5 = f5.fma(u, x5);
            FloatVector f6 = FloatVector.broadcast(SPECIES, a[a6 + at]);
            x6 = f6.fma(u, x6);
            FloatVector f7 = FloatVector.broadcast(SPECIES, a[a7 + at]);
            x7 = f7.fma(u, x7);
        }
        x0.intoArray(c, cAt);
        x1.intoArray(c, cAt + cRow);
        x2.intoArray(c, cAt + 2 * cRow);
        x3.intoArray(c, cAt + 3 * cRow);
        x4.intoArray(c, cAt + 4 * cRow);
        x5.intoArray(c, cAt + 5 * cRow);
        x6.intoArray(c, cAt + 6 * cRow);
        x7.intoArray(c, cAt + 7 * cRow);
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
        FloatVector x1 = FloatVector.fromArray(SPECIES, start, startAt + startRow);
        FloatVector x2 = FloatVector.fromArray(SPECIES, start, startAt + 2 * startRow);
        FloatVector x3 = FloatVector.fromArray(SPECIES, start, startAt + 3 * startRow);
        int a1 = aAt + aRow;
        int a2 = a1 + aRow;
        int a3 = a2 + aRow;
        for (int p = 0; p < depth; p++) {
            int at = p * aStep;
            FloatVector u = FloatVector.fromArray(SPECIES, b, bAt + p * bStep);
            FloatVector f0 = FloatVector.broadcast(SPECIES, a[aAt + at]);
            x0 = f0.fma(u, x0);
            FloatVector f1 = FloatVector.broadcast(SPECIES, a[a1 + at]);
            x1 = f1.fma(u, x1);
            FloatVector f2 = FloatVector.broadcast(SPECIES, a[a2 + at]);
            x2 = f2.fma(u, x2);
            FloatVector f3 = FloatVector.broadcast(SPECIES, a[a3 + at]);
            x3 = f3.fma(u, x3);
        }
        x0.intoArray(c, cAt);
        x1.intoArray(c, cAt + cRow);
        x2.intoArray(c, cAt + 2 * cRow);
        x3.intoArray(c, cAt + 3 * cRow);
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
        FloatVector x1 = FloatVector.fromArray(SPECIES, start, startAt + startRow);
        int a1 = aAt + aRow;
        for (int p = 0; p < depth; p++) {
            int at = p * aStep;
            FloatVector u = FloatVector.fromArray(SPECIES, b, bAt + p * bStep);
            FloatVector f0 = FloatVector.broadcast(SPECIES, a[aAt + at]);
            x0 = f0.fma(u, x0);
            FloatVector f1 = FloatVector.broadcast(SPECIES, a[a1 + at]);
            x1 = f1.fma(u, x1);
        }
        x0.intoArray(c, cAt);
        x1.intoArray(c, cAt + cRow);
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
        for (int p = 0; p < depth; p++) {
            int at = p * aStep;
            FloatVector u = FloatVector.fromArray(SPECIES, b, bAt + p * bStep);
            FloatVector f0 = FloatVector.broadcast(SPECIES, a[aAt + at]);
            x0 = f0.fma(u, x0);
        }
        x0.intoArray(c, cAt);
    }
}
