package dev.unfold.ops;

import dev.unfold.graph.Op;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Rows;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;
import dev.unfold.ops.kernel.MatrixKernels;
import java.util.Map;

/**
 * y = A B, where A is a or its transpose and B is b or its transpose; dA = dy B', dB = A' dy. An {@code a} of rank 3 that
 * is not transposed counts as the matrix of its rows. The gradient of a, which may pass through hundreds of products, is flushed
 * ({@link MatrixKernels#flush}); that of b never is.
 */
record MatMul(boolean transposeA, boolean transposeB) implements Op {
    @Override
    public String name() {
        return "matmul";
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of("transposeA", transposeA, "transposeB", transposeB);
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
    public Rows rows(Shape[] inputs, boolean[] rowed) {
        return rowed[0] && !rowed[1] && !transposeA ? Rows.APART : Rows.TOGETHER;
    }

    @Override
    public boolean divides(int input) {
        return true;
    }

    @Override
    public void forward(Pass pass) {
        Tensor y = pass.output();
        kernels(y)
                .product(
                        pass.input(0),
                        transposeA,
                        pass.input(1),
                        transposeB,
                        pass.prepared(1),
                        null,
                        y,
                        0,
                        y.shape().rows());
    }

    @Override
    public void backward(Pass pass, int input) {
        Tensor dy = pass.outputGradient();
        Tensor other = pass.input(1 - input);
        Tensor dx = pass.inputGradient();
        // A slice along the first axis is a row, or in rank 3 several.
        int slice = dx.shape().rows() / Math.max(1, dx.shape().dim(0));
        int from = pass.gradientFrom() * slice;
        int to = pass.gradientTo() * slice;
        MatrixKernels kernels = kernels(dy);
        if (input == 1 && transposeB) {
            kernels.product(dy, true, other, transposeA, pass.prepared(0), dx, dx, from, to);
        } else if (input == 1) {
            kernels.product(other, !transposeA, dy, false, null, dx, dx, from, to);
        } else {
            if (transposeA) {
                kernels.product(other, transposeB, dy, true, null, dx, dx, from, to);
            } else {
                kernels.product(dy, false, other, !transposeB, pass.prepared(1), dx, dx, from, to);
            }
            kernels.flush(dx, from, to);
        }
    }

    private int inner(Shape a) {
        return transposeA ? a.dim(0) : a.columns();
    }

    private static MatrixKernels kernels(Tensor tensor) {
        return Kernels.of(tensor.dtype()).matrix();
    }
}
