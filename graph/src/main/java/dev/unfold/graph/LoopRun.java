package dev.unfold.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A loop on a tape: one node, which runs the recorded step as often as there are steps, phase by phase. */
final class LoopRun implements Stage, Repeated {
    /** In place of a step: the rows of all of them, one behind the other. */
    static final int ALL_STEPS = -1;

    private final Graph graph;
    private final Loop loop;
    private final LoopMemory memory;
    private final Loop.Schedule schedule;
    private final Node[] sequences;
    private final Node[] initial;
    private final StepRecord record;
    private final StepRecord.@Nullable Packed packed;
    private final IdentityHashMap<Parameter, Node> parameters = new IdentityHashMap<>();
    /** By thread. */
    private final List<Lane> lanes = new ArrayList<>();
    /** By number of rows, where rows do not go apart. */
    private final @Nullable Lane[] ofFewerRows;

    private final Tensor[] sequenceGradients;
    private final Tensor[] initialGradients;
    /** One row, to be copied or added from or to. */
    private final Tensor[] rowsFrom;

    private final Tensor[] rowsTo;
    /** By result and step: what comes to a result from outside where it is taken out by itself. */
    private final @Nullable Tap[] @Nullable [] taps;
    /** Where a result is taken out at all steps, what has come, in the order of the tape. */
    private final List<Results> came = new ArrayList<>();

    /** By result: its values at all steps, where the loop does not keep them and somebody takes them out. */
    private final @Nullable Tensor[] stored;

    private final Recomputation way;
    private final ReversalSchedule reversal;
    private final IntConsumer forwardTask = this::forwardPart;
    private final IntConsumer backwardTask = this::backwardPart;
    private final IntConsumer contribution = this::contribute;
    private int[] bounds = new int[2];
    private int ran;
    /** How many steps have been run since the sequences came. */
    private long stepsRun;
    /** The row among those of results at which the state lies that the next step begins with. */
    private int stateRow;
    /** The steps whose values are kept. */
    private int keptBegin;

    private int keptEnd;
    /** The steps that are run phase by phase. */
    private int windowBegin;

    private int windowEnd;
    private @Nullable Phase phase;
    private @Nullable Node self;

    LoopRun(
            Graph graph,
            Loop loop,
            LoopMemory memory,
            Loop.Schedule schedule,
            List<Node> sequences,
            List<Node> carried) {
        this.graph = graph;
        this.loop = loop;
        this.memory = memory;
        this.schedule = schedule;
        this.sequences = sequences.toArray(new Node[0]);
        this.initial = carried.toArray(new Node[0]);
        this.record = memory.record(loop, graph, sequences, carried, batch(), schedule.isWhole());
        record.check(sequences, carried);
        use(record);
        this.packed = schedule.isWhole() ? null : record.packed();
        this.way = record.way();
        this.reversal = new ReversalSchedule(way.slots());
        this.stored = new Tensor[1 + carried.size()];
        this.ofFewerRows = new Lane[batch()];
        this.sequenceGradients = new Tensor[this.sequences.length];
        this.initialGradients = new Tensor[this.initial.length];
        this.taps = new Tap[1 + this.initial.length][];
        int all = this.sequences.length + this.initial.length;
        this.rowsFrom = new Tensor[all];
        this.rowsTo = new Tensor[all];
        for (int i = 0; i < all; i++) {
            Node node = i < this.sequences.length ? this.sequences[i] : this.initial[i - this.sequences.length];
            Shape row = i < this.sequences.length
                    ? node.shape().without(0).without(0)
                    : node.shape().without(0);
            rowsFrom[i] = Tensor.unplaced(node.dtype(), row);
            rowsTo[i] = Tensor.unplaced(node.dtype(), row);
        }
        storeAll();
    }

    /** Makes room for all results of a loop that does not keep them, where it runs before they are asked for. */
    private void storeAll() {
        for (int k = 0; !way.keepsAll() && !graph.isPlanned() && k < stored.length; k++) {
            store(record.indexOf(record.result(k)));
        }
    }

    /** Makes room for a result at all steps. */
    private void store(int owner) {
        if (stored[owner] == null) {
            Node result = record.result(owner);
            Shape all = result.shape().withDim(0, schedule.steps() * batch());
            stored[owner] = graph.place(result.dtype(), all);
        }
    }

    /** Takes in the parameters of a step, with what kernels derive from them. */
    private void use(StepRecord recorded) {
        for (int id = 0; id < recorded.size(); id++) {
            Node node = recorded.node(id);
            if (node.parameter != null) {
                Node own = parameters.get(node.parameter);
                if (own == null) {
                    own = graph.use(node.parameter);
                    parameters.put(node.parameter, own);
                }
                node.prepared = own.prepared;
            }
        }
    }

    /** Goes through what is taken in from outside. */
    void eachInput(Consumer<Node> task) {
        for (Node sequence : sequences) {
            task.accept(sequence);
        }
        for (Node each : initial) {
            task.accept(each);
        }
    }

