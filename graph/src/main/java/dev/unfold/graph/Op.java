package dev.unfold.graph;

import java.util.Map;

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
 *   <li>two operations of the same settings are equal (a record is; an operation without settings is one instance or a record),
 *       and {@link #settings} tells of all of them.
 * </ol>
 *
 * <p>Backward of a parameter is called behind that of everything else in a stretch of the recording ({@link Graph#beginStretch}), in the
 * order in which the parameter was used there, so that a gradient summed step by step has the same bits as one computed for several
 * steps at once. With {@link Graph#threads} several threads may run backward of one operation at once, each for a parameter of its own: an operation keeps
 * nothing in its fields while it runs.
 */
public interface Op {
    /** Returns the name that messages and reports use, for example {@code matmul}. */
    String name();

    /**
     * Returns what the operation was made with beside its name, numbers and shapes by name, for what writes recordings down: two operations
     * of one name and equal settings compute the same of the same number of inputs. None unless overridden.
     */
    default Map<String, Object> settings() {
        return Map.of();
    }

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

    /**
     * Returns how the rows of a batch go through the operation; {@link Rows#TOGETHER} unless overridden.
     *
     * <p>Where rows go apart, the output has the rows as its first axis, and forward and backward may be run with fewer rows than
     * {@link #shape} was asked for, in inputs that have rows, in output and gradients alike; {@link #saved} numbers are then those of the
     * rows, one row behind the other.
     *
     * @param inputs the shapes of the inputs; not to be kept
     * @param rowed by input: whether its first axis counts the rows of the batch; true for at least one
     */
    default Rows rows(Shape[] inputs, boolean[] rowed) {
        return Rows.TOGETHER;
    }

    /**
     * Returns which input holds, as int32, the numbers of the rows (see {@link Shape#rows()}) of another input that backward adds to; -1,
     * unless overridden, where that may be any. {@link #backwardReads} of that other names it. What has so many rows that most are never
     * picked is not gone through as a whole in each update: see {@link GradientRows}.
     */
    default int rowsPickedBy(int input) {
        return -1;
    }

    /**
     * Returns whether backward with respect to an input can be done for some of the slices along the first axis of its gradient at a
     * time, as {@link Pass#gradientFrom} and {@link Pass#gradientTo} say, so that threads share one gradient; it cannot unless overridden.
     */
    default boolean divides(int input) {
        return false;
    }

    /**
     * Returns whether the gradient with respect to an input of the shape of the output is the gradient of the output, as it is; it is not
     * unless overridden. {@link #backward} is then called only where other gradients come to the input as well.
     */
    default boolean handsOn(int input) {
        return false;
    }

    /** Returns whether a gradient flows to an input; it does unless overridden or the input holds integers. */
    default boolean differentiates(int input) {
        return !takesIntegers(input);
    }
}
