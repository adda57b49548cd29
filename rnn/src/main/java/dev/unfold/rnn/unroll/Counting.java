package dev.unfold.rnn.unroll;

import dev.unfold.graph.DType;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;

/** Which steps of which rows of a batch count, and what unrolling needs to know of that. */
final class Counting {
    private final Lengths lengths;
    private final boolean reversed;
    private final int steps;
    private final int rows;
    private final Tensor mask;
    private final Tensor standIns;
    private final Tensor places;
    private final int[] counting;

    /** Makes room; {@link #refresh} fills it. */
    Counting(Lengths lengths, int steps, int rows, boolean reversed) {
        lengths.check(steps, rows);
        this.lengths = lengths;
        this.reversed = reversed;
        this.steps = steps;
        this.rows = rows;
        this.mask = Tensor.zeros(DType.INT32, steps, rows);
        this.standIns = Tensor.zeros(DType.INT32, steps, rows);
        this.places = Tensor.zeros(DType.INT32, rows);
        this.counting = new int[steps];
    }

    /** Looks at the lengths as they are now. */
    void refresh() {
        lengths.write(mask);
        for (int row = 0; row < rows; row++) {
            // A row without steps takes its output of step 0, which is 0.
            places.ints()[row] = row;
        }
        for (int i = 0; i < steps; i++) {
            refresh(reversed ? steps - 1 - i : i);
        }
    }

    private void refresh(int t) {
        int at = t * rows;
        int first = 0;
        counting[t] = 0;
        for (int row = rows - 1; row >= 0; row--) {
            if (mask.ints()[at + row] != 0) {
                first = row;
                counting[t]++;
                places.ints()[row] = at + row;
            }
        }
        for (int row = 0; row < rows; row++) {
            standIns.ints()[at + row] = mask.ints()[at + row] != 0 ? row : first;
        }
    }

    /** Returns whether a step counts for no row, and need not be run. */
    boolean isForNone(int step) {
        return counting[step] == 0 && rows > 0;
    }

    /** Returns whether a step counts for every row. */
    boolean isForAll(int step) {
        return counting[step] == rows;
    }

    /** Returns int32 {@code [T, N]}: 1 where a step of a row counts, else 0. */
    Tensor mask() {
        return mask;
    }

    /** Returns int32 {@code [T, N]}: for each row its own number where it counts, else that of the first row that does. */
    Tensor standIns() {
        return standIns;
    }

    /**
     * Records, for each row, the output of the last step that was computed for it.
     *
     * @param outputs {@code [T, N, H]}, T at least 1
     */
    Node last(Node outputs) {
        Node whole = Ops.reshape(outputs, steps * rows, outputs.shape().columns());
        return Ops.gather(whole, outputs.graph().input(places));
    }
}
