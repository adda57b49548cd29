package dev.unfold.graph;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is done at each step of a sequence, with room for so many steps and rows: recorded once and replayed, instead of recorded anew
 * at every step. {@link Graph#repeat} runs it.
 *
 * <p>The number of recorded operations does not grow with the number of steps: each operation has room for its values at all steps,
 * one step behind the other, and a replay goes through that.
 *
 * <p>Two loops of the same name, room, body and budget are equal, and a graph keeps one memory for both.
 */
public final class Loop {
    /** The number of steps whose gradients of parameters are added up together: see {@link Graph#beginStretch}. */
    public static final int STRETCH = 16;

    /** So many rows make large products; tests have short windows always. */
    private static final int WINDOW_ROWS = Integer.getInteger("dev.unfold.windowRows", 1 << 10);

    private final String name;
    private final int maxSteps;
    private final int maxRows;
    private final Body body;
    private final long budget;

    /** Records a step. */
    public interface Body {
        /**
         * Records one step, always by the same operations.
         *
         * @param sequences what stands for the values that come with the step, each of the shape of its sequence without the first axis
         * @param carried what stands for the values that the step before left
         * @return the output, then the values that are carried on, in the order and of the shapes in which they came; all of them
         *     outputs of operations of this step, with the rows as their first axis
         */
        List<Node> record(List<Node> sequences, List<Node> carried);
    }

    /**
     * Which elements of the sequences are run, in which order. The steps of a run are numbered from 0 as they come; what each step finds
     * in its rows may lie anywhere in the sequences. A row that has ended is left out of all later steps, so the rows that end first come
     * last. Asked anew before each replay; answering allocates nothing.
     */
    public interface Schedule {
        /** Returns whether every row of every step is run, in the order of the sequences, whatever the batch; the rest is then not asked. */
        boolean isWhole();

        /** Looks at whatever the answers depend on, before a run. */
        void refresh();

        /** Returns the number of steps of the sequences. */
        int steps();

        /** Returns the number of rows of the sequences. */
        int batch();

        /** Returns how many steps are run, at most as many as the sequences have. */
        int runs();

        /** Returns how many rows a step of the run has: at least 1, and no more than the step before. */
        int rows(int run);

        /** Returns where the element that comes at a row of a step of the run lies in the sequences: its step times the batch, plus its row. */
        int source(int run, int row);

        /** Returns which row of the batch goes through the steps as a given row. */
        int rowOfBatch(int row);
    }

    /**
     * Makes a loop.
     *
     * @param name what messages call it, for example {@code cell 'rnn'}
     * @param maxSteps the most steps there will be
     * @param maxRows the most rows there will be
     * @param body records a step
     * @throws IllegalArgumentException for room for less than one step of one row
     */
    public Loop(String name, int maxSteps, int maxRows, Body body) {
        this(name, maxSteps, maxRows, body, Long.MAX_VALUE);
    }

    private Loop(String name, int maxSteps, int maxRows, Body body, long budget) {
        if (maxSteps < 1 || maxRows < 1) {
            throw new IllegalArgumentException(name + ": room for " + maxSteps + " steps and " + maxRows
                    + " rows is asked for; expected at least 1 of each");
        }
        this.name = name;
        this.maxSteps = maxSteps;
        this.maxRows = maxRows;
        this.body = body;
        this.budget = budget;
    }

    /**
     * Returns this loop within a budget of bytes for the values and gradients of its steps and all else that it works in. Where the values
     * of all steps that backward reads are more, they are kept for some steps at a time; those of the steps before are computed again, from
     * states that are kept here and there, as few steps as the budget allows: see {@link Plan#explain}. The bits stay. Results that are
     * taken out are not part of the loop: a plan keeps those that its recording asks for, a graph all of them, since it runs before it is
     * asked.
     *
     * <p>A budget that is too small, or is set for a step in which rows meet, is refused with an {@link IllegalArgumentException} by
     * {@link Graph#repeat}, before the first step.
     *
     * @param bytes the most bytes
     * @throws IllegalArgumentException for less than one byte
     */
    public Loop within(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException(name + ": the budget is " + bytes + " bytes; expected at least 1");
        }
        return new Loop(name, maxSteps, maxRows, body, bytes);
    }

    /** Returns the most bytes that it may work in; the greatest number where there is no budget. */
    long budget() {
        return budget;
    }

    boolean hasBudget() {
        return budget < Long.MAX_VALUE;
    }

    /** Returns the name. */
    public String name() {
        return name;
    }

    /** Returns the most steps there will be. */
    public int maxSteps() {
        return maxSteps;
    }

    /** Returns the most rows there will be. */
    public int maxRows() {
        return maxRows;
    }

    /**
     * Returns the number of steps that are run phase by phase, and gone back through, before those of the next window: some stretches,
     * enough for large products, and few enough that what no other window looks at stays in a cache.
     */
    int window() {
        int stretches = (WINDOW_ROWS / maxRows + STRETCH - 1) / STRETCH;
        return STRETCH * Math.max(1, stretches);
    }

    Body body() {
        return body;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Loop loop
                && name.equals(loop.name)
                && maxSteps == loop.maxSteps
                && maxRows == loop.maxRows
                && budget == loop.budget
                && body.equals(loop.body);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, maxSteps, maxRows, body, budget);
    }

    /**
     * Checks that sequences and what is carried fit.
     *
     * @throws IllegalArgumentException for more steps or rows than there is room for, or shapes that do not agree
     */
    void check(int steps, List<Node> sequences, List<Node> carried) {
        for (Node sequence : sequences) {
            Shape shape = sequence.shape();
            Shape first = sequences.get(0).shape();
            if (shape.rank() < 2 || shape.dim(0) != steps || shape.dim(1) != first.dim(1)) {
                throw new IllegalArgumentException(name + ": a sequence is " + shape + " where the first is " + first
                        + " and the schedule has " + steps + " steps; expected [time, batch, ...], alike in both");
            }
        }
        if (sequences.isEmpty()) {
            throw new IllegalArgumentException(name + ": no sequences are given; expected at least one");
        }
        int rows = sequences.get(0).shape().dim(1);
        for (Node each : carried) {
            if (each.shape().rank() < 1 || each.shape().dim(0) != rows) {
                throw new IllegalArgumentException(
                        name + ": a carried value is " + each.shape() + "; expected [batch " + rows + ", ...]");
            }
        }
        if (steps < 1 || steps > maxSteps || rows > maxRows) {
            throw new IllegalArgumentException(name + ": the sequences have " + steps + " steps of " + rows
                    + " rows; it is planned for 1 to " + maxSteps + " steps of at most " + maxRows
                    + " rows; cut the batch or plan for more");
        }
    }
}
