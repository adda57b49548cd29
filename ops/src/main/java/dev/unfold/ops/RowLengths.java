package dev.unfold.ops;

import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;

/** The rules for int32 lengths of the rows of sequences, which several operations share. */
final class RowLengths {
    private RowLengths() {}

    /** Refuses what is no {@code [T, N, D]}, and lengths that are not one for each row. */
    static void checkShape(String op, String what, Shape sequences, Shape lengths) {
        Shapes.checkRank(op, what, sequences, 3);
        if (!lengths.equals(Shape.of(sequences.dim(1)))) {
            throw Shapes.refuse(
                    op,
                    what + " is " + sequences + " and the lengths are " + lengths,
                    "expected one length for each row, [" + sequences.dim(1) + "]");
        }
    }

    /** Refuses a length that is negative or exceeds the number of steps. */
    static void check(String op, Tensor lengths, int steps) {
        for (int row = 0; row < lengths.size(); row++) {
            int length = lengths.ints()[lengths.offset() + row];
            if (length < 0 || length > steps) {
                throw new IllegalArgumentException(op + ": length " + length + " of row " + row + " is outside 0.."
                        + steps + ", the number of steps");
            }
        }
    }
}
