package dev.unfold.ops;

import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;
import dev.unfold.ops.kernel.RowKernels;

/** A reduction of one axis whose backward reads input and output, and which needs at least one element. */
abstract class ReadingAlongAxis extends AlongAxis {
    private static final Reads READS = Reads.inputs(0).and(Reads.OUTPUT);

    ReadingAlongAxis(String name, int axis) {
        super(name, axis);
    }

    /** y = f(x) along the axis. */
    abstract void forward(RowKernels kernels, Tensor x, int length, int inner, Tensor y);

    /** dx += the derivative of f times dy. */
    abstract void backward(RowKernels kernels, Tensor x, Tensor y, Tensor dy, int length, int inner, Tensor dx);

    @Override
    final boolean definedForNothing() {
        return false;
    }

    @Override
    public final Reads backwardReads(int input) {
        return READS;
    }

    @Override
    public final void forward(Pass pass) {
        Tensor x = pass.input(0);
        Tensor y = pass.output();
        forward(Kernels.of(y.dtype()).rows(), x, length(x.shape()), inner(x.shape()), y);
    }

    @Override
    public final void backward(Pass pass, int input) {
        Tensor x = pass.input(0);
        Tensor dy = pass.outputGradient();
        backward(
                Kernels.of(dy.dtype()).rows(),
                x,
                pass.output(),
                dy,
                length(x.shape()),
                inner(x.shape()),
                pass.inputGradient());
    }
}
