package dev.unfold.examples.bench;

import dev.unfold.examples.cli.CommonOptions.UnrollMode;
import dev.unfold.graph.DType;
import dev.unfold.graph.Prepared;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;
import dev.unfold.ops.kernel.MatrixKernels;
import dev.unfold.rnn.init.Initializers;
import java.util.List;

/**
 * A product of y = x w or of its gradients, with x of m x k, by the kernels that both modes call.
 *
 * @param form which of them
 */
record MatrixProduct(int m, int n, int k, Form form) implements Workload {
    private static final double GIGA = 1e9;
    /** Operations in a pass, at the least, so that the clock and the calls to the pass cost nothing. */
    private static final double PASS = 1e6;

    /** The products of training, by whether their operands are transposed. */
    enum Form {
        /** y = x w, where w is packed before. */
        NN,
        /** dx = dx + dy w', where w is packed before; what became subnormal is flushed. */
        NT,
        /** dw = dw + x' dy. */
        TN
    }

    @Override
    public String name() {
        return "products/" + m + "x" + n + "x" + k + "/" + form;
    }

    @Override
    public String unit() {
        return "GFLOP/s";
    }

    @Override
    public double operations() {
        return 2.0 * m * n * k;
    }

    @Override
    public double figure(double unitsPerSecond) {
        return operations() * unitsPerSecond / GIGA;
    }

    @Override
    public List<UnrollMode> modes() {
        return List.of();
    }

    @Override
    public boolean isSerial() {
        return true;
    }

    @Override
    public Run start(Setup setup) {
        MadeUp data = new MadeUp();
        Tensor x = data.pixels(m, k);
        Tensor y = data.pixels(m, n);
        Tensor w = setup.parameters("products")
                .make("w", Initializers.normal(0, 1), k, n)
                .value();
        Prepared packed = new Prepared();
        MatrixKernels kernels = Kernels.of(DType.FLOAT32).matrix();
        // Gradients are added to x and to w themselves, which their products do not read; they stay finite.
        return switch (form) {
            case NN -> repeated(y, () -> kernels.product(x, false, w, false, packed, null, y, 0, m));
            case NT ->
                repeated(x, () -> {
                    kernels.product(y, false, w, true, packed, x, x, 0, m);
                    kernels.flush(x, 0, m);
                });
            case TN -> repeated(w, () -> kernels.product(x, true, y, false, null, w, w, 0, k));
        };
    }

    private Run repeated(Tensor result, Runnable product) {
        int times = (int) Math.max(1, PASS / operations());
        return new Run() {
            @Override
            public double pass() {
                for (int i = 0; i < times; i++) {
                    product.run();
                }
                return result.getFlat(0);
            }

            @Override
            public int units() {
                return times;
            }
        };
    }
}
