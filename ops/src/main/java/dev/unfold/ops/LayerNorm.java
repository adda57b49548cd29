package dev.unfold.ops;

import dev.unfold.graph.Op;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;

/**
 * y = (x - mean) / sqrt(variance + epsilon) along the last axis, without gain and shift (J. L. Ba, J. R. Kiros, G. E.
 * Hinton 2016, equation 4); dx = (dy - mean of dy - y times the mean of y dy) / sqrt(variance + epsilon).
 */
final class LayerNorm implements Op {
    private final double epsilon;

    LayerNorm(double epsilon) {
        if (!(epsilon >= Float.MIN_NORMAL)) {
            throw new IllegalArgumentException(
                    "layerNorm: epsilon is " + epsilon + "; expected at least " + Float.MIN_NORMAL);
        }
        this.epsilon = epsilon;
    }

    @Override
    public String name() {
        return "layerNorm";
    }

    @Override
    public Shape shape(Shape[] inputs) {
        Shapes.checkRankAtLeast(name(), "x", inputs[0], 1);
        return inputs[0];
    }

    @Override
    public int saved(Shape[] inputs) {
        return inputs[0].rows();
    }

    @Override
    public Reads backwardReads(int input) {
        return Reads.OUTPUT;
    }

    @Override
    public void forward(Pass pass) {
        Tensor y = pass.output();
        Kernels.of(y.dtype()).rows().layerNorm(pass.input(0), epsilon, y, pass.saved());
    }

    @Override
    public void backward(Pass pass, int input) {
        Tensor dy = pass.outputGradient();
        Kernels.of(dy.dtype()).rows().layerNormGradient(pass.output(), pass.saved(), dy, pass.inputGradient());
    }
}
