package dev.unfold.ops;

import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.PointwiseKernels;
import java.util.Map;

/** y = x where x &gt; 0, else slope x (A. L. Maas et al. 2013). At x = 0 the slope applies. */
final class LeakyRelu extends Pointwise {
    private final double slope;

    LeakyRelu(double slope) {
        super("leakyRelu", INPUT);
        if (!(slope > 0 && slope < 1)) {
            throw new IllegalArgumentException(
                    "leakyRelu: slope is " + slope + "; expected 0 < slope < 1; for 0 there is relu");
        }
        this.slope = slope;
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of("slope", slope);
    }

    @Override
    void forward(PointwiseKernels kernels, Tensor x, Tensor y) {
        kernels.leakyRelu(x, slope, y);
    }

    @Override
    void backward(PointwiseKernels kernels, Tensor x, Tensor dy, Tensor dx) {
        kernels.leakyReluGradient(x, slope, dy, dx);
    }
}
