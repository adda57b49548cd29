package dev.unfold.ops.kernel;

/**
 * Random numbers that are a pure function of what they are drawn for, so that no order of calls, no precision and no cut of the work
 * changes them: a hash of (seed, key, step, row) begins the numbers of a row, and number j of the row is a hash of that and j. The
 * hash is the generator of G. L. Steele, D. Lea and C. H. Flood, "Fast Splittable Pseudorandom Number Generators", 2014, with the
 * finaliser that {@code java.util.SplittableRandom} uses (D. Stafford's variant 13 of MurmurHash3's).
 */
public final class Draws {
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;
    private static final int BITS = 53;

    private Draws() {}

    /** Returns what the numbers of one row are drawn from; the key says what they are for. */
    public static long row(long seed, long key, int step, int row) {
        return hash(hash(hash(hash(0, seed), key), step), row);
    }

    /** Returns all ones with probability {@code below / 2^53}, else 0: a mask for number j of a row. */
    static long mask(long row, int j, long below) {
        return ((hash(row, j) >>> (Long.SIZE - BITS)) - below) >> (Long.SIZE - 1);
    }

    /** Returns a probability as a count of 2^53 equally likely numbers, rounded up. */
    static long below(double probability) {
        return (long) Math.ceil(Math.scalb(probability, BITS));
    }

    private static long hash(long state, long value) {
        long z = state + GOLDEN_RATIO * (value + 1);
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