    private int batch() {
        return sequences[0].shape().dim(1);
    }

    /** The step as recorded for the rows of a step of the run. */
    private StepRecord recordAt(int step) {
        return lane(step).record();
    }

    /** The lane of the caller; where rows do not go apart, that for as many rows as a step has. */
    private Lane lane(int step) {
        int rows = memory.rows[step];
        if (record.isApart() || rows == batch()) {
            makeLanes(1);
            return lanes.get(0);
        }
        Lane known = ofFewerRows[rows];
        if (known == null) {
            StepRecord fewer = memory.record(loop, graph, List.of(sequences), List.of(initial), rows, packed == null);
            use(fewer);
            known = new Lane(this, fewer);
            ofFewerRows[rows] = known;
        }
        return known;
    }

    private void makeLanes(int threads) {
        while (lanes.size() < threads) {
            lanes.add(new Lane(this, record));
        }
    }

    /** Says which node this is. */
    void begin(Node recorded) {
        self = recorded;
    }

    @Override
    public String name() {
        return "loop of " + loop.name();
    }

    @Override
    public void forward(Node node) {
        order();
        packSequences();
        stepsRun = 0;
        if (ran > 0) {
            forwardOnce();
        }
    }

    /** Runs all steps once, and leaves the values of the last ones. */
    private void forwardOnce() {
        reversal.begin(parts());
        ReversalSchedule.Action action;
        do {
            action = reversal.next();
            act(action);
            if (action == ReversalSchedule.Action.INTERNALS) {
                handOutValues();
            }
        } while (action != ReversalSchedule.Action.INTERNALS);
    }

    /** Does what is to be done to go on, short of going back. */
    private void act(ReversalSchedule.Action action) {
        switch (action) {
            case RESTORE -> restore(reversal.slot(), reversal.window());
            case RUN -> {
                for (int part = reversal.window(); part < reversal.end(); part++) {
                    run(part);
                    if (!graph.isSpent()) {
                        handOutValues();
                    }
                }
            }
            case KEEP -> keep(reversal.slot());
            case INTERNALS -> run(reversal.window());
            case BACKWARD, DONE -> throw new IllegalStateException(name() + ": nothing to run for " + action);
        }
    }

    /** Runs the steps of a part from the state that the one before has left, or that has been restored. */
    private void run(int part) {
        enter(part);
        for (int window = 0; window < windows(); window++) {
            look(window);
            forward();
        }
        leave();
    }

    /** Turns to a part, and brings the state in front of it there. */
    private void enter(int part) {
        turn(part);
        if (keptBegin == 0) {
            packInitial();
            return;
        }
        for (int k = 0; stateRow > 0 && k < stored.length; k++) {
            if (record.isState(k)) {
                Tensor room = record.placement().value(record.result(k));
                int inner = record.inner(record.result(k));
                room.copyRun(room, stateRow * inner, 0, memory.rows[keptBegin - 1] * inner);
            }
        }
    }

    /** Notes where the state lies that the part at hand has left. */
    private void leave() {
        stateRow = memory.offsets[keptEnd - 1] - memory.offsets[keptBorder()];
        stepsRun += keptEnd - keptBegin;
    }

    private void restore(int slot, int part) {
        stateRow = 0;
        for (int k = 0; slot != ReversalSchedule.INITIAL && k < stored.length; k++) {
            if (record.isState(k)) {
                Tensor room = record.placement().value(record.result(k));
                int inner = record.inner(record.result(k));
                int rows = memory.rows[beginOf(part) - 1];
                room.copyRun(record.slots(k), slot * loop.maxRows() * inner, 0, rows * inner);
            }
        }
    }

    private void keep(int slot) {
        for (int k = 0; k < stored.length; k++) {
            if (record.isState(k)) {
                Tensor room = record.placement().value(record.result(k));
                int inner = record.inner(record.result(k));
                int rows = memory.rows[keptEnd - 1];
                record.slots(k).copyRun(room, stateRow * inner, slot * loop.maxRows() * inner, rows * inner);
            }
        }
    }

    /** Copies the results of the part at hand to where they are kept for those who take them out. */
    private void handOutValues() {
        for (int owner = 0; !way.keepsAll() && owner < stored.length; owner++) {
            Node result = record.result(owner);
            Tensor room = record.placement().value(result);
            int inner = record.inner(result);
            int base = memory.offsets[keptBorder()];
            Tensor all = stored[owner];
            if (all != null) {
                int from = memory.offsets[keptBegin];
                all.copyRun(room, (from - base) * inner, from * inner, (memory.offsets[keptEnd] - from) * inner);
            }
            for (int step = keptBegin; step < keptEnd; step++) {
                Tap tap = tap(owner, step);
                if (tap != null && tap.value != null) {
                    tap.value.copyRun(room, (memory.offsets[step] - base) * inner, 0, tap.value.size());
                }
            }
        }
    }

