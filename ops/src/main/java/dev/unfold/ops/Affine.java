package dev.unfold.ops;

import dev.unfold.graph.Op;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Rows;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;

/**
 * y = x w + b, row by row: each element is one chain that begins with b. dx = dy w', flushed; dw = x' dy, db = sum of dy. Inputs x, w, b;
 * or, with a sum of the shape of y in place of b, the sum, x, w.
 */
record Affine(boolean ontoSum) implements Op {
    @Override
    public String name() {
        return ontoSum ? "addmm" : "affine";
    }

    private int x() {
        return ontoSum ? 1 : 0;
    }

    private int w() {
        return x() + 1;
    }

    /** The input that chains begin with. */
    private int b() {
        return ontoSum ? 0 : 2;
    }

    @Override
    public Shape shape(Shape[] inputs) {
        Shape x = inputs[x()];
        Shape w = inputs[w()];
        Shape b = inputs[b()];
        Shapes.checkRankAtLeast(name(), "x", x, 2);
        Shapes.checkRank(name(), "w", w, 2);
        if (x.columns() != w.dim(0)) {
            throw Shapes.refuse(
                    name(),
                    "x is " + x + " and w is " + w,
                    "the columns of x (" + x.columns() + ") must equal the rows of w (" + w.dim(0) + ")");
        }
        Shape y = x.withDim(x.rank() - 1, w.dim(1));
        if (ontoSum && !b.equals(y)) {
            throw Shapes.refuse(
                    name(),
                    "sum is " + b + " and x is " + x + " and w is " + w,
                    "sum must have the shape of the product, " + y
                            + (b.rank() == 1 ? "; to add one row to all there is affine" : ""));
        }
        if (!ontoSum && (b.rank() != 1 || b.size() != w.dim(1))) {
            throw Shapes.refuse(
                    name(), "w is " + w + " and b is " + b, "b must be a row of w's columns, [" + w.dim(1) + "]");
        }
        return y;
    }

    @Override
    public Reads backwardReads(int input) {
        return input == b() ? Reads.NOTHING : Reads.inputs(x() + w() - input);
    }

    @Override
    public Rows rows(Shape[] inputs, boolean[] rowed) {
        return rowed[x()] && !rowed[w()] && rowed[b()] == ontoSum ? Rows.APART : Rows.TOGETHER;
    }

    @Override
    public boolean divides(int input) {
        return input == w();
    }

    @Override
    public boolean handsOn(int input) {
        return ontoSum && input == b();
    }

    @Override
    public void forward(Pass pass) {
        Tensor y = pass.output();
        Kernels.of(y.dtype())
                .matrix()
                .product(
                        pass.input(x()),
                        false,
                        pass.input(w()),
                        false,
                        pass.prepared(w()),
                        pass.input(b()),
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
        if (input == x()) {
            kernels.matrix().product(dy, false, pass.input(w()), true, pass.prepared(w()), dx, dx, 0, rows);
            kernels.matrix().flush(dx, 0, rows);
        } else if (input == w()) {
            int from = pass.gradientFrom();
            kernels.matrix().product(pass.input(x()), true, dy, false, null, dx, dx, from, pass.gradientTo());
        } else {
            kernels.pointwise().addGradient(dy, 1, dx);
        }
    }
}
