package dev.unfold.ops;

import dev.unfold.graph.Reads;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.PointwiseKernels;

/** y = max(x, 0) (V. Nair and G. E. Hinton 2010); dx = dy where y &gt; 0, and 0 at the kink x = 0. */
final class Relu extends Pointwise {
    Relu() {
        super("relu", Reads.OUTPUT);
    }

    @Override
    void forward(PointwiseKernels kernels, Tensor x, Tensor y) {
        kernels.relu(x, y);
    }

    @Override
    void backward(PointwiseKernels kernels, Tensor y, Tensor dy, Tensor dx) {
        kernels.reluGradient(y, dy, dx);
    }
}
