package dev.unfold.ops;

import dev.unfold.graph.Pass;
import dev.unfold.graph.Rows;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;
import dev.unfold.ops.kernel.PointwiseKernels;

/** An element-wise operation of two inputs, the smaller of which is repeated over the leading axes that it lacks. */
abstract class Broadcasting extends NamedOp {
    Broadcasting(String name) {
        super(name);
    }

    /** y = f(a, b). */
    abstract void forward(PointwiseKernels kernels, Tensor a, Tensor b, Tensor y);

    /** dx += the derivative with respect to one input times dy, summed where that input was repeated. */
    abstract void backward(PointwiseKernels kernels, Pass pass, int input, Tensor dy, Tensor dx);

    @Override
    public final Shape shape(Shape[] inputs) {
        return Shapes.broadcast(name(), inputs[0], inputs[1]);
    }

    @Override
    public final Rows rows(Shape[] inputs, boolean[] rowed) {
        Shape y = shape(inputs);
        for (int i = 0; i < inputs.length; i++) {
            boolean goes = rowed[i] ? inputs[i].equals(y) : inputs[i].rank() < y.rank();
            if (!goes) {
                return Rows.TOGETHER;
            }
        }
        return Rows.APART;
    }

    @Override
    public final void forward(Pass pass) {
        Tensor y = pass.output();
        forward(Kernels.of(y.dtype()).pointwise(), pass.input(0), pass.input(1), y);
    }

    @Override
    public final void backward(Pass pass, int input) {
        Tensor dy = pass.outputGradient();
        backward(Kernels.of(dy.dtype()).pointwise(), pass, input, dy, pass.inputGradient());
    }
}
