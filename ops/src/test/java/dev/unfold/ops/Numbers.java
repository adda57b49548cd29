package dev.unfold.ops;

import dev.unfold.graph.DType;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import java.util.Random;
import java.util.function.DoubleSupplier;

/** Random float64 tensors of numbers that float32 holds too, the same in every run. */
final class Numbers {
    private final Random random;

    Numbers(long seed) {
        random = new Random(seed);
    }

    /** Between -1.5 and 1.5. */
    Tensor any(Shape shape) {
        return fill(shape, () -> 3 * random.nextDouble() - 1.5);
    }

    /** Between 0.5 and 2. */
    Tensor positive(Shape shape) {
        return fill(shape, () -> 0.5 + 1.5 * random.nextDouble());
    }

    /** Between 0.2 and 1.5, or the negative of that. */
    Tensor awayFromZero(Shape shape) {
        return fill(shape, () -> (random.nextBoolean() ? 1 : -1) * (0.2 + 1.3 * random.nextDouble()));
    }

    /** No two nearer than 0.1 to each other, in random order. */
    Tensor apart(Shape shape) {
        double[] values = new double[shape.size()];
        for (int i = 0; i < values.length; i++) {
            int other = random.nextInt(i + 1);
            values[i] = values[other];
            values[other] = 0.1 * (i - values.length / 2.0) + 0.05 * random.nextDouble();
        }
        return round(Tensor.of(values, shape.dims()));
    }

    /** Whole numbers from 0 to below a bound. */
    Tensor indices(Shape shape, int bound) {
        return fill(shape, () -> random.nextInt(bound)).to(DType.INT32);
    }

    /** int32 numbers from -1 to below a bound. */
    Tensor indicesOrNone(Shape shape, int bound) {
        return fill(shape, () -> random.nextInt(bound + 1) - 1).to(DType.INT32);
    }

    private static Tensor fill(Shape shape, DoubleSupplier numbers) {
        Tensor tensor = Tensor.zeros(DType.FLOAT64, shape);
        for (int i = 0; i < tensor.size(); i++) {
            tensor.setFlat(i, numbers.getAsDouble());
        }
        return round(tensor);
    }

    private static Tensor round(Tensor tensor) {
        return tensor.to(DType.FLOAT32).to(DType.FLOAT64);
    }
}
