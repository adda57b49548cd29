package dev.unfold.examples.bench;

import dev.unfold.examples.cli.CommonOptions.UnrollMode;
import java.util.List;

/** Something to be timed: a model of fixed sizes and the batches that go through it, or a part of the library. */
interface Workload {
    /** Returns the name by which it is asked for. */
    String name();

    /** Returns what is counted, such as {@code images/s}. */
    String unit();

    /**
     * Returns how many floating-point operations the products of one unit take (two for each multiplication; in training, backward twice
     * as many as forward); 0 where it is not arithmetic that takes the time.
     */
    double operations();

    /** Returns whether memory is to be told beside speed. */
    default boolean tellsBytes() {
        return false;
    }

    /** Returns the ways of unfolding to time it in; none where it is the same whatever the way, and timed once. */
    default List<UnrollMode> modes() {
        return List.of(UnrollMode.STATIC, UnrollMode.DYNAMIC);
    }

    /** Returns whether it is timed on one thread, however many there are. */
    default boolean isSerial() {
        return false;
    }

    /** Returns the figure that is told, in {@link #unit}: greater for more units, or less where it is a time. */
    default double figure(double unitsPerSecond) {
        return unitsPerSecond;
    }

    /** Makes the model and its batches. */
    Run start(Setup setup);

    /** A model at work. */
    interface Run {
        /**
         * Goes through all batches once.
         *
         * @return the mean loss of the batches, or what else tells that the work was done
         */
        double pass();

        /** Returns the units in a pass. */
        int units();

        /** Returns the bytes that the work needs beside its batches, at the most; 0 where they are never told. */
        default long bytes() {
            return 0;
        }
    }
}
