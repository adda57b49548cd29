package dev.unfold.ops;

import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.PointwiseKernels;

/** y = ln x; dx = dy / x. */
final class Log extends Pointwise {
    Log() {
        super("log", INPUT);
    }

    @Override
    void forward(PointwiseKernels kernels, Tensor x, Tensor y) {
        kernels.log(x, y);
    }

    @Override
    void backward(PointwiseKernels kernels, Tensor x, Tensor dy, Tensor dx) {
        kernels.logGradient(x, dy, dx);
    }
}
