package dev.unfold.graph;

import java.util.Locale;

/** The type of a tensor's elements. */
public enum DType {
    /** Single precision, the type to train with. */
    FLOAT32(Float.BYTES),
    /** Double precision, the type to check gradients with. */
    FLOAT64(Double.BYTES),
    /** Whole numbers that select: indices, labels, masks. Never differentiated. */
    INT32(Integer.BYTES);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** Returns the bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /** Returns whether the elements are floating-point numbers, which alone can have gradients. */
    public boolean isFloat() {
        return this != INT32;
    }

    /** Returns {@code float32}, {@code float64} or {@code int32}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Makes the array that holds {@code size} elements of this type, all zero. */
    Object newArray(int size) {
        return switch (this) {
            case FLOAT32 -> new float[size];
            case FLOAT64 -> new double[size];
            case INT32 -> new int[size];
        };
    }
}
