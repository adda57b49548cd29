package dev.unfold.ops;

import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.PointwiseKernels;

/** y = x^2; dx = 2 x dy. */
final class Square extends Pointwise {
    Square() {
        super("square", INPUT);
    }

    @Override
    void forward(PointwiseKernels kernels, Tensor x, Tensor y) {
        kernels.square(x, y);
    }

    @Override
    void backward(PointwiseKernels kernels, Tensor x, Tensor dy, Tensor dx) {
        kernels.squareGradient(x, dy, dx);
    }
}
