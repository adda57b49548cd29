package dev.unfold.ops;

import dev.unfold.graph.Reads;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.PointwiseKernels;
import java.util.Map;

/** y = x + number; dx = dy. */
final class Shift extends Pointwise {
    private final double number;

    Shift(double number) {
        super("shift", Reads.NOTHING);
        this.number = number;
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of("number", number);
    }

    @Override
    public boolean handsOn(int input) {
        return true;
    }

    @Override
    void forward(PointwiseKernels kernels, Tensor x, Tensor y) {
        kernels.shift(x, number, y);
    }

    @Override
    void backward(PointwiseKernels kernels, Tensor unread, Tensor dy, Tensor dx) {
        kernels.addGradient(dy, 1, dx);
    }
}
