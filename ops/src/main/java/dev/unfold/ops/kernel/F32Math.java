package dev.unfold.ops.kernel;

/**
 * Functions of one float32, each a fixed sequence of operations that gives the same bits on every machine. The measured
 * errors, in units in the last place, are held by {@code F32MathTest}.
 */
@SuppressWarnings("FloatingPointLiteralPrecision") // coefficients as they were published
final class F32Math {
    static final float LOG2_E = 1.44269504f;
    static final float LN_2_HIGH = 0.693359375f;
    static final float LN_2_LOW = -2.12194440e-4f;
    /** Adding and subtracting this rounds to a whole number. */
    static final float ROUNDER = 12582912f;

    static final float EXP_OVERFLOW = 88.72283f;
    static final float EXP_UNDERFLOW = -87.33654f;

    static final float TANH_BOUND = 10f;

    static final float TWO_TO_23 = 0x1p23f;
    static final int ONE_BITS = 0x3f800000;
    static final int MANTISSA_BITS = 23;
    static final int MANTISSA = (1 << MANTISSA_BITS) - 1;
    static final int ROOT_HALF_BITS = 0x3f3504f3;
    /** The root of 2, less 1. */
    static final float LOG_1P_BOUND = 0.41421356f;

    private F32Math() {}

    /**
     * e^x to 1 ulp, 0 where that is below the smallest normal number: x = n ln 2 + r with |r| at most half of ln 2, a polynomial of
     * degree 7 in r (the coefficients of Moshier's Cephes library), scaled by 2^n.
     */
    static float exp(float x) {
        if (!(x <= EXP_OVERFLOW)) {
            return x + Float.POSITIVE_INFINITY;
        }
        if (x < EXP_UNDERFLOW) {
            return 0f;
        }
        float shifted = Math.fma(x, LOG2_E, ROUNDER);
        float p = expm1OfRest(x, shifted - ROUNDER) + 1f;
        // n is what the lowest bits of the shifted number say; to add it to the exponent of p is to multiply by 2^n.
        return Float.intBitsToFloat(Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(shifted) << MANTISSA_BITS));
    }

    /** e^r - 1 with r = x - n ln 2, for |r| up to half of ln 2. */
    private static float expm1OfRest(float x, float n) {
        float r = Math.fma(n, -LN_2_LOW, Math.fma(n, -LN_2_HIGH, x));
        float p = 1.9875691500e-4f;
        p = Math.fma(p, r, 1.3981999507e-3f);
        p = Math.fma(p, r, 8.3334519073e-3f);
        p = Math.fma(p, r, 4.1665795894e-2f);
        p = Math.fma(p, r, 1.6666665459e-1f);
        p = Math.fma(p, r, 5.0000001201e-1f);
        return Math.fma(p * r, r, r);
    }

    /**
     * ln x to 1 ulp: x = 2^n m with m between the roots of 1/2 and of 2, and a polynomial of degree 9 in m - 1 (the coefficients of
     * Moshier's Cephes library).
     */
    static float log(float x) {
        if (!(x > 0f) || x == Float.POSITIVE_INFINITY) {
            return x == 0f ? Float.NEGATIVE_INFINITY : x > 0f ? x : Float.NaN;
        }
        boolean subnormal = x < Float.MIN_NORMAL;
        int bits = Float.floatToRawIntBits(subnormal ? x * TWO_TO_23 : x) - ROOT_HALF_BITS;
        float m = Float.intBitsToFloat((bits & MANTISSA) + ROOT_HALF_BITS);
        return logOfParts((bits >> MANTISSA_BITS) - (subnormal ? MANTISSA_BITS : 0), m - 1f);
    }

    /** ln(1 + x) for x from 0 to 1. */
    private static float log1p(float x) {
        return x > LOG_1P_BOUND ? logOfParts(1f, (x - 1f) * 0.5f) : logOfParts(0f, x);
    }

    /** ln(2^n (1 + f)). */
    private static float logOfParts(float n, float f) {
        float s = f * f;
        float p = 7.0376836292e-2f;
        p = Math.fma(p, f, -1.1514610310e-1f);
        p = Math.fma(p, f, 1.1676998740e-1f);
        p = Math.fma(p, f, -1.2420140846e-1f);
        p = Math.fma(p, f, 1.4249322787e-1f);
        p = Math.fma(p, f, -1.6668057665e-1f);
        p = Math.fma(p, f, 2.0000714765e-1f);
        p = Math.fma(p, f, -2.4999993993e-1f);
        p = Math.fma(p, f, 3.3333331174e-1f);
        p = Math.fma(n, LN_2_LOW, p * f * s);
        p = Math.fma(-0.5f, s, p);
        return Math.fma(n, LN_2_HIGH, f + p);
    }

    /** 1 / (1 + e^-x) to 3 ulp. */
    static float sigmoid(float x) {
        return 1f / (1f + exp(-x));
    }

    /**
     * tanh x to 3 ulp: E / (E + 2) with E = e^|2x| - 1, which keeps its digits near 0, and x bounded to where the result rounds to 1.
     */
    static float tanh(float x) {
        float twice = 2f * Math.min(Math.abs(x), TANH_BOUND);
        float shifted = Math.fma(twice, LOG2_E, ROUNDER);
        float scale = Float.intBitsToFloat((Float.floatToRawIntBits(shifted) << MANTISSA_BITS) + ONE_BITS);
        float e = Math.fma(scale, expm1OfRest(twice, shifted - ROUNDER), scale - 1f);
        return Math.copySign(e / (e + 2f), x);
    }

    /** ln(1 + e^x), without overflow. */
    static float softplus(float x) {
        return Math.max(x, 0f) + log1p(exp(-Math.abs(x)));
    }

    /** e^x - 1, also near 0. */
    static float expm1(float x) {
        return (float) StrictMath.expm1(x);
    }

    /** x Phi(x). */
    static float gelu(float x) {
        return (float) Normal.gelu(x);
    }

    /** The derivative of x Phi(x). */
    static float geluSlope(float x) {
        return (float) Normal.geluSlope(x);
    }

    /** x where the mask is all ones, 0 where it is 0. By bits: a jump on a random mask is guessed wrong again and again. */
    static float masked(float x, long mask) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(x) & (int) mask);
    }

    /** x, or 0 where x is subnormal. */
    static float flushed(float x) {
        return Math.abs(x) < Float.MIN_NORMAL ? 0f : x;
    }
}
