package dev.unfold.examples.cli;

import dev.unfold.rnn.train.Schedule;
import java.util.Locale;

/** How the learning rate goes, as users name it. */
public enum RateSchedule {
    /** Stays as it is. */
    CONSTANT,
    /** Falls in a straight line to 0. */
    LINEAR,
    /** Falls to 0 as half a cosine. */
    COSINE;

    /** Returns the schedule. */
    public Schedule schedule() {
        return switch (this) {
            case CONSTANT -> Schedule.constant();
            case LINEAR -> Schedule.linear();
            case COSINE -> Schedule.cosine();
        };
    }

    /** Returns the name that users give. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
