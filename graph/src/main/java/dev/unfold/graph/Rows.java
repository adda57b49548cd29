package dev.unfold.graph;

/**
 * How the rows of a batch, the first axis, go through an operation: whether some of them can be computed without the others, by another
 * thread or in a block that fits into a cache, and whether rows of several steps can be computed at once.
 */
public enum Rows {
    /** Rows meet, or the operation cannot tell: it runs on all rows of one step at once. */
    TOGETHER,

    /**
     * Each row of the output is computed from the same row of the inputs that have rows, and from all of the others; so is each row of
     * the gradients of the former. What is computed may depend on the step and the number of the row ({@link Pass#stepOf}, {@link Pass#rowOf}).
     */
    NUMBERED,

    /**
     * As {@link #NUMBERED}, but neither step nor number of the row matters; and the gradient of an input without rows is, in each
     * element, one chain of additions over ascending rows, so that one backward over the rows of all steps adds up to the same bits as
     * one after the other.
     */
    APART
}
