package dev.unfold.rnn.check;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.unroll.Unroll;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws batches, for one seed always the same.
 *
 * @param inputSize D
 */
record Batches(int seed, CellContract.Inputs inputs, int inputSize) {
    /** The longest that a batch can be. */
    static final int MOST_STEPS = 5;

    /** The widest that a batch can be. */
    static final int MOST_ROWS = 5;

    /** How many of the batches are ragged. */
    static final int RAGGED = 2;

    /** How many of them have steps that count. */
    static final int WITH_STEPS = 4;

    private static final int WARM_UP = 3;

    /**
     * Returns a batch by lengths, from the full one down to 0, and one with holes; then one of which all steps count, and a single
     * row that ends before the batch does; then one of which no step counts, and one that has none. Every other one begins with a state.
     */
    List<Batch> all(Unroll unroll, DType dtype) {
        NumpyRandom random = new NumpyRandom(seed);
        int steps = random.randint(3, MOST_STEPS + 1);
        int rows = random.randint(3, MOST_ROWS + 1);
        List<Tensor> masks = List.of(
                byLengths(random, steps, rows),
                withHoles(random, steps, rows),
                mask(steps - 1, rows - 1).fill(1),
                counted(mask(3, 1), 0, random.randint(1, 3)),
                mask(2, 2),
                mask(0, 2));
        List<Batch> batches = new ArrayList<>();
        for (Tensor mask : masks) {
            Batch batch = batch(random, dtype, mask);
            boolean fromState = (seed + batches.size()) % 2 == 0;
            batches.add(fromState ? batch.from(reached(random, unroll, dtype, batch.rows())) : batch);
        }
        return batches;
    }

    private Batch batch(NumpyRandom random, DType dtype, Tensor mask) {
        return new Batch(x(random, dtype, mask.shape().dim(0), mask.shape().dim(1)), mask, DetachedState.EMPTY);
    }

    /** Draws inputs. */
    Tensor x(NumpyRandom random, DType dtype, int steps, int rows) {
        Tensor x = Tensor.zeros(dtype, steps, rows, inputSize);
        if (steps == 0) {
            return x;
        }
        Tensor drawn = inputs.draw(random, steps, rows);
        if (!drawn.shape().equals(x.shape())) {
            throw new IllegalArgumentException("cell contract: the inputs that were drawn are " + drawn.shape()
                    + "; expected [time " + steps + ", batch " + rows + ", features " + inputSize + "]");
        }
        return drawn.to(dtype);
    }

    /** A state that the cell comes to, in each row after another number of steps. */
    private DetachedState reached(NumpyRandom random, Unroll unroll, DType dtype, int rows) {
        Tensor mask = mask(WARM_UP, rows);
        for (int row = 0; row < rows; row++) {
            counted(mask, row, random.randint(1, WARM_UP + 1));
        }
        return batch(random, dtype, mask).over(unroll, Graph.inference()).finalState();
    }

    private static Tensor byLengths(NumpyRandom random, int steps, int rows) {
        Tensor mask = mask(steps, rows);
        int[] order = random.permutation(rows);
        for (int i = 1; i < rows; i++) {
            counted(mask, order[i], i == 1 ? steps : random.randint(0, steps + 1));
        }
        return mask;
    }

    /** The first step counts for all rows, any other for some. */
    private static Tensor withHoles(NumpyRandom random, int steps, int rows) {
        Tensor mask = mask(steps, rows);
        for (int i = 0; i < mask.size(); i++) {
            mask.setFlat(i, i < rows ? 1 : random.randint(0, 2));
        }
        return mask;
    }

    private static Tensor counted(Tensor mask, int row, int steps) {
        for (int t = 0; t < steps; t++) {
            mask.set(1, t, row);
        }
        return mask;
    }

    private static Tensor mask(int steps, int rows) {
        return Tensor.zeros(DType.INT32, steps, rows);
    }
}
