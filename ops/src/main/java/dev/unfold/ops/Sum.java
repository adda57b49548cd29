package dev.unfold.ops;

import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;

/** y = the sum, or the mean, of x over an axis; dx = dy, or dy divided by the length of the axis. */
final class Sum extends AlongAxis {
    private final boolean mean;

    Sum(boolean mean, int axis) {
        super(mean ? "mean" : "sum", axis);
        this.mean = mean;
    }

    @Override
    boolean definedForNothing() {
        return !mean;
    }

    @Override
    public Reads backwardReads(int input) {
        return Reads.NOTHING;
    }

    @Override
    public void forward(Pass pass) {
        Tensor x = pass.input(0);
        Tensor y = pass.output();
        Kernels.of(y.dtype()).rows().sum(x, length(x.shape()), inner(x.shape()), factor(x.shape()), y);
    }

    @Override
    public void backward(Pass pass, int input) {
        Tensor dy = pass.outputGradient();
        Tensor dx = pass.inputGradient();
        Kernels.of(dy.dtype()).rows().sumGradient(dy, length(dx.shape()), inner(dx.shape()), factor(dx.shape()), dx);
    }

    private double factor(Shape x) {
        return mean ? 1.0 / length(x) : 1;
    }
}
