package dev.unfold.rnn.train;

import org.apache.commons.math3.util.FastMath;

/** {@link Schedule#step} and {@link Schedule#exponential}. */
record Decay(String name, int epochs, double by) implements Schedule {
    Decay {
        if (epochs < 1) {
            throw new IllegalArgumentException(
                    "schedule " + name + ": every " + epochs + " epochs; expected at least 1");
        }
        checkFactor(name, by);
    }

    static void checkFactor(String name, double by) {
        if (!(by > 0 && by < 1)) {
            throw new IllegalArgumentException(
                    "schedule " + name + ": the factor is " + by + "; expected a number between 0 and 1");
        }
    }

    @Override
    public double factor(Progress progress) {
        return FastMath.pow(by, progress.epochsDone() / epochs);
    }
}