    /** The number of parts that are kept one at a time, of which the first may be a short one. */
    private int parts() {
        return (ran + way.window() - 1) / way.window();
    }

    /** Turns to a part. */
    private void turn(int part) {
        keptBegin = beginOf(part);
        keptEnd = ran - (parts() - 1 - part) * way.window();
    }

    private int beginOf(int part) {
        return Math.max(0, ran - (parts() - part) * way.window());
    }

    /** The first of the steps whose values are kept. */
    int keptBegin() {
        return keptBegin;
    }

    /** The first step at which results of those, and of the step before them, are kept. */
    int keptBorder() {
        return Math.max(0, keptBegin - 1);
    }

    private void forward() {
        if (record.isApart()) {
            for (int i = 0; i < record.phases().size(); i++) {
                phase = record.phases().get(i);
                graph.inParts(phase.work() * rowsOfWindow(), forwardTask);
            }
            return;
        }
        for (int step = windowBegin; step < windowEnd; step++) {
            placeBefore(step, 0, memory.rows[step]);
            Lane lane = lane(step);
            lane.forward(lane.record().phases().get(0), step, 0, memory.rows[step]);
        }
    }

    /** The number of windows of the part at hand, of which the first may be a short one. */
    private int windows() {
        return (keptEnd - keptBegin + loop.window() - 1) / loop.window();
    }

    /** Turns to a window. */
    private void look(int window) {
        windowEnd = keptEnd - (windows() - 1 - window) * loop.window();
        windowBegin = Math.max(keptBegin, windowEnd - loop.window());
        if (record.isApart()) {
            split();
        }
    }

