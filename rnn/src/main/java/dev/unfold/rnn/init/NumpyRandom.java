package dev.unfold.rnn.init;

import org.apache.commons.math3.random.MersenneTwister;
import org.apache.commons.math3.util.FastMath;

/**
 * The draws of NumPy's {@code numpy.random.RandomState(seed)}: what is needed to repeat an experiment that was made with
 * NumPy. All are the same bit for bit, except that fewer than one normal number in a thousand differ in the last bit,
 * because the logarithms of Java and C do.
 *
 * <p>It is a {@link org.apache.commons.math3.random.RandomGenerator}, so any initialiser can draw from it. NumPy knows
 * {@link #nextDouble}, {@link #nextGaussian} and the methods of this class; what else is inherited, {@code nextInt(n)}
 * for example, draws in the manner of commons-math and has no counterpart there.
 *
 * <p>Matsumoto and Nishimura, Mersenne Twister, 1998.
 */
public final class NumpyRandom extends MersenneTwister {
    private static final long serialVersionUID = 1L;

    /** The second of a pair of normal numbers, or NaN where there is none. */
    private double cached = Double.NaN;

    /**
     * Makes the generator {@code RandomState(seed)}.
     *
     * @throws IllegalArgumentException for a negative seed
     */
    public NumpyRandom(int seed) {
        super(checkSeed(seed));
    }

    /**
     * Starts again as {@code RandomState(seed)}.
     *
     * @throws IllegalArgumentException for a negative seed
     */
    @Override
    public void setSeed(int seed) {
        super.setSeed(checkSeed(seed));
    }

    /**
     * Starts again as {@code RandomState(seed)}.
     *
     * @throws IllegalArgumentException for a seed that is negative or above 2^31 - 1
     */
    @Override
    public void setSeed(long seed) {
        setSeed(checkSeed(seed));
    }

    // NumPy also takes seeds from 2^31 to 2^32 - 1, which the base class would not spread out in the same way.
    private static int checkSeed(long seed) {
        if (seed < 0 || seed > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("numpy random: seed is " + seed + "; expected 0 to 2147483647");
        }
        return (int) seed;
    }

    /** Forgets the second of a pair of normal numbers. */
    @Override
    public void clear() {
        super.clear();
        cached = Double.NaN;
    }

    /** Returns a number from [0, 1), a multiple of 2^-53, as {@code random_sample()} does. */
    @Override
    public double nextDouble() {
        long high = next(27);
        long low = next(26);
        return ((high << 26) + low) * 0x1p-53;
    }

    /** Returns a standard normal number, as {@code randn()} does: by the polar method, which makes two at a time. */
    @Override
    public double nextGaussian() {
        if (!Double.isNaN(cached)) {
            double second = cached;
            cached = Double.NaN;
            return second;
        }
        double x;
        double y;
        double square;
        do {
            x = 2 * nextDouble() - 1;
            y = 2 * nextDouble() - 1;
            square = x * x + y * y;
        } while (square >= 1 || square == 0);
        // Of Java's logarithms the one that agrees most often with that of C, which NumPy calls; and the same
        // everywhere.
        double factor = Math.sqrt(-2 * FastMath.log(square) / square);
        cached = factor * x;
        return factor * y;
    }

    /**
     * Returns {@code n} numbers from [0, 1), as {@code uniform(size=n)} does.
     *
     * @throws IllegalArgumentException for a negative n
     */
    public double[] uniform(int n) {
        double[] draws = new double[checkLength("uniform", n)];
        for (int i = 0; i < n; i++) {
            draws[i] = nextDouble();
        }
        return draws;
    }

    /**
     * Returns {@code n} standard normal numbers, as {@code randn(n)} does.
     *
     * @throws IllegalArgumentException for a negative n
     */
    public double[] randn(int n) {
        double[] draws = new double[checkLength("randn", n)];
        for (int i = 0; i < n; i++) {
            draws[i] = nextGaussian();
        }
        return draws;
    }

    /**
     * Returns a whole number from {@code low} up to but not including {@code high}, as {@code randint(low, high)} does.
     *
     * @throws IllegalArgumentException where low is not below high
     */
    public int randint(int low, int high) {
        if (low >= high) {
            throw new IllegalArgumentException(
                    "numpy random: randint has low " + low + " and high " + high + "; expected low below high");
        }
        return (int) (low + interval((long) high - 1 - low));
    }

    /**
     * Returns the numbers from 0 up to but not including {@code n} in random order, as {@code permutation(n)} does.
     *
     * @throws IllegalArgumentException for a negative n
     */
    public int[] permutation(int n) {
        int[] order = new int[checkLength("permutation", n)];
        for (int i = 0; i < n; i++) {
            order[i] = i;
        }
        for (int i = n - 1; i > 0; i--) {
            int j = (int) interval(i);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }

    /** Returns a number from 0 to {@code max}: draws of 32 bits cut down to the bits of max, until one does not exceed. */
    private long interval(long max) {
        if (max == 0) {
            return 0;
        }
        long mask = (Long.highestOneBit(max) << 1) - 1;
        long draw;
        do {
            draw = next(32) & mask;
        } while (draw > max);
        return draw;
    }

    private static int checkLength(String method, int n) {
        if (n < 0) {
            throw new IllegalArgumentException(
                    "numpy random: " + method + " is asked for " + n + " numbers; expected 0 or more");
        }
        return n;
    }
}
