package dev.unfold.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One step of a loop as recorded for a number of rows, and where its values and gradients lie: those of all steps behind each other, or,
 * for gradients that nobody asks for later, those of one step at a time.
 */
final class StepRecord {
    private final Key key;
    private final Node[] nodes;
    private final Node[] sequences;
    private final Node[] carried;
    private final Node[] results;
    private final boolean usesParameters;
    private final Tensor noOutput;
    private final Tensor unwanted;
    private final @Nullable Tensor[] values;
    private final @Nullable Tensor[] saved;
    private final @Nullable Tensor[] gradients;
    /** By node: whether its gradients are kept for all steps. */
    private final boolean[] keeps;
    /** By node, and by step where gradients are kept: whether one has come; null where none is wanted. */
    private final boolean[] @Nullable [] reached;

    /**
     * What a recording depends on.
     *
     * @param gradients by sequence, whether its gradient is wanted
     */
    record Key(int variant, int rows, DType dtype, boolean forBackward, boolean training, List<Boolean> gradients) {
        static Key of(int variant, int rows, Graph graph, List<Node> sequences) {
            return new Key(
                    variant,
                    rows,
                    sequences.get(0).dtype(),
                    graph.recordsForBackward(),
                    graph.isTraining(),
                    sequences.stream().map(each -> each.needsGradient).toList());
        }

        Key withRows(int other) {
            return new Key(variant, other, dtype, forBackward, training, gradients);
        }
    }

    /** A recording as it comes from the body. */
    private record Draft(Graph graph, List<Node> sequences, List<Node> carried, List<Node> results) {}

    StepRecord(Loop loop, Key key, List<Node> sequences, List<Node> carried, Slabs slabs) {
        this.key = key;
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
        this.values = new Tensor[size];
        this.saved = new Tensor[size];
        this.gradients = new Tensor[size];
        this.keeps = new boolean[size];
        this.reached = new boolean[size][];
        boolean anyParameters = false;
        for (Node node : nodes) {
            boolean usesParameter = Arrays.stream(node.inputs).anyMatch(input -> input.parameter != null);
            anyParameters |= usesParameter;
            placeValues(loop, node, slabs);
            // The gradient of what is carried in lies where that of the step before does.
            if (node.needsGradient && node.parameter == null && !draft.carried.contains(node)) {
                placeGradients(loop, node, usesParameter || draft.results.contains(node), slabs);
            }
        }
        this.usesParameters = anyParameters;
        this.noOutput = slabs.zeros(results[0].dtype(), results[0].shape().size());
        int largest = draft.results.stream()
                .mapToInt(result -> result.shape().size())
                .max()
                .orElse(0);
        this.unwanted = slabs.unwanted(results[0].dtype(), largest);
    }

    private void placeValues(Loop loop, Node node, Slabs slabs) {
        if (node.op != null) {
            values[node.id] = take(loop, node, node.shape().size(), loop.maxSteps(), slabs);
        }
        if (node.saved != null) {
            saved[node.id] = take(loop, node, node.saved.size(), loop.maxSteps(), slabs);
        }
    }

    private void placeGradients(Loop loop, Node node, boolean keepsGradient, Slabs slabs) {
        boolean all = node.op != null && keepsGradient;
        keeps[node.id] = all;
        gradients[node.id] = take(loop, node, node.shape().size(), all ? loop.maxSteps() : 0, slabs);
        reached[node.id] = new boolean[all ? loop.maxSteps() : 1];
    }

    private Tensor take(Loop loop, Node node, int stride, int steps, Slabs slabs) {
        return slabs.take(loop.name() + ", " + node.name(), node.dtype(), key.rows, stride, steps);
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
        List<Node> results = loop.body().record(key.variant, standIns, carriedIn);
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
    void check(Loop loop, List<Node> given, List<Node> givenCarried) {
        for (int i = 0; i < sequences.length; i++) {
            Shape step = given.get(i).shape().without(0);
            checkAlike(loop, "a step of sequence " + i, given.get(i).dtype(), step, sequences[i]);
        }
        for (int i = 0; i < carried.length; i++) {
            Node initial = givenCarried.get(i);
            checkAlike(loop, "carried value " + i, initial.dtype(), initial.shape(), carried[i]);
        }
    }

    private static void checkAlike(Loop loop, String what, DType dtype, Shape shape, Node expected) {
        if (dtype != expected.dtype() || !shape.equals(expected.shape())) {
            throw new IllegalArgumentException(loop.name() + ": " + what + " is " + dtype + " " + shape
                    + "; the step is recorded for " + expected.dtype() + " " + expected.shape());
        }
    }

    /** Zeros, in place of an output. */
    Tensor noOutput() {
        return noOutput;
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

    boolean usesParameters() {
        return usesParameters;
    }

    void placeValue(Node node, int step, Tensor cursor) {
        place(values[node.id], node.shape().size(), step, cursor);
    }

    void placeSaved(Node node, int step, Tensor cursor) {
        place(saved[node.id], cursor.size(), step, cursor);
    }

    void placeGradient(Node node, int step, Tensor cursor) {
        place(gradients[node.id], node.shape().size(), keeps[node.id] ? step : 0, cursor);
    }

    private static void place(@Nullable Tensor slab, int stride, int step, Tensor cursor) {
        cursor.place(Objects.requireNonNull(slab), step * stride);
    }

    boolean isReached(Node node, int step) {
        boolean[] steps = reached[node.id];
        return steps != null && steps[keeps[node.id] ? step : 0];
    }

    /** Marks a node as reached; returns whether it is for the first time. */
    boolean reach(Node node, int step) {
        boolean[] steps = Objects.requireNonNull(reached[node.id]);
        int at = keeps[node.id] ? step : 0;
        boolean first = !steps[at];
        steps[at] = true;
        return first;
    }

    /** Forgets which nodes were reached, at all steps. */
    void forgetReached() {
        for (boolean[] steps : reached) {
            if (steps != null) {
                Arrays.fill(steps, false);
            }
        }
    }

    /** Forgets which nodes were reached, of those whose gradients are kept for one step only. */
    void forgetReachedAtStep() {
        for (int id = 0; id < reached.length; id++) {
            boolean[] steps = reached[id];
            if (steps != null && !keeps[id]) {
                steps[0] = false;
            }
        }
    }
}
