package dev.unfold.ops;

import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.PointwiseKernels;

/** y = a + b; da = dy, db = dy. */
final class Add extends Broadcasting {
    Add() {
        super("plus");
    }

    @Override
    public Reads backwardReads(int input) {
        return Reads.NOTHING;
    }

    @Override
    public boolean handsOn(int input) {
        return true;
    }

    @Override
    void forward(PointwiseKernels kernels, Tensor a, Tensor b, Tensor y) {
        kernels.add(a, b, y);
    }

    @Override
    void backward(PointwiseKernels kernels, Pass pass, int input, Tensor dy, Tensor dx) {
        kernels.addGradient(dy, 1, dx);
    }
}
