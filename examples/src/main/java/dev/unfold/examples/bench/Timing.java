package dev.unfold.examples.bench;

import dev.unfold.examples.bench.Workload.Run;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * How runs are timed: in chunks of a fixed number of passes.
 *
 * @param warmupSeconds how long to wait at the most until the rates of three chunks in a row agree
 * @param repetitions how many chunks are timed then
 * @param chunkSeconds how long a chunk takes at least
 * @param clock tells nanoseconds
 */
record Timing(double warmupSeconds, int repetitions, double chunkSeconds, LongSupplier clock) {
    private static final int IN_A_ROW = 3;
    private static final double AGREEMENT = 1.05;
    /** The part of the warm-up that is waited for in any case: compilers take their time, and rates agree before they begin, too. */
    private static final double AT_LEAST = 0.2;

    private static final double NANOS = 1e9;

    /** Returns the units per second of each repetition, ascending. */
    List<Double> rates(Run run) {
        int passes = warmUp(run);
        List<Double> rates = new ArrayList<>();
        for (int i = 0; i < repetitions; i++) {
            rates.add(passes * run.units() / seconds(run, passes));
        }
        Collections.sort(rates);
        return rates;
    }

    /** Returns the number of passes that a chunk is to have. */
    private int warmUp(Run run) {
        long start = clock.getAsLong();
        double[] latest = new double[IN_A_ROW];
        int passes = 1;
        int chunks = 0;
        double waited;
        do {
            double seconds = seconds(run, passes);
            latest[chunks++ % IN_A_ROW] = passes / seconds;
            passes = (int) Math.max(1, Math.ceil(chunkSeconds * passes / seconds));
            waited = (clock.getAsLong() - start) / NANOS;
        } while (waited < AT_LEAST * warmupSeconds || (waited < warmupSeconds && !agree(latest)));
        return passes;
    }

    private static boolean agree(double[] rates) {
        double least = Arrays.stream(rates).min().orElse(0);
        double most = Arrays.stream(rates).max().orElse(0);
        return least > 0 && most <= AGREEMENT * least;
    }

    private double seconds(Run run, int passes) {
        long start = clock.getAsLong();
        double sum = 0;
        for (int i = 0; i < passes; i++) {
            sum += run.pass();
        }
        double seconds = (clock.getAsLong() - start) / NANOS;
        if (!Double.isFinite(sum)) {
            throw new IllegalStateException("bench: the results of " + passes + " passes add up to " + sum
                    + "; what is timed must compute finite numbers");
        }
        return seconds;
    }

    /** Returns the median of numbers in order. */
    static double median(List<Double> sorted) {
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
