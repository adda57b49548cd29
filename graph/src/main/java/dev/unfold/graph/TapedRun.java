package dev.unfold.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A loop whose steps are recorded anew, on a tape of their own that holds those of one part at a time. It is run when the first result is
 * taken out.
 */
final class TapedRun extends Run {
    private final TapedMemory memory;
    private final Graph tape;
    private final TapedSteps steps;
    private final TapedExtents extents;
    private final Recomputation way;
    private final ReversalSchedule reversal;
    private final boolean[] learnedSequences;
    /** By result that is carried, the first of those that are the same value: the state at hand. */
    private final @Nullable Tensor[] states;
    /** What has come to the state in front of the part at hand, and to the one it leaves. */
    private @Nullable Tensor[] gradientsInFront;

    private @Nullable Tensor[] gradientsBehind;
    private final boolean[] reachedBehind;
    /** States that are kept, one behind the other. */
    private final @Nullable Tensor[] slots;
    /** By result: its value at the last step of each row. */
    private final @Nullable Tensor[] lasts;

    private boolean hasRun;
    /** Whether results are to be handed out, as in forward. */
    private boolean handsOut;

    /** The rows of the state at hand; 0 for what the loop begins with. */
    private int stateRows;

    TapedRun(
            Graph graph,
            Loop loop,
            TapedMemory memory,
            Loop.Schedule schedule,
            List<Node> sequences,
            List<Node> carried) {
        super(
                graph,
                loop,
                schedule,
                sequences.toArray(new Node[0]),
                carried.toArray(new Node[0]),
                memory.rows(schedule.steps()),
                memory.offsets());
        this.memory = memory;
        this.tape = memory.tape();
        order();
        check();
        this.steps = new TapedSteps(tape, loop, schedule.isWhole() ? null : schedule);
        this.learnedSequences = new boolean[sequences.size()];
        for (int i = 0; i < learnedSequences.length; i++) {
            learnedSequences[i] = this.sequences[i].needsGradient;
        }
        this.extents = new TapedExtents(graph, loop, memory, inputs(0, false), firstStates(false), learnedSequences);
        extents.parameters().forEach(graph::use);
        this.way = findWay();
        this.reversal = new ReversalSchedule(way.slots());
        int count = 1 + initial.length;
        this.states = new Tensor[count];
        this.gradientsInFront = new Tensor[count];
        this.gradientsBehind = new Tensor[count];
        this.reachedBehind = new boolean[count];
        this.slots = new Tensor[count];
        this.lasts = new Tensor[count];
        divide(memory.begin(extents.of(way.window()), dtype(0), elementsBeside(way.slots())));
    }

    private void check() {
        if (ran() == 0) {
            throw new IllegalArgumentException(
                    loop.name() + ": no step of any row is to be run; expected at least one of one row");
        }
        int all = schedule.isWhole() ? ran() : tokens();
        for (Node each : sequences) {
            if (each.shape().rank() < 2 || each.shape().dim(0) != all) {
                throw new IllegalArgumentException(loop.name() + ": a sequence is " + each.shape() + "; expected "
                        + (schedule.isWhole() ? "[time " : "[rows of all steps ") + all + ", ...]");
            }
        }
        for (Node each : initial) {
            if (each.shape().rank() < 1 || each.shape().dim(0) != rows(0)) {
                throw new IllegalArgumentException(loop.name() + ": a carried value is " + each.shape()
                        + "; expected [batch " + rows(0) + ", ...]");
            }
        }
    }

    @Override
    int batch() {
        return schedule.isWhole() ? super.batch() : schedule.batch();
    }

    @Override
    int allRows() {
        return tokens();
    }

    /** The inputs of a step. */
    private List<TapedSteps.Outside> inputs(int step, boolean reaches) {
        List<TapedSteps.Outside> inputs = new ArrayList<>();
        for (Node each : sequences) {
            Shape all = each.shape();
            boolean whole = schedule.isWhole();
            Shape shape = whole ? all.without(0) : all.withDim(0, rows(step));
            View view = View.of(graph, each, (whole ? step : offset(step)) * all.inner(0), shape);
            inputs.add(new TapedSteps.Outside(view, reaches));
        }
        return inputs;
    }

    private List<TapedSteps.Outside> firstStates(boolean reaches) {
        return Stream.of(initial)
                .map(each -> new TapedSteps.Outside(View.of(graph, each, 0, each.shape()), reaches))
                .toList();
    }

    private boolean isState(int index) {
        boolean state = false;
        for (int k = 1; k <= initial.length; k++) {
            state |= owner(k) == index;
        }
        return state;
    }

