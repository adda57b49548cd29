package dev.unfold.rnn.train;

import java.util.List;

/**
 * How a training has gone.
 *
 * @param epochs those that were finished, in order
 * @param keptEpoch the number of the one whose weights the model has, 0 for those it began with or for part of an epoch
 * @param updates how many were made
 */
public record History(List<Epoch> epochs, int keptEpoch, long updates) {
    /** Copies the list. */
    public History {
        epochs = List.copyOf(epochs);
    }

    /** Returns the wall time of the finished epochs, measuring included; also where they were interrupted. */
    public double seconds() {
        return epochs.stream().mapToDouble(Epoch::seconds).sum();
    }
}
