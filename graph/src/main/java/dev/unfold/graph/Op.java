package dev.unfold.graph;

/**
 * An operation: how the shape of its output follows from its inputs, how to compute the output, and how to pass the
 * gradient back. An object of this class holds settings only (a factor, an axis), never a tensor: all it works on comes
 * through {@link Pass}.
 *
 * <p>Five rules, which {@code OpContractTest} in {@code ops} holds every operation of the library to:
 *
 * <ol>
 *   <li>the output holds garbage before {@link #forward} and must be filled whole;
 *   <li>gradients are added to, never overwritten;
 *   <li>nothing is allocated while it runs;
 *   <li>backward looks only at what {@link #backwardReads} names;
 *   <li>two operations of the same settings are equal (a record is; an operation without settings is one instance or a record).
 * </ol>
 *
 * <p>Backward of a parameter is called after that of everything else, in the order in which the parameter was used, so
 * that a gradient summed step by step has the same bits as one computed for all steps at once. With
 * {@link Graph#threads} several threads may run backward of one operation at once, each for a parameter of its own: an operation keeps
 * nothing in its fields while it runs.
 */
public interface Op {
    /** Returns the name that messages and reports use, for example {@code matmul}. */
    String name();

    /**
     * Returns the shape of the output.
     *
     * @param inputs the shapes of the inputs; not to be kept, the array is used again
     * @throws IllegalArgumentException where the shapes do not fit; the message names the operation, what was expected
     *     and what came
     */
    Shape shape(Shape[] inputs);

    /** Returns what the gradient with respect to one input is computed from, beside the gradient of the output. */
    Reads backwardReads(int input);

    /** Fills the output. */
    void forward(Pass pass);

    /** Adds the gradient with respect to one input to {@link Pass#inputGradient()}. */
    void backward(Pass pass, int input);

    /** Returns how many numbers forward keeps for backward beside inputs and output; none unless overridden. */
    default int saved(Shape[] inputs) {
        return 0;
    }

    /** Returns whether an input holds int32 selectors (indices, labels, a mask); none does unless overridden. */
    default boolean takesIntegers(int input) {
        return false;
    }

    /** Returns whether a gradient flows to an input; it does unless overridden or the input holds integers. */
    default boolean differentiates(int input) {
        return !takesIntegers(input);
    }
}