    /** The elements that it takes besides the tape if so many states are kept. */
    private long elements(int kept) {
        long elements = 0;
        for (int k = 0; k <= initial.length; k++) {
            int ofResult = owner(k) == k ? 1 : 0;
            int ofState = isState(k) ? 1 + (graph.recordsForBackward() ? 2 : 0) + kept : 0;
            elements += (long) (ofResult + ofState) * shape(k).size();
        }
        return elements;
    }

    private int elementsBeside(int kept) {
        long elements = elements(kept);
        if (elements > Arena.LARGEST_ARRAY) {
            throw new IllegalArgumentException(loop.name() + ": " + kept + " states that are kept have " + elements
                    + " elements, more than an array holds; give a smaller budget, or fewer rows");
        }
        return (int) elements;
    }

    private void divide(Tensor room) {
        int end = 0;
        for (int k = 0; k <= initial.length; k++) {
            int size = shape(k).size();
            if (owner(k) == k) {
                lasts[k] = part(room, end, k, 1);
                end += size;
            }
            if (isState(k)) {
                states[k] = part(room, end, k, 1);
                slots[k] = part(room, end + size, k, way.slots());
                end += (1 + way.slots()) * size;
            }
            if (isState(k) && graph.recordsForBackward()) {
                gradientsInFront[k] = part(room, end, k, 1);
                gradientsBehind[k] = part(room, end + size, k, 1);
                end += 2 * size;
            }
        }
    }

    private Tensor part(Tensor room, int from, int index, int times) {
        Tensor part = Tensor.unplaced(dtype(index), shape(index).withDim(0, times * rows(0)));
        part.place(room, from);
        return part;
    }

    private long bytesBeside(int kept) {
        return elements(kept) * dtype(0).bytes();
    }

    private long bytes(Recomputation tried) {
        return extents.of(tried.window()).bytes() + bytesBeside(tried.slots());
    }

    /** Finds the way to go back that the budget allows; one that runs forward only drops what lies behind it. */
    private Recomputation findWay() {
        long budget = loop.budget();
        Recomputation none = Recomputation.none(ran());
        long all = extents.about(ran()).bytes() + bytesBeside(0);
        if (all <= budget && extents.fit(ran()) && bytes(none) <= budget) {
            return none;
        }
        int unit = Loop.STRETCH;
        int most = (ran() - 1) / unit * unit;
        long step = extents.step();
        long state = bytesBeside(1) - bytesBeside(0);
        Recomputation.Sizes sizes =
                new Recomputation.Sizes(extents.fixed() + bytesBeside(0), step, state, 0, unit, unit);
        long excess = 0;
        while (most > 0 && budget - excess >= sizes.smallest()) {
            Recomputation tried = graph.recordsForBackward()
                    ? Recomputation.within(budget - excess, ran(), extents.most(most), sizes)
                    : new Recomputation(ran(), unit, 0);
            long over = bytes(tried) - budget;
            if (over <= 0) {
                return tried;
            }
            excess += over;
        }
        long smallest = most == 0 ? all : Math.min(all, sizes.smallest() + excess);
        throw Recomputation.tooSmall(
                loop, ran() + " steps of " + rows(0) + " rows", Math.max(smallest, budget + 1), all);
    }

    /** It runs when the first result is taken out. */
    @Override
    public void forward(Node node) {}

    @Override
    void run(int part, boolean goesBack) {
        turn(part);
        stateRows = keptBegin() == 0 ? 0 : stateRows;
        begin(goesBack);
        for (int step = keptBegin(); step < keptEnd(); step++) {
            boolean stretch = step == keptBegin() || (ran() - step) % Loop.STRETCH == 0;
            if (stretch && step > keptBegin() && !goesBack) {
                carryOn(step - 1);
                begin(false);
            }
            record(step, stretch);
            if (handsOut) {
                handOutValues(step);
            }
        }
        checkMark(part);
        if (!goesBack) {
            carryOn(keptEnd() - 1);
        }
        checkBytes();
        countSteps();
    }

    private void checkBytes() {
        if (memory.bytes() > loop.budget()) {
            throw new IllegalStateException(loop.name() + ": steps " + keptBegin() + " to " + (keptEnd() - 1)
                    + " take more than was measured at the first, " + memory.bytes() + " bytes in all; the budget is "
                    + loop.budget() + "; give more");
        }
    }

    private void record(int step, boolean beginsStretch) {
        extents.checkAlike(steps.record(step, rows(step), beginsStretch, inputs(step, true), learnedSequences));
    }

