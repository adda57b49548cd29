package dev.unfold.ops;

import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.RowKernels;

/**
 * y = e^x / sum of e^x along the last axis; dx = y (dy - sum of y dy).
 */
final class Softmax extends AlongRows {
    Softmax() {
        super("softmax");
    }

    @Override
    void forward(RowKernels kernels, Tensor x, Tensor y, Tensor saved) {
        kernels.softmax(x, y);
    }

    @Override
    void backward(RowKernels kernels, Tensor y, Tensor saved, Tensor dy, Tensor dx) {
        kernels.softmaxGradient(y, dy, dx);
    }
}
