package dev.unfold.ops;

import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.PointwiseKernels;

/** y = ln(1 + e^x), without overflow; dx = dy / (1 + e^-x). */
final class Softplus extends Pointwise {
    Softplus() {
        super("softplus", INPUT);
    }

    @Override
    void forward(PointwiseKernels kernels, Tensor x, Tensor y) {
        kernels.softplus(x, y);
    }

    @Override
    void backward(PointwiseKernels kernels, Tensor x, Tensor dy, Tensor dx) {
        kernels.softplusGradient(x, dy, dx);
    }
}
