package dev.unfold.ops;

import dev.unfold.graph.Reads;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.PointwiseKernels;

/** y = 1 / (1 + e^-x); dx = y (1 - y) dy. */
final class Sigmoid extends Pointwise {
    Sigmoid() {
        super("sigmoid", Reads.OUTPUT);
    }

    @Override
    void forward(PointwiseKernels kernels, Tensor x, Tensor y) {
        kernels.sigmoid(x, y);
    }

    @Override
    void backward(PointwiseKernels kernels, Tensor y, Tensor dy, Tensor dx) {
        kernels.sigmoidGradient(y, dy, dx);
    }
}
