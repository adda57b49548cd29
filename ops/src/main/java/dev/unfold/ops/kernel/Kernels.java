package dev.unfold.ops.kernel;

import dev.unfold.graph.DType;

/**
 * The kernels of one precision, in four families.
 *
 * @param pointwise element by element
 * @param matrix products
 * @param rows along rows or another axis, and moving rows
 * @param updates of parameters by optimisers
 */
public record Kernels(PointwiseKernels pointwise, MatrixKernels matrix, RowKernels rows, UpdateKernels updates) {
    private static final Kernels FLOAT32 =
            new Kernels(new F32Pointwise(), new F32Matrix(), new F32Rows(), new F32Updates());
    private static final Kernels FLOAT64 =
            new Kernels(new F64Pointwise(), new F64Matrix(), new F64Rows(), new F64Updates());

    /**
     * Returns the kernels for a type of elements.
     *
     * @throws IllegalArgumentException for int32, which nothing is computed in
     */
    public static Kernels of(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> FLOAT32;
            case FLOAT64 -> FLOAT64;
            case INT32 -> throw new IllegalArgumentException("kernels: nothing is computed in int32");
        };
    }
}
