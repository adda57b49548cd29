package dev.unfold.ops;

import dev.unfold.graph.Reads;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.PointwiseKernels;

/** y = sqrt(x); dx = dy / (2 y). */
final class Sqrt extends Pointwise {
    Sqrt() {
        super("sqrt", Reads.OUTPUT);
    }

    @Override
    void forward(PointwiseKernels kernels, Tensor x, Tensor y) {
        kernels.sqrt(x, y);
    }

    @Override
    void backward(PointwiseKernels kernels, Tensor y, Tensor dy, Tensor dx) {
        kernels.sqrtGradient(y, dy, dx);
    }
}
