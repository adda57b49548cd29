package dev.unfold.ops;

import dev.unfold.graph.Reads;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.PointwiseKernels;

/** y = e^x; dx = y dy. */
final class Exp extends Pointwise {
    Exp() {
        super("exp", Reads.OUTPUT);
    }

    @Override
    void forward(PointwiseKernels kernels, Tensor x, Tensor y) {
        kernels.exp(x, y);
    }

    @Override
    void backward(PointwiseKernels kernels, Tensor y, Tensor dy, Tensor dx) {
        kernels.expGradient(y, dy, dx);
    }
}
