package dev.unfold.rnn.unroll;

import org.jspecify.annotations.Nullable;

/** The ways through a sequence that tests of unrolling go. */
enum Way {
    FORWARD(null, false),
    REVERSED(null, true),
    CONCAT(Merge.CONCAT, false),
    SUM(Merge.SUM, false),
    AVERAGE(Merge.AVERAGE, false),
    CONCAT_REVERSED(Merge.CONCAT, true);

    /** How two directions are put together; null where there is one. */
    final @Nullable Merge merge;

    /** Whether it is turned around once more. */
    final boolean reversed;

    Way(@Nullable Merge merge, boolean reversed) {
        this.merge = merge;
        this.reversed = reversed;
    }
}
