package dev.unfold.rnn;

import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.unroll.Unroll;

/** The ways to unfold a cell, which give the same bits. */
public enum Mode {
    DYNAMIC,
    STATIC;

    private static final int MOST_STEPS = 40;
    private static final int MOST_ROWS = 10;

    /** Unfolds a cell, statically with room for more than any reference needs. */
    public Unroll unroll(Cell cell) {
        return this == DYNAMIC ? Unroll.dynamic(cell) : Unroll.fixed(cell, MOST_STEPS, MOST_ROWS);
    }
}
