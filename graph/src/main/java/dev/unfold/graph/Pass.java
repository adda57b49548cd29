package dev.unfold.graph;

import org.jspecify.annotations.Nullable;

/**
 * What an operation sees while it runs. Whoever runs it has placed the tensors; the operation neither allocates nor
 * keeps any of them, which is what lets one operation serve a tape and a plan.
 */
public interface Pass {
    /**
     * Returns the value of an input. In backward only those that {@link Op#backwardReads} names.
     *
     * @throws IllegalStateException in backward, for an input that was not named
     */
    Tensor input(int position);

    /**
     * Returns the shape of an input, in forward and backward, as {@link Op#shape} saw it: where rows go apart, with all rows of the batch,
     * whichever run here.
     */
    Shape inputShape(int position);

    /**
     * Returns the output: in forward a place to fill, which holds garbage; in backward what forward left there.
     *
     * @throws IllegalStateException in backward, where {@link Op#backwardReads} does not name the output
     */
    Tensor output();

    /**
     * Returns the numbers that forward keeps for backward, as many as {@link Op#saved} asked for, in the type of the
     * output. In forward they hold garbage.
     */
    Tensor saved();

    /**
     * Returns the gradient of the loss with respect to the output.
     *
     * @throws IllegalStateException in forward
     */
    Tensor outputGradient();

    /**
     * Returns the gradient with respect to the input that is being differentiated. Backward <em>adds</em> to it.
     *
     * @throws IllegalStateException in forward
     */
    Tensor inputGradient();

    /** Returns the seed of the batch, given to {@link Graph#training}: what random operations draw from, in forward and backward. */
    long seed();

    /** Returns the number of the step within its run that the operation belongs to, or -1 outside any step. */
    int step();

    /** Returns the number within the batch of a row that runs here, by its position along the first axis. */
    int rowOf(int position);

    /**
     * Returns the step of the sequence that a row that runs here belongs to, by its position along the first axis: {@link #step} unless
     * the rows of a run stand at different steps; -1 outside any step.
     */
    int stepOf(int position);

    /** Returns the first slice, along the first axis, of the input gradient that is to be added to: 0 unless {@link Op#divides}. */
    int gradientFrom();

    /** Returns the slice behind the last that is to be added to: all of them unless {@link Op#divides}. */
    int gradientTo();

    /**
     * Returns where kernels keep what they derive from an input that stays the same for the whole run, such as a parameter; null for any
     * other.
     */
    @Nullable
    Prepared prepared(int position);
}
