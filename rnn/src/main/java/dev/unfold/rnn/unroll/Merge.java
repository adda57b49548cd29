package dev.unfold.rnn.unroll;

import dev.unfold.graph.Node;
import dev.unfold.ops.Ops;

/** How the outputs of two directions are put together. Each alone is at hand in any case: {@link Unrolled#forward}. */
public enum Merge {
    /** Forward features, then backward features. */
    CONCAT,
    /** Their sum. */
    SUM,
    /** Half their sum. */
    AVERAGE,
    /** Not at all: only {@link Unrolled#forward} and {@link Unrolled#backward} have outputs. */
    NONE;

    Node of(Node forward, Node backward) {
        return switch (this) {
            case CONCAT -> Ops.concat(-1, forward, backward);
            case SUM -> forward.plus(backward);
            case AVERAGE -> forward.plus(backward).times(0.5);
            case NONE -> throw notMerged();
        };
    }

    /** Makes the exception for a question that has two answers. */
    static IllegalStateException notMerged() {
        return new IllegalStateException(
                "bidirectional: the directions are not merged (Merge.NONE), so there is no one output;"
                        + " ask forward() and backward() of the run, or merge by CONCAT, SUM or AVERAGE");
    }
}
