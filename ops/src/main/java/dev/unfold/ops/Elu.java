package dev.unfold.ops;

import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.PointwiseKernels;
import java.util.Map;

/** y = x where x &gt; 0, else alpha (e^x - 1) (D. Clevert et al. 2016); dx = dy where x &gt; 0, else alpha e^x dy. */
final class Elu extends Pointwise {
    private final double alpha;

    Elu(double alpha) {
        super("elu", INPUT);
        if (!(alpha > 0)) {
            throw new IllegalArgumentException("elu: alpha is " + alpha + "; it must be positive");
        }
        this.alpha = alpha;
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of("alpha", alpha);
    }

    @Override
    void forward(PointwiseKernels kernels, Tensor x, Tensor y) {
        kernels.elu(x, alpha, y);
    }

    @Override
    void backward(PointwiseKernels kernels, Tensor x, Tensor dy, Tensor dx) {
        kernels.eluGradient(x, alpha, dy, dx);
    }
}
