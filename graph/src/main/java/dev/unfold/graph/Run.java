package dev.unfold.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A loop on a tape, one node: its steps are run, and gone back through, part by part, as {@link ReversalSchedule} says. How a part is run is
 * up to the subclass; what comes out of the steps, and which gradients come to that from outside, is found here.
 */
abstract class Run implements Stage, Repeated {
    final Graph graph;
    final Loop loop;
    final Loop.Schedule schedule;
    final Node[] sequences;
    final Node[] initial;
    /** By result and step: what comes to a result from outside where it is taken out by itself. */
    private final @Nullable Tap[] @Nullable [] taps;
    /** Where a result is taken out at all steps, what has come, in the order of the tape. */
    private final List<Results> came = new ArrayList<>();
    /** By result: its values at all steps, where these are not kept otherwise and somebody takes them out. */
    final @Nullable Tensor[] stored;
    /** By step of the run: its rows, and the rows of all steps before it. */
    private final int[] rows;

    private final int[] offsets;
    private int ran;
    /** How many steps have been run since the sequences came. */
    private long stepsRun;
    /** The steps of the part at hand. */
    private int keptBegin;

    private int keptEnd;
    private @Nullable Node self;

    Run(Graph graph, Loop loop, Loop.Schedule schedule, Node[] sequences, Node[] initial, int[] rows, int[] offsets) {
        this.graph = graph;
        this.loop = loop;
        this.schedule = schedule;
        this.sequences = sequences;
        this.initial = initial;
        this.rows = rows;
        this.offsets = offsets;
        this.taps = new Tap[1 + initial.length][];
        this.stored = new Tensor[1 + initial.length];
    }

    /** How the steps are gone back through. */
    abstract Recomputation way();

    abstract ReversalSchedule reversal();

    /**
     * Runs the steps of a part from the state that the one before has left, or that has been restored. In forward, hands out the results
     * that somebody takes out.
     *
     * @param goesBack whether backward comes to the part before another one is run
     */
    abstract void run(int part, boolean goesBack);

    abstract void restore(int slot, int part);

    abstract void keep(int slot);

    /** Goes back through the part that was run last. */
    abstract void backwardThroughPart();

    /** The shape of a result in all rows of the batch. */
    abstract Shape shape(int index);

    /** The shape of a result in the rows of a step. */
    abstract Shape shape(int index, int step);

    abstract DType dtype(int index);

    /** The first of the results that are the same value as one. */
    abstract int owner(int index);

    /** Whether a result needs a gradient if all that comes from outside does. */
    abstract boolean mayNeedGradient(int index);

    /** Whether steps use parameters. */
    abstract boolean usesParameters();

    /** Whether a result depends on anything that is learned. */
    private boolean needsGradient(int index) {
        boolean learnable = usesParameters();
        for (Node sequence : sequences) {
            learnable |= sequence.needsGradient;
        }
        for (Node each : initial) {
            learnable |= each.needsGradient;
        }
        return learnable && mayNeedGradient(index);
    }

    /** Prepares for a result being taken out at a step, and returns whether its value is to be copied apart. */
    abstract boolean takesApart(int index, int step);

    /** Prepares for a result being taken out at all steps. */
    abstract void takeAll(int index);

    /** Lets a tensor lie where a result at a step does, if that is not apart. */
    abstract void placeResult(int index, int step, Tensor cursor);

    /** Lets a tensor lie where a result of all steps does. */
    abstract void placeResults(int index, Tensor cursor);

    /** Says how the steps are run. */
    abstract String explain();

