package dev.unfold.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A loop whose step is recorded once, and replayed as often as there are steps, phase by phase. */
final class LoopRun extends Run {
    /** In place of a step: the rows of all of them, one behind the other. */
    static final int ALL_STEPS = -1;

    private final LoopMemory memory;
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
    /** By result: its gradient at a step. */
    private final Tensor[] resultGradients;

    private final Recomputation way;
    private final ReversalSchedule reversal;
    private final IntConsumer forwardTask = this::forwardPart;
    private final IntConsumer backwardTask = this::backwardPart;
    private final IntConsumer contribution = this::contribute;
    private int[] bounds = new int[2];
    /** The row among those of results at which the state lies that the next step begins with. */
    private int stateRow;
    /** The steps that are run phase by phase. */
    private int windowBegin;

    private int windowEnd;
    private @Nullable Phase phase;

    LoopRun(
            Graph graph,
            Loop loop,
            LoopMemory memory,
            Loop.Schedule schedule,
            List<Node> sequences,
            List<Node> carried) {
        super(
                graph,
                loop,
                schedule,
                sequences.toArray(new Node[0]),
                carried.toArray(new Node[0]),
                memory.rows,
                memory.offsets);
        this.memory = memory;
        this.record = memory.record(loop, graph, sequences, carried, batch(), schedule.isWhole());
        record.check(sequences, carried);
        use(record);
        this.packed = schedule.isWhole() ? null : record.packed();
        this.way = record.way();
        this.reversal = new ReversalSchedule(way.slots());
        this.ofFewerRows = new Lane[batch()];
        this.sequenceGradients = new Tensor[this.sequences.length];
        this.initialGradients = new Tensor[this.initial.length];
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
        this.resultGradients = new Tensor[stored.length];
        for (int k = 0; k < stored.length; k++) {
            resultGradients[k] = Tensor.unplaced(dtype(k), shape(k));
        }
        storeAll();
    }

