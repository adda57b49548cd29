package dev.unfold.examples.bench;

/** Something to be timed: a model of fixed sizes and the batches that go through it. */
interface Workload {
    /** Returns the name by which it is asked for. */
    String name();

    /** Returns what is counted, such as {@code images/s}. */
    String unit();

    /**
     * Returns how many floating-point operations the products of one unit take, forward and backward (two for each multiplication, and
     * backward twice as many as forward); 0 where it is not arithmetic that takes the time.
     */
    double operations();

    /** Returns whether memory is to be told beside speed. */
    default boolean tellsBytes() {
        return false;
    }

    /** Returns the figure that is told, in {@link #unit}. */
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

        /** Returns the bytes that the work needs beside its batches, at the most. */
        long bytes();
    }
}
