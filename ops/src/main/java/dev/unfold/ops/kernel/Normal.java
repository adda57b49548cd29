package dev.unfold.ops.kernel;

/** The standard normal distribution, in double precision. */
final class Normal {
    private static final double ROOT_2_PI = Math.sqrt(2 * Math.PI);
    /** Beyond this the distribution function is 0 or 1 to within 1e-17. */
    private static final double FAR = 8.5;

    private Normal() {}

    /** x Phi(x). */
    static double gelu(double x) {
        if (Math.abs(x) > FAR) {
            return Math.max(x, 0);
        }
        return x * distribution(x);
    }

    /** The derivative of x Phi(x), Phi(x) + x phi(x). */
    static double geluSlope(double x) {
        if (Math.abs(x) > FAR) {
            return x > 0 ? 1 : 0;
        }
        return distribution(x) + x * density(x);
    }

    /** phi(x) = e^(-x^2/2) / sqrt(2 pi). */
    private static double density(double x) {
        return StrictMath.exp(-x * x / 2) / ROOT_2_PI;
    }

    /**
     * Phi(x) = 1/2 + phi(x) (x + x^3/3 + x^5/(3*5) + ...), to an absolute error of about 1e-15 (G. Marsaglia,
     * "Evaluating the Normal Distribution", Journal of Statistical Software 11, 2004).
     */
    private static double distribution(double x) {
        double term = x;
        double sum = x;
        double previous = Double.NaN;
        for (int odd = 3; sum != previous && !Double.isNaN(sum); odd += 2) {
            previous = sum;
            term *= x * x / odd;
            sum += term;
        }
        return 0.5 + sum * density(x);
    }
}