    /** Begins to record from the state at hand, or, in front of the first step, from what the loop begins with. */
    private void begin(boolean goesBack) {
        tape.beginSteps(graph, goesBack);
        List<Node> first = new ArrayList<>();
        if (stateRows == 0) {
            for (TapedSteps.Outside each : firstStates(true)) {
                first.add(each.on(tape, initial[first.size()].needsGradient));
            }
        } else {
            @Nullable Node[] known = new Node[states.length];
            for (int k = 1; k < states.length; k++) {
                int owner = owner(k);
                Node node = known[owner];
                if (node == null) {
                    Tensor value = Objects.requireNonNull(states[owner]).slice(0, stateRows);
                    node = tape.record(new TapedSteps.Carried(loop), value, extents.learned(owner));
                    known[owner] = node;
                }
                first.add(node);
            }
        }
        steps.begin(first);
    }

    /** Keeps the state that a step has left, as the one at hand. */
    private void carryOn(int step) {
        List<Node> results = steps.results(steps.size() - 1);
        for (int k = 0; k < states.length; k++) {
            Tensor state = states[k];
            if (state != null) {
                Tensor left = results.get(k).value;
                state.copyRun(left, 0, 0, left.size());
            }
        }
        stateRows = rows(step);
    }

    @Override
    void restore(int slot, int part) {
        stateRows = part == 0 ? 0 : rows(beginOf(part) - 1);
        for (int k = 0; slot != ReversalSchedule.INITIAL && k < states.length; k++) {
            Tensor state = states[k];
            if (state != null) {
                state.copyRun(Objects.requireNonNull(slots[k]), slot * state.size(), 0, state.size());
            }
        }
    }

    @Override
    void keep(int slot) {
        for (int k = 0; k < states.length; k++) {
            Tensor state = states[k];
            if (state != null) {
                Objects.requireNonNull(slots[k]).copyRun(state, 0, slot * state.size(), state.size());
            }
        }
    }

    /** Copies the results of a step to where they are kept for those who take them out. */
    private void handOutValues(int step) {
        List<Node> results = steps.results(steps.size() - 1);
        int from = step + 1 < ran() ? rows(step + 1) : 0;
        for (int k = 0; k < lasts.length; k++) {
            Tensor value = results.get(k).value;
            int inner = value.shape().inner(0);
            Tensor last = lasts[k];
            if (last != null) {
                last.copyRun(value, from * inner, from * inner, (rows(step) - from) * inner);
            }
            Tensor all = stored[k];
            if (all != null) {
                all.copyRun(value, 0, offset(step) * inner, value.size());
            }
        }
    }

    /** Notes in forward what a part has led to; later, refuses to go on from something else. */
    private void checkMark(int part) {
        long mark = 1;
        for (Node each : steps.results(steps.size() - 1)) {
            mark = 31 * mark + each.value.mark();
        }
        if (handsOut) {
            memory.marks()[part] = mark;
        } else if (memory.marks()[part] != mark) {
            throw new IllegalStateException(
                    loop.name() + ": steps up to " + (keptEnd() - 1)
                            + ", run again to go back through them, have led to other values than before; within a budget a step must"
                            + " compute the same again: draw numbers as dropout does, count no calls, and leave parameters alone until backward");
        }
    }

    /** Runs all steps if that has not been done. */
    private void runOnce() {
        if (!hasRun) {
            runAgain();
        }
    }

    private void runAgain() {
        if (graph.does() == Graph.Does.ALL) {
            handsOut = true;
            try {
                forwardOnce();
            } finally {
                handsOut = false;
            }
        }
        hasRun = true;
    }

    @Override
    public void backward(Node node) {
        // What the parameters are behind backward is not known: it can be asked for then.
        runOnce();
        if (!isReached()) {
            return;
        }
        if (graph.does() == Graph.Does.ALL) {
            backwardOnce();
            return;
        }
        eachInput(input -> {
            if (input.needsGradient) {
                graph.reach(input);
            }
        });
    }

    @Override
    void backwardThroughPart() {
        steps.goBack(this::takeIn);
        for (int step = keptBegin(); step < keptEnd(); step++) {
            List<Node> results = steps.results(step - keptBegin());
            for (int k = 0; k < results.size(); k++) {
                Tap tap = owner(k) == k ? tap(k, step) : null;
                if (tap != null && tap.gradient != null) {
                    tap.reached = results.get(k).reached;
                }
            }
        }
        for (int k = 1; keptBegin() > 0 && k < states.length; k++) {
            Node inFront = steps.before().get(k - 1);
            Tap tap = tap(owner(k), keptBegin() - 1);
            if (tap != null && tap.gradient != null) {
                tap.reached = inFront.reached;
            }
            reachedBehind[owner(k)] = inFront.reached;
        }
        @Nullable Tensor[] next = gradientsInFront;
        gradientsInFront = gradientsBehind;
        gradientsBehind = next;
        checkBytes();
    }

