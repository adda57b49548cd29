package dev.unfold.ops;

import dev.unfold.graph.Op;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;

/** y = x w + b, row by row: each element is one chain that begins with b. dx = dy w', dw = x' dy, db = sum of dy. */
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
    public void forward(Pass pass) {
        Tensor x = pass.input(0);
        Tensor b = pass.input(2);
        Tensor y = pass.output();
        int columns = b.size();
        for (int row = 0; row < y.shape().rows(); row++) {
            y.copyRun(b, 0, row * columns, columns);
        }
        Kernels.of(y.dtype())
                .matrix()
                .addProduct(
                        x,
                        false,
                        pass.input(1),
                        false,
                        y,
                        y.shape().rows(),
                        columns,
                        x.shape().columns());
    }

    @Override
    public void backward(Pass pass, int input) {
        Tensor dy = pass.outputGradient();
        Tensor dx = pass.inputGradient();
        int rows = dy.shape().rows();
        int columns = dy.shape().columns();
        Kernels kernels = Kernels.of(dy.dtype());
        switch (input) {
            case 0 ->
                kernels.matrix()
                        .addProduct(
                                dy,
                                false,
                                pass.input(1),
                                true,
                                dx,
                                rows,
                                dx.shape().columns(),
                                columns);
            case 1 ->
                kernels.matrix()
                        .addProduct(
                                pass.input(0), true, dy, false, dx, dx.shape().rows(), columns, rows);
            default -> kernels.pointwise().addGradient(dy, 1, dx);
        }
    }
}
