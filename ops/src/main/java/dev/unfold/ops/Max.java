package dev.unfold.ops;

import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;

/** y = the greatest of x along an axis; the gradient goes to the first element that equals it. */
final class Max extends AlongAxis {
    private static final Reads READS = Reads.inputs(0).and(Reads.OUTPUT);

    Max(int axis) {
        super("max", axis);
    }

    @Override
    boolean definedForNothing() {
        return false;
    }

    @Override
    public Reads backwardReads(int input) {
        return READS;
    }

    @Override
    public void forward(Pass pass) {
        Tensor x = pass.input(0);
        Tensor y = pass.output();
        Kernels.of(y.dtype()).rows().max(x, length(x.shape()), inner(x.shape()), y);
    }

    @Override
    public void backward(Pass pass, int input) {
        Tensor x = pass.input(0);
        Tensor dy = pass.outputGradient();
        Kernels.of(dy.dtype())
                .rows()
                .maxGradient(x, pass.output(), dy, length(x.shape()), inner(x.shape()), pass.inputGradient());
    }
}
