package dev.unfold.ops.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The functions of {@link F32Math} for runs of numbers: the same operations in the same order, so the same bits in every lane.
 *
 * <p>In all {@code V32...} classes vectors live in one method, in one loop. C2 inlines the Vector API's own methods whatever it costs, but
 * stops inlining ours where a compilation has grown large, and a vector that is handed to a method of ours becomes an object then.
 */
final class V32Math {
    private static final VectorSpecies<Float> SPECIES = V32.SPECIES;
    private static final int LANES = V32.LANES;
    private static final int ROUNDER_BITS = Float.floatToRawIntBits(F32Math.ROUNDER);

    private V32Math() {}

    /** y = e^(factor x - shift), as far as whole vectors go; returns how many numbers these hold. */
    static int exp(float factor, float[] from, int at, float shift, float[] y, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x =
                    FloatVector.fromArray(SPECIES, from, at + i).mul(factor).sub(shift);
            FloatVector shifted = x.fma(
                    FloatVector.broadcast(SPECIES, F32Math.LOG2_E), FloatVector.broadcast(SPECIES, F32Math.ROUNDER));
            FloatVector n = shifted.sub(F32Math.ROUNDER);
            FloatVector r = n.fma(FloatVector.broadcast(SPECIES, -F32Math.LN_2_HIGH), x);
            r = n.fma(FloatVector.broadcast(SPECIES, -F32Math.LN_2_LOW), r);
            FloatVector p = FloatVector.broadcast(SPECIES, 1.9875691500e-4f);
            p = p.fma(r, FloatVector.broadcast(SPECIES, 1.3981999507e-3f));
            p = p.fma(r, FloatVector.broadcast(SPECIES, 8.3334519073e-3f));
            p = p.fma(r, FloatVector.broadcast(SPECIES, 4.1665795894e-2f));
            p = p.fma(r, FloatVector.broadcast(SPECIES, 1.6666665459e-1f));
            p = p.fma(r, FloatVector.broadcast(SPECIES, 5.0000001201e-1f));
            p = p.mul(r).fma(r, r).add(1f);
            IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, F32Math.MANTISSA_BITS);
            FloatVector e = p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
            // Out of range, e is anything.
            x.add(Float.POSITIVE_INFINITY)
                    .blend(e, x.compare(VectorOperators.LE, F32Math.EXP_OVERFLOW))
                    .blend(0f, x.compare(VectorOperators.LT, F32Math.EXP_UNDERFLOW))
                    .intoArray(y, to + i);
        }
        return i;
    }

    /** y = 1 / (1 + e^-x), as far as whole vectors go; returns how many numbers these hold. */
    static int sigmoid(float[] x, int from, float[] y, int to, int length) {
        int end = exp(-1f, x, from, 0f, y, to, length);
        for (int i = 0; i < end; i += LANES) {
            FloatVector e = FloatVector.fromArray(SPECIES, y, to + i);
            FloatVector.broadcast(SPECIES, 1f).div(e.add(1f)).intoArray(y, to + i);
        }
        return end;
    }

    /** y = tanh x, as far as whole vectors go; returns how many numbers these hold. */
    static int tanh(float[] from, int at, float[] y, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, from, at + i);
            FloatVector twice = x.abs().min(F32Math.TANH_BOUND).mul(2f);
            FloatVector shifted = twice.fma(
                    FloatVector.broadcast(SPECIES, F32Math.LOG2_E), FloatVector.broadcast(SPECIES, F32Math.ROUNDER));
            FloatVector n = shifted.sub(F32Math.ROUNDER);
            FloatVector r = n.fma(FloatVector.broadcast(SPECIES, -F32Math.LN_2_HIGH), twice);
            r = n.fma(FloatVector.broadcast(SPECIES, -F32Math.LN_2_LOW), r);
            FloatVector p = FloatVector.broadcast(SPECIES, 1.9875691500e-4f);
            p = p.fma(r, FloatVector.broadcast(SPECIES, 1.3981999507e-3f));
            p = p.fma(r, FloatVector.broadcast(SPECIES, 8.3334519073e-3f));
            p = p.fma(r, FloatVector.broadcast(SPECIES, 4.1665795894e-2f));
            p = p.fma(r, FloatVector.broadcast(SPECIES, 1.6666665459e-1f));
            p = p.fma(r, FloatVector.broadcast(SPECIES, 5.0000001201e-1f));
            p = p.mul(r).fma(r, r);
            FloatVector scale = shifted.reinterpretAsInts()
                    .lanewise(VectorOperators.LSHL, F32Math.MANTISSA_BITS)
                    .add(F32Math.ONE_BITS)
                    .reinterpretAsFloats();
            FloatVector e = scale.fma(p, scale.sub(1f));
            e.div(e.add(2f))
                    .reinterpretAsInts()
                    .or(x.reinterpretAsInts().and(Integer.MIN_VALUE))
                    .reinterpretAsFloats()
                    .intoArray(y, to + i);
        }
        return i;
    }

    /** y = ln x, as far as whole vectors go; returns how many numbers these hold. */
    static int log(float[] from, int at, float[] y, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, from, at + i);
            VectorMask<Float> subnormal = x.compare(VectorOperators.LT, Float.MIN_NORMAL);
            FloatVector normal = x.blend(x.mul(F32Math.TWO_TO_23), subnormal);
            IntVector bits = normal.reinterpretAsInts().sub(F32Math.ROOT_HALF_BITS);
            IntVector whole = bits.lanewise(VectorOperators.ASHR, F32Math.MANTISSA_BITS);
            FloatVector n = whole.add(ROUNDER_BITS).reinterpretAsFloats().sub(F32Math.ROUNDER);
            n = n.blend(n.sub((float) F32Math.MANTISSA_BITS), subnormal);
            FloatVector f = bits.and(F32Math.MANTISSA)
                    .add(F32Math.ROOT_HALF_BITS)
                    .reinterpretAsFloats()
                    .sub(1f);
            FloatVector s = f.mul(f);
            FloatVector p = FloatVector.broadcast(SPECIES, 7.0376836292e-2f);
            p = p.fma(f, FloatVector.broadcast(SPECIES, -1.1514610310e-1f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, 1.1676998740e-1f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, -1.2420140846e-1f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, 1.4249322787e-1f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, -1.6668057665e-1f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, 2.0000714765e-1f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, -2.4999993993e-1f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, 3.3333331174e-1f));
            p = n.fma(FloatVector.broadcast(SPECIES, F32Math.LN_2_LOW), p.mul(f).mul(s));
            p = s.fma(FloatVector.broadcast(SPECIES, -0.5f), p);
            FloatVector log = n.fma(FloatVector.broadcast(SPECIES, F32Math.LN_2_HIGH), f.add(p));
            log.blend(x, x.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY))
                    .blend(Float.NaN, x.compare(VectorOperators.GE, 0f).not())
                    .blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0f))
                    .intoArray(y, to + i);
        }
        return i;
    }
}
