package dev.unfold.ops;

import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.PointwiseKernels;
import java.util.Map;

/** y = min(max(x, low), high); dx = dy where low &lt;= x &lt;= high, else 0. */
final class Clip extends Pointwise {
    private final double low;
    private final double high;

    Clip(double low, double high) {
        super("clip", INPUT);
        if (!(low <= high)) {
            throw new IllegalArgumentException(
                    "clip: low is " + low + " and high is " + high + "; low must not exceed high");
        }
        this.low = low;
        this.high = high;
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of("low", low, "high", high);
    }

    @Override
    void forward(PointwiseKernels kernels, Tensor x, Tensor y) {
        kernels.clip(x, low, high, y);
    }

    @Override
    void backward(PointwiseKernels kernels, Tensor x, Tensor dy, Tensor dx) {
        kernels.clipGradient(x, low, high, dy, dx);
    }
}
