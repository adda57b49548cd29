package dev.unfold.tribuo.onnx;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Op;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * What a function records, whatever the size of the batch: it is recorded for two sizes, and what differs between them by more than
 * the lengths of axes is refused. Nothing is computed.
 */
final class Recording {
    private static final int STEPS = 2;
    private static final int ROWS = 5;
    private static final int MORE_STEPS = 3;
    private static final int MORE_ROWS = 7;
    private static final int FEATURES_OF_STEP = 4;
    private static final int MORE_FEATURES = 9;

    private final String who;
    private final Sample small;
    private final Sample large;

    /** What is recorded, a step of a cell for example. */
    interface Body {
        /** Records the results of some inputs. */
        List<Node> record(List<Node> inputs);
    }

    /**
     * What the body is given.
     *
     * @param axes outermost first
     */
    record Input(DType dtype, List<Axis> axes) {}

    /** An axis of an input: {@link #TIME}, {@link #BATCH}, {@link #FEATURES} of bags, or one of a length. */
    record Axis(int small, int large) {
        static final Axis TIME = new Axis(STEPS, MORE_STEPS);
        static final Axis BATCH = new Axis(ROWS, MORE_ROWS);
        static final Axis FEATURES = new Axis(FEATURES_OF_STEP, MORE_FEATURES);

        static Axis of(int length) {
            return new Axis(length, length);
        }
    }

    /** The recording of a batch of one size. */
    private record Sample(Graph graph, List<Node> inputs, List<Node> results) {}

    /**
     * Records.
     *
     * @param who names the function, for messages
     */
    Recording(String who, List<Input> inputs, Body body) {
        this.who = who;
        this.small = sample(inputs, body, false);
        this.large = sample(inputs, body, true);
        if (small.graph.size() != large.graph.size()) {
            throw refuse("records " + small.graph.size() + " nodes for one batch and " + large.graph.size()
                    + " for another of another size");
        }
    }

    private static Sample sample(List<Input> inputs, Body body, boolean large) {
        Graph graph = Graph.rehearsal();
        List<Node> nodes = new ArrayList<>();
        for (Input input : inputs) {
            int[] dims = new int[input.axes.size()];
            for (int axis = 0; axis < dims.length; axis++) {
                dims[axis] = large ? input.axes.get(axis).large : input.axes.get(axis).small;
            }
            // Values that differ tell of constants that are computed from them.
            Tensor value = Tensor.zeros(input.dtype, dims);
            nodes.add(graph.input(large && input.dtype.isFloat() ? value.fill(1) : value));
        }
        return new Sample(graph, nodes, body.record(nodes));
    }

    private IllegalArgumentException refuse(String what) {
        return new IllegalArgumentException("onnx: " + who + " " + what
                + "; expected the same operations and constants for every batch, since one graph is written for all");
    }

    /**
     * Writes what is recorded and returns the names of the results.
     *
     * @param inputs the names of what was given to the body
     * @param sizes names of int64 values {@code [1]}, by the axis whose length they are: what constants are repeated to
     */
    List<String> write(
            OnnxGraph graph, Map<String, OnnxOperation> operations, List<String> inputs, Map<Axis, String> sizes) {
        String[] names = new String[small.graph.size()];
        boolean[] wanted = wanted();
        Map<Integer, Integer> given = new HashMap<>();
        for (int i = 0; i < inputs.size(); i++) {
            given.put(small.inputs.get(i).id(), i);
        }
        for (int id = 0; id < names.length; id++) {
            Node node = small.graph.node(id);
            if (wanted[id]) {
                checkAlike(node, large.graph.node(id));
                Integer input = given.get(id);
                names[id] = input != null
                        ? inputs.get(input)
                        : node.isLeaf() ? leaf(graph, id, sizes) : operation(graph, operations, id, names);
            }
        }
        return small.results.stream()
                .map(result -> Objects.requireNonNull(names[result.id()]))
                .toList();
    }

    /** Returns which nodes the results depend on. */
    private boolean[] wanted() {
        boolean[] wanted = new boolean[small.graph.size()];
        for (int i = 0; i < small.results.size(); i++) {
            Node result = small.results.get(i);
            if (result.id() != large.results.get(i).id()) {
                throw refuse("gives out " + result + " for one batch and " + large.results.get(i) + " for another");
            }
            wanted[result.id()] = true;
        }
        for (int id = wanted.length - 1; id >= 0; id--) {
            if (wanted[id]) {
                small.graph.node(id).inputs().forEach(input -> wanted[input.id()] = true);
            }
        }
        return wanted;
    }

