package dev.unfold.graph;

/**
 * A loop that has run, or will be replayed: where its results are found. Its methods throw an {@link IndexOutOfBoundsException} where there
 * is no such step, and an {@link IllegalStateException} where the graph has been reset since, or a plan's recording has ended.
 */
public interface Repeated {
    /** Takes out the output of a step, which is 0 where the step was not run. */
    Node output(int step);

    /** Takes out the outputs of all steps, in the order of the sequences, as one node {@code [T, ...]}. */
    Node outputs();

    /**
     * Takes out a value that is carried, as it is behind a step: where that was not run, as the last one before it in the order left
     * it.
     *
     * @param index which of the values
     */
    Node carried(int index, int step);

    /** Takes out a value that is carried, as the last step that was run left it, or as it came where none was. */
    Node carried(int index);
}
