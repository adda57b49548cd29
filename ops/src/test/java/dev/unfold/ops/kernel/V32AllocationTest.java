package dev.unfold.ops.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.unfold.graph.DType;
import dev.unfold.graph.Prepared;
import dev.unfold.graph.Tensor;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The kernels on the Vector API make no objects once they are compiled: C2 has kept every vector in a register. */
class V32AllocationTest {
    /** Runs enough to be compiled on a busy machine; a kernel that boxes never gets to a run without allocation. */
    private static final int MOST_RUNS = 10_000_000;

    private final KernelSet set = KernelSet.vector();

    private static void assertAllocatesNothing(String what, Runnable task) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().getId();
        long bytes = Long.MAX_VALUE;
        for (int run = 0; run < MOST_RUNS && bytes != 0; run++) {
            long before = threads.getThreadAllocatedBytes(self);
            task.run();
            bytes = threads.getThreadAllocatedBytes(self) - before;
        }
        assertThat(bytes).as("bytes of " + what).isZero();
    }

    private static Tensor zeros(int... dims) {
        return Tensor.zeros(DType.FLOAT32, dims);
    }

    @Test
    void products_allocate_nothing() {
        MatrixKernels matrix = set.kernels().matrix();
        for (int rows : new int[] {1, 15}) {
            for (boolean transposeB : new boolean[] {false, true}) {
                Tensor a = zeros(rows, 37);
                Tensor b = transposeB ? zeros(45, 37) : zeros(37, 45);
                Tensor c = zeros(rows, 45);
                Prepared prepared = new Prepared();
                String what = rows + " rows, b transposed: " + transposeB;
                assertAllocatesNothing(what, () -> matrix.product(a, false, b, transposeB, null, null, c, 0, rows));
                assertAllocatesNothing(what + ", prepared", () -> {
                    prepared.forget();
                    matrix.product(a, false, b, transposeB, prepared, c, c, 0, rows);
                    matrix.flush(c, 0, rows);
                });
            }
        }
    }

    @Test
    void functions_allocate_nothing() {
        PointwiseKernels pointwise = set.kernels().pointwise();
        Tensor x = zeros(100);
        Tensor y = zeros(100);
        Tensor dx = zeros(100);
        assertAllocatesNothing("tanh", () -> pointwise.tanh(x, y));
        assertAllocatesNothing("sigmoid", () -> pointwise.sigmoid(x, y));
        assertAllocatesNothing("exp", () -> pointwise.exp(x, y));
        assertAllocatesNothing("log", () -> pointwise.log(x, y));
        assertAllocatesNothing("clip", () -> pointwise.clip(x, -1, 1, y));
        assertAllocatesNothing("multiply", () -> pointwise.multiply(x, x, y));
        assertAllocatesNothing("gradients", () -> {
            pointwise.softplusGradient(y, x, dx);
            pointwise.tanhGradient(y, x, dx);
            pointwise.sigmoidGradient(y, x, dx);
            pointwise.clipGradient(y, -1, 1, x, dx);
            pointwise.multiplyGradient(x, y, dx);
            pointwise.addGradient(x, 1, dx);
        });
    }

    @Test
    void rows_and_updates_allocate_nothing() {
        RowKernels rows = set.kernels().rows();
        UpdateKernels updates = set.kernels().updates();
        Tensor x = zeros(3, 100);
        Tensor y = zeros(3, 100);
        Tensor dx = zeros(3, 100);
        Tensor each = zeros(3);
        assertAllocatesNothing("softmax", () -> {
            rows.softmax(x, y);
            rows.softmaxGradient(y, x, dx);
        });
        assertAllocatesNothing("logSoftmax", () -> {
            rows.logSoftmax(x, y);
            rows.logSoftmaxGradient(y, x, dx);
        });
        assertAllocatesNothing("layerNorm", () -> {
            rows.layerNorm(x, 1e-5, y, each);
            rows.layerNormGradient(y, each, x, dx);
        });
        assertAllocatesNothing("sums", () -> {
            rows.sum(x, 100, 1, 1, each);
            rows.sumGradient(each, 100, 1, 1, dx);
        });
        assertAllocatesNothing("adam", () -> updates.adam(x, y, dx, 0.9, 0.999, 1e-8, 0, 1e-3, 1, x));
        assertAllocatesNothing("momentum", () -> updates.momentum(x, y, 0.9, true, 0, 1e-3, dx));
    }
}
