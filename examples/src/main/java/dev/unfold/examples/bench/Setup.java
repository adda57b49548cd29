package dev.unfold.examples.bench;

import dev.unfold.examples.cli.CommonOptions.UnrollMode;
import dev.unfold.graph.DType;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Unroll;
import org.jspecify.annotations.Nullable;

/**
 * How a workload is run.
 *
 * @param mode how cells are unfolded; null where that makes no difference
 * @param threads how many threads work
 * @param seed of first weights and of dropout; data are always the same
 */
record Setup(@Nullable UnrollMode mode, int threads, int seed) {
    boolean isStatic() {
        return mode == UnrollMode.STATIC;
    }

    /** Returns the same on one thread. */
    Setup onOneThread() {
        return new Setup(mode, 1, seed);
    }

    /** Returns what makes the weights of a model. */
    Parameters parameters(String model) {
        return new Parameters(model, DType.FLOAT32, new NumpyRandom(seed));
    }

    /** Returns what unfolds a cell, over so many steps and rows at the most where it must know. */
    Unroll unroll(Cell cell, int maxSteps, int maxRows) {
        return isStatic() ? Unroll.fixed(cell, maxSteps, maxRows) : Unroll.dynamic(cell);
    }
}
