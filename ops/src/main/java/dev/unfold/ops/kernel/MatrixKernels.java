package dev.unfold.ops.kernel;

import dev.unfold.graph.Prepared;
import dev.unfold.graph.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Kernels for products of matrices. Each element of a product is one chain of fused multiply-adds over ascending k. A tensor of rank 3
 * counts as the matrix of its rows.
 */
public interface MatrixKernels {
    /**
     * c = start + a b, for some rows of c, with a of m x k and b of k x n.
     *
     * @param a row-major m x k, or k x m where {@code transposeA}
     * @param b row-major k x n, or n x k where {@code transposeB}
     * @param prepared keeps what is derived from b; null where b may change before the next product
     * @param start what the chains begin with: m x n numbers, c itself to add to it, n numbers to begin each row with, or null for 0
     * @param c row-major m x n
     * @param from the first row of c to compute
     * @param to the row behind the last
     */
    void product(
            Tensor a,
            boolean transposeA,
            Tensor b,
            boolean transposeB,
            @Nullable Prepared prepared,
            @Nullable Tensor start,
            Tensor c,
            int from,
            int to);

    /** c += a b, with a of m x k and b of k x n: {@link #product} that begins with c, for all rows. */
    default void addProduct(Tensor a, boolean transposeA, Tensor b, boolean transposeB, Tensor c, int m, int n, int k) {
        product(a, transposeA, b, transposeB, null, c, c, 0, m);
    }

    /**
     * Writes 0 in place of subnormal numbers, for some rows. Gradients that vanish over hundreds of steps would
     * otherwise become subnormal, and arithmetic on such numbers many times slower.
     *
     * @param from the first row
     * @param to the row behind the last
     */
    void flush(Tensor x, int from, int to);
}