    /** Says what the budget leads to, as a line. */
    final String budgeted() {
        if (!loop.hasBudget()) {
            return "";
        }
        String budget = String.format(Locale.ROOT, "  within a budget of %,d bytes: ", loop.budget());
        if (way().keepsAll()) {
            return budget + "nothing is computed again\n";
        }
        if (!graph.recordsForBackward()) {
            return budget + String.format(Locale.ROOT, "run in windows of %,d steps\n", way().window());
        }
        return budget
                + String.format(
                        Locale.ROOT,
                        "recomputed: %,d steps run %,d times in windows of %,d, %,d states kept\n",
                        way().steps(),
                        way().forwardSteps(),
                        way().window(),
                        way().slots());
    }

    /** Says which node this is. */
    final void begin(Node recorded) {
        self = recorded;
    }

    @Override
    public final String name() {
        return "loop of " + loop.name();
    }

    /** Goes through what is taken in from outside. */
    final void eachInput(Consumer<Node> task) {
        for (Node sequence : sequences) {
            task.accept(sequence);
        }
        for (Node each : initial) {
            task.accept(each);
        }
    }

    /** The rows of the batch. */
    int batch() {
        return sequences[0].shape().dim(1);
    }

    /** The rows that there is room for where a result is taken out at all steps. */
    int allRows() {
        return schedule.steps() * batch();
    }

    /** The number of steps that are run. */
    final int ran() {
        return ran;
    }

    final int rows(int step) {
        return rows[step];
    }

    /** The rows of all steps before one. */
    final int offset(int step) {
        return offsets[step];
    }

    final int tokens() {
        return ran == 0 ? 0 : offsets[ran];
    }

    /** Returns how many steps have been run since the sequences came, again and again included. */
    final long stepsRun() {
        return stepsRun;
    }

    final void countSteps() {
        stepsRun += keptEnd - keptBegin;
    }

    /** Finds out which rows there are at each step, and forgets what came to those before. */
    void order() {
        schedule.refresh();
        ran = schedule.isWhole() ? (batch() == 0 ? 0 : schedule.steps()) : schedule.runs();
        if (ran > schedule.steps()) {
            throw new IllegalArgumentException(loop.name() + ": the schedule runs " + ran + " steps of sequences of "
                    + schedule.steps() + "; expected no more than those");
        }
        for (int step = 0; step < ran; step++) {
            int now = schedule.isWhole() ? batch() : schedule.rows(step);
            int most = step == 0 ? batch() : rows[step - 1];
            if (now < 1 || now > most) {
                throw new IllegalArgumentException(loop.name() + ": step " + step + " of the run has " + now
                        + " rows; expected 1 to " + most + ", no more than the step before");
            }
            rows[step] = now;
            offsets[step + 1] = offsets[step] + now;
        }
        stepsRun = 0;
        came.clear();
        for (Tap[] ofResult : taps) {
            for (int step = 0; ofResult != null && step < ofResult.length; step++) {
                Tap tap = ofResult[step];
                if (tap != null) {
                    tap.reached = false;
                }
            }
        }
    }

    /** Runs all steps once, and leaves the values of the last ones. */
    final void forwardOnce() {
        reversal().begin(parts());
        ReversalSchedule.Action action;
        do {
            action = reversal().next();
            act(action);
        } while (action != ReversalSchedule.Action.INTERNALS);
    }

    /** Goes back through all steps. */
    final void backwardOnce() {
        for (boolean goesOn = ran > 0; goesOn; ) {
            ReversalSchedule.Action action = reversal().next();
            goesOn = action != ReversalSchedule.Action.DONE;
            if (action == ReversalSchedule.Action.BACKWARD) {
                backwardThroughPart();
            } else if (goesOn) {
                act(action);
            }
        }
    }

    /** Does what is to be done to go on, short of going back. */
    private void act(ReversalSchedule.Action action) {
        switch (action) {
            case RESTORE -> restore(reversal().slot(), reversal().window());
            case RUN -> {
                for (int part = reversal().window(); part < reversal().end(); part++) {
                    run(part, false);
                }
            }
            case KEEP -> keep(reversal().slot());
            case INTERNALS -> run(reversal().window(), true);
            case BACKWARD, DONE -> throw new IllegalStateException(name() + ": nothing to run for " + action);
        }
    }

