package dev.unfold.rnn.train;

import java.util.List;

/**
 * How the learning rate changes in training: the factor of the optimiser's own for each update. A function of how far training has come
 * and of nothing else, so that a training that was interrupted goes on with the rate it would have had. One with a {@code toString} of its
 * own, as all here have, is part of what a checkpoint must agree in.
 */
@FunctionalInterface
public interface Schedule {
    /**
     * How far training has come.
     *
     * @param updates how many have been made
     * @param batches the updates of an epoch
     * @param epochs how many there will be at most
     * @param history those that are finished
     */
    record Progress(long updates, int batches, int epochs, List<Epoch> history) {
        /** Copies the list. */
        public Progress {
            history = List.copyOf(history);
        }

        /** Returns how many epochs are finished. */
        int epochsDone() {
            return history.size();
        }

        /** Returns the part of all updates that has been made, from 0 up to but not including 1. */
        double part() {
            return (double) updates / ((long) batches * epochs);
        }
    }

    /** Returns the factor for the next update, above 0. */
    double factor(Progress progress);

    /** Returns whether it goes by what is measured on validation data, which must then be there; false unless overridden. */
    default boolean readsValidation() {
        return false;
    }

    /** The optimiser's rate, always. */
    static Schedule constant() {
        return Fading.CONSTANT;
    }

    /** A straight line that would reach 0 behind the last update. */
    static Schedule linear() {
        return Fading.LINEAR;
    }

    /** Half a cosine from 1 that would reach 0 behind the last update; Loshchilov and Hutter, SGDR, 2017, without restarts. */
    static Schedule cosine() {
        return Fading.COSINE;
    }

    /**
     * Another factor after every so many epochs: 1, then {@code by}, then its square.
     *
     * @throws IllegalArgumentException for less than 1 epoch, or a factor that is not between 0 and 1
     */
    static Schedule step(int epochs, double by) {
        return new Decay("step", epochs, by);
    }

    /**
     * Another factor after every epoch: 1, then {@code by}, then its square.
     *
     * @throws IllegalArgumentException for a factor that is not between 0 and 1
     */
    static Schedule exponential(double by) {
        return new Decay("exponential", 1, by);
    }

    /**
     * A straight line over the first updates from near 0 to 1, times what another schedule says; Goyal et al., Accurate, large minibatch
     * SGD, 2017.
     *
     * @param updates over how many, at least 1
     * @param then counts from the first update on too
     * @throws IllegalArgumentException for less than 1
     */
    static Schedule warmUp(int updates, Schedule then) {
        return new WarmUp(updates, then);
    }

    /**
     * Another factor whenever the validation loss has not become better by at least one in ten thousand for more than {@code patience}
     * validations: 1, then {@code by}, then its square. As {@code torch.optim.lr_scheduler.ReduceLROnPlateau} with its usual options.
     *
     * @throws IllegalArgumentException for a factor that is not between 0 and 1, or less than 0 epochs
     */
    static Schedule onPlateau(double by, int patience) {
        return new OnPlateau(by, patience);
    }
}
