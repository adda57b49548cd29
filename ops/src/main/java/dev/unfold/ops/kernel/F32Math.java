package dev.unfold.ops.kernel;

/**
 * Functions of one float32, each a fixed sequence of operations that gives the same bits on every machine. The measured
 * errors, in units in the last place, are held by {@code F32MathTest}.
 */
@SuppressWarnings("FloatingPointLiteralPrecision") // coefficients as they were published
final class F32Math {
    private static final float LOG2_E = 1.44269504f;
    private static final float LN_2_HIGH = 0.693359375f;
    private static final float LN_2_LOW = -2.12194440e-4f;
    /** Adding and subtracting this rounds to a whole number. */
    private static final float ROUNDER = 12582912f;

    private static final float EXP_OVERFLOW = 88.722839f;
    private static final float EXP_UNDERFLOW = -87.33654f;

    private static final float TANH_BOUND = 7.99881172f;

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
        float n = Math.fma(x, LOG2_E, ROUNDER) - ROUNDER;
        float r = Math.fma(n, -LN_2_LOW, Math.fma(n, -LN_2_HIGH, x));
        float p = 1.9875691500e-4f;
        p = Math.fma(p, r, 1.3981999507e-3f);
        p = Math.fma(p, r, 8.3334519073e-3f);
        p = Math.fma(p, r, 4.1665795894e-2f);
        p = Math.fma(p, r, 1.6666665459e-1f);
        p = Math.fma(p, r, 5.0000001201e-1f);
        p = Math.fma(p * r, r, r) + 1f;
        // 2^n in two factors, since n may be 128.
        int half = (int) n >> 1;
        return p * powerOfTwo(half) * powerOfTwo((int) n - half);
    }

    private static float powerOfTwo(int exponent) {
        return Float.intBitsToFloat((exponent + 127) << 23);
    }

    /** ln x to 0.5 ulp. */
    static float log(float x) {
        return (float) StrictMath.log(x);
    }

    /** 1 / (1 + e^-x) to 3 ulp. */
    static float sigmoid(float x) {
        return 1f / (1f + exp(-x));
    }

    /**
     * tanh x to 5 ulp: an odd polynomial of degree 13 over an even one of degree 6 (the coefficients of the Eigen library), with x
     * bounded to where the result rounds to 1.
     */
    static float tanh(float x) {
        float bounded = Math.max(-TANH_BOUND, Math.min(TANH_BOUND, x));
        float s = bounded * bounded;
        float p = -2.76076847742355e-16f;
        p = Math.fma(p, s, 2.00018790482477e-13f);
        p = Math.fma(p, s, -8.60467152213735e-11f);
        p = Math.fma(p, s, 5.12229709037114e-08f);
        p = Math.fma(p, s, 1.48572235717979e-05f);
        p = Math.fma(p, s, 6.37261928875436e-04f);
        p = Math.fma(p, s, 4.89352455891786e-03f);
        float q = 1.19825839466702e-06f;
        q = Math.fma(q, s, 1.18534705686654e-04f);
        q = Math.fma(q, s, 2.26843463243900e-03f);
        q = Math.fma(q, s, 4.89352518554385e-03f);
        return bounded * (p / q);
    }

    /** ln(1 + e^x), without overflow. */
    static float softplus(float x) {
        return Math.max(x, 0f) + (float) StrictMath.log1p(exp(-Math.abs(x)));
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
}
