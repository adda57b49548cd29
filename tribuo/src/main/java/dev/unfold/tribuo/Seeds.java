package dev.unfold.tribuo;

import dev.unfold.ops.kernel.Draws;
import dev.unfold.rnn.init.NumpyRandom;

/** What a trainer's seed and the number of its invocation are made into. */
final class Seeds {
    private static final long INVOCATION_KEY = 3;

    private Seeds() {}

    /** Returns the seed of one training. */
    static long ofTraining(long seed, int invocation) {
        return Draws.row(seed, INVOCATION_KEY, invocation, 0);
    }

    /** Returns a generator for a training. */
    static NumpyRandom random(long seedOfTraining) {
        return new NumpyRandom((int) (seedOfTraining >>> (Long.SIZE - Integer.SIZE + 1)));
    }

    /** Returns a number from 0 up to, but not including, 1, from a draw. */
    static double uniform(long draw) {
        return (draw >>> 11) * 0x1p-53;
    }
}
