package dev.unfold.ops.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Kernels along rows of float32 on the Vector API; the plain loops do what is left behind the last vector, or the last sixteen. */
final class V32Rows extends F32Rows {
    private static final VectorSpecies<Float> SPECIES = V32.SPECIES;
    private static final int LANES = V32.LANES;
    private static final int STRIPES = F32Scratch.STRIPES;

    @Override
    float greatest(float[] x, int from, int length) {
        if (length < LANES) {
            return super.greatest(x, from, length);
        }
        FloatVector greatest = FloatVector.fromArray(SPECIES, x, from);
        for (int i = LANES; i <= length - LANES; i += LANES) {
            greatest = greatest.max(FloatVector.fromArray(SPECIES, x, from + i));
        }
        // The last vector may overlap the one before: to look at a number twice does no harm.
        greatest = greatest.max(FloatVector.fromArray(SPECIES, x, from + length - LANES));
        float[] lanes = F32Scratch.ofThread().stripes();
        greatest.intoArray(lanes, 0);
        return super.greatest(lanes, 0, LANES);
    }

    @Override
    void addTo(float[] stripes, float[] x, int from, int length) {
        int i = 0;
        for (; i <= length - STRIPES; i += STRIPES) {
            for (int s = 0; s < STRIPES; s += LANES) {
                FloatVector.fromArray(SPECIES, stripes, s)
                        .add(FloatVector.fromArray(SPECIES, x, from + i + s))
                        .intoArray(stripes, s);
            }
        }
        super.addTo(stripes, x, from + i, length - i);
    }

    @Override
    void addProductsTo(float[] stripes, float[] a, int aFrom, float[] b, int bFrom, int length) {
        int i = 0;
        for (; i <= length - STRIPES; i += STRIPES) {
            for (int s = 0; s < STRIPES; s += LANES) {
                FloatVector.fromArray(SPECIES, a, aFrom + i + s)
                        .fma(
                                FloatVector.fromArray(SPECIES, b, bFrom + i + s),
                                FloatVector.fromArray(SPECIES, stripes, s))
                        .intoArray(stripes, s);
            }
        }
        super.addProductsTo(stripes, a, aFrom + i, b, bFrom + i, length - i);
    }

    @Override
    void addExpTo(float[] stripes, float[] x, int from, float shift, int length) {
        float[] e = F32Scratch.ofThread().block[0];
        for (int i = 0; i < length; i += e.length) {
            int part = Math.min(e.length, length - i);
            shiftedExp(x, from + i, shift, e, 0, part);
            addTo(stripes, e, 0, part);
        }
    }

    @Override
    void shiftedExp(float[] x, int from, float shift, float[] y, int to, int length) {
        int done = V32Math.exp(1f, x, from, shift, y, to, length);
        super.shiftedExp(x, from + done, shift, y, to + done, length - done);
    }

    @Override
    void shiftRun(float[] x, int from, float shift, float[] y, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector.fromArray(SPECIES, x, from + i).sub(shift).intoArray(y, to + i);
        }
        super.shiftRun(x, from + i, shift, y, to + i, length - i);
    }

    @Override
    void scaleRun(float factor, float[] x, int from, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector.fromArray(SPECIES, x, from + i).mul(factor).intoArray(x, from + i);
        }
        super.scaleRun(factor, x, from + i, length - i);
    }

    @Override
    void divideRun(float divisor, float[] x, int from, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector.fromArray(SPECIES, x, from + i).div(divisor).intoArray(x, from + i);
        }
        super.divideRun(divisor, x, from + i, length - i);
    }

    @Override
    void addRun(float[] x, int from, float[] y, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector.fromArray(SPECIES, y, to + i)
                    .add(FloatVector.fromArray(SPECIES, x, from + i))
                    .intoArray(y, to + i);
        }
        super.addRun(x, from + i, y, to + i, length - i);
    }

    @Override
    void addRun(float factor, float[] x, int from, float[] y, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector.broadcast(SPECIES, factor)
                    .fma(FloatVector.fromArray(SPECIES, x, from + i), FloatVector.fromArray(SPECIES, y, to + i))
                    .intoArray(y, to + i);
        }
        super.addRun(factor, x, from + i, y, to + i, length - i);
    }

    @Override
    void addToRun(float factor, float number, float[] x, int from, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector.broadcast(SPECIES, factor)
                    .fma(FloatVector.broadcast(SPECIES, number), FloatVector.fromArray(SPECIES, x, from + i))
                    .intoArray(x, from + i);
        }
        super.addToRun(factor, number, x, from + i, length - i);
    }

    @Override
    void addExpRun(float factor, float[] x, int from, float shift, float[] y, int to, int length) {
        float[] e = F32Scratch.ofThread().block[0];
        for (int i = 0; i < length; i += e.length) {
            int part = Math.min(e.length, length - i);
            shiftedExp(x, from + i, shift, e, 0, part);
            addRun(factor, e, 0, y, to + i, part);
        }
    }

    @Override
    void addSoftmaxGradient(float[] y, int from, float[] dy, int at, float mean, float[] dx, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector slope = FloatVector.fromArray(SPECIES, dy, at + i).sub(mean);
            FloatVector.fromArray(SPECIES, y, from + i)
                    .fma(slope, FloatVector.fromArray(SPECIES, dx, to + i))
                    .intoArray(dx, to + i);
        }
        super.addSoftmaxGradient(y, from + i, dy, at + i, mean, dx, to + i, length - i);
    }

    @Override
    void addLogSoftmaxGradient(float[] y, int from, float[] dy, int at, float total, float[] dx, int to, int length) {
        float[] e = F32Scratch.ofThread().block[0];
        for (int i = 0; i < length; i += e.length) {
            int part = Math.min(e.length, length - i);
            shiftedExp(y, from + i, 0f, e, 0, part);
            subtractShares(e, total, dy, at + i, dx, to + i, part);
        }
    }

    /** dx += dy - total e. */
    private static void subtractShares(float[] e, float total, float[] dy, int at, float[] dx, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector slope = FloatVector.fromArray(SPECIES, e, i)
                    .fma(FloatVector.broadcast(SPECIES, -total), FloatVector.fromArray(SPECIES, dy, at + i));
            FloatVector.fromArray(SPECIES, dx, to + i).add(slope).intoArray(dx, to + i);
        }
        for (; i < length; i++) {
            dx[to + i] += Math.fma(-e[i], total, dy[at + i]);
        }
    }

    @Override
    void addLayerNormGradient(
            float[] y,
            int from,
            float share,
            float[] dy,
            int at,
            float mean,
            float scale,
            float[] dx,
            int to,
            int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector slope = FloatVector.fromArray(SPECIES, y, from + i)
                    .neg()
                    .fma(
                            FloatVector.broadcast(SPECIES, share),
                            FloatVector.fromArray(SPECIES, dy, at + i).sub(mean));
            FloatVector.broadcast(SPECIES, scale)
                    .fma(slope, FloatVector.fromArray(SPECIES, dx, to + i))
                    .intoArray(dx, to + i);
        }
        super.addLayerNormGradient(y, from + i, share, dy, at + i, mean, scale, dx, to + i, length - i);
    }
}
