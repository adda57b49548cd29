package dev.unfold.graph;

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

    /** Returns the shape of an input, in forward and backward. */
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

    /** Returns the step of the sequence that the operation belongs to, or -1 outside any step. */
    int step();
}
