package dev.unfold.graph;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What runs in place of an operation: a loop, or what is taken out of one. */
interface Stage {
    /** Returns the name that messages use. */
    String name();

    /** Computes the value of the node. */
    void forward(Node node);

    /**
     * Passes on the gradients that have come.
     *
     * @return whether contributions to parameters are left, to be made by {@link #contribute}
     */
    boolean backward(Node node);

    /** About how many operations on numbers the contributions take. */
    default long work() {
        return 0;
    }

    /** Says of the parameters that are used here whether threads may share out their gradients. */
    default void assign() {}

    /** Contributes to the gradients of parameters, or to the part of them that is one lane's. */
    default void contribute(int lane) {}

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

        @Override
        default boolean backward(Node node) {
            return false;
        }
    }
}
