package dev.unfold.ops;

import dev.unfold.graph.Reads;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.PointwiseKernels;

/** y = x, a constant to the backward pass. */
final class StopGradient extends Pointwise {
    StopGradient() {
        super("stopGradient", Reads.NOTHING);
    }

    @Override
    public boolean differentiates(int input) {
        return false;
    }

    @Override
    void forward(PointwiseKernels kernels, Tensor x, Tensor y) {
        y.copyRun(x, 0, 0, x.size());
    }

    @Override
    void backward(PointwiseKernels kernels, Tensor unread, Tensor dy, Tensor dx) {
        throw new IllegalStateException("stopGradient: backward is never called");
    }
}
