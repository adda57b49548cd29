package dev.unfold.ops;

import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.PointwiseKernels;

/** y = x Phi(x), exact, not the tanh approximation (D. Hendrycks and K. Gimpel 2016); dx = (Phi(x) + x phi(x)) dy. */
final class Gelu extends Pointwise {
    Gelu() {
        super("gelu", INPUT);
    }

    @Override
    void forward(PointwiseKernels kernels, Tensor x, Tensor y) {
        kernels.gelu(x, y);
    }

    @Override
    void backward(PointwiseKernels kernels, Tensor x, Tensor dy, Tensor dx) {
        kernels.geluGradient(x, dy, dx);
    }
}