    /** Finds out which rows there are at each step. */
    private void order() {
        schedule.refresh();
        boolean whole = packed == null;
        ran = whole ? (batch() == 0 ? 0 : schedule.steps()) : schedule.runs();
        if (ran > schedule.steps()) {
            throw new IllegalArgumentException(loop.name() + ": the schedule runs " + ran + " steps of sequences of "
                    + schedule.steps() + "; expected no more than those");
        }
        for (int step = 0; step < ran; step++) {
            int rows = whole ? batch() : schedule.rows(step);
            int most = step == 0 ? batch() : memory.rows[step - 1];
            if (rows < 1 || rows > most) {
                throw new IllegalArgumentException(loop.name() + ": step " + step + " of the run has " + rows
                        + " rows; expected 1 to " + most + ", no more than the step before");
            }
            memory.rows[step] = rows;
            memory.offsets[step + 1] = memory.offsets[step] + rows;
            Arrays.fill(memory.reached[step], 0);
        }
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

    /** Brings sequences into the order of the run. */
    private void packSequences() {
        StepRecord.Packed room = packed;
        if (room == null) {
            return;
        }
        for (int i = 0; i < sequences.length; i++) {
            for (int step = 0; step < ran; step++) {
                for (int row = 0; row < memory.rows[step]; row++) {
                    copyRow(
                            i,
                            sequences[i].value,
                            schedule.source(step, row),
                            room.sequences[i],
                            memory.offsets[step] + row);
                }
            }
        }
    }

    /** Brings what the first step begins with into the order of the run. */
    private void packInitial() {
        StepRecord.Packed room = packed;
        for (int k = 0; room != null && k < initial.length; k++) {
            for (int row = 0; row < memory.rows[0]; row++) {
                copyRow(sequences.length + k, initial[k].value, schedule.rowOfBatch(row), room.carried[k], row);
            }
        }
    }

    private void copyRow(int which, Tensor from, int fromRow, Tensor to, int toRow) {
        int size = rowsTo[which].size();
        rowsFrom[which].place(from, fromRow * size);
        rowsTo[which].place(to, toRow * size);
        rowsTo[which].copyRun(rowsFrom[which], 0, 0, size);
    }

    private void addRow(int which, Tensor from, int fromRow, Tensor to, int toRow) {
        int size = rowsTo[which].size();
        rowsFrom[which].place(from, fromRow * size);
        rowsTo[which].place(to, toRow * size);
        rowsTo[which].add(rowsFrom[which]);
    }

    /** Shares out the rows of the batch, so that each lane has about as many steps of rows in the window. */
    private void split() {
        int threads = graph.threads();
        makeLanes(threads);
        if (bounds.length != threads + 1) {
            bounds = new int[threads + 1];
        }
        int row = 0;
        int end = windowEnd;
        long given = 0;
        for (int thread = 1; thread <= threads; thread++) {
            int due = partOfWindow(thread) - memory.offsets[windowBegin];
            while (row < batch() && given < due) {
                while (end > windowBegin && memory.rows[end - 1] <= row) {
                    end--;
                }
                given += end - windowBegin;
                row++;
            }
            bounds[thread] = thread == threads ? batch() : row;
        }
    }

    private int tokens() {
        return ran == 0 ? 0 : memory.offsets[ran];
    }

    private int rowsOfWindow() {
        return memory.offsets[windowEnd] - memory.offsets[windowBegin];
    }

    /** The row, counted over all steps, at which a part of the window begins, and the one before ends. */
    private int partOfWindow(int part) {
        return memory.offsets[windowBegin] + (int) ((long) rowsOfWindow() * part / graph.threads());
    }

    private int from(int part) {
        return part == Team.ALL ? memory.offsets[windowBegin] : partOfWindow(part);
    }

    private int to(int part) {
        return part == Team.ALL ? memory.offsets[windowEnd] : partOfWindow(part + 1);
    }

    private void forwardPart(int part) {
        Phase present = Objects.requireNonNull(phase);
        if (present.isMerged()) {
            lanes.get(Math.max(0, part)).forward(present, ALL_STEPS, from(part), to(part));
            return;
        }
        int first = part == Team.ALL ? 0 : bounds[part];
        int end = part == Team.ALL ? batch() : bounds[part + 1];
        for (int step = windowBegin; step < windowEnd; step++) {
            int to = Math.min(end, memory.rows[step]);
            if (first < to) {
                placeBefore(step, first, to);
                lanes.get(Math.max(0, part)).forward(present, step, first, to);
            }
        }
    }

    /** Copies what is carried into a step to where the rows of all steps lie one behind the other. */
    private void placeBefore(int step, int from, int to) {
        StepRecord.Packed room = packed;
        for (int k = 0; room != null && step > 0 && k < initial.length; k++) {
            int inner = rowsTo[sequences.length + k].size();
            Tensor before = record.placement().value(record.result(1 + k));
            room.carried[k].copyRun(
                    before,
                    (memory.offsets[step - 1] + from - memory.offsets[keptBorder()]) * inner,
                    (memory.offsets[step] + from - memory.offsets[keptBegin]) * inner,
                    (to - from) * inner);
        }
    }

    @Override
    public void backward(Node node) {
        beginGradients();
        for (boolean goesOn = ran > 0; goesOn; ) {
            ReversalSchedule.Action action = reversal.next();
            goesOn = action != ReversalSchedule.Action.DONE;
            if (action == ReversalSchedule.Action.BACKWARD) {
                backwardThroughPart();
            } else if (goesOn) {
                act(action);
            }
        }
        endGradients();
    }

    /** Goes back through the part whose values are kept. */
    private void backwardThroughPart() {
        for (int window = windows() - 1; window >= 0; window--) {
            // There may be other threads than when it was run.
            look(window);
            if (windowEnd < ran) {
                carryGradients(windowEnd - 1);
            }
            for (int step = border(); step < (windowEnd < ran ? windowEnd - 1 : windowEnd); step++) {
                takeIn(step);
            }
            backward();
            contribute();
            for (int step = windowBegin; step < windowEnd; step++) {
                handOut(step);
            }
        }
    }

    /** Keeps the gradients of the results of the last step of the window at hand, which lay in front of the window behind it. */
    private void carryGradients(int step) {
        StepRecord at = recordAt(step);
        for (int k = 0; k <= initial.length; k++) {
            Node result = at.result(k);
            if (at.indexOf(result) == k && isReached(result, step)) {
                Tensor room = at.placement().gradient(result);
                int inner = at.inner(result);
                room.copyRun(room, 0, resultGradientRow(step, 0) * inner, memory.rows[step] * inner);
            }
        }
    }

    /** Takes in the gradients that come to the results of a step from outside. */
    private void takeIn(int step) {
        StepRecord at = recordAt(step);
        for (int k = 0; k <= initial.length; k++) {
            Node result = at.result(k);
            if (at.indexOf(result) != k || !result.needsGradient) {
                continue;
            }
            Tap tap = tap(k, step);
            if (tap != null && tap.reached) {
                Tensor room = at.placement().gradient(result);
                int size = tap.reach().size();
                room.copyRun(tap.reach(), 0, resultGradientRow(step, 0) * at.inner(result), size);
                Bits.set(memory.reached[step], result.id);
            }
            boolean apart = tap != null && tap.gradient != null;
            for (int i = 0; !apart && i < came.size(); i++) {
                if (came.get(i).owner == k) {
                    came.get(i).takeIn(at, result, step);
                }
            }
        }
    }

    /** Copies the gradients of the results of a step to where they are kept for those who took them out. */
    private void handOut(int step) {
        StepRecord at = recordAt(step);
        for (int k = 0; k <= initial.length; k++) {
            Node result = at.result(k);
            Tap tap = at.indexOf(result) == k ? tap(k, step) : null;
            if (tap != null && tap.gradient != null && isReached(result, step)) {
                int from = resultGradientRow(step, 0) * at.inner(result);
                tap.gradient.copyRun(at.placement().gradient(result), from, 0, tap.gradient.size());
                tap.reached = true;
            }
        }
    }

    private @Nullable Tap tap(int owner, int step) {
        Tap[] ofResult = taps[owner];
        return ofResult == null ? null : ofResult[step];
    }

    /** The row at which the gradient of a result at a row of a step lies. */
    private int resultGradientRow(int step, int row) {
        return memory.offsets[step] + row - memory.offsets[border()];
    }

    /** The first step at which results of the window at hand, and of the step before it, have gradients. */
    int border() {
        return Math.max(0, windowBegin - 1);
    }

    private void backward() {
        if (!record.isApart()) {
            for (int step = windowEnd - 1; step >= windowBegin; step--) {
                Lane lane = lane(step);
                findPath(lane.record(), lane.record().phases().get(0), step);
                backward(lane, step, 0, batch());
            }
            return;
        }
        for (int i = record.phases().size() - 1; i >= 0; i--) {
            phase = record.phases().get(i);
            for (int step = windowEnd - 1; step >= windowBegin; step--) {
                findPath(record, phase, step);
            }
            graph.inParts(phase.work() * rowsOfWindow(), backwardTask);
        }
    }

    private boolean isReached(Node node, int step) {
        return Bits.get(memory.reached[step], node.id);
    }

    /** Finds the way back at a step, and marks what it reaches. */
    private void findPath(StepRecord at, Phase through, int step) {
        long[] reached = memory.reached[step];
        StepRecord before = step == 0 ? at : recordAt(step - 1);
        for (int k = 0; k < initial.length; k++) {
            boolean came = step > 0 && !through.isMerged() && isReached(before.result(1 + k), step - 1);
            Bits.clear(reached, at.reachedBit(k));
            if (came) {
                Bits.set(reached, at.cameBit(k));
            } else {
                Bits.clear(reached, at.cameBit(k));
            }
        }
        BackwardPath path = through.path(reached);
        memory.paths[step] = path;
        System.arraycopy(path.reached(), 0, reached, 0, reached.length);
        for (int k = 0; k < initial.length; k++) {
            if (path.reachesCarried(k)) {
                if (step > 0) {
                    Bits.set(memory.reached[step - 1], before.result(1 + k).id);
                } else {
                    reachInitial(k);
                }
            }
        }
        for (int i = 0; i < sequences.length; i++) {
            if (sequences[i].needsGradient && Bits.get(reached, i)) {
                reachSequence(i);
            }
        }
    }

    private void beginGradients() {
        for (int i = 0; i < sequences.length; i++) {
            sequenceGradients[i] = record.unwanted();
        }
        for (int k = 0; k < initial.length; k++) {
            initialGradients[k] = record.unwanted();
        }
    }

    private void reachSequence(int i) {
        if (sequenceGradients[i] == record.unwanted()) {
            Tensor whole = graph.reach(sequences[i]);
            StepRecord.Packed room = packed;
            if (room != null) {
                whole = Objects.requireNonNull(room.sequenceGradients[i]).fill(0);
            }
            sequenceGradients[i] = whole;
        }
    }

    private void reachInitial(int k) {
        if (initial[k].needsGradient && initialGradients[k] == record.unwanted()) {
            Tensor whole = graph.reach(initial[k]);
            StepRecord.Packed room = packed;
            if (room != null) {
                whole = room.firstGradients[k].fill(0);
            }
            initialGradients[k] = whole;
        }
    }

    /** Hands on what came in the order of the run. */
    private void endGradients() {
        if (packed == null) {
            return;
        }
        for (int k = initial.length - 1; k >= 0; k--) {
            for (int row = 0; initialGradients[k] != record.unwanted() && row < memory.rows[0]; row++) {
                addRow(
                        sequences.length + k,
                        initialGradients[k],
                        row,
                        graph.reach(initial[k]),
                        schedule.rowOfBatch(row));
            }
        }
        for (int i = 0; i < sequences.length; i++) {
            for (int step = 0; sequenceGradients[i] != record.unwanted() && step < ran; step++) {
                for (int row = 0; row < memory.rows[step]; row++) {
                    addRow(
                            i,
                            sequenceGradients[i],
                            memory.offsets[step] + row,
                            graph.reach(sequences[i]),
                            schedule.source(step, row));
                }
            }
        }
    }

    private void backwardPart(int part) {
        Phase present = Objects.requireNonNull(phase);
        Lane lane = lanes.get(Math.max(0, part));
        if (present.isMerged()) {
            mergedBackward(lane, from(part), to(part));
            return;
        }
        int first = part == Team.ALL ? 0 : bounds[part];
        int end = part == Team.ALL ? batch() : bounds[part + 1];
        for (int step = windowEnd - 1; step >= windowBegin; step--) {
            backward(lane, step, first, end);
        }
    }

    private void backward(Lane lane, int step, int first, int end) {
        BackwardPath path = memory.paths[step];
        int to = Math.min(end, memory.rows[step]);
        if (first < to) {
            lane.backward(path, step, first, to);
        }
        for (int k = 0; step > 0 && k < initial.length; k++) {
            // Rows that have ended have no gradient yet at the step before.
            int from = Math.max(first, memory.rows[step]);
            int before = Math.min(end, memory.rows[step - 1]);
            Node result = recordAt(step - 1).result(1 + k);
            if (from < before && path.isFirstOfCarried(k) && result.needsGradient) {
                int inner = record.inner(record.result(1 + k));
                recordAt(step - 1)
                        .placement()
                        .gradient(result)
                        .zero(resultGradientRow(step - 1, from) * inner, resultGradientRow(step - 1, before) * inner);
            }
        }
    }

    /** Goes back over all steps at once that have the same way back. */
    private void mergedBackward(Lane lane, int least, int most) {
        int step = windowEnd;
        while (step > windowBegin) {
            int end = step--;
            while (step > windowBegin && memory.paths[step - 1] == memory.paths[step]) {
                step--;
            }
            int from = Math.max(least, memory.offsets[step]);
            int to = Math.min(most, memory.offsets[end]);
            if (from < to) {
                lane.backward(memory.paths[step], ALL_STEPS, from, to);
            }
        }
    }

    @Override
    public void assign() {
        for (int i = 0; i < record.uses().size(); i++) {
            StepRecord.UsesInStep uses = record.uses().get(i);
            Node own = Objects.requireNonNull(parameters.get(uses.parameter()));
            own.divided &= record.isApart() && uses.divided();
            own.lane = record.isApart() ? own.lane : 0;
        }
    }

    /** Lets the window contribute to the gradients of parameters. */
    private void contribute() {
        long work = 0;
        for (int i = 0; i < record.phases().size(); i++) {
            work += record.phases().get(i).work();
        }
        graph.inParts(work * rowsOfWindow(), contribution);
    }

    private void contribute(int number) {
        for (int end = windowEnd; end > windowBegin; end -= Loop.STRETCH) {
            int begin = Math.max(windowBegin, end - Loop.STRETCH);
            if (record.isApart()) {
                contribute(number, begin, end);
            } else if (number <= 0) {
                contributeStepwise(begin, end);
            }
        }
    }

    private void contribute(int number, int begin, int end) {
        Lane lane = lanes.get(Math.max(0, number));
        for (int i = 0; i < record.uses().size(); i++) {
            StepRecord.UsesInStep uses = record.uses().get(i);
            Node parameter = Objects.requireNonNull(parameters.get(uses.parameter()));
            int part = parameter.part(number);
            int parts = parameter.parts(number, graph.threads());
            if (part >= 0 && uses.stacked()) {
                contributeStacked(lane, uses, begin, end, part, parts);
            } else if (part >= 0) {
                for (int step = begin; step < end; step++) {
                    contributeAt(lane, uses, step, part, parts);
                }
            }
        }
    }

    private void contributeStepwise(int begin, int end) {
        for (int step = begin; step < end; step++) {
            Lane lane = lane(step);
            for (int i = 0; i < lane.record().uses().size(); i++) {
                contributeAt(lane, lane.record().uses().get(i), step, 0, 1);
            }
        }
    }

    private void contributeAt(Lane lane, StepRecord.UsesInStep uses, int step, int part, int parts) {
        for (int i = 0; i < uses.nodes().size(); i++) {
            if (isReached(uses.nodes().get(i), step)) {
                lane.contribute(uses.nodes().get(i), uses.inputs().get(i), step, 0, memory.rows[step], part, parts);
            }
        }
    }

    private void contributeStacked(Lane lane, StepRecord.UsesInStep uses, int begin, int end, int part, int parts) {
        Node node = uses.nodes().get(0);
        int step = begin;
        while (step < end) {
            if (!isReached(node, step)) {
                step++;
                continue;
            }
            int from = step++;
            // What is carried into the first step of a whole run lies apart.
            while (step < end && isReached(node, step) && !(packed == null && from == 0)) {
                step++;
            }
            lane.contribute(
                    node, uses.inputs().get(0), ALL_STEPS, memory.offsets[from], memory.offsets[step], part, parts);
        }
    }

    @Override
    public Optional<String> firstNonFinite() {
        Optional<String> found = Optional.empty();
        stateRow = 0;
        for (int part = 0; found.isEmpty() && part < (ran == 0 ? 0 : parts()); part++) {
            enter(part);
            for (int step = keptBegin; found.isEmpty() && step < keptEnd; step++) {
                found = firstNonFinite(step);
            }
            leave();
        }
        if (ran > 0 && !way.keepsAll() && !graph.isSpent()) {
            // Backward goes on from what running forward has left.
            forwardOnce();
        }
        return found;
    }

    private Optional<String> firstNonFinite(int step) {
        look(windows() - 1 - (keptEnd - 1 - step) / loop.window());
        Lane lane = lane(step);
        placeBefore(step, 0, memory.rows[step]);
        for (Phase each : lane.record().phases()) {
            Node node = lane.firstNonFinite(each, step, 0, memory.rows[step]);
            if (node != null) {
                return Optional.of(node.name() + " " + lane.record().shape(node, memory.rows[step]) + " of "
                        + loop.name() + " at step " + step);
            }
        }
        return Optional.empty();
    }

    /** Returns how many steps have been run since the sequences came, again and again included. */
    long stepsRun() {
        return stepsRun;
    }

    /** Says how the steps are run. */
    String explain() {
        return String.format(
                Locale.ROOT,
                "%s: %d recorded values for up to %d steps of %d rows, %,d bytes\n%s%s",
                name(),
                record.size(),
                loop.maxSteps(),
                loop.maxRows(),
                memory.bytes(),
                Explanation.of(record),
                budgeted());
    }

    /** How the steps are gone back through. */
    Recomputation way() {
        return way;
    }

    /** The step as recorded for the most rows. */
    StepRecord record() {
        return record;
    }

    /** Returns the bytes that the loop works in. */
    long bytes() {
        return memory.bytes();
    }

    /** Says what the budget leads to, as a line. */
    private String budgeted() {
        if (!loop.hasBudget()) {
            return "";
        }
        String budget = String.format(Locale.ROOT, "  within a budget of %,d bytes: ", loop.budget());
        if (way.keepsAll()) {
            return budget + "nothing is computed again\n";
        }
        if (!record.isForBackward()) {
            return budget + String.format(Locale.ROOT, "run in windows of %,d steps\n", way.window());
        }
        return budget
                + String.format(
                        Locale.ROOT,
                        "recomputed: %,d steps run %,d times in windows of %,d, %,d states kept\n",
                        way.steps(),
                        way.forwardSteps(),
                        way.window(),
                        way.slots());
    }

    long seed() {
        return graph.seed();
    }

    /** The row of the batch that goes through a step as a given row. */
    int rowOf(int step, int row) {
        return packed == null || row >= memory.rows[step] ? row : schedule.rowOfBatch(row);
    }

    /** The step of the sequences that a row of a step of the run stands at. */
    int stepOf(int step, int row) {
        return packed == null || row >= memory.rows[step] ? step : schedule.source(step, row) / batch();
    }

    /** The first step of those that are run phase by phase. */
    int windowBegin() {
        return windowBegin;
    }

    /** The rows of all steps before one. */
    int offset(int step) {
        return memory.offsets[step];
    }

    /** Where a sequence lies, the rows of each step behind those of the step before. */
    Tensor sequence(int index) {
        return packed == null ? sequences[index].value : packed.sequences[index];
    }

    /** Where its gradient lies. */
    Tensor sequenceGradient(int index) {
        return sequenceGradients[index];
    }

    /** Lets a tensor lie where some rows of a carried value do, as a step takes them in, from a row on that is counted over all steps. */
    void placeCarried(int index, int absolute, Shape shape, Tensor cursor) {
        int inner = rowsTo[sequences.length + index].size();
        if (packed != null) {
            cursor.place(packed.carried[index], (absolute - memory.offsets[keptBegin]) * inner, shape);
        } else if (absolute < batch()) {
            cursor.place(initial[index].value, absolute * inner, shape);
        } else {
            int row = absolute - batch() - memory.offsets[keptBorder()];
            cursor.place(record.placement().value(record.result(1 + index)), row * inner, shape);
        }
    }

    /** Lets a tensor lie where the gradient of some rows of a carried value does, as a step takes them in. */
    void placeCarriedGradient(int index, int step, int row, Shape shape, Tensor cursor) {
        int inner = rowsTo[sequences.length + index].size();
        if (step == 0) {
            cursor.place(initialGradients[index], row * inner, shape);
            return;
        }
        StepRecord before = recordAt(step - 1);
        Node result = before.result(1 + index);
        if (result.needsGradient) {
            cursor.place(before.placement().gradient(result), resultGradientRow(step - 1, row) * inner, shape);
        } else {
            cursor.place(record.unwanted(), row * inner, shape);
        }
    }

    private boolean needsGradient(int index) {
        boolean learnable = !parameters.isEmpty();
        for (Node sequence : sequences) {
            learnable |= sequence.needsGradient;
        }
        for (Node each : initial) {
            learnable |= each.needsGradient;
        }
        return record.result(index).needsGradient && learnable;
    }

    private Tensor cursor(int index, Shape shape) {
        return Tensor.unplaced(record.result(index).dtype(), shape);
    }

    /** The graph must be where it was when the loop was recorded, since the memory is used again. */
    private void checkCurrent() {
        graph.checkCurrent(Objects.requireNonNull(self));
    }

    @Override
    public Node result(int index, int step) {
        checkCurrent();
        if (packed != null) {
            throw new IllegalStateException(loop.name() + ": the run is not whole; take out the results of all steps");
        }
        Objects.checkIndex(index, 1 + initial.length);
        if (step < 0 || step >= schedule.steps()) {
            throw new IndexOutOfBoundsException(
                    loop.name() + ": no step " + step + "; steps are 0 to " + (schedule.steps() - 1));
        }
        Tensor value = cursor(index, record.result(index).shape().withDim(0, batch()));
        boolean learned = needsGradient(index);
        Tap tap = learned || !way.keepsAll() ? takeOut(index, step, value.shape(), learned) : null;
        return graph.record(new Result(index, step, tap), value, learned);
    }

    /**
     * Returns where values of a result at a step lie, if not in the loop, and where gradients come to it from outside, the same however
     * often it is taken out; null behind backward if that was never done.
     */
    private @Nullable Tap takeOut(int index, int step, Shape shape, boolean learned) {
        Node result = record.result(index);
        int owner = record.indexOf(result);
        Tap[] ofResult = taps[owner];
        if (ofResult == null) {
            ofResult = new Tap[schedule.steps()];
            taps[owner] = ofResult;
        }
        Tap tap = ofResult[step];
        if (tap == null && !graph.isSpent()) {
            boolean kept = way.keepsAll() || stored[owner] != null;
            tap = new Tap(
                    kept ? null : graph.place(result.dtype(), shape),
                    learned && graph.recordsForBackward() ? graph.place(result.dtype(), shape) : null);
            ofResult[step] = tap;
        }
        return tap;
    }

    @Override
    public Node results(int index) {
        checkCurrent();
        Shape step = record.result(Objects.checkIndex(index, 1 + initial.length))
                .shape()
                .withDim(0, batch());
        Shape shape = packed == null ? step.with(0, schedule.steps()) : step.withDim(0, schedule.steps() * batch());
        if (!way.keepsAll()) {
            store(record.indexOf(record.result(index)));
        }
        // Behind backward it is there to be read.
        return graph.record(new Results(index, step), cursor(index, shape), needsGradient(index) && !graph.isSpent());
    }

    /** A result at a step that is taken out by itself, in all rows of the batch. */
    private static final class Tap {
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
            if (!reached) {
                own.fill(0);
                reached = true;
            }
            return own;
        }
    }

