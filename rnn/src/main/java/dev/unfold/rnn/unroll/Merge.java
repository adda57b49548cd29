package dev.unfold.rnn.unroll;

import dev.unfold.graph.Node;
import dev.unfold.ops.Ops;

/** How the outputs of two directions are put together. */
public enum Merge {
    /** Forward features, then backward features. */
    CONCAT,
    /** Their sum. */
    SUM,
    /** Half their sum. */
    AVERAGE;

    Node of(Node forward, Node backward) {
        return switch (this) {
            case CONCAT -> Ops.concat(-1, forward, backward);
            case SUM -> forward.plus(backward);
            case AVERAGE -> forward.plus(backward).times(0.5);
        };
    }
}
