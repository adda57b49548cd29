package dev.unfold.ops;

import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.RowKernels;

/** y = ln sum of e^x along an axis, without overflow; dx = e^(x - y) dy. */
final class LogSumExp extends ReadingAlongAxis {
    LogSumExp(int axis) {
        super("logSumExp", axis);
    }

    @Override
    void forward(RowKernels kernels, Tensor x, int length, int inner, Tensor y) {
        kernels.logSumExp(x, length, inner, y);
    }

    @Override
    void backward(RowKernels kernels, Tensor x, Tensor y, Tensor dy, int length, int inner, Tensor dx) {
        kernels.logSumExpGradient(x, y, dy, length, inner, dx);
    }
}
