package dev.unfold.rnn.unroll;

import dev.unfold.graph.DType;
import dev.unfold.graph.Loop;
import dev.unfold.graph.Node;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import java.util.Arrays;

/**
 * Which steps of which rows of a batch count, and the order in which to run them: for each row one step that counts after the other, in
 * the direction of the run, the rows with most of them first. So the rows of a step of the run are always the first of those of the step
 * before, whatever holes a mask has, and nothing is computed for steps that do not count.
 */
final class Counting implements Loop.Schedule {
    private static final int NONE = -1;

    private final Lengths lengths;
    private final boolean reversed;
    private final int steps;
    private final int batch;
    private final Tensor mask;
    private final Tensor places;
    private final Tensor held;
    private final Tensor last;
    private final Tensor order;
    private final int[] counts;
    /** By number of counting steps: the place that the next row with so many takes. */
    private final int[] nextPlace;

    private final int[] rows;
    private final int[] offsets;
    private final int[] sources;
    private int runs;

    /** Makes room; {@link #refresh} fills it. */
    Counting(Lengths lengths, int steps, int batch, boolean reversed) {
        lengths.check(steps, batch);
        this.lengths = lengths;
        this.reversed = reversed;
        this.steps = steps;
        this.batch = batch;
        this.mask = Tensor.zeros(DType.INT32, steps, batch);
        this.places = Tensor.zeros(DType.INT32, steps, batch);
        this.held = Tensor.zeros(DType.INT32, steps, batch);
        this.last = Tensor.zeros(DType.INT32, batch);
        this.order = Tensor.zeros(DType.INT32, batch);
        this.counts = new int[batch];
        this.nextPlace = new int[steps + 2];
        this.rows = new int[steps];
        this.offsets = new int[steps + 1];
        this.sources = new int[steps * batch];
    }

    @Override
    public boolean isWhole() {
        return lengths.isFull() && !reversed;
    }

    @Override
    public void refresh() {
        if (isWhole() || steps == 0) {
            return;
        }
        lengths.write(mask);
        count();
        for (int row = 0; row < batch; row++) {
            int place = nextPlace[counts[row]]++;
            order.ints()[place] = row;
            place(row, place);
        }
    }

    private void count() {
        Arrays.fill(nextPlace, 0);
        Arrays.fill(rows, 0);
        for (int row = 0; row < batch; row++) {
            counts[row] = 0;
            for (int step = 0; step < steps; step++) {
                if (mask.ints()[step * batch + row] != 0) {
                    rows[counts[row]++]++;
                }
            }
        }
        runs = 0;
        while (runs < steps && rows[runs] > 0) {
            offsets[runs + 1] = offsets[runs] + rows[runs];
            runs++;
        }
        // Rows that count longer come before.
        for (int count = 0; count < steps; count++) {
            nextPlace[count] = rows[count];
        }
    }

    /** Says where the steps of a row come. */
    private void place(int row, int place) {
        int run = 0;
        int latest = NONE;
        for (int i = 0; i < steps; i++) {
            int at = (reversed ? steps - 1 - i : i) * batch + row;
            boolean counts = mask.ints()[at] != 0;
            if (counts) {
                latest = offsets[run++] + place;
                sources[latest] = at;
            }
            places.ints()[at] = counts ? latest : NONE;
            held.ints()[at] = latest == NONE ? row : batch + latest;
        }
        last.ints()[row] = latest;
    }

    @Override
    public int steps() {
        return steps;
    }

    @Override
    public int batch() {
        return batch;
    }

    @Override
    public int runs() {
        return runs;
    }

    @Override
    public int rows(int run) {
        return rows[run];
    }

    @Override
    public int source(int run, int row) {
        return sources[offsets[run] + row];
    }

    @Override
    public int rowOfBatch(int row) {
        return order.ints()[row];
    }

    /** Returns the rows of all steps before one of the run. */
    int offset(int run) {
        return offsets[run];
    }

    /** Records what each row of each step of the run finds in inputs {@code [T, N, D]}. */
    Node packed(Node inputs) {
        Shape shape = inputs.shape();
        Node elements = Ops.reshape(inputs, shape.dim(0) * shape.dim(1), shape.dim(2));
        Tensor order = Tensor.of(Arrays.copyOf(sources, offsets[runs]), offsets[runs]);
        return Ops.gather(elements, inputs.graph().input(order));
    }

    /** Returns int32, for each row of the first step of the run, the row of the batch. */
    Tensor first() {
        return order.slice(0, runs == 0 ? 0 : rows[0]);
    }

    /** Returns int32 {@code [T, N]}: the row of all steps of the run at which an element is computed, or -1. */
    Tensor places() {
        return places;
    }

    /**
     * Returns int32 {@code [T, N]}: where the state behind a step lies among the initial states of all rows and those of all rows of the
     * run behind them.
     */
    Tensor held() {
        return held;
    }

    /** Returns int32 {@code [N]}: the row of all steps of the run that is the last of a row of the batch, or -1. */
    Tensor last() {
        return last;
    }

    /** Returns what {@link #held} says behind the last step of the run. */
    Tensor finals() {
        return held.at(reversed ? 0 : steps - 1);
    }
}
