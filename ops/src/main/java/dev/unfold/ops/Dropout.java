package dev.unfold.ops;

import dev.unfold.graph.Op;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Rows;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Draws;
import dev.unfold.ops.kernel.Kernels;
import dev.unfold.ops.kernel.PointwiseKernels;
import java.util.Map;

/**
 * y = x / keep with probability keep, else 0 (N. Srivastava et al. 2014, with the factor in training instead of afterwards); dx = dy
 * / keep, else 0. What is kept is drawn from {@link Draws} by seed, key, step, row and column, in backward once more, so that no mask
 * is stored.
 *
 * @param keep the probability with which an element is kept
 * @param key what the draws are for
 * @param sameAtEveryStep whether the step has no part in the draws
 */
record Dropout(double keep, long key, boolean sameAtEveryStep) implements Op {
    private static final int NO_STEP = -1;

    Dropout {
        if (!(keep > 0 && keep <= 1)) {
            throw new IllegalArgumentException(
                    "dropout: keep is " + keep + "; expected a probability above 0, and 1 for none");
        }
    }

    @Override
    public String name() {
        return "dropout";
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of("keep", keep, "key", key, "sameAtEveryStep", sameAtEveryStep);
    }

    @Override
    public Shape shape(Shape[] inputs) {
        return inputs[0];
    }

    @Override
    public Reads backwardReads(int input) {
        return Reads.NOTHING;
    }

    @Override
    public Rows rows(Shape[] inputs, boolean[] rowed) {
        return Rows.NUMBERED;
    }

    @Override
    public void forward(Pass pass) {
        Tensor x = pass.input(0);
        Tensor y = pass.output();
        int columns = x.shape().columns();
        PointwiseKernels kernels = Kernels.of(y.dtype()).pointwise();
        for (int row = 0; row < x.shape().rows(); row++) {
            kernels.dropout(x, row * columns, columns, draws(pass, x.shape(), row), keep, y);
        }
    }

    @Override
    public void backward(Pass pass, int input) {
        Tensor dy = pass.outputGradient();
        int columns = dy.shape().columns();
        PointwiseKernels kernels = Kernels.of(dy.dtype()).pointwise();
        for (int row = 0; row < dy.shape().rows(); row++) {
            kernels.dropoutGradient(
                    dy, row * columns, columns, draws(pass, dy.shape(), row), keep, pass.inputGradient());
        }
    }

    /** What a row is drawn from: outside any step, the first axis of {@code [T, N, H]} counts the steps. */
    private long draws(Pass pass, Shape shape, int row) {
        int inner = shape.rank() == Shape.MAX_RANK ? shape.dim(1) : 1;
        boolean isSequence = shape.rank() == Shape.MAX_RANK && pass.step() == NO_STEP;
        int slice = pass.rowOf(row / inner);
        int step = isSequence ? slice : pass.stepOf(row / inner);
        int number = isSequence ? row % inner : slice * inner + row % inner;
        return Draws.row(pass.seed(), key, sameAtEveryStep ? NO_STEP : step, number);
    }
}