    /** Makes room for all results of a loop that does not keep them, where it runs before they are asked for. */
    private void storeAll() {
        for (int k = 0; !way.keepsAll() && !graph.isPlanned() && k < stored.length; k++) {
            store(k);
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

    /** The step as recorded for the rows of a step of the run. */
    private StepRecord recordAt(int step) {
        return lane(step).record();
    }

    /** The lane of the caller; where rows do not go apart, that for as many rows as a step has. */
    private Lane lane(int step) {
        int rows = rows(step);
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

    @Override
    public void forward(Node node) {
        order();
        packSequences();
        if (ran() > 0) {
            forwardOnce();
        }
    }

    @Override
    void run(int part, boolean goesBack) {
        enter(part);
        for (int window = 0; window < windows(); window++) {
            look(window);
            forward();
        }
        leave();
        if (!graph.isSpent()) {
            handOutValues();
        }
    }

    /** Turns to a part, and brings the state in front of it there. */
    private void enter(int part) {
        turn(part);
        if (keptBegin() == 0) {
            packInitial();
            return;
        }
        for (int k = 0; stateRow > 0 && k < stored.length; k++) {
            if (record.isState(k)) {
                Tensor room = record.placement().value(record.result(k));
                int inner = record.inner(record.result(k));
                room.copyRun(room, stateRow * inner, 0, rows(keptBegin() - 1) * inner);
            }
        }
    }

    /** Notes where the state lies that the part at hand has left. */
    private void leave() {
        stateRow = offset(keptEnd() - 1) - offset(keptBorder());
        countSteps();
    }

    @Override
    void restore(int slot, int part) {
        stateRow = 0;
        for (int k = 0; slot != ReversalSchedule.INITIAL && k < stored.length; k++) {
            if (record.isState(k)) {
                Tensor room = record.placement().value(record.result(k));
                int inner = record.inner(record.result(k));
                int rows = rows(beginOf(part) - 1);
                room.copyRun(record.slots(k), slot * loop.maxRows() * inner, 0, rows * inner);
            }
        }
    }

    @Override
    void keep(int slot) {
        for (int k = 0; k < stored.length; k++) {
            if (record.isState(k)) {
                Tensor room = record.placement().value(record.result(k));
                int inner = record.inner(record.result(k));
                int rows = rows(keptEnd() - 1);
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
            int base = offset(keptBorder());
            Tensor all = stored[owner];
            if (all != null) {
                int from = offset(keptBegin());
                all.copyRun(room, (from - base) * inner, from * inner, (offset(keptEnd()) - from) * inner);
            }
            for (int step = keptBegin(); step < keptEnd(); step++) {
                Tap tap = tap(owner, step);
                if (tap != null && tap.value != null) {
                    tap.value.copyRun(room, (offset(step) - base) * inner, 0, tap.value.size());
                }
            }
        }
    }

    /** The first step at which results of those, and of the step before them, are kept. */
    int keptBorder() {
        return Math.max(0, keptBegin() - 1);
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
            placeBefore(step, 0, rows(step));
            Lane lane = lane(step);
            lane.forward(lane.record().phases().get(0), step, 0, rows(step));
        }
    }

    /** The number of windows of the part at hand, of which the first may be a short one. */
    private int windows() {
        return (keptEnd() - keptBegin() + loop.window() - 1) / loop.window();
    }

    /** Turns to a window. */
    private void look(int window) {
        windowEnd = keptEnd() - (windows() - 1 - window) * loop.window();
        windowBegin = Math.max(keptBegin(), windowEnd - loop.window());
        if (record.isApart()) {
            split();
        }
    }

    @Override
    void order() {
        super.order();
        for (int step = 0; step < ran(); step++) {
            Arrays.fill(memory.reached[step], 0);
        }
    }

    /** Brings sequences into the order of the run. */
    private void packSequences() {
        StepRecord.Packed room = packed;
        if (room == null) {
            return;
        }
        for (int i = 0; i < sequences.length; i++) {
            for (int step = 0; step < ran(); step++) {
                for (int row = 0; row < rows(step); row++) {
                    copyRow(i, sequences[i].value, schedule.source(step, row), room.sequences[i], offset(step) + row);
                }
            }
        }
    }

    /** Brings what the first step begins with into the order of the run. */
    private void packInitial() {
        StepRecord.Packed room = packed;
        for (int k = 0; room != null && k < initial.length; k++) {
            for (int row = 0; row < rows(0); row++) {
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
            int due = partOfWindow(thread) - offset(windowBegin);
            while (row < batch() && given < due) {
                while (end > windowBegin && rows(end - 1) <= row) {
                    end--;
                }
                given += end - windowBegin;
                row++;
            }
            bounds[thread] = thread == threads ? batch() : row;
        }
    }

    private int rowsOfWindow() {
        return offset(windowEnd) - offset(windowBegin);
    }

    /** The row, counted over all steps, at which a part of the window begins, and the one before ends. */
    private int partOfWindow(int part) {
        return offset(windowBegin) + (int) ((long) rowsOfWindow() * part / graph.threads());
    }

    private int from(int part) {
        return part == Team.ALL ? offset(windowBegin) : partOfWindow(part);
    }

    private int to(int part) {
        return part == Team.ALL ? offset(windowEnd) : partOfWindow(part + 1);
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
            int to = Math.min(end, rows(step));
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
                    (offset(step - 1) + from - offset(keptBorder())) * inner,
                    (offset(step) + from - offset(keptBegin())) * inner,
                    (to - from) * inner);
        }
    }

    @Override
    public void backward(Node node) {
        beginGradients();
        backwardOnce();
        endGradients();
    }

    @Override
    void backwardThroughPart() {
        for (int window = windows() - 1; window >= 0; window--) {
            // There may be other threads than when it was run.
            look(window);
            if (windowEnd < ran()) {
                carryGradients(windowEnd - 1);
            }
            for (int step = border(); step < (windowEnd < ran() ? windowEnd - 1 : windowEnd); step++) {
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
                room.copyRun(room, 0, resultGradientRow(step, 0) * inner, rows(step) * inner);
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
            if (!apart && hasCome(k)) {
                Tensor to = resultGradients[k];
                to.place(
                        at.placement().gradient(result), resultGradientRow(step, 0) * at.inner(result), shape(k, step));
                if (!isReached(result, step)) {
                    Bits.set(memory.reached[step], result.id);
                    to.fill(0);
                }
                addCome(k, step, to);
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

    /** The row at which the gradient of a result at a row of a step lies. */
    private int resultGradientRow(int step, int row) {
        return offset(step) + row - offset(border());
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
            for (int row = 0; initialGradients[k] != record.unwanted() && row < rows(0); row++) {
                addRow(
                        sequences.length + k,
                        initialGradients[k],
                        row,
                        graph.reach(initial[k]),
                        schedule.rowOfBatch(row));
            }
        }
        for (int i = 0; i < sequences.length; i++) {
            for (int step = 0; sequenceGradients[i] != record.unwanted() && step < ran(); step++) {
                for (int row = 0; row < rows(step); row++) {
                    addRow(
                            i,
                            sequenceGradients[i],
                            offset(step) + row,
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
        int to = Math.min(end, rows(step));
        if (first < to) {
            lane.backward(path, step, first, to);
        }
        for (int k = 0; step > 0 && k < initial.length; k++) {
            // Rows that have ended have no gradient yet at the step before.
            int from = Math.max(first, rows(step));
            int before = Math.min(end, rows(step - 1));
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
            int from = Math.max(least, offset(step));
            int to = Math.min(most, offset(end));
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
                lane.contribute(uses.nodes().get(i), uses.inputs().get(i), step, 0, rows(step), part, parts);
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
            lane.contribute(node, uses.inputs().get(0), ALL_STEPS, offset(from), offset(step), part, parts);
        }
    }

    @Override
    public Optional<String> firstNonFinite() {
        Optional<String> found = Optional.empty();
        stateRow = 0;
        for (int part = 0; found.isEmpty() && part < (ran() == 0 ? 0 : parts()); part++) {
            enter(part);
            for (int step = keptBegin(); found.isEmpty() && step < keptEnd(); step++) {
                found = firstNonFinite(step);
            }
            leave();
        }
        if (ran() > 0 && !way.keepsAll() && !graph.isSpent()) {
            // Backward goes on from what running forward has left.
            forwardOnce();
        }
        return found;
    }

    private Optional<String> firstNonFinite(int step) {
        look(windows() - 1 - (keptEnd() - 1 - step) / loop.window());
        Lane lane = lane(step);
        placeBefore(step, 0, rows(step));
        for (Phase each : lane.record().phases()) {
            Node node = lane.firstNonFinite(each, step, 0, rows(step));
            if (node != null) {
                return Optional.of(node.name() + " " + lane.record().shape(node, rows(step)) + " of " + loop.name()
                        + " at step " + step);
            }
        }
        return Optional.empty();
    }

    @Override
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

    @Override
    Recomputation way() {
        return way;
    }

    @Override
    ReversalSchedule reversal() {
        return reversal;
    }

    /** The step as recorded for the most rows. */
    StepRecord record() {
        return record;
    }

    /** Returns the bytes that the loop works in. */
    long bytes() {
        return memory.bytes();
    }

    long seed() {
        return graph.seed();
    }

    /** The row of the batch that goes through a step as a given row. */
    int rowOf(int step, int row) {
        return packed == null || row >= rows(step) ? row : schedule.rowOfBatch(row);
    }

    /** The step of the sequences that a row of a step of the run stands at. */
    int stepOf(int step, int row) {
        return packed == null || row >= rows(step) ? step : schedule.source(step, row) / batch();
    }

    /** The first step of those that are run phase by phase. */
    int windowBegin() {
        return windowBegin;
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
            cursor.place(packed.carried[index], (absolute - offset(keptBegin())) * inner, shape);
        } else if (absolute < batch()) {
            cursor.place(initial[index].value, absolute * inner, shape);
        } else {
            int row = absolute - batch() - offset(keptBorder());
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

    @Override
    Shape shape(int index) {
        return record.result(index).shape().withDim(0, batch());
    }

    @Override
    Shape shape(int index, int step) {
        StepRecord at = recordAt(step);
        return at.shape(at.result(index), rows(step));
    }

    @Override
    DType dtype(int index) {
        return record.result(index).dtype();
    }

    @Override
    int owner(int index) {
        return record.indexOf(record.result(index));
    }

    @Override
    boolean mayNeedGradient(int index) {
        return record.result(index).needsGradient;
    }

    @Override
    boolean usesParameters() {
        return !parameters.isEmpty();
    }

    @Override
    public Tensor lasts(int index) {
        Tensor all = results(index).value();
        Shape shape = shape(index, 0);
        Tensor lasts = Tensor.zeros(dtype(index), shape);
        int inner = shape.inner(0);
        for (int step = 0; step < ran(); step++) {
            int from = step + 1 < ran() ? rows(step + 1) : 0;
            lasts.copyRun(all, (offset(step) + from) * inner, from * inner, (rows(step) - from) * inner);
        }
        return lasts;
    }

    @Override
    boolean takesApart(int index, int step) {
        return !way.keepsAll() && stored[owner(index)] == null;
    }

    @Override
    void takeAll(int index) {
        if (!way.keepsAll()) {
            store(index);
        }
    }

    @Override
    void placeResult(int index, int step, Tensor cursor) {
        Tensor all = stored[owner(index)];
        Node result = record.result(index);
        cursor.place(all == null ? record.placement().value(result) : all, step * batch() * record.inner(result));
    }

    @Override
    void placeResults(int index, Tensor cursor) {
        Tensor all = stored[owner(index)];
        Node result = record.result(index);
        cursor.place(all == null ? record.placement().value(result) : all, 0);
        if (packed != null) {
            cursor.zero(tokens() * record.inner(result), cursor.size());
        }
    }
}
