package dev.unfold.ops;

import dev.unfold.graph.Op;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Rows;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;

/**
 * y = a where a mask is not 0, else b. It selects and never multiplies: NaN on the side that is not taken goes nowhere,
 * forward or backward.
 *
 * @param byFlags whether the mask holds floating-point flags, which come with data and get no gradient; else it is int32
 */
record Select(boolean byFlags) implements Op {
    @Override
    public String name() {
        return byFlags ? "selectNonZero" : "select";
    }

    @Override
    public Shape shape(Shape[] inputs) {
        Shape mask = inputs[0];
        Shape a = inputs[1];
        Shape b = inputs[2];
        if (!a.equals(b)) {
            throw Shapes.refuse(name(), "a is " + a + " and b is " + b, "both must have one shape");
        }
        boolean leads = mask.rank() <= a.rank();
        for (int axis = 0; leads && axis < mask.rank(); axis++) {
            leads = mask.dim(axis) == a.dim(axis);
        }
        if (!leads) {
            throw Shapes.refuse(
                    name(), "the mask is " + mask + " and a is " + a, "the mask's axes must be the first axes of a");
        }
        return a;
    }

    @Override
    public boolean takesIntegers(int input) {
        return input == 0 && !byFlags;
    }

    @Override
    public boolean differentiates(int input) {
        return input != 0;
    }

    @Override
    public Reads backwardReads(int input) {
        return Reads.inputs(0);
    }

    @Override
    public Rows rows(Shape[] inputs, boolean[] rowed) {
        boolean maskGoes = rowed[0] || inputs[0].rank() == 0;
        return maskGoes && rowed[1] && rowed[2] ? Rows.APART : Rows.TOGETHER;
    }

    @Override
    public void forward(Pass pass) {
        Tensor y = pass.output();
        Kernels.of(y.dtype()).rows().select(pass.input(0), pass.input(1), pass.input(2), y);
    }

    @Override
    public void backward(Pass pass, int input) {
        Tensor dy = pass.outputGradient();
        Kernels.of(dy.dtype()).rows().selectGradient(pass.input(0), input == 1, dy, pass.inputGradient());
    }
}
