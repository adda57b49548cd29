package dev.unfold.ops.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Updates of float32 parameters on the Vector API; the plain loops do what is left behind the last vector. */
final class V32Updates extends F32Updates {
    private static final VectorSpecies<Float> SPECIES = V32.SPECIES;
    private static final int LANES = V32.LANES;

    @Override
    void sgd(float[] g, int gAt, float[] p, int pAt, float wd, float lr, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector weight = FloatVector.fromArray(SPECIES, p, pAt + i);
            FloatVector slope =
                    FloatVector.broadcast(SPECIES, wd).fma(weight, FloatVector.fromArray(SPECIES, g, gAt + i));
            FloatVector.broadcast(SPECIES, -lr).fma(slope, weight).intoArray(p, pAt + i);
        }
        super.sgd(g, gAt + i, p, pAt + i, wd, lr, length - i);
    }

    @Override
    void momentum(
            float[] g,
            int gAt,
            float[] v,
            int vAt,
            boolean lookAhead,
            float[] p,
            int pAt,
            float mu,
            float wd,
            float lr,
            int length) {
        int i = 0;
        for (; lookAhead && i <= length - LANES; i += LANES) {
            FloatVector weight = FloatVector.fromArray(SPECIES, p, pAt + i);
            FloatVector slope =
                    FloatVector.broadcast(SPECIES, wd).fma(weight, FloatVector.fromArray(SPECIES, g, gAt + i));
            FloatVector speed =
                    FloatVector.broadcast(SPECIES, mu).fma(FloatVector.fromArray(SPECIES, v, vAt + i), slope);
            speed.intoArray(v, vAt + i);
            FloatVector.broadcast(SPECIES, -lr)
                    .fma(FloatVector.broadcast(SPECIES, mu).fma(speed, slope), weight)
                    .intoArray(p, pAt + i);
        }
        for (; i <= length - LANES; i += LANES) {
            FloatVector weight = FloatVector.fromArray(SPECIES, p, pAt + i);
            FloatVector slope =
                    FloatVector.broadcast(SPECIES, wd).fma(weight, FloatVector.fromArray(SPECIES, g, gAt + i));
            FloatVector speed =
                    FloatVector.broadcast(SPECIES, mu).fma(FloatVector.fromArray(SPECIES, v, vAt + i), slope);
            speed.intoArray(v, vAt + i);
            FloatVector.broadcast(SPECIES, -lr).fma(speed, weight).intoArray(p, pAt + i);
        }
        super.momentum(g, gAt + i, v, vAt + i, lookAhead, p, pAt + i, mu, wd, lr, length - i);
    }

    @Override
    void adam(
            float[] g,
            int gAt,
            float[] m,
            int mAt,
            float[] v,
            int vAt,
            float[] p,
            int pAt,
            float b1,
            float c1,
            float b2,
            float c2,
            float eps,
            float wd,
            float lr,
            float correction,
            int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector weight = FloatVector.fromArray(SPECIES, p, pAt + i);
            FloatVector slope =
                    FloatVector.broadcast(SPECIES, wd).fma(weight, FloatVector.fromArray(SPECIES, g, gAt + i));
            FloatVector mean =
                    FloatVector.broadcast(SPECIES, b1).fma(FloatVector.fromArray(SPECIES, m, mAt + i), slope.mul(c1));
            FloatVector square = FloatVector.broadcast(SPECIES, b2)
                    .fma(
                            FloatVector.fromArray(SPECIES, v, vAt + i),
                            slope.mul(c2).mul(slope));
            mean.intoArray(m, mAt + i);
            square.intoArray(v, vAt + i);
            FloatVector size = square.sqrt().div(correction).add(eps);
            weight.sub(mean.mul(lr).div(size)).intoArray(p, pAt + i);
        }
        super.adam(g, gAt + i, m, mAt + i, v, vAt + i, p, pAt + i, b1, c1, b2, c2, eps, wd, lr, correction, length - i);
    }

    @Override
    void rmsProp(
            float[] g,
            int gAt,
            float[] s,
            int sAt,
            float[] p,
            int pAt,
            float kept,
            float taken,
            float eps,
            float wd,
            float lr,
            int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector weight = FloatVector.fromArray(SPECIES, p, pAt + i);
            FloatVector slope =
                    FloatVector.broadcast(SPECIES, wd).fma(weight, FloatVector.fromArray(SPECIES, g, gAt + i));
            FloatVector square = FloatVector.broadcast(SPECIES, kept)
                    .fma(
                            FloatVector.fromArray(SPECIES, s, sAt + i),
                            slope.mul(taken).mul(slope));
            square.intoArray(s, sAt + i);
            weight.sub(slope.mul(lr).div(square.sqrt().add(eps))).intoArray(p, pAt + i);
        }
        super.rmsProp(g, gAt + i, s, sAt + i, p, pAt + i, kept, taken, eps, wd, lr, length - i);
    }

    @Override
    void adagrad(
            float[] g, int gAt, float[] s, int sAt, float[] p, int pAt, float eps, float wd, float lr, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector weight = FloatVector.fromArray(SPECIES, p, pAt + i);
            FloatVector slope =
                    FloatVector.broadcast(SPECIES, wd).fma(weight, FloatVector.fromArray(SPECIES, g, gAt + i));
            FloatVector square = slope.fma(slope, FloatVector.fromArray(SPECIES, s, sAt + i));
            square.intoArray(s, sAt + i);
            weight.sub(slope.mul(lr).div(square.sqrt().add(eps))).intoArray(p, pAt + i);
        }
        super.adagrad(g, gAt + i, s, sAt + i, p, pAt + i, eps, wd, lr, length - i);
    }
}
