package dev.unfold.ops;

import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.RowKernels;

/** y = the greatest of x along an axis; the gradient goes to the first element that equals it. */
final class Max extends ReadingAlongAxis {
    Max(int axis) {
        super("max", axis);
    }

    @Override
    void forward(RowKernels kernels, Tensor x, int length, int inner, Tensor y) {
        kernels.max(x, length, inner, y);
    }

    @Override
    void backward(RowKernels kernels, Tensor x, Tensor y, Tensor dy, int length, int inner, Tensor dx) {
        kernels.maxGradient(x, y, dy, length, inner, dx);
    }
}
