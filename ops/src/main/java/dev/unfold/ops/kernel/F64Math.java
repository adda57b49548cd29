package dev.unfold.ops.kernel;

/** Functions of one float64, by {@link StrictMath}, so that every machine gives the same bits. */
final class F64Math {
    private F64Math() {}

    static double exp(double x) {
        return StrictMath.exp(x);
    }

    static double log(double x) {
        return StrictMath.log(x);
    }

    static double sigmoid(double x) {
        return 1 / (1 + StrictMath.exp(-x));
    }

    static double tanh(double x) {
        return StrictMath.tanh(x);
    }

    static double softplus(double x) {
        return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
    }

    static double expm1(double x) {
        return StrictMath.expm1(x);
    }

    static double gelu(double x) {
        return Normal.gelu(x);
    }

    static double geluSlope(double x) {
        return Normal.geluSlope(x);
    }

    static double masked(double x, long mask) {
        return Double.longBitsToDouble(Double.doubleToRawLongBits(x) & mask);
    }

    static double flushed(double x) {
        return Math.abs(x) < Double.MIN_NORMAL ? 0 : x;
    }
}
