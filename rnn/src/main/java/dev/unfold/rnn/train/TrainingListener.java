package dev.unfold.rnn.train;

/** Is told how a {@link TrainingLoop} goes; each method does nothing unless overridden. */
public interface TrainingListener {
    /** An interrupted training goes on, behind so many updates. */
    default void resumed(History history) {}

    /**
     * An update has been made.
     *
     * @param epoch from 1 on
     * @param batch of the epoch, from 1 on
     * @param loss of the batch, before the update
     */
    default void updated(int epoch, int batch, double loss) {}

    /** An epoch is finished and, where it is its turn, measured. */
    default void finished(Epoch epoch) {}
}
