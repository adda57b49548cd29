package dev.unfold.graph;

import java.util.List;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/**
 * A value in a {@link Graph}: an input, a parameter, or the output of an operation or a loop. It lives until its graph is
 * {@link Graph#reset() reset}; using it afterwards throws.
 */
public final class Node implements Operand {
    static final Node[] NO_INPUTS = {};
    static final int NO_STEP = -1;

    /** The step of what is recorded for all steps. */
    static final int ANY_STEP = -2;

    final Graph graph;
    final int id;
    final int batch;
    final int step;
    /** Which rows of which steps of the sequences it stands for; null where those are the rows and the step themselves. */
    final Loop.@Nullable Schedule order;

    final @Nullable Op op;
    final @Nullable Parameter parameter;
    final Node[] inputs;
    final Tensor value;
    final @Nullable Tensor saved;
    final boolean needsGradient;

    /** What runs in place of an operation, for a loop and what comes out of it. */
    final @Nullable Stage stage;

    /** How the rows are cut for several threads, as far as that has been found out; see {@link #cut}. */
    @Nullable
    RowSplit split;

    boolean cut;

    /** What kernels derive from the value of a parameter; null for what is no parameter. */
    @Nullable
    Prepared prepared;

    /** Where the gradient lies; holds garbage unless {@link #reached}. */
    @Nullable
    Tensor gradient;

    /** Whether a gradient has come to this node in the present backward pass. */
    boolean reached;

    /** The first use of this parameter that is to contribute to its gradient, as {@link ParameterUses} numbers them; -1 for none. */
    int firstUse = ParameterUses.NONE;

    /** What it is to the step that recorded it, once that is finished. */
    StepReleases.Role role = StepReleases.Role.OUTSIDE;

    /** Whether the value has been given back. */
    boolean released;

    /** The finished step, counted from 1, or {@link StepReleases#BACKWARD}, in which somebody is still to read the value or what was saved. */
    int valueHeldBy;

    /** Whether a parameter is still to be contributed to from the gradient. */
    boolean gradientHeld;

    /** The thread that contributes to the gradient of this parameter, unless all do. */
    int lane;

    /** Whether each thread contributes to a part of the gradient of this parameter: all operations that use it must be able to. */
    boolean divided;

    /** A leaf. */
    Node(Graph graph, Tensor value, @Nullable Parameter parameter, boolean needsGradient) {
        this(graph, null, null, NO_INPUTS, value, null, parameter, needsGradient);
    }

    /** The output of an operation. */
    Node(Graph graph, Op op, Node[] inputs, Tensor value, @Nullable Tensor saved, boolean needsGradient) {
        this(graph, op, null, inputs, value, saved, null, needsGradient);
    }

    /** A loop, or what comes out of one. */
    Node(Graph graph, Stage stage, Tensor value, boolean needsGradient) {
        this(graph, null, stage, NO_INPUTS, value, null, null, needsGradient);
    }

    private Node(
            Graph graph,
            @Nullable Op op,
            @Nullable Stage stage,
            Node[] inputs,
            Tensor value,
            @Nullable Tensor saved,
            @Nullable Parameter parameter,
            boolean needsGradient) {
        this.graph = graph;
        this.id = graph.size();
        this.batch = graph.batch();
        this.step = graph.currentStep();
        this.order = graph.currentOrder();
        this.op = op;
        this.stage = stage;
        this.parameter = parameter;
        this.inputs = inputs;
        this.value = value;
        this.saved = saved;
        this.needsGradient = needsGradient;
    }

    /** Returns the graph that this node belongs to. */
    public Graph graph() {
        return graph;
    }

    /** Returns the node's number: nodes are numbered from 0 in the order in which they were recorded. */
    public int id() {
        return id;
    }

    /** Returns the operation's name, {@code input}, {@code parameter 'name'}, or what it is of a loop. */
    public String name() {
        if (op != null) {
            return op.name();
        }
        if (stage != null) {
            return stage.name();
        }
        return parameter != null ? "parameter '" + parameter.name() + "'" : "input";
    }

    /** Returns whether this is an input or a parameter and not the output of an operation. */
    public boolean isLeaf() {
        return op == null && stage == null;
    }

    /** Returns the operation whose output this is; null for a leaf, a loop, what comes out of one and part of another value. */
    public @Nullable Op op() {
        return op;
    }

    /** Returns what the operation was given, in order; nothing where there is none. */
    public List<Node> inputs() {
        return List.of(inputs);
    }

    /** Returns the parameter that this stands for; null where it stands for none. */
    public @Nullable Parameter parameter() {
        return parameter;
    }