    /** The number of parts that are kept one at a time, of which the first may be a short one. */
    final int parts() {
        return (ran + way().window() - 1) / way().window();
    }

    /** Turns to a part. */
    final void turn(int part) {
        keptBegin = beginOf(part);
        keptEnd = ran - (parts() - 1 - part) * way().window();
    }

    final int beginOf(int part) {
        return Math.max(0, ran - (parts() - part) * way().window());
    }

    /** The first of the steps whose values are kept. */
    final int keptBegin() {
        return keptBegin;
    }

    final int keptEnd() {
        return keptEnd;
    }

    /** Whether a gradient has come to any result from outside. */
    final boolean isReached() {
        boolean reached = !came.isEmpty();
        for (Tap[] ofResult : taps) {
            for (int step = 0; ofResult != null && step < ofResult.length; step++) {
                Tap tap = ofResult[step];
                reached |= tap != null && tap.reached;
            }
        }
        return reached;
    }

    final @Nullable Tap tap(int owner, int step) {
        Tap[] ofResult = taps[owner];
        return ofResult == null ? null : ofResult[step];
    }

    /** Whether anything is to be added to the gradient of a result at all steps. */
    final boolean hasCome(int owner) {
        for (int i = 0; i < came.size(); i++) {
            if (came.get(i).owner == owner) {
                return true;
            }
        }
        return false;
    }

    /** Adds to the gradient of a result at a step what has come where it is taken out at all of them, in the order of the tape. */
    final void addCome(int owner, int step, Tensor gradient) {
        for (int i = 0; i < came.size(); i++) {
            if (came.get(i).owner == owner) {
                gradient.add(came.get(i).at(step));
            }
        }
    }

    private Tensor cursor(int index, Shape shape) {
        return Tensor.unplaced(dtype(index), shape);
    }

    /** The graph must be where it was when the loop was recorded, since the memory is used again. */
    private void checkCurrent() {
        graph.checkCurrent(Objects.requireNonNull(self));
    }

    @Override
    public final Node result(int index, int step) {
        checkCurrent();
        if (!schedule.isWhole()) {
            throw new IllegalStateException(loop.name() + ": the run is not whole; take out the results of all steps");
        }
        Objects.checkIndex(index, 1 + initial.length);
        if (step < 0 || step >= schedule.steps()) {
            throw new IndexOutOfBoundsException(
                    loop.name() + ": no step " + step + "; steps are 0 to " + (schedule.steps() - 1));
        }
        boolean apart = takesApart(index, step);
        boolean learned = needsGradient(index);
        Tap tap = learned || apart ? takeOut(index, step, learned, apart) : null;
        return graph.record(new Result(index, step, tap), cursor(index, shape(index)), learned);
    }

    /**
     * Returns where values of a result at a step lie, if not with the others, and where gradients come to it from outside, the same however
     * often it is taken out; null behind backward if that was never done.
     */
    private @Nullable Tap takeOut(int index, int step, boolean learned, boolean apart) {
        int owner = owner(index);
        Tap[] ofResult = taps[owner];
        if (ofResult == null) {
            ofResult = new Tap[schedule.steps()];
            taps[owner] = ofResult;
        }
        Tap tap = ofResult[step];
        if (tap == null && !graph.isSpent()) {
            tap = new Tap(
                    apart ? graph.place(dtype(index), shape(index)) : null,
                    learned && graph.recordsForBackward() ? graph.place(dtype(index), shape(index)) : null);
            ofResult[step] = tap;
        }
        return tap;
    }

    @Override
    public final Node results(int index) {
        checkCurrent();
        Shape step = shape(Objects.checkIndex(index, 1 + initial.length));
        takeAll(index);
        Shape shape = schedule.isWhole() ? step.with(0, schedule.steps()) : step.withDim(0, allRows());
        // Behind backward it is there to be read.
        return graph.record(new Results(index), cursor(index, shape), needsGradient(index) && !graph.isSpent());
    }