    /** A result of one step. */
    private final class Result implements Stage.Within {
        private final int index;
        private final int step;
        /** Null where the value lies in the loop, and no gradient is wanted or kept. */
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
            Node result = record.result(index);
            if (tap != null && tap.value != null) {
                node.value.place(tap.value, 0);
            } else {
                Tensor all = stored[record.indexOf(result)];
                int row = step * batch();
                node.value.place(all == null ? record.placement().value(result) : all, row * record.inner(result));
            }
        }

        @Override
        public Tensor reach() {
            return Objects.requireNonNull(tap).reach();
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
    private final class Results implements Stage {
        private final int index;
        /** The first of the results that are the same value. */
        private final int owner;

        private final Tensor from;
        private final Tensor to;
        private @Nullable Node node;

        Results(int index, Shape step) {
            this.index = index;
            this.owner = record.indexOf(record.result(index));
            this.from = cursor(index, step);
            this.to = cursor(index, step);
        }

        @Override
        public String name() {
            return (index == 0 ? "outputs of " : "states of ") + loop.name();
        }

        @Override
        public void forward(Node own) {
            Node result = record.result(index);
            int inner = record.inner(result);
            Tensor all = stored[owner];
            own.value.place(all == null ? record.placement().value(result) : all, 0);
            if (packed != null) {
                own.value.zero(tokens() * inner, own.value.size());
            }
        }

        /** What comes where the result is taken out by itself as well is added at once, in the order of the tape; all else step by step. */
        @Override
        public void backward(Node own) {
            if (!own.reached) {
                return;
            }
            node = own;
            came.add(this);
            for (int step = 0; taps[owner] != null && step < ran; step++) {
                Tap tap = tap(owner, step);
                if (tap != null && tap.gradient != null) {
                    place(from, Objects.requireNonNull(own.gradient), memory.offsets[step], step);
                    tap.reach().add(from);
                }
            }
        }

        /** Adds what has come to a step to the gradient of the result; the first time, that becomes zero. */
        void takeIn(StepRecord at, Node result, int step) {
            place(to, at.placement().gradient(result), resultGradientRow(step, 0), step);
            if (!isReached(result, step)) {
                Bits.set(memory.reached[step], result.id);
                to.fill(0);
            }
            place(from, Objects.requireNonNull(Objects.requireNonNull(node).gradient), memory.offsets[step], step);
            to.add(from);
        }

        private void place(Tensor cursor, Tensor in, int row, int step) {
            StepRecord at = recordAt(step);
            Node result = at.result(index);
            cursor.place(in, row * at.inner(result), at.shape(result, memory.rows[step]));
        }
    }
}
