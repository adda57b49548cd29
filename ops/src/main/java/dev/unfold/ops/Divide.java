package dev.unfold.ops;

import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.PointwiseKernels;

/** y = a / b, element by element; da = dy / b, db = -y dy / b. */
final class Divide extends Broadcasting {
    Divide() {
        super("dividedBy");
    }

    @Override
    public Reads backwardReads(int input) {
        return input == 0 ? Reads.inputs(1) : Reads.inputs(1).and(Reads.OUTPUT);
    }

    @Override
    void forward(PointwiseKernels kernels, Tensor a, Tensor b, Tensor y) {
        kernels.divide(a, b, y);
    }

    @Override
    void backward(PointwiseKernels kernels, Pass pass, int input, Tensor dy, Tensor dx) {
        if (input == 0) {
            kernels.dividendGradient(pass.input(1), dy, dx);
        } else {
            kernels.divisorGradient(pass.input(1), pass.output(), dy, dx);
        }
    }
}
