package dev.unfold.ops;

import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;

/** y = ln sum of e^x along an axis, without overflow; dx = e^(x - y) dy. */
final class LogSumExp extends AlongAxis {
    private static final Reads READS = Reads.inputs(0).and(Reads.OUTPUT);

    LogSumExp(int axis) {
        super("logSumExp", axis);
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
        Kernels.of(y.dtype()).rows().logSumExp(x, length(x.shape()), inner(x.shape()), y);
    }

    @Override
    public void backward(Pass pass, int input) {
        Tensor x = pass.input(0);
        Tensor dy = pass.outputGradient();
        Kernels.of(dy.dtype())
                .rows()
                .logSumExpGradient(x, pass.output(), dy, length(x.shape()), inner(x.shape()), pass.inputGradient());
    }
}
