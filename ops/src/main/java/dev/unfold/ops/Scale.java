package dev.unfold.ops;

import dev.unfold.graph.Reads;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.PointwiseKernels;
import java.util.Map;

/** y = factor x; dx = factor dy. */
final class Scale extends Pointwise {
    private final double factor;

    Scale(double factor) {
        super("scale", Reads.NOTHING);
        this.factor = factor;
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of("factor", factor);
    }

    @Override
    void forward(PointwiseKernels kernels, Tensor x, Tensor y) {
        kernels.scale(x, factor, y);
    }

    @Override
    void backward(PointwiseKernels kernels, Tensor unread, Tensor dy, Tensor dx) {
        kernels.addGradient(dy, factor, dx);
    }
}
