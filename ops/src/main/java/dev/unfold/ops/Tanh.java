package dev.unfold.ops;

import dev.unfold.graph.Reads;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.PointwiseKernels;

/** y = tanh x; dx = (1 - y^2) dy. */
final class Tanh extends Pointwise {
    Tanh() {
        super("tanh", Reads.OUTPUT);
    }

    @Override
    void forward(PointwiseKernels kernels, Tensor x, Tensor y) {
        kernels.tanh(x, y);
    }

    @Override
    void backward(PointwiseKernels kernels, Tensor y, Tensor dy, Tensor dx) {
        kernels.tanhGradient(y, dy, dx);
    }
}
