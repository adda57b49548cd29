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

    /** Contributes to the gradients of the parameters of one lane. */
    default void contribute(int lane) {}

    /** Describes the first value inside, in the order of computation, that is NaN or infinite. */
    default Optional<String> firstNonFinite() {
        return Optional.empty();
    }

    /** A value of a loop, whose gradient lies there as well. */
    interface InLoop extends Stage {
        /** Returns the node outside of the loop whose value this is, where no step was run before it; else null. */
        @Nullable
        Node outside();

        /** Returns the gradient inside the loop, to be added to. */
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
