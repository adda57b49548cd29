package dev.unfold.ops;

import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Rows;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;
import dev.unfold.ops.kernel.RowKernels;

/** An operation along the last axis that keeps the shape and whose backward reads the output. */
abstract class AlongRows extends NamedOp {
    AlongRows(String name) {
        super(name);
    }

    /** y = f(x), row by row. */
    abstract void forward(RowKernels kernels, Tensor x, Tensor y, Tensor saved);

    /** dx += the derivative of f times dy, row by row. */
    abstract void backward(RowKernels kernels, Tensor y, Tensor saved, Tensor dy, Tensor dx);

    @Override
    public final Shape shape(Shape[] inputs) {
        Shapes.checkRankAtLeast(name(), "x", inputs[0], 1);
        return inputs[0];
    }

    @Override
    public final Reads backwardReads(int input) {
        return Reads.OUTPUT;
    }

    @Override
    public final Rows rows(Shape[] inputs, boolean[] rowed) {
        return inputs[0].rank() > 1 ? Rows.APART : Rows.TOGETHER;
    }

    @Override
    public final void forward(Pass pass) {
        Tensor y = pass.output();
        forward(Kernels.of(y.dtype()).rows(), pass.input(0), y, pass.saved());
    }

    @Override
    public final void backward(Pass pass, int input) {
        Tensor dy = pass.outputGradient();
        backward(Kernels.of(dy.dtype()).rows(), pass.output(), pass.saved(), dy, pass.inputGradient());
    }
}
