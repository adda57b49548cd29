package dev.unfold.ops.kernel;

import dev.unfold.graph.Prepared;
import dev.unfold.graph.Tensor;
import org.jspecify.annotations.Nullable;

/** Products in float32 on the Vector API. */
final class V32Matrix extends F32Matrix {
    private static final ThreadLocal<V32Product> OF_THREAD = ThreadLocal.withInitial(V32Product::new);

    @Override
    public void product(
            Tensor a,
            boolean transposeA,
            Tensor b,
            boolean transposeB,
            @Nullable Prepared prepared,
            @Nullable Tensor start,
            Tensor c,
            int from,
            int to) {
        if (from < to && c.shape().columns() > 0) {
            OF_THREAD.get().run(a, transposeA, b, transposeB, prepared, start, c, from, to);
        }
    }

    @Override
    public void flush(Tensor x, int from, int to) {
        int n = x.shape().columns();
        V32Tiles.flush(x.floats(), x.offset() + from * n, x.offset() + to * n);
    }
}
