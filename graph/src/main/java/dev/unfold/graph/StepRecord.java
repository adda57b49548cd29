package dev.unfold.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One step of a loop as recorded for a number of rows, the phases that it runs in, and where its values and gradients lie: those of all
 * steps behind each other, or, for what nobody asks for later, those of one step at a time.
 */
final class StepRecord {
    private final Loop loop;
    private final Key key;
    private final Slabs slabs;
    private final Slabs own;
    private final Node[] nodes;
    private final Node[] sequences;
    private final Node[] carried;
    private final Node[] results;
    private final boolean[] rowed;
    private final boolean[] merges;
    private final int[] inners;
    private final boolean apart;
    private final int[] phaseOf;
    private final List<Phase> phases = new ArrayList<>();
    private final List<UsesInStep> uses = new ArrayList<>();
    private final @Nullable RowShapes[] shapes;
    private final @Nullable RowShapes[] savedShapes;
    private final Recomputation way;
    private final Tensor unwanted;
    private final Placement placement;
    private final @Nullable Tensor[] slots;
    private @Nullable Packed packed;

    /**
     * What a recording depends on.
     *
     * @param ordered whether there is to be room for what comes from outside in the order of a run
     * @param gradients by sequence, whether its gradient is wanted
     */
    record Key(int rows, DType dtype, boolean forBackward, boolean training, boolean ordered, List<Boolean> gradients) {
        static Key of(Graph graph, List<Node> sequences, boolean ordered) {
            return new Key(
                    sequences.get(0).shape().dim(1),
                    sequences.get(0).dtype(),
                    graph.recordsForBackward(),
                    graph.isTraining(),
                    ordered,
                    sequences.stream().map(each -> each.needsGradient).toList());
        }

        Key withRows(int other) {
            return new Key(other, dtype, forBackward, training, ordered, gradients);
        }
    }

    /** A recording as it comes from the body. */
    private record Draft(Graph graph, List<Node> sequences, List<Node> carried, List<Node> results) {}

