package dev.unfold.graph;

/**
 * A loop that has run, or will be replayed: where its results are found. Result 0 is the output, those from 1 are the values that are
 * carried. Its methods throw an {@link IndexOutOfBoundsException} where there is no such step, and an {@link IllegalStateException} where
 * the graph has been reset since, or a plan's recording has ended.
 */
public interface Repeated {
    /**
     * Takes out a result of one step of a {@link Loop.Schedule#isWhole whole} run, without copying it.
     *
     * @throws IllegalStateException for a run that is not whole
     */
    Node result(int index, int step);

    /**
     * Takes out a result of all steps: of a {@link Loop.Schedule#isWhole whole} run {@code [T, N, ...]}, else {@code [T * N, ...]}, where
     * the rows of each step of the run follow those of the step before, and zeros follow the last.
     */
    Node results(int index);

    /**
     * Returns the values of a result at the last step of each row of the run, {@code [rows of the first step, ...]} in the order of the
     * run, without recording anything to be gone back through: it may be asked for behind {@code backward} as well. Zeros of no rows for a
     * run of no steps.
     */
    Tensor lasts(int index);
}
