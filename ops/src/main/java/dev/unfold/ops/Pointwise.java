package dev.unfold.ops;

import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Rows;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;
import dev.unfold.ops.kernel.PointwiseKernels;

/** An operation of one input that treats every element alike; its backward reads the input, the output, or neither. */
abstract class Pointwise extends NamedOp {
    static final Reads INPUT = Reads.inputs(0);

    private final Reads reads;

    Pointwise(String name, Reads reads) {
        super(name);
        this.reads = reads;
    }

    /** y = f(x). */
    abstract void forward(PointwiseKernels kernels, Tensor x, Tensor y);

    /** dx += f'(x) dy, where {@code read} is the input or the output, whichever backward reads. */
    abstract void backward(PointwiseKernels kernels, Tensor read, Tensor dy, Tensor dx);

    @Override
    public final Shape shape(Shape[] inputs) {
        return inputs[0];
    }

    @Override
    public final Reads backwardReads(int input) {
        return reads;
    }

    @Override
    public final Rows rows(Shape[] inputs, boolean[] rowed) {
        return Rows.APART;
    }

    @Override
    public final void forward(Pass pass) {
        Tensor y = pass.output();
        forward(Kernels.of(y.dtype()).pointwise(), pass.input(0), y);
    }

    @Override
    public final void backward(Pass pass, int input) {
        Tensor dy = pass.outputGradient();
        Tensor read = reads.input(0) ? pass.input(0) : reads.output() ? pass.output() : dy;
        backward(Kernels.of(dy.dtype()).pointwise(), read, dy, pass.inputGradient());
    }
}
