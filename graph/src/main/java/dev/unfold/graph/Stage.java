package dev.unfold.graph;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What runs in place of an operation: a loop, or what is taken out of one. */
interface Stage {
    /** Returns the name that messages use. */
    String name();

    /** Computes the value of the node. */
    void forward(Node node);

    /** Passes on the gradients that have come. */
    void backward(Node node);

    /** Says of the parameters that are used here whether threads may share out their gradients. */
    default void assign() {}

    /** Describes the first value inside, in the order of computation, that is NaN or infinite. */
    default Optional<String> firstNonFinite() {
        return Optional.empty();
    }

    /** A value that is part of another, or of a loop, and so is its gradient. */
    interface Within extends Stage {
        /** Returns the gradient where it lies, to be added to. */
        Tensor reach();

        /** Returns the gradient, null where none has come. */
        @Nullable
        Tensor gradient();

        /** Whether a gradient that comes is there to be asked for. */
        default boolean keepsGradient() {
            return true;
        }

        @Override
        default void backward(Node node) {}
    }
}
