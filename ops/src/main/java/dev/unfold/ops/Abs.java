package dev.unfold.ops;

import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.PointwiseKernels;

/** y = |x|; dx = sign(x) dy, and 0 at the kink x = 0. */
final class Abs extends Pointwise {
    Abs() {
        super("abs", INPUT);
    }

    @Override
    void forward(PointwiseKernels kernels, Tensor x, Tensor y) {
        kernels.abs(x, y);
    }

    @Override
    void backward(PointwiseKernels kernels, Tensor x, Tensor dy, Tensor dx) {
        kernels.absGradient(x, dy, dx);
    }
}
