package dev.unfold.rnn.check;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.unroll.Unrolled;
import java.util.Arrays;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;

/**
 * Sequences to run over.
 *
 * @param x {@code [T, N, D]}
 * @param mask int32 {@code [T, N]}, which steps of which rows count
 * @param initial empty where the run is to begin with the cell's own initial state
 */
record Batch(Tensor x, Tensor mask, DetachedState initial) {
    int steps() {
        return mask.shape().dim(0);
    }

    int rows() {
        return mask.shape().dim(1);
    }

    boolean counts(int t, int row) {
        return mask.get(t, row) != 0;
    }

    /** Returns the steps of a row that count. */
    int[] steps(int row) {
        return IntStream.range(0, steps()).filter(t -> counts(t, row)).toArray();
    }

    boolean isFull() {
        return Arrays.stream(mask.toDoubles()).allMatch(each -> each != 0);
    }

    boolean hasHoles() {
        return IntStream.range(0, rows()).anyMatch(row -> {
            int[] steps = steps(row);
            return steps.length > 0 && steps[steps.length - 1] >= steps.length;
        });
    }

    int[] counted() {
        return IntStream.range(0, rows()).map(row -> steps(row).length).toArray();
    }

    /** Returns which steps count, said in the shortest way. */
    Lengths lengths() {
        if (isFull()) {
            return Lengths.full();
        }
        return hasHoles() ? Lengths.mask(mask) : Lengths.of(counted());
    }

    /** Returns this batch, beginning with a state. */
    Batch from(DetachedState state) {
        return new Batch(x, mask, state);
    }

    /** Returns some steps of some rows, in the orders given. */
    Batch part(int[] steps, int[] rows) {
        int[] places = Arrays.stream(steps)
                .flatMap(t -> Arrays.stream(rows).map(row -> t * rows() + row))
                .toArray();
        DetachedState state = DetachedState.EMPTY;
        for (Map.Entry<String, Tensor> field : initial.values().entrySet()) {
            int size = field.getValue().shape().columns();
            state = state.with(field.getKey(), picked(field.getValue(), rows, Shape.of(rows.length, size)));
        }
        return new Batch(
                picked(x, places, Shape.of(steps.length, rows.length, x.shape().columns())),
                picked(mask.reshape(mask.size(), 1), places, Shape.of(steps.length, rows.length)),
                state);
    }

    private static Tensor picked(Tensor table, int[] places, Shape shape) {
        Tensor picked = Tensor.zeros(table.dtype(), shape);
        int width = table.shape().columns();
        for (int i = 0; i < places.length; i++) {
            picked.copyRun(table, places[i] * width, i * width, width);
        }
        return picked;
    }

    /** Returns the steps of one row that count, as a batch. */
    Batch alone(int row) {
        return part(steps(row), new int[] {row});
    }

    /** Returns the same with other values at all steps that do not count. */
    Batch padded(DoubleSupplier values) {
        Tensor padded = x.copy();
        int width = x.shape().columns();
        for (int i = 0; i < x.size(); i++) {
            if (mask.getFlat(i / width) == 0) {
                padded.setFlat(i, values.getAsDouble());
            }
        }
        return new Batch(padded, mask, initial);
    }

    /** Runs over constant inputs from constant values. */
    Unrolled over(Unroll unroll, Graph graph) {
        return (initial.values().isEmpty() ? unroll : unroll.from(initial)).over(graph, x, lengths());
    }

    /** Returns the initial state: what is given, or what the cell begins with. */
    DetachedState initial(Unroll unroll) {
        int[] all = IntStream.range(0, rows()).toArray();
        return part(new int[0], all).over(unroll, Graph.inference()).finalState();
    }

    @Override
    public String toString() {
        String counting = isFull()
                ? "which all count"
                : hasHoles() ? "with holes in the mask" : "of lengths " + Arrays.toString(counted());
        return steps() + " steps of " + rows() + (rows() == 1 ? " row " : " rows ") + counting
                + (initial.values().isEmpty() ? "" : ", from a state");
    }
}
