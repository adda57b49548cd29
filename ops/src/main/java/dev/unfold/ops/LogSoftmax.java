package dev.unfold.ops;

import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.RowKernels;

/**
 * y = x - ln sum of e^x along the last axis; dx = dy - e^y times the sum of dy.
 */
final class LogSoftmax extends AlongRows {
    LogSoftmax() {
        super("logSoftmax");
    }

    @Override
    void forward(RowKernels kernels, Tensor x, Tensor y, Tensor saved) {
        kernels.logSoftmax(x, y);
    }

    @Override
    void backward(RowKernels kernels, Tensor y, Tensor saved, Tensor dy, Tensor dx) {
        kernels.logSoftmaxGradient(y, dy, dx);
    }
}
