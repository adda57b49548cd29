package dev.unfold.rnn.train;

import dev.unfold.graph.Tensor;
import java.util.Map;

/**
 * What is trained, as a {@link TrainingLoop} sees it; mostly {@code batch -> step.run(plan, batch)} of a {@link TrainStep}.
 *
 * @param <B> what is trained on at a time
 */
@FunctionalInterface
public interface Learner<B> {
    /**
     * Makes one update.
     *
     * @return the loss of the batch before it
     * @throws DivergedException where that is not a finite number
     */
    double update(B batch);

    /** Is told that an epoch begins: a state that goes from batch to batch begins anew. Does nothing unless overridden. */
    default void beginEpoch() {}

    /**
     * Returns the tensors that one batch leaves to the next, by names of their own: the same tensors at all times, which are part of a
     * checkpoint and into which a training that goes on writes. None unless overridden.
     */
    default Map<String, Tensor> carried() {
        return Map.of();
    }
}