    /** Makes room for a result at all steps. */
    final void store(int index) {
        int owner = owner(index);
        if (stored[owner] == null) {
            stored[owner] = graph.place(dtype(owner), shape(owner).withDim(0, allRows()));
        }
    }

    /** A result at a step that is taken out by itself, in all rows of the batch. */
    final class Tap {
        /** Null where the value lies elsewhere. */
        final @Nullable Tensor value;
        /** Null where none is wanted. */
        final @Nullable Tensor gradient;

        boolean reached;

        Tap(@Nullable Tensor value, @Nullable Tensor gradient) {
            this.value = value;
            this.gradient = gradient;
        }

        Tensor reach() {
            Tensor own = Objects.requireNonNull(gradient);
            if (!reached && graph.does() == Graph.Does.ALL) {
                own.fill(0);
            }
            reached = true;
            return own;
        }
    }

    /** What is taken out. */
    interface Taken {
        Run run();

        /** The number of the result. */
        int index();
    }

    /** A result of one step. */
    private final class Result implements Stage.Within, Taken {
        private final int index;
        private final int step;
        /** Null where the value lies with the others, and no gradient is wanted or kept. */
        private final @Nullable Tap tap;

        Result(int index, int step, @Nullable Tap tap) {
            this.index = index;
            this.step = step;
            this.tap = tap;
        }

        @Override
        public String name() {
            return (index == 0 ? "output of " : "state of ") + loop.name() + " at step " + step;
        }

        @Override
        public void forward(Node node) {
            if (tap != null && tap.value != null) {
                node.value.place(tap.value, 0);
            } else {
                placeResult(index, step, node.value);
            }
        }

        @Override
        public Tensor reach() {
            return Objects.requireNonNull(tap).reach();
        }

        @Override
        public Run run() {
            return Run.this;
        }

        @Override
        public int index() {
            return index;
        }

        @Override
        public boolean keepsGradient() {
            return tap != null && tap.gradient != null;
        }

        @Override
        public @Nullable Tensor gradient() {
            if (tap == null || tap.gradient == null) {
                throw new IllegalStateException(name()
                        + ": taken out behind backward, which kept no gradient for it; take it out before backward");
            }
            return tap.reached ? tap.gradient : null;
        }
    }

    /** A result of all steps. */
    private final class Results implements Stage, Taken {
        private final int index;
        /** The first of the results that are the same value. */
        private final int owner;

        private final Tensor cursor;
        private @Nullable Node node;

        Results(int index) {
            this.index = index;
            this.owner = owner(index);
            this.cursor = cursor(index, shape(index));
        }

        @Override
        public String name() {
            return (index == 0 ? "outputs of " : "states of ") + loop.name();
        }

        @Override
        public void forward(Node own) {
            placeResults(index, own.value);
        }

        @Override
        public Run run() {
            return Run.this;
        }

        @Override
        public int index() {
            return index;
        }

        /** What comes where the result is taken out by itself as well is added at once, in the order of the tape; all else step by step. */
        @Override
        public void backward(Node own) {
            if (!own.reached) {
                return;
            }
            node = own;
            came.add(this);
            boolean adds = graph.does() == Graph.Does.ALL && taps[owner] != null;
            for (int step = 0; adds && step < ran; step++) {
                Tap tap = tap(owner, step);
                if (tap != null && tap.gradient != null) {
                    tap.reach().add(at(step));
                }
            }
        }

        /** What has come to a step. */
        Tensor at(int step) {
            Shape shape = shape(index, step);
            Tensor all = Objects.requireNonNull(Objects.requireNonNull(node).gradient);
            cursor.place(all, offsets[step] * shape.inner(0), shape);
            return cursor;
        }
    }
}