    /**
     * The uses of one parameter in a step.
     *
     * @param nodes the operations, ascending, one for each use
     * @param inputs which of their inputs it is
     * @param stacked whether one backward over the rows of several steps gives the bits of one after the other
     */
    record UsesInStep(Parameter parameter, List<Node> nodes, List<Integer> inputs, boolean stacked) {
        /** Whether threads share its gradient out among them. */
        boolean divided() {
            for (int i = 0; i < nodes.size(); i++) {
                if (!Objects.requireNonNull(nodes.get(i).op).divides(inputs.get(i))) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Room for what comes from outside of a run that is not whole, in the order of the run. */
    static final class Packed {
        final Tensor[] sequences;
        final @Nullable Tensor[] sequenceGradients;
        final Tensor[] carried;
        final Tensor[] firstGradients;

        Packed(Tensor[] sequences, @Nullable Tensor[] sequenceGradients, Tensor[] carried, Tensor[] firstGradients) {
            this.sequences = sequences;
            this.sequenceGradients = sequenceGradients;
            this.carried = carried;
            this.firstGradients = firstGradients;
        }
    }

    /**
     * Records a step.
     *
     * @param slabs where results lie, and all else unless there is a greater record
     * @param greater the step as recorded for the most rows, where rows do not go apart; this one lies where that does, so that steps of
     *     different numbers of rows keep out of each other's way
     */
    StepRecord(
            Loop loop, Key key, List<Node> sequences, List<Node> carried, Slabs slabs, @Nullable StepRecord greater) {
        this.loop = loop;
        this.key = key;
        this.slabs = slabs;
        Draft draft = draft(loop, key, sequences, carried);
        checkSame(loop, draft, draft(loop, key, sequences, carried));
        int size = draft.graph.size();
        this.nodes = new Node[size];
        for (int id = 0; id < size; id++) {
            nodes[id] = draft.graph.node(id);
        }
        this.sequences = draft.sequences.toArray(new Node[0]);
        this.carried = draft.carried.toArray(new Node[0]);
        this.results = draft.results.toArray(new Node[0]);
        checkResults(loop, draft);
        StepRecord like = greater == null || isLike(greater) ? greater : null;
        this.own = greater == null || like != null ? slabs : new Slabs();
        this.rowed = new boolean[size];
        this.merges = new boolean[size];
        // A single row may go apart where several do not.
        this.apart = findRows() && greater == null;
        this.inners = new int[size];
        for (Node node : nodes) {
            int elements = node.shape().size();
            inners[node.id] =
                    rowed[node.id] || isStandIn(node) || isResult(node) ? elements / Math.max(1, key.rows) : elements;
        }
        this.shapes = new RowShapes[size];
        this.savedShapes = new RowShapes[size];
        List<RowShapes> known = new ArrayList<>();
        for (Node node : nodes) {
            if (moves(node) && node.shape().rank() > 0) {
                shapes[node.id] = RowShapes.of(node.shape(), known);
            }
            if (node.saved != null) {
                savedShapes[node.id] = RowShapes.of(node.saved.shape(), known);
            }
        }
        PhaseSplit split = PhaseSplit.of(this);
        this.phaseOf = split.phaseOf();
        for (int number = 0; number < split.merged().size(); number++) {
            int wanted = number;
            List<Node> own = Arrays.stream(nodes)
                    .filter(node -> phaseOf[node.id] == wanted)
                    .toList();
            phases.add(new Phase(this, number, split.merged().get(number), own));
        }
        findUses();
        this.way = loop.hasBudget() ? findWay() : Recomputation.none(loop.maxSteps());
        this.placement = new Placement(this, loop, way, own, slabs, like == null ? null : like.placement);
        this.unwanted = unwanted(slabs);
        this.slots = slots(slabs, way);
        if (key.ordered) {
            packed();
        }
    }

    /** Finds the way to go back that the budget allows; one that runs forward only drops what lies behind it. */
    private Recomputation findWay() {
        int steps = loop.maxSteps();
        if (!apart) {
            throw new IllegalArgumentException(
                    loop.name() + ": the budget is " + loop.budget()
                            + " bytes, but rows meet in a step, and what is kept of such steps is not counted; run it without a budget");
        }
        Slabs kept = measure(Recomputation.none(steps));
        long all = kept.bytes();
        int most = kept.fit() ? (steps - 1) / Loop.STRETCH * Loop.STRETCH : mostOfWindow();
        // Where not even a stretch fits into arrays, keeping all is refused by those.
        if (kept.fit() ? all <= loop.budget() : most == 0) {
            return Recomputation.none(steps);
        }
        Recomputation.Sizes sizes = sizes();
        long smallest = most == 0 ? all : Math.min(all, sizes.smallest());
        if (loop.budget() < smallest) {
            throw Recomputation.tooSmall(
                    loop, "up to " + steps + " steps of " + loop.maxRows() + " rows", smallest, all);
        }
        return key.forBackward
                ? Recomputation.within(loop.budget(), steps, most, sizes)
                : new Recomputation(steps, sizes.longest(loop.budget(), 0, Math.min(most, loop.window())), 0);
    }

    /** The most steps of a window, a multiple of a stretch, for whose values there are arrays large enough; maybe 0. */
    private int mostOfWindow() {
        int least = 0;
        int beyond = (loop.maxSteps() - 1) / Loop.STRETCH + 1;
        while (beyond - least > 1) {
            int middle = (least + beyond) / 2;
            if (measure(part(middle * Loop.STRETCH, 0)).fit()) {
                least = middle;
            } else {
                beyond = middle;
            }
        }
        return least * Loop.STRETCH;
    }

    private Recomputation.Sizes sizes() {
        int unit = Loop.STRETCH;
        int rooms = loop.window();
        long shortest = bytes(part(unit, 0));
        long atRooms = bytes(part(rooms, 0));
        long step = (bytes(part(rooms + unit, 0)) - atRooms) / unit;
        long room = rooms == unit ? 0 : (atRooms - shortest) / (rooms - unit) - step;
        long state = bytes(part(unit, 1)) - shortest;
        return new Recomputation.Sizes(shortest - unit * (step + room), step, state, room, rooms, unit);
    }

    /** Some of very many steps. */
    private static Recomputation part(int window, int kept) {
        return new Recomputation(Integer.MAX_VALUE, window, kept);
    }

    /** Returns the bytes that this record takes if it goes back in some way. */
    long bytes(Recomputation tried) {
        return measure(tried).bytes();
    }

    private Slabs measure(Recomputation tried) {
        Slabs counted = new Slabs(true);
        Placement.count(this, loop, tried, counted);
        unwanted(counted);
        slots(counted, tried);
        if (key.ordered) {
            packed(counted, tried);
        }
        return counted;
    }

    private Tensor unwanted(Slabs in) {
        int largest = 0;
        for (Node result : results) {
            largest = Math.max(largest, result.shape().size());
        }
        return in.unwanted(results[0].dtype(), largest);
    }

    /** Makes room for states to go on from; by result, null for one that is not carried, or is the same as one before. */
    private @Nullable Tensor[] slots(Slabs in, Recomputation wanted) {
        @Nullable Tensor[] made = new Tensor[results.length];
        for (int k = 0; wanted.slots() > 0 && k < results.length; k++) {
            if (isState(k)) {
                made[k] = shared(in, "kept states " + k, results[k], wanted.slots());
            }
        }
        return made;
    }

    /** Finds out which values have the rows of the batch, and whether the rows go apart all through the step. */
    private boolean findRows() {
        boolean all = true;
        for (Node node : nodes) {
            rowed[node.id] = isStandIn(node);
            if (node.op != null) {
                Shape[] given = new Shape[node.inputs.length];
                boolean[] mask = new boolean[given.length];
                boolean any = false;
                for (int i = 0; i < given.length; i++) {
                    given[i] = node.inputs[i].shape();
                    mask[i] = rowed[node.inputs[i].id];
                    any |= mask[i];
                }
                Rows rows = any ? node.op.rows(given, mask) : Rows.TOGETHER;
                rowed[node.id] = rows != Rows.TOGETHER;
                merges[node.id] = rows == Rows.APART;
                all &= rowed[node.id];
            }
        }
        return all;
    }

    private void findUses() {
        Map<Parameter, UsesInStep> found = new LinkedHashMap<>();
        for (Node node : nodes) {
            for (int i = 0; i < node.inputs.length; i++) {
                Parameter parameter = node.inputs[i].parameter;
                if (parameter != null && passesBack(node, i)) {
                    UsesInStep before = found.get(parameter);
                    List<Node> users = new ArrayList<>(before == null ? List.of() : before.nodes);
                    List<Integer> inputs = new ArrayList<>(before == null ? List.of() : before.inputs);
                    users.add(node);
                    inputs.add(i);
                    boolean stacked = before == null && apart && merges[node.id];
                    found.put(parameter, new UsesInStep(parameter, users, inputs, stacked));
                }
            }
        }
        uses.addAll(found.values());
    }

    /** Whether an operation passes its gradient back to an input. */
    static boolean passesBack(Node node, int input) {
        return node.op != null && node.inputs[input].needsGradient && node.op.differentiates(input);
    }

    /** Whether the operations are of the kinds of another record, with no more numbers each. */
    private boolean isLike(StepRecord other) {
        boolean like = other.size() == size();
        for (int id = 0; like && id < size(); id++) {
            Node mine = nodes[id];
            Node theirs = other.nodes[id];
            like = mine.name().equals(theirs.name())
                    && mine.dtype() == theirs.dtype()
                    && mine.shape().size() <= theirs.shape().size()
                    && Arrays.stream(mine.inputs)
                            .map(Node::id)
                            .toList()
                            .equals(Arrays.stream(theirs.inputs).map(Node::id).toList())
                    && (mine.saved == null
                            ? theirs.saved == null
                            : theirs.saved != null && mine.saved.size() <= theirs.saved.size());
        }
        return like;
    }

    /** The bytes of what this record lies in apart from all others. */
    long ownBytes() {
        return own == slabs ? 0 : own.bytes();
    }

    /** Returns room for what comes from outside, in the order of a run that is not whole. */
    Packed packed() {
        Packed room = packed;
        if (room == null) {
            room = packed(slabs, way);
            packed = room;
        }
        return room;
    }

    private Packed packed(Slabs in, Recomputation wanted) {
        Tensor[] rows = new Tensor[sequences.length];
        @Nullable Tensor[] rowGradients = new Tensor[sequences.length];
        for (int i = 0; i < sequences.length; i++) {
            rows[i] = shared(in, "sequence " + i, sequences[i], loop.maxSteps());
            rowGradients[i] = sequences[i].needsGradient
                    ? shared(in, "gradient of sequence " + i, sequences[i], loop.maxSteps())
                    : null;
        }
        Tensor[] states = new Tensor[carried.length];
        Tensor[] firstGradients = new Tensor[carried.length];
        for (int i = 0; i < carried.length; i++) {
            states[i] = shared(in, "carried value " + i, carried[i], wanted.window());
            firstGradients[i] = shared(in, "gradient of carried value " + i, carried[i], 1);
        }
        return new Packed(rows, rowGradients, states, firstGradients);
    }

    /** Returns room that all recordings of the step have in common, for the most rows of so many steps. */
    Tensor shared(Slabs in, String role, Node node, int steps) {
        long size = (long) steps * loop.maxRows() * inner(node);
        return in.shared(loop.name(), role, node.dtype(), size);
    }

    /** How the steps are gone back through. */
    Recomputation way() {
        return way;
    }

    /** Where the states of a result are kept to go on from. */
    List<Tensor> slots() {
        return Arrays.stream(slots)
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
    }

    /** Where the states of a result are kept, one behind the other. */
    Tensor slots(int index) {
        return Objects.requireNonNull(slots[index]);
    }

    private static Draft draft(Loop loop, Key key, List<Node> sequences, List<Node> carried) {
        Graph graph = new Graph(key.forBackward, loop.name(), null, Tensor::unplaced);
        if (key.training) {
            graph.trains(0);
        }
        List<Node> standIns = new ArrayList<>();
        for (Node sequence : sequences) {
            Shape shape = sequence.shape().without(0).withDim(0, key.rows);
            standIns.add(graph.standIn(Tensor.unplaced(sequence.dtype(), shape), sequence.needsGradient));
        }
        List<Node> carriedIn = new ArrayList<>();
        for (Node each : carried) {
            Shape shape = each.shape().withDim(0, key.rows);
            carriedIn.add(graph.standIn(Tensor.unplaced(each.dtype(), shape), true));
        }
        graph.atStep(Node.ANY_STEP);
        graph.inStep(true);
        List<Node> results = loop.body().record(standIns, carriedIn);
        return new Draft(graph, standIns, carriedIn, results);
    }

    private static void checkResults(Loop loop, Draft draft) {
        List<Node> results = draft.results;
        if (results.size() != 1 + draft.carried.size()) {
            throw new IllegalArgumentException(loop.name() + ": the step gives back " + results.size()
                    + " values; expected the output and the " + draft.carried.size() + " that are carried");
        }
        for (int i = 0; i < results.size(); i++) {
            Node result = results.get(i);
            if (result.graph != draft.graph || result.isLeaf()) {
                throw new IllegalArgumentException(
                        loop.name() + ": result " + i + ", " + result + ", is no operation of the step");
            }
            if (i > 0) {
                checkCarried(loop, i - 1, draft.carried.get(i - 1), result);
            }
        }
    }

    private static void checkCarried(Loop loop, int index, Node before, Node after) {
        if (!after.shape().equals(before.shape()) || after.dtype() != before.dtype()) {
            throw new IllegalArgumentException(loop.name() + ": carried value " + index + " comes as " + before.dtype()
                    + " " + before.shape() + " and is left as " + after.dtype() + " " + after.shape()
                    + "; it must stay alike");
        }
    }

    /** Refuses a step that records other operations, or other constants, when it is recorded again. */
    private static void checkSame(Loop loop, Draft one, Draft another) {
        Graph first = one.graph;
        Graph second = another.graph;
        int standIns = one.sequences.size() + one.carried.size();
        String why = " cannot be replayed: recorded twice, its step differs; ";
        String mend = "; what depends on the step, on earlier calls or on random numbers can only be run dynamically";
        if (first.size() != second.size()) {
            throw new IllegalArgumentException(
                    loop.name() + why + "it has " + first.size() + " and " + second.size() + " values" + mend);
        }
        for (int id = 0; id < first.size(); id++) {
            Node mine = first.node(id);
            Node other = second.node(id);
            if (!sameOperation(mine, other) || (id >= standIns && !sameConstant(mine, other))) {
                boolean named = mine.name().equals(other.name());
                throw new IllegalArgumentException(loop.name() + why + "value " + id + " is " + mine.name() + " "
                        + mine.shape() + " and then " + other.name() + " " + other.shape()
                        + (named
                                ? " of other content, settings or operands (an operation of a class of its own must say by equals"
                                        + " what is the same, as a record does)"
                                : "")
                        + mend);
            }
        }
        List<Integer> results = one.results.stream().map(Node::id).toList();
        List<Integer> others = another.results.stream().map(Node::id).toList();
        if (!results.equals(others)) {
            throw new IllegalArgumentException(
                    loop.name() + why + "it gives back the values " + results + " and then " + others + mend);
        }
    }

    private static boolean sameOperation(Node one, Node other) {
        boolean same = Objects.equals(one.op, other.op)
                && one.parameter == other.parameter
                && one.shape().equals(other.shape())
                && one.dtype() == other.dtype()
                && one.inputs.length == other.inputs.length;
        for (int i = 0; same && i < one.inputs.length; i++) {
            same = one.inputs[i].id == other.inputs[i].id;
        }
        return same;
    }

    private static boolean sameConstant(Node one, Node other) {
        return !one.isLeaf() || one.parameter != null || one.value.sameBits(other.value);
    }

    /** Refuses sequences and carried values that the step was not recorded for. */
    void check(List<Node> given, List<Node> givenCarried) {
        for (int i = 0; i < sequences.length; i++) {
            Shape step = given.get(i).shape().without(0);
            checkAlike("a step of sequence " + i, given.get(i).dtype(), step, sequences[i]);
        }
        for (int i = 0; i < carried.length; i++) {
            Node initial = givenCarried.get(i);
            checkAlike("carried value " + i, initial.dtype(), initial.shape(), carried[i]);
        }
    }

    private void checkAlike(String what, DType dtype, Shape shape, Node expected) {
        Shape likened = shape.withDim(0, expected.shape().dim(0));
        if (dtype != expected.dtype() || !likened.equals(expected.shape())) {
            throw new IllegalArgumentException(loop.name() + ": " + what + " is " + dtype + " " + shape
                    + "; the step is recorded for " + expected.dtype() + " " + expected.shape());
        }
    }

    /** Whether rows go through all of the step apart, so that it runs for any of them. */
    boolean isApart() {
        return apart;
    }

    /** Whether rows of several steps may go through an operation at once. */
    boolean mayMerge(Node node) {
        return merges[node.id];
    }

    /** Whether an operation is a product with a matrix that all rows share. */
    boolean isProduct(Node node) {
        for (int i = 0; node.op != null && i < node.inputs.length; i++) {
            if (!rowed[node.inputs[i].id] && node.inputs[i].shape().rank() == 2 && node.op.divides(i)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a leaf stands for what comes with a step. */
    boolean isStandIn(Node node) {
        return node.id < sequences.length + carried.length;
    }

    /** The position of a sequence among those, or -1. */
    int sequenceIndex(Node node) {
        return node.id < sequences.length ? node.id : -1;
    }

    /** The position of a carried value among those, or -1. */
    int carriedIndex(Node node) {
        return node.id >= sequences.length && isStandIn(node) ? node.id - sequences.length : -1;
    }

    /** Whether a value lies elsewhere at each step. */
    boolean moves(Node node) {
        return node.op != null || isStandIn(node);
    }

    /** Where {@link BackwardPath} marks that a gradient goes to a carried value. */
    int reachedBit(int index) {
        return nodes.length + index;
    }

    /** Where it marks that one has come to the result of the step before that a carried value is; one result may be several of them. */
    int cameBit(int index) {
        int first = 0;
        while (results[1 + first] != results[1 + index]) {
            first++;
        }
        return nodes.length + carried.length + first;
    }

    boolean isResult(Node node) {
        return indexOf(node) >= 0;
    }

    /** The number of the result that a node is, -1 for none. */
    int indexOf(Node node) {
        for (int i = 0; i < results.length; i++) {
            if (results[i] == node) {
                return i;
            }
        }
        return -1;
    }

    /** Whether a result is carried on to the next step, and the first of those that are the same value. */
    boolean isState(int index) {
        return indexOf(results[index]) == index && isCarriedOn(results[index]);
    }

    /** Whether a value is carried on to the next step. */
    boolean isCarriedOn(Node node) {
        for (int i = 1; i < results.length; i++) {
            if (results[i] == node) {
                return true;
            }
        }
        return false;
    }

    /** The number of the phase of an operation, -1 for a leaf. */
    int phaseOf(Node node) {
        return phaseOf[node.id];
    }

    /** Whether an operation runs over the rows of several steps at once. */
    boolean isMerged(Node node) {
        return phaseOf[node.id] >= 0 && phases.get(phaseOf[node.id]).isMerged();
    }

    boolean isForBackward() {
        return key.forBackward;
    }

    List<Phase> phases() {
        return phases;
    }

    List<UsesInStep> uses() {
        return uses;
    }

    /** The elements of some values in one row. */
    int width(List<Node> some) {
        return some.stream().mapToInt(this::inner).sum();
    }

    /** The elements of a value in one row; of all where it has none. */
    int inner(Node node) {
        return inners[node.id];
    }

    /** The shape of a value in so many rows. */
    Shape shape(Node node, int rows) {
        return apart ? Objects.requireNonNull(shapes[node.id]).of(rows) : node.shape();
    }

    /** The numbers that an operation saves for each row. */
    int savedInner(Node node) {
        return Objects.requireNonNull(node.saved).size() / Math.max(1, key.rows);
    }

    /** The shape of the numbers that an operation saves for so many rows. */
    Shape savedShape(Node node, int rows) {
        return Objects.requireNonNull(savedShapes[node.id]).of(rows * savedInner(node));
    }

    Placement placement() {
        return placement;
    }

    /** Room, for any of the results, for gradients that nobody wants. */
    Tensor unwanted() {
        return unwanted;
    }

    Key key() {
        return key;
    }

    int size() {
        return nodes.length;
    }

    Node node(int id) {
        return nodes[id];
    }

    Node[] sequences() {
        return sequences;
    }

    Node[] carried() {
        return carried;
    }

    /** The node of a result: of the output, 0, or of a value that is carried on, from 1. */
    Node result(int index) {
        return results[index];
    }
}