    /**
     * Returns the step of the sequence during which the node was recorded, or -1 outside any step.
     *
     * @throws IllegalStateException where it was recorded for all steps
     */
    public int step() {
        graph.checkHasStep(this);
        return step;
    }

    /** Which part of the gradient of this parameter a lane contributes to; -1 for none. */
    int part(int ofLane) {
        if (ofLane == Team.ALL) {
            return 0;
        }
        return divided ? ofLane : lane == ofLane ? 0 : -1;
    }

    /** How many parts the gradient of this parameter has, where so many threads are at work. */
    int parts(int ofLane, int threads) {
        return ofLane == Team.ALL || !divided ? 1 : threads;
    }

    /** The row of the batch at a position of the rows. */
    int rowOf(int position) {
        return order == null || position >= order.rows(step) ? position : order.rowOfBatch(position);
    }

    /** The step of the sequences at a position of the rows. */
    int stepOf(int position) {
        return order == null || position >= order.rows(step) ? step : order.source(step, position) / order.batch();
    }

    @Override
    public Shape shape() {
        return value.shape();
    }

    @Override
    public DType dtype() {
        return value.dtype();
    }

    /**
     * Returns a copy of the value.
     *
     * @throws IllegalStateException where the graph has been reset, it is recorded to be replayed and has not run, or the step that
     *     recorded it is finished and it is none of its results: see {@link Graph#endStep}
     */
    public Tensor value() {
        graph.checkHasValue(this);
        return value.copy();
    }

    /**
     * Returns the value of a node that holds a single number, such as a loss.
     *
     * @throws IllegalStateException as {@link #value}, or where the node holds more than one number
     */
    public double item() {
        graph.checkHasValue(this);
        return value.item();
    }

    /**
     * Returns a copy of the gradient of the roots with respect to this node; zero where no root depends on it. For the node of
     * a parameter it is that of {@link Parameter#gradient()}, which adds up over batches.
     *
     * @throws IllegalStateException before {@code backward}, after a reset, for a node that depends on no parameter and no
     *     {@link Graph#variable variable}, or for an operation of a finished step: see {@link Graph#endStep}
     */
    public Tensor gradient() {
        graph.checkCurrent(this);
        graph.checkDifferentiated(this);
        graph.checkHasGradient(this);
        Tensor own = gradientWhereItLies();
        return own == null ? Tensor.zeros(dtype(), shape()) : own.copy();
    }

    /** The gradient itself; null where none has come. */
    @Nullable
    Tensor gradientWhereItLies() {
        if (parameter != null) {
            return parameter.gradientRows().gradient();
        }
        return stage instanceof Stage.Within value ? value.gradient() : reached ? gradient : null;
    }

    /** Whether behind backward there is a gradient to be asked for. */
    boolean hasGradient() {
        boolean kept = !(stage instanceof Stage.Within value) || value.keepsGradient();
        return needsGradient && kept && !StepReleases.isGradientReleased(StepReleases.owner(this));
    }

    /** Records the sum with another operand, either of which is repeated over leading axes that it lacks. */
    public Node plus(Operand other) {
        return Found.ARITHMETIC.plus(this, other);
    }

    /** Records the sum with a number. */
    public Node plus(double number) {
        return Found.ARITHMETIC.plus(this, number);
    }

    /** Records the difference to another operand, either of which is repeated over leading axes that it lacks. */
    public Node minus(Operand other) {
        return Found.ARITHMETIC.minus(this, other);
    }

    /** Records the difference to a number. */
    public Node minus(double number) {
        return Found.ARITHMETIC.plus(this, -number);
    }

    /** Records the element-wise product with an operand, either of which is repeated over leading axes that it lacks. */
    public Node times(Operand other) {
        return Found.ARITHMETIC.times(this, other);
    }

    /** Records the product with a number. */
    public Node times(double factor) {
        return Found.ARITHMETIC.times(this, factor);
    }

    /** Records the element-wise quotient by an operand, either of which is repeated over leading axes that it lacks. */
    public Node dividedBy(Operand other) {
        return Found.ARITHMETIC.dividedBy(this, other);
    }

    /** Records the negative. */
    public Node negated() {
        return Found.ARITHMETIC.times(this, -1);
    }

    /** Returns name, number and shape, and the step where there is one: {@code tanh #37 [100, 128] at step 5}. */
    @Override
    public String toString() {
        return name() + " #" + id + " " + shape() + (step < 0 ? "" : " at step " + step);
    }

    /** The arithmetic of the fluent methods, looked for when the first of them is called. */
    private static final class Found {
        static final Arithmetic ARITHMETIC = ServiceLoader.load(Arithmetic.class, Arithmetic.class.getClassLoader())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "no arithmetic found for plus, minus, times: put unfold-ops on the class path"));
    }
}
