package dev.unfold.ops;

import dev.unfold.graph.Op;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Rows;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;

/** y = x w + b, row by row: each element is one chain that begins with b. dx = dy w', flushed; dw = x' dy, db = sum of dy. */
final class Affine implements Op {
    @Override
    public String name() {
        return "affine";
    }

    @Override
    public Shape shape(Shape[] inputs) {
        Shape x = inputs[0];
        Shape w = inputs[1];
        Shape b = inputs[2];
        Shapes.checkRankAtLeast(name(), "x", x, 2);
        Shapes.checkRank(name(), "w", w, 2);
        if (x.columns() != w.dim(0)) {
            throw Shapes.refuse(
                    name(),
                    "x is " + x + " and w is " + w,
                    "the columns of x (" + x.columns() + ") must equal the rows of w (" + w.dim(0) + ")");
        }
        if (b.rank() != 1 || b.size() != w.dim(1)) {
            throw Shapes.refuse(
                    name(), "w is " + w + " and b is " + b, "b must be a row of w's columns, [" + w.dim(1) + "]");
        }
        return x.withDim(x.rank() - 1, w.dim(1));
    }

    @Override
    public Reads backwardReads(int input) {
        return input == 2 ? Reads.NOTHING : Reads.inputs(1 - input);
    }

    @Override
    public Rows rows(Shape[] inputs, boolean[] rowed) {
        return rowed[0] && !rowed[1] && !rowed[2] ? Rows.APART : Rows.TOGETHER;
    }

    @Override
    public boolean divides(int input) {
        return input == 1;
    }

    @Override
    public void forward(Pass pass) {
        Tensor y = pass.output();
        Kernels.of(y.dtype())
                .matrix()
                .product(
                        pass.input(0),
                        false,
                        pass.input(1),
                        false,
                        pass.prepared(1),
                        pass.input(2),
                        y,
                        0,
                        y.shape().rows());
    }

    @Override
    public void backward(Pass pass, int input) {
        Tensor dy = pass.outputGradient();
        Tensor dx = pass.inputGradient();
        int rows = dx.shape().rows();
        Kernels kernels = Kernels.of(dy.dtype());
        switch (input) {
            case 0 -> {
                kernels.matrix().product(dy, false, pass.input(1), true, pass.prepared(1), dx, dx, 0, rows);
                kernels.matrix().flush(dx, 0, rows);
            }
            case 1 ->
                kernels.matrix()
                        .product(pass.input(0), true, dy, false, null, dx, dx, pass.gradientFrom(), pass.gradientTo());
            default -> kernels.pointwise().addGradient(dy, 1, dx);
        }
    }
}
