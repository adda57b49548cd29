package dev.unfold.rnn.train;

/**
 * How long a {@link TrainingLoop} goes on, at which rate, and which weights it leaves. Immutable; begin with {@link #epochs(int)}.
 *
 * @param epochs how often at most to go through the training data, at least 1
 * @param schedule of the learning rate
 * @param measureEvery epochs between measurements, at least 1; the last epoch is always measured
 * @param monitor which of two validations is the better one
 * @param leastGain by how much, 0 or more, a validation must be better to count as better
 * @param patience measurements without a better validation after which to stop, 0 for never
 * @param keepsBest whether the weights of the best validation are put back in the end
 */
public record TrainingOptions(
        int epochs,
        Schedule schedule,
        int measureEvery,
        Monitor monitor,
        double leastGain,
        int patience,
        boolean keepsBest) {
    /** What tells which of two validations is better. */
    public enum Monitor {
        /** The lower mean loss. */
        LOSS,
        /** The higher accuracy; of equal ones the lower mean loss. */
        ACCURACY
    }

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException for one outside its range
     */
    public TrainingOptions {
        atLeast("epochs", epochs, 1);
        atLeast("epochs between measurements", measureEvery, 1);
        atLeast("patience", patience, 0);
        if (!(leastGain >= 0 && leastGain < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "training options: the least gain is " + leastGain + "; expected a finite number of at least 0");
        }
    }

    private static void atLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(
                    "training options: " + name + " is " + value + "; expected at least " + least);
        }
    }

    /** Returns the usual options: a constant rate, measurements behind every epoch, the weights of the lowest validation loss. */
    public static TrainingOptions epochs(int epochs) {
        return new TrainingOptions(epochs, Schedule.constant(), 1, Monitor.LOSS, 0, 0, true);
    }

    /** Returns these options with another schedule of the learning rate. */
    public TrainingOptions schedule(Schedule value) {
        return new TrainingOptions(epochs, value, measureEvery, monitor, leastGain, patience, keepsBest);
    }

    /** Returns these options with another number of epochs between measurements. */
    public TrainingOptions measureEvery(int value) {
        return new TrainingOptions(epochs, schedule, value, monitor, leastGain, patience, keepsBest);
    }

    /** Returns these options with another monitor, and a gain below which a validation is not better. */
    public TrainingOptions monitor(Monitor value, double least) {
        return new TrainingOptions(epochs, schedule, measureEvery, value, least, patience, keepsBest);
    }

    /** Returns these options, stopping after so many measurements without a better validation; 0 for never. */
    public TrainingOptions patience(int value) {
        return new TrainingOptions(epochs, schedule, measureEvery, monitor, leastGain, value, keepsBest);
    }

    /** Returns these options, leaving the weights of the last update instead of the best ones. */
    public TrainingOptions keepLast() {
        return new TrainingOptions(epochs, schedule, measureEvery, monitor, leastGain, patience, false);
    }

    /** Returns whether one validation is better than another. */
    boolean isBetter(Score score, Score than) {
        if (monitor == Monitor.LOSS) {
            return score.loss() < than.loss() - leastGain;
        }
        return score.accuracy() > than.accuracy() + leastGain
                || (leastGain == 0 && score.accuracy() == than.accuracy() && score.loss() < than.loss());
    }
}
