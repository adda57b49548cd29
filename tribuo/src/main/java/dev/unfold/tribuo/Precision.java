package dev.unfold.tribuo;

import dev.unfold.graph.DType;

/** The precision of weights and arithmetic. */
public enum Precision {
    /** Four bytes a number. */
    FLOAT32(DType.FLOAT32),
    /** Eight bytes a number. */
    FLOAT64(DType.FLOAT64);

    private final DType type;

    Precision(DType type) {
        this.type = type;
    }

    DType type() {
        return type;
    }
}
