package dev.unfold.ops;

import dev.unfold.graph.Op;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;
import dev.unfold.ops.kernel.MatrixKernels;

/**
 * y = A B, where A is a or its transpose and B is b or its transpose; dA = dy B', dB = A' dy. An {@code a} of rank 3 that
 * is not transposed counts as the matrix of its rows.
 */
record MatMul(boolean transposeA, boolean transposeB) implements Op {
    @Override
    public String name() {
        return "matmul";
    }

    @Override
    public Shape shape(Shape[] inputs) {
        Shape a = inputs[0];
        Shape b = inputs[1];
        if (transposeA) {
            Shapes.checkRank(name(), "a, to be transposed,", a, 2);
        } else {
            Shapes.checkRankAtLeast(name(), "a", a, 2);
        }
        Shapes.checkRank(name(), "b", b, 2);
        int inner = inner(a);
        int rowsOfB = b.dim(transposeB ? 1 : 0);
        if (inner != rowsOfB) {
            throw Shapes.refuse(
                    name(),
                    "a is " + a + (transposeA ? " transposed" : "") + " and b is " + b
                            + (transposeB ? " transposed" : ""),
                    "the columns of a (" + inner + ") must equal the rows of b (" + rowsOfB + ")");
        }
        int columns = b.dim(transposeB ? 0 : 1);
        return transposeA ? Shape.of(a.dim(1), columns) : a.withDim(a.rank() - 1, columns);
    }

    @Override
    public Reads backwardReads(int input) {
        return Reads.inputs(1 - input);
    }

    @Override
    public void forward(Pass pass) {
        Tensor a = pass.input(0);
        Tensor y = pass.output().fill(0);
        kernels(y)
                .addProduct(
                        a,
                        transposeA,
                        pass.input(1),
                        transposeB,
                        y,
                        y.shape().rows(),
                        y.shape().columns(),
                        inner(a.shape()));
    }

    @Override
    public void backward(Pass pass, int input) {
        Tensor dy = pass.outputGradient();
        Tensor other = pass.input(1 - input);
        Tensor dx = pass.inputGradient();
        int m = dy.shape().rows();
        int n = dy.shape().columns();
        int k = inner(pass.inputShape(0));
        if (input == 0 && transposeA) {
            kernels(dy).addProduct(other, transposeB, dy, true, dx, k, m, n);
        } else if (input == 0) {
            kernels(dy).addProduct(dy, false, other, !transposeB, dx, m, k, n);
        } else if (transposeB) {
            kernels(dy).addProduct(dy, true, other, transposeA, dx, n, k, m);
        } else {
            kernels(dy).addProduct(other, !transposeA, dy, false, dx, k, n, m);
        }
    }

    private int inner(Shape a) {
        return transposeA ? a.dim(0) : a.columns();
    }

    private static MatrixKernels kernels(Tensor tensor) {
        return Kernels.of(tensor.dtype()).matrix();
    }
}
