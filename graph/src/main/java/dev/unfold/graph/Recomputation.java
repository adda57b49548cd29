package dev.unfold.graph;

import java.util.Comparator;

/**
 * How a loop is gone back through in little memory: in windows of equally many steps, the first maybe shorter, of which one at a time
 * has its internals, all that backward reads, in memory. Besides, slots hold states carried into windows, each until backward has passed
 * its window; the state that the loop begins with needs none. What is in neither is computed again, from the nearest state before it.
 *
 * <p>With m free slots, the t windows behind a kept state are run and gone back through in the fewest runs of a window by going on by y
 * windows, keeping the state there, going back through the t - y behind it, and then, with the slot free again, through the y before it:
 *
 * <pre>
 *   C(t, m) = min over 0 &lt; y &lt; t of  y + C(t - y, m - 1) + C(y, m),   C(t, 0) = t (t + 1) / 2,   C(1, m) = 1.
 * </pre>
 *
 * <p>C(n, m) counts all runs of n windows, the first of each and those for internals included. This is the recursion for hidden states of
 * Gruslys et al. 2016, "Memory-efficient backpropagation through time" (arXiv:1606.03401), over windows instead of steps; their m counts
 * the first state as well. Binomial coefficients solve it, as Griewank and Walther 2000 have it, "Algorithm 799: revolve": with
 * b(c, r) = (c + r)! / (c! r!), and the least r for which t &lt;= b(m + 1, r),
 *
 * <pre>
 *   C(t, m) = (r + 1) t - b(m + 2, r - 1),
 * </pre>
 *
 * <p>and a y is best if b(m + 1, r - 2) &lt;= y &lt;= b(m + 1, r - 1) and b(m, r - 1) &lt;= t - y &lt;= b(m, r). No window is run more than
 * r + 1 times.
 *
 * <p>The first window is run most often, hence it is the short one. With the greatest of the best y it is run r + 1 times. Were it run
 * for nothing, the others would take C(n - 1, m), which is r + 1 less than C(n, m). In between the least sum is concave in the length of
 * the first window, and the schedule of the greatest y is linear and the best at both ends, so it is the best for all lengths:
 * {@link #forwardSteps} is exact.
 *
 * @param steps the steps of the loop
 * @param window the steps of a window
 * @param slots how many states can be kept
 */
record Recomputation(int steps, int window, int slots) {
    Recomputation {
        if (steps < 1 || window < 1 || window > steps || slots < 0) {
            throw new IllegalArgumentException("recomputation: " + steps + " steps in windows of " + window + " with "
                    + slots + " slots; expected at least 1 step, windows of 1 to all steps, and 0 slots or more");
        }
    }

    /**
     * The bytes that it takes to go back through a loop.
     *
     * @param fixed what is there in any case; that includes the state at hand while windows are run
     * @param step the internals of one step
     * @param state one kept state
     * @param room what else each of the first steps of a window takes
     * @param rooms how many steps those are, at least a unit
     * @param unit windows are multiples of so many steps
     */
    record Sizes(long fixed, long step, long state, long room, int rooms, int unit) {
        Sizes {
            if (fixed < 0 || step < 0 || state < 0 || room < 0 || rooms < unit || unit < 1) {
                throw new IllegalArgumentException("recomputation: the sizes are " + fixed + " bytes fixed, " + step
                        + " for a step, " + state + " for a state and " + room + " for each of the first " + rooms
                        + " steps of windows of multiples of " + unit
                        + "; expected none below 0, a unit of at least 1, and no fewer first steps than that");
            }
        }

        /** Makes sizes for windows of any number of steps, which are all alike. */
        Sizes(long fixed, long step, long state) {
            this(fixed, step, state, 0, 1, 1);
        }

        /**
         * Returns the smallest workable budget: one unit of steps at a time, and no state kept.
         *
         * @throws ArithmeticException for 2^63 bytes or more
         */
        long smallest() {
            return bytes(unit, 0);
        }

        /**
         * Returns the bytes that a way to go back takes.
         *
         * @throws ArithmeticException for 2^63 bytes or more
         */
        long bytes(Recomputation way) {
            return bytes(way.window, way.slots);
        }

        private long bytes(int window, int slots) {
            long steps = Math.addExact(
                    Math.multiplyExact(step, (long) window), Math.multiplyExact(room, (long) Math.min(window, rooms)));
            return Math.addExact(Math.addExact(fixed, steps), Math.multiplyExact(state, (long) slots));
        }

        /** Returns the longest window of at most so many steps for which there is room besides slots, 0 for none. */
        int longest(long budget, int slots, int most) {
            long left = budget - fixed - slots * state;
            int window = fitting(left, step + room, most);
            if (window >= rooms) {
                window = fitting(left - rooms * room, step, most);
            }
            return window - window % unit;
        }
    }