    private void checkAlike(Node one, Node other) {
        Op op = one.op();
        Op otherOp = other.op();
        boolean same = one.name().equals(other.name())
                && one.parameter() == other.parameter()
                && one.shape().rank() == other.shape().rank()
                && ids(one).equals(ids(other));
        if (!same || (op != null && otherOp != null && !settings(op).equals(settings(otherOp)))) {
            throw refuse("records " + one + (op == null ? "" : " " + op.settings()) + " for one batch and " + other
                    + (otherOp == null ? "" : " " + otherOp.settings()) + " for another");
        }
    }

    private static List<Integer> ids(Node node) {
        return node.inputs().stream().map(Node::id).toList();
    }

    /** Returns the settings but for shapes, which may differ as that of the output does. */
    private static Map<String, Object> settings(Op op) {
        Map<String, Object> settings = new HashMap<>(op.settings());
        settings.values().removeIf(Shape.class::isInstance);
        return settings;
    }

    private String operation(OnnxGraph graph, Map<String, OnnxOperation> operations, int id, String[] names) {
        Node node = small.graph.node(id);
        Op op = node.op();
        if (op == null) {
            throw new IllegalArgumentException("onnx: " + who + " records " + node
                    + ", which is no operation; expected operations of Ops or one's own");
        }
        OnnxOperation operation = operations.get(op.name());
        if (operation == null) {
            throw new IllegalArgumentException("onnx: " + who + " records the operation '" + op.name() + "' (" + node
                    + "), of which it is not known how to write it; say so by OnnxExport.operation(\"" + op.name()
                    + "\", (graph, use) -> ...)");
        }
        List<String> inputs = new ArrayList<>();
        List<List<Integer>> shapes = new ArrayList<>();
        for (Node input : node.inputs()) {
            inputs.add(Objects.requireNonNull(names[input.id()]));
            shapes.add(shape(input.id()));
        }
        OnnxUse use = new OnnxUse(op, inputs, shapes, shape(id));
        if (use.op().settings().values().stream().anyMatch(Shape.class::isInstance)
                && use.shape().stream().filter(dim -> dim == OnnxUse.ANY).count() > 1) {
            throw refuse("records " + node + ", of whose axes several depend on the batch");
        }
        return operation.write(graph, use);
    }

    private List<Integer> shape(int id) {
        Shape one = small.graph.node(id).shape();
        Shape other = large.graph.node(id).shape();
        return IntStream.range(0, one.rank())
                .mapToObj(axis -> one.dim(axis) == other.dim(axis) ? one.dim(axis) : OnnxUse.ANY)
                .toList();
    }

    /** Writes a parameter or a constant; one with axes of the batch must be the same along them, and is repeated. */
    private String leaf(OnnxGraph graph, int id, Map<Axis, String> sizes) {
        Node node = small.graph.node(id);
        if (node.parameter() != null) {
            return graph.parameter(node.parameter());
        }
        List<Integer> shape = shape(id);
        Tensor one = first(node.value(), shape);
        Tensor other = first(large.graph.node(id).value(), shape);
        if (!one.sameBits(other)) {
            throw refuse("takes in the constant " + node + ", whose values depend on the batch");
        }
        String constant = graph.constant(one);
        return shape.contains(OnnxUse.ANY) ? graph.expand(constant, dims(graph, id, sizes)) : constant;
    }

    private List<String> dims(OnnxGraph graph, int id, Map<Axis, String> sizes) {
        Shape one = small.graph.node(id).shape();
        Shape other = large.graph.node(id).shape();
        List<String> dims = new ArrayList<>();
        for (int axis = 0; axis < one.rank(); axis++) {
            String size = one.dim(axis) == other.dim(axis)
                    ? graph.integers(one.dim(axis))
                    : sizes.get(new Axis(one.dim(axis), other.dim(axis)));
            if (size == null) {
                throw refuse("takes in the constant " + small.graph.node(id) + ", of as many rows as no input has");
            }
            dims.add(size);
        }
        return dims;
    }

    /** Returns a constant with axes of the batch cut to length 1, along which it must be the same. */
    private Tensor first(Tensor value, List<Integer> shape) {
        int[] dims =
                shape.stream().mapToInt(dim -> dim == OnnxUse.ANY ? 1 : dim).toArray();
        Tensor first = Tensor.zeros(value.dtype(), dims);
        for (int i = 0; i < value.size(); i++) {
            int[] index = value.shape().index(i);
            for (int axis = 0; axis < index.length; axis++) {
                index[axis] = dims[axis] == 1 ? 0 : index[axis];
            }
            if (value.getFlat(i) != value.get(index)) {
                throw refuse("takes in a constant " + value + ", which is not the same in every row");
            }
            first.set(value.getFlat(i), index);
        }
        return first;
    }
}