    /** Brings to the results of a step, counted from the first of the part, or to the state in front of that, what comes from elsewhere. */
    private void takeIn(int number) {
        int step = keptBegin() + number;
        for (int k = 0; step >= 0 && k < states.length; k++) {
            if (owner(k) != k || (number < 0 && states[k] == null)) {
                continue;
            }
            Node node = number < 0 ? inFront(k) : steps.results(number).get(k);
            if (!node.needsGradient) {
                continue;
            }
            Tap tap = tap(k, step);
            if (tap != null && tap.gradient != null) {
                TapedSteps.lend(node, tap.gradient, tap.reached);
                continue;
            }
            if (step == keptEnd() - 1 && step < ran() - 1 && states[k] != null) {
                Tensor behind = Objects.requireNonNull(gradientsBehind[k]);
                TapedSteps.lend(node, behind.slice(0, rows(step)), reachedBehind[k]);
                continue;
            }
            if (number < 0) {
                Tensor inFront = Objects.requireNonNull(gradientsInFront[k]);
                TapedSteps.lend(node, inFront.slice(0, rows(step)), false);
            } else {
                // Whether anything comes or not, so that steps take up the same.
                node.gradient = tape.placeGradient(node);
            }
            if (hasCome(k)) {
                addCome(k, step, tape.reach(node));
            }
        }
    }

    /** What stands for a result of the step in front of the part. */
    private Node inFront(int index) {
        for (int k = 1; k < states.length; k++) {
            if (owner(k) == index) {
                return steps.before().get(k - 1);
            }
        }
        throw new IllegalStateException(name() + ": result " + index + " is not carried");
    }

    @Override
    public Optional<String> firstNonFinite() {
        Optional<String> found = Optional.empty();
        stateRows = 0;
        tape.keepAll(true);
        try {
            for (int step = 0; hasRun && found.isEmpty() && step < ran(); step++) {
                begin(false);
                record(step, true);
                found = firstNonFiniteOnTape();
                carryOn(step);
            }
        } finally {
            tape.keepAll(false);
        }
        if (hasRun && !graph.isSpent()) {
            // Backward goes on from what running forward has left.
            runAgain();
        }
        return found;
    }

    private Optional<String> firstNonFiniteOnTape() {
        for (int id = 0; id < tape.size(); id++) {
            Node node = tape.node(id);
            if (node.op != null && node.dtype().isFloat() && node.value.firstNonFinite() >= 0) {
                return Optional.of(node + " of " + loop.name());
            }
        }
        return Optional.empty();
    }

    /** Returns the bytes that the loop works in. */
    long bytes() {
        return memory.bytes();
    }

    @Override
    String explain() {
        return String.format(
                Locale.ROOT,
                "%s: recorded anew, %d steps of %d rows, %,d bytes\n%s",
                name(),
                ran(),
                rows(0),
                memory.bytes(),
                budgeted());
    }

    @Override
    Recomputation way() {
        return way;
    }

    @Override
    ReversalSchedule reversal() {
        return reversal;
    }

    @Override
    Shape shape(int index) {
        return extents.shape(index);
    }

    @Override
    Shape shape(int index, int step) {
        return extents.shape(index).withDim(0, rows(step));
    }

    @Override
    DType dtype(int index) {
        return extents.dtype();
    }

    @Override
    int owner(int index) {
        return extents.owner(index);
    }

    @Override
    boolean mayNeedGradient(int index) {
        return extents.learned(index);
    }

    @Override
    boolean usesParameters() {
        return !parameters().isEmpty();
    }

    /** The parameters that steps use. */
    List<Parameter> parameters() {
        return extents.parameters();
    }

    @Override
    boolean takesApart(int index, int step) {
        if (step < ran() - 1) {
            takeAll(index);
        } else {
            runOnce();
        }
        return false;
    }

    @Override
    void takeAll(int index) {
        if (stored[owner(index)] == null) {
            if (graph.isSpent()) {
                throw new IllegalStateException(
                        name() + ": result " + index
                                + " of steps before the last is not kept within a budget unless it is taken out before backward");
            }
            store(index);
            runAgain();
        }
    }

    @Override
    void placeResult(int index, int step, Tensor cursor) {
        Tensor all = stored[owner(index)];
        if (all == null) {
            cursor.place(Objects.requireNonNull(lasts[owner(index)]), 0);
        } else {
            cursor.place(all, offset(step) * shape(index).inner(0));
        }
    }

    @Override
    void placeResults(int index, Tensor cursor) {
        cursor.place(Objects.requireNonNull(stored[owner(index)]), 0);
    }

    @Override
    public Tensor lasts(int index) {
        runOnce();
        return Objects.requireNonNull(lasts[owner(index)]).copy();
    }
}
