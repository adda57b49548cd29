package dev.unfold.ops.kernel;

import dev.unfold.graph.Tensor;

/** Kernels for products of matrices. */
public interface MatrixKernels {
    /**
     * c += a b, with a of m x k and b of k x n. Each element of c is one chain of fused multiply-adds over ascending k
     * that begins with what c held.
     *
     * @param a row-major m x k, or k x m where {@code transposeA}
     * @param b row-major k x n, or n x k where {@code transposeB}
     * @param c row-major m x n
     */
    void addProduct(Tensor a, boolean transposeA, Tensor b, boolean transposeB, Tensor c, int m, int n, int k);
}
