package dev.unfold.graph;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The tape: operations run as they are recorded, and {@link #backward} walks the record from its end.
 *
 * <p>One graph serves batch after batch: record, {@code backward}, {@link #reset}. After {@code backward} the graph is
 * spent: values and gradients can be read, but nothing can be recorded or differentiated until the reset. After the
 * reset, nodes of the batch before are refused, and the memory they lived in is used again.
 *
 * <p>Nothing here recurses: a tape of millions of nodes needs no deep stack. A graph belongs to one thread at a time.
 * Second derivatives are not offered: gradients are numbers, not nodes.
 */
public final class Graph {
    private static final int FIRST_CAPACITY = 64;

    private final boolean recordsForBackward;
    private final Map<DType, Arena> arenas = new EnumMap<>(DType.class);
    private final IdentityHashMap<Parameter, Node> parameterNodes = new IdentityHashMap<>();
    private final TapePass pass = new TapePass();
    /** Scratch for shape rules, by number of inputs, so that recording does not allocate it. */
    private Shape[][] shapeScratch = new Shape[4][];

    private @Nullable Node[] nodes = new Node[FIRST_CAPACITY];
    private int size;
    private int batch;
    private int step = Node.NO_STEP;
    private boolean spent;
    private boolean training;
    private long seed;

    /** Makes a graph that can be differentiated. */
    public Graph() {
        this(true);
    }

    private Graph(boolean recordsForBackward) {
        this.recordsForBackward = recordsForBackward;
    }

    /** Makes a graph that computes values only; it keeps nothing for a backward pass and refuses one. */
    public static Graph inference() {
        return new Graph(false);
    }

    /** Returns whether this graph can be differentiated. */
    public boolean recordsForBackward() {
        return recordsForBackward;
    }

    /**
     * Makes the batch that is recorded next one to train on: until the next {@link #reset()}, what is random in training (dropout)
     * takes place, drawn as a pure function of this seed and of what each draw is for, never of the order of calls. Give each batch
     * another seed.
     *
     * @throws IllegalStateException where something is recorded already, or the graph was made for inference
     */
    public void training(long seed) {
        if (size > 0 || !recordsForBackward) {
            throw new IllegalStateException(
                    recordsForBackward
                            ? "training: " + size + " nodes are recorded already; call it before the first of a batch"
                            : "training: this graph was made for inference; use new Graph()");
        }
        this.training = true;
        this.seed = seed;
    }

    /** Returns whether the present batch is one to {@link #training train} on. */
    public boolean isTraining() {
        return training;
    }

    /**
     * Takes in a tensor as a constant. It is not copied and must not change before {@code backward}.
     *
     * @throws IllegalStateException where the graph is spent
     */
    public Node input(Tensor tensor) {
        return leaf(tensor, null, false);
    }

    /**
     * Takes in a tensor whose gradient is wanted: see {@link Node#gradient()}. It is not copied and must not change
     * before {@code backward}.
     *
     * @throws IllegalArgumentException for an int32 tensor
     * @throws IllegalStateException where the graph is spent
     */
    public Node variable(Tensor tensor) {
        if (!tensor.dtype().isFloat()) {
            throw new IllegalArgumentException("variable: an int32 tensor has no gradient; use input");
        }
        return leaf(tensor, null, recordsForBackward);
    }

    /**
     * Returns the node of a parameter in this graph. Operations that are given a parameter call this themselves.
     *
     * @throws IllegalStateException where the graph is spent
     */
    public Node use(Parameter parameter) {
        checkNotSpent();
        Node known = parameterNodes.get(parameter);
        if (known == null) {
            known = leaf(parameter.value(), parameter, recordsForBackward);
            parameterNodes.put(parameter, known);
        }
        return known;
    }

    private Node leaf(Tensor tensor, @Nullable Parameter parameter, boolean needsGradient) {
        checkNotSpent();
        return append(new Node(this, tensor, parameter, needsGradient));
    }

    /**
     * Runs an operation and records it.
     *
     * @throws IllegalArgumentException where the operation refuses the shapes, where operands differ in precision,
     *     where int32 and floating-point operands are confused, or where an operand belongs to another graph
     * @throws IllegalStateException where the graph is spent or an operand stems from before its last reset
     */
    public Node record(Op op, Operand... operands) {
        checkNotSpent();
        Node[] inputs = new Node[operands.length];
        Shape[] shapes = shapeScratch(operands.length);
        boolean needsGradient = false;
        for (int i = 0; i < operands.length; i++) {
            Node input = operands[i] instanceof Parameter parameter ? use(parameter) : (Node) operands[i];
            checkMine(op, i, input);
            inputs[i] = input;
            shapes[i] = input.shape();
            needsGradient |= input.needsGradient && op.differentiates(i);
        }
        DType dtype = checkTypes(op, inputs);
        Shape shape = op.shape(shapes);
        int savedSize = op.saved(shapes);
        Arena arena = arena(dtype);
        Tensor saved = savedSize == 0 ? null : arena.allocate(Shape.of(savedSize));
        Node node = new Node(this, op, inputs, arena.allocate(shape), saved, needsGradient);
        pass.forward(node);
        op.forward(pass);
        return append(node);
    }

    /**
     * Adds to the gradients of parameters, and fills those of variables, the derivatives of a loss.
     *
     * @param root a node of one element
     * @throws IllegalArgumentException where the root has more than one element or depends on nothing that is learned
     * @throws IllegalStateException where the graph is spent or was made for inference
     */
    public void backward(Node root) {
        backward(List.of(root));
    }

    /**
     * Differentiates the sum of several losses of one element each.
     *
     * @throws IllegalArgumentException as {@link #backward(Node)}, and for an empty list
     * @throws IllegalStateException as {@link #backward(Node)}
     */
    public void backward(List<Node> roots) {
        for (Node root : roots) {
            if (root.shape().size() != 1) {
                throw new IllegalArgumentException(
                        "backward: root " + root + " has " + root.shape().size()
                                + " elements; reduce it to one by a sum or a mean, or give a seed gradient");
            }
        }
        backward(
                roots,
                roots.stream()
                        .map(root -> Tensor.zeros(root.dtype(), root.shape()).fill(1))
                        .toList());
    }

    /**
     * Differentiates several roots of any shape, each from the gradient given for it.
     *
     * @param roots the nodes to start from; one that is named twice counts twice
     * @param seeds for each root, a tensor of its shape and type: the gradient of the loss with respect to it
     * @throws IllegalArgumentException for no roots, seeds that do not match, or a root that depends on nothing that is
     *     learned
     * @throws IllegalStateException where the graph is spent or was made for inference
     */
    public void backward(List<Node> roots, List<Tensor> seeds) {
        checkRoots(roots, seeds);
        spent = true;
        int last = 0;
        for (int i = 0; i < roots.size(); i++) {
            Node root = roots.get(i);
            addTo(gradientOf(root), seeds.get(i));
            last = Math.max(last, root.id);
        }
        int[] usesOfParameters = sweep(last);
        // Ascending, and after everything else: see the order that Op promises.
        for (int i = usesOfParameters.length - 1; i >= 0; i--) {
            differentiate(node(usesOfParameters[i]), true);
        }
    }

    /** Walks from the last node to the first and returns, descending, the nodes that use parameters. */
    private int[] sweep(int last) {
        int[] usesOfParameters = new int[FIRST_CAPACITY];
        int uses = 0;
        for (int id = last; id >= 0; id--) {
            Node node = node(id);
            if (node.gradient != null && node.op != null && differentiate(node, false)) {
                if (uses == usesOfParameters.length) {
                    usesOfParameters = Arrays.copyOf(usesOfParameters, 2 * uses);
                }
                usesOfParameters[uses++] = id;
            }
        }
        return Arrays.copyOf(usesOfParameters, uses);
    }

    /**
     * Passes a node's gradient on to those inputs that are parameters, or to those that are not.
     *
     * @return whether inputs of the other kind are left
     */
    private boolean differentiate(Node node, boolean toParameters) {
        Op op = node.op;
        boolean othersLeft = false;
        for (int i = 0; op != null && i < node.inputs.length; i++) {
            Node input = node.inputs[i];
            if (!input.needsGradient || !op.differentiates(i)) {
                continue;
            }
            if ((input.parameter != null) != toParameters) {
                othersLeft = true;
                continue;
            }
            pass.backward(node, op.backwardReads(i), gradientOf(input));
            op.backward(pass, i);
        }
        return othersLeft;
    }

    private Tensor gradientOf(Node node) {
        Tensor gradient = node.gradient;
        if (gradient == null) {
            gradient = node.parameter != null
                    ? node.parameter.gradient()
                    : arena(node.dtype()).allocate(node.shape()).fill(0);
            node.gradient = gradient;
        }
        return gradient;
    }

    private static void addTo(Tensor gradient, Tensor seed) {
        for (int i = 0; i < seed.size(); i++) {
            gradient.setFlat(i, gradient.getFlat(i) + seed.getFlat(i));
        }
    }

    /**
     * Makes the graph ready for the next batch: forgets all nodes and whether it is one to train on, keeps the memory. Gradients of
     * parameters stay as they are.
     */
    public void reset() {
        Arrays.fill(nodes, 0, size, null);
        parameterNodes.clear();
        arenas.values().forEach(Arena::reset);
        size = 0;
        batch++;
        step = Node.NO_STEP;
        spent = false;
        training = false;
    }

    /** Returns the number of nodes. */
    public int size() {
        return size;
    }

    /**
     * Returns a node by its number.
     *
     * @throws IllegalArgumentException where there is no such node
     */
    public Node node(int id) {
        Node node = id >= 0 && id < size ? nodes[id] : null;
        if (node == null) {
            throw new IllegalArgumentException("graph: no node " + id + ", there are " + size);
        }
        return node;
    }

    /**
     * Labels the nodes recorded from here on with a step of the sequence, which messages name and random operations draw by.
     *
     * @param step from 0, or -1 for none
     */
    public void atStep(int step) {
        this.step = step;
    }

    /** Returns the first node, in the order of recording, whose value holds NaN or infinity. */
    public Optional<Node> firstNonFinite() {
        for (int id = 0; id < size; id++) {
            Node node = node(id);
            if (node.dtype().isFloat() && node.value.firstNonFinite() >= 0) {
                return Optional.of(node);
            }
        }
        return Optional.empty();
    }

    /** Returns the bytes of the memory in which values and gradients of nodes live, used at present or not. */
    public long bytes() {
        return arenas.values().stream().mapToLong(Arena::bytes).sum();
    }

    long seed() {
        return seed;
    }

    int currentStep() {
        return step;
    }

    int batch() {
        return batch;
    }

    void checkCurrent(Node node) {
        if (node.batch != batch) {
            throw new IllegalStateException(node + ": its graph has been reset since, and its memory used again;"
                    + " read values before the reset");
        }
    }

    void checkDifferentiated(Node node) {
        if (!spent) {
            throw new IllegalStateException(node + ": has no gradient yet; call backward first");
        }
        if (!node.needsGradient) {
            throw new IllegalStateException(node + ": depends on no parameter and no variable, so it has no gradient;"
                    + " take the tensor in by Graph.variable");
        }
    }

    private void checkNotSpent() {
        if (spent) {
            throw new IllegalStateException(
                    "graph: spent by backward; call reset() and record the next batch from its inputs");
        }
    }

    private void checkMine(Op op, int position, Node input) {
        if (input.graph != this) {
            throw new IllegalArgumentException(op.name() + ": operand " + position + ", " + input
                    + ", belongs to another graph; pass its value() on through input");
        }
        checkCurrent(input);
    }

    private static DType checkTypes(Op op, Node[] inputs) {
        DType dtype = null;
        for (int i = 0; i < inputs.length; i++) {
            DType each = inputs[i].dtype();
            if (each.isFloat() == op.takesIntegers(i)) {
                throw new IllegalArgumentException(op.name() + ": operand " + i + ", " + inputs[i] + ", is " + each
                        + "; expected " + (op.takesIntegers(i) ? "int32" : "float32 or float64"));
            }
            if (each.isFloat() && dtype != null && dtype != each) {
                throw new IllegalArgumentException(op.name() + ": operand " + i + ", " + inputs[i] + ", is " + each
                        + " but an operand before it is " + dtype + "; convert one by Tensor.to");
            }
            dtype = each.isFloat() ? each : dtype;
        }
        if (dtype == null) {
            throw new IllegalArgumentException(op.name() + ": has no floating-point operand");
        }
        return dtype;
    }

    private void checkRoots(List<Node> roots, List<Tensor> seeds) {
        if (!recordsForBackward) {
            throw new IllegalStateException("backward: this graph was made for inference; use new Graph()");
        }
        if (spent) {
            throw new IllegalStateException("backward: this graph is already differentiated; to add up several losses"
                    + " give all roots to one call, else reset() and record again");
        }
        if (roots.isEmpty() || roots.size() != seeds.size()) {
            throw new IllegalArgumentException("backward: " + roots.size() + " roots and " + seeds.size()
                    + " seed gradients; expected one seed for each of at least one root");
        }
        for (int i = 0; i < roots.size(); i++) {
            Node root = roots.get(i);
            Tensor seed = seeds.get(i);
            if (root.graph != this) {
                throw new IllegalArgumentException("backward: root " + root + " belongs to another graph");
            }
            checkCurrent(root);
            if (!root.needsGradient) {
                throw new IllegalArgumentException(
                        "backward: root " + root + " depends on no parameter and no variable");
            }
            if (seed.dtype() != root.dtype() || !seed.shape().equals(root.shape())) {
                throw new IllegalArgumentException("backward: the seed of root " + root + " is " + seed.dtype() + " "
                        + seed.shape() + "; expected " + root.dtype() + " " + root.shape());
            }
        }
    }

    private Node append(Node node) {
        if (size == nodes.length) {
            nodes = Arrays.copyOf(nodes, 2 * size);
        }
        nodes[size++] = node;
        return node;
    }

    private Arena arena(DType dtype) {
        return arenas.computeIfAbsent(dtype, Arena::new);
    }

    private Shape[] shapeScratch(int inputs) {
        if (inputs >= shapeScratch.length) {
            shapeScratch = Arrays.copyOf(shapeScratch, 2 * inputs);
        }
        if (shapeScratch[inputs] == null) {
            shapeScratch[inputs] = new Shape[inputs];
        }
        return shapeScratch[inputs];
    }
}
