package dev.unfold.ops;

import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.PointwiseKernels;

/** y = a b, element by element; da = b dy, db = a dy. */
final class Multiply extends Broadcasting {
    Multiply() {
        super("times");
    }

    @Override
    public Reads backwardReads(int input) {
        return Reads.inputs(1 - input);
    }

    @Override
    void forward(PointwiseKernels kernels, Tensor a, Tensor b, Tensor y) {
        kernels.multiply(a, b, y);
    }

    @Override
    void backward(PointwiseKernels kernels, Pass pass, int input, Tensor dy, Tensor dx) {
        kernels.multiplyGradient(pass.input(1 - input), dy, dx);
    }
}
