package dev.unfold.graph;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A named tensor that is learned, with a gradient of the same shape. Every backward pass adds to the gradient; whoever
 * updates the parameter zeroes it.
 *
 * <p>Graphs only read the value. Any number of threads may run graphs over the same parameters as long as nobody
 * differentiates or updates.
 */
public final class Parameter implements Operand {
    private final String name;
    private final Tensor value;
    private @Nullable GradientRows gradientRows;

    /**
     * Makes a parameter.
     *
     * @param name how messages, checks and files call it, for example {@code rnn.wx}
     * @param value its first value, which is not copied; updates are written into it
     * @throws IllegalArgumentException for a blank name or a tensor that is not float32 or float64
     */
    public Parameter(String name, Tensor value) {
        if (Objects.requireNonNull(name).isBlank()) {
            throw new IllegalArgumentException("parameter: the name is blank; give one that messages can use");
        }
        if (!value.dtype().isFloat()) {
            throw new IllegalArgumentException(
                    "parameter '" + name + "': is " + value.dtype() + "; only float32 and float64 can be learned");
        }
        this.name = name;
        this.value = value;
    }

    /** Returns the name. */
    public String name() {
        return name;
    }

    /** Returns the value itself, not a copy. */
    public Tensor value() {
        return value;
    }

    /**
     * Returns the gradient itself, not a copy: the sum of what backward passes have added since it was zeroed. It may be written into, so
     * from then on nobody can tell which of its rows are zero; an embedding's is better read by {@link #gradientRows()}.
     */
    public Tensor gradient() {
        return gradientRows().lend();
    }

    /** Returns the gradient with what is known of its rows: which of them may be other than zero. */
    public GradientRows gradientRows() {
        GradientRows current = gradientRows;
        if (current == null) {
            // Only training needs it: a model that serves never pays for gradients.
            current = new GradientRows(Tensor.zeros(value.dtype(), value.shape()));
            gradientRows = current;
        }
        return current;
    }

    /** Sets the gradient to zero. */
    public void zeroGradient() {
        if (gradientRows != null) {
            gradientRows.zero();
        }
    }

    @Override
    public Shape shape() {
        return value.shape();
    }

    @Override
    public DType dtype() {
        return value.dtype();
    }

    /** Returns the name, the type and the shape. */
    @Override
    public String toString() {
        return "parameter '" + name + "' " + dtype() + " " + shape();
    }
}
