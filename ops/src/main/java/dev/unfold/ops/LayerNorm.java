package dev.unfold.ops;

import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.RowKernels;
import java.util.Map;

/**
 * y = (x - mean) / sqrt(variance + epsilon) along the last axis, without gain and shift (J. L. Ba, J. R. Kiros, G. E.
 * Hinton 2016, equation 4); dx = (dy - mean of dy - y times the mean of y dy) / sqrt(variance + epsilon).
 */
final class LayerNorm extends AlongRows {
    private final double epsilon;

    LayerNorm(double epsilon) {
        super("layerNorm");
        if (!(epsilon >= Float.MIN_NORMAL)) {
            throw new IllegalArgumentException(
                    "layerNorm: epsilon is " + epsilon + "; expected at least " + Float.MIN_NORMAL);
        }
        this.epsilon = epsilon;
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of("epsilon", epsilon);
    }

    @Override
    public int saved(Shape[] inputs) {
        return inputs[0].rows();
    }

    @Override
    void forward(RowKernels kernels, Tensor x, Tensor y, Tensor saved) {
        kernels.layerNorm(x, epsilon, y, saved);
    }

    @Override
    void backward(RowKernels kernels, Tensor y, Tensor saved, Tensor dy, Tensor dx) {
        kernels.layerNormGradient(y, saved, dy, dx);
    }
}