    /** Returns the way to go back as {@link #within(long, int, int, Sizes)}, by windows of any length. */
    static Recomputation within(long budget, int steps, Sizes sizes) {
        return within(budget, steps, steps, sizes);
    }

    /**
     * Returns the way to go back within a budget that runs the fewest steps; among equals, the one of the fewest bytes, then of the longest
     * windows. It is found exactly by trying each number of slots with the longest window that there is room for besides, since with as
     * many slots a longer window runs fewer steps. More slots than two fewer than windows are of no use: with these, each window but the
     * last is run twice.
     *
     * @param most the most steps of a window, at least a unit
     * @throws IllegalArgumentException for a budget below {@link Sizes#smallest}
     */
    static Recomputation within(long budget, int steps, int most, Sizes sizes) {
        if (budget < sizes.smallest()) {
            throw new IllegalArgumentException(
                    "recomputation: the budget is " + budget + " bytes; going back through a loop of " + steps
                            + " steps takes at least " + sizes.smallest() + " bytes, " + sizes.fixed
                            + " in any case and " + (sizes.smallest() - sizes.fixed) + " for the internals of "
                            + (sizes.unit == 1 ? "one step" : sizes.unit + " steps")
                            + "; give at least that many, or run fewer rows at once");
        }
        Comparator<Recomputation> order = Comparator.comparingLong(Recomputation::forwardSteps)
                .thenComparingLong(sizes::bytes)
                .thenComparingInt(each -> -each.window);
        Recomputation best = new Recomputation(steps, sizes.longest(budget, 0, most), 0);
        int mostSlots = fitting(budget - sizes.smallest(), sizes.state, steps);
        for (int slots = 1; slots <= mostSlots; slots++) {
            int window = sizes.longest(budget, slots, most);
            if (slots <= shares(steps, window) - 2) {
                Recomputation next = new Recomputation(steps, window, slots);
                best = order.compare(next, best) < 0 ? next : best;
            }
        }
        return best;
    }

    /** Returns what is thrown for a budget that is too small. */
    static IllegalArgumentException tooSmall(Loop loop, String what, long smallest, long all) {
        return new IllegalArgumentException(loop.name() + ": the budget is " + loop.budget() + " bytes for " + what
                + "; the smallest that is workable is " + smallest + " bytes, and " + all
                + " keep all steps; give at least the former, or fewer rows");
    }

    /** Returns the way not to compute anything again. */
    static Recomputation none(int steps) {
        return new Recomputation(steps, steps, 0);
    }

    /** Whether all steps are kept. */
    boolean keepsAll() {
        return window == steps;
    }

    private static int fitting(long room, long size, int most) {
        return size == 0 ? most : (int) Math.min(most, room / size);
    }

    private static int shares(int steps, int each) {
        return 1 + (steps - 1) / each;
    }

    /** Returns the number of windows. */
    int windows() {
        return shares(steps, window);
    }

    /** Returns the first step of a window. */
    int begin(int number) {
        return number == 0 ? 0 : end(number - 1);
    }

    /** Returns the step behind the last of a window. */
    int end(int number) {
        return steps - (windows() - 1 - number) * window;
    }

    /** Returns how many steps are run forward in all, again and again included; it is {@link #steps} where nothing is computed again. */
    long forwardSteps() {
        int again = again(windows(), slots);
        return (again + 1L) * steps - window * reach(slots + 2L, again - 1);
    }

    /** Returns C(windows, slots). */
    static long runs(int windows, int slots) {
        int again = again(windows, slots);
        return (again + 1L) * windows - reach(slots + 2L, again - 1);
    }

    /** Returns by how many of at least two windows to go on, at most, before the state is kept in the first of at least one free slots. */
    static int goOn(int windows, int slots) {
        int again = again(windows, slots);
        return (int) Math.min(reach(slots + 1L, again - 1), windows - reach(slots, again - 1));
    }

    /** Returns the least r for which {@code windows <= b(slots + 1, r)}. */
    private static int again(int windows, int slots) {
        if (slots == 0) {
            return windows - 1;
        }
        int again = 0;
        for (long reach = 1; reach < windows; reach = reach * (slots + 1L + again) / again) {
            again++;
        }
        return again;
    }

    /** Returns b(states, again): how many windows so many states, the first included, reach with none run more than again + 1 times. */
    private static long reach(long states, int again) {
        if (again < 0) {
            return 0;
        }
        long reach = 1;
        for (long i = 1; i <= Math.min(states, again); i++) {
            reach = reach * (Math.max(states, again) + i) / i;
        }
        return reach;
    }
}
