package dev.unfold.examples.cli;

import dev.unfold.rnn.train.Schedule;
import java.util.Locale;

/** How a command can be told to change the learning rate. */
public enum ScheduleKind {
    /** In a straight line to 0 at the end. */
    LINEAR(1),
    /** Not at all. */
    CONSTANT(1),
    /** Along half a cosine to 0 at the end. */
    COSINE(1),
    /** By a factor behind each third of the epochs. */
    STEP(0.1),
    /** By a factor behind each epoch. */
    EXPONENTIAL(0.7),
    /** By a factor whenever validation has not become better. */
    PLATEAU(0.5);

    private static final int STEPS = 3;

    private final double usualFactor;

    ScheduleKind(double usualFactor) {
        this.usualFactor = usualFactor;
    }

    /** Returns its factor unless another is given, 1 for a schedule that has none. */
    public double usualFactor() {
        return usualFactor;
    }

    /**
     * Refuses it where it could not take effect.
     *
     * @param measureEvery epochs between validations
     */
    public void check(CommonOptions common, int epochs, int measureEvery) {
        int first = firstEffect(epochs, measureEvery);
        common.refuseIf(
                first >= epochs,
                "--schedule " + this + " would change the rate behind epoch " + first + " at first, and there are "
                        + epochs + "; give more --epochs or another schedule");
    }

    private int firstEffect(int epochs, int measureEvery) {
        return switch (this) {
            case LINEAR, CONSTANT, COSINE -> 0;
            case STEP -> stepLength(epochs);
            case EXPONENTIAL -> 1;
            case PLATEAU -> 2 * measureEvery;
        };
    }

    /** Makes the schedule of a training. */
    public Schedule make(int epochs, double factor) {
        return switch (this) {
            case LINEAR -> Schedule.linear();
            case CONSTANT -> Schedule.constant();
            case COSINE -> Schedule.cosine();
            case STEP -> Schedule.step(stepLength(epochs), factor);
            case EXPONENTIAL -> Schedule.exponential(factor);
            case PLATEAU -> Schedule.onPlateau(factor, 0);
        };
    }

    private static int stepLength(int epochs) {
        return (epochs + STEPS - 1) / STEPS;
    }

    /** Returns the name that users give. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
