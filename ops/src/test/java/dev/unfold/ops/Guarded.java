package dev.unfold.ops;

import dev.unfold.graph.DType;
import dev.unfold.graph.Recorded;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import java.util.stream.IntStream;

/** A tensor that lies in the midst of a larger array, between numbers that nobody may touch. */
public record Guarded(Tensor whole, Tensor tensor) {
    private static final int GUARDS = 5;
    private static final int GUARD = -77_777;

    /** Makes a tensor of garbage: NaN, or an index outside everything. */
    public static Guarded garbage(DType dtype, Shape shape) {
        Tensor whole = Tensor.zeros(dtype, shape.size() + 2 * GUARDS).fill(GUARD);
        Tensor tensor = Recorded.part(whole, GUARDS, shape);
        return new Guarded(whole, tensor.fill(dtype.isFloat() ? Double.NaN : Integer.MAX_VALUE));
    }

    /** Makes a copy of a tensor. */
    public static Guarded copy(Tensor source) {
        Guarded guarded = garbage(source.dtype(), source.shape());
        guarded.tensor.copyFrom(source);
        return guarded;
    }

    /** Returns whether the numbers around the tensor are as they were. */
    public boolean untouched() {
        return IntStream.range(0, GUARDS)
                .allMatch(i -> whole.getFlat(i) == GUARD && whole.getFlat(whole.size() - 1 - i) == GUARD);
    }
}
