package dev.unfold.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.IntConsumer;
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
    private final Does does;
    /** Null where a step is recorded, whose values lie in the memory of its loop. */
    private final @Nullable Memory memory;

    private final BiFunction<DType, Shape, Tensor> places;
    /** What is recorded without running it, as messages call it; null where operations run as they are recorded. */
    private final @Nullable String planned;

    private final IdentityHashMap<Parameter, Node> parameterNodes = new IdentityHashMap<>();
    private final TapePass pass = new TapePass(this);
    /** Scratch for shape rules, by number of inputs, so that recording does not allocate it. */
    private Shape[][] shapeScratch = new Shape[4][];

    private @Nullable Node[] nodes = new Node[FIRST_CAPACITY];
    private int size;
    private int batch;
    private int step = Node.NO_STEP;
    private Loop.@Nullable Schedule order;
    private boolean spent;
    private boolean training;
    private long seed;
    private boolean replayed;
    /** Whether a value has been asked for where there is none. */
    private boolean asked;
    /** Whether nobody is going back through what is recorded next, though the graph can be differentiated. */
    private boolean forwardOnly;
    /** What is recorded here apart, as messages call it, and where kernels keep what they derive from parameters then. */
    private final @Nullable String apart;

    private final @Nullable Memory common;

    private boolean closed;
    /** The nodes that stretches begin with, ascending. */
    private int[] stretches = new int[FIRST_CAPACITY];

    private int stretchCount;
    /** The stretch that the sweep is to come to. */
    private int stretch;

    private boolean inStep;
    /** The uses of parameters in the stretch that the sweep is at. */
    private final ParameterUses uses = new ParameterUses();

    private final @Nullable StepReleases releases;
    private final @Nullable MemoryWatch watch;
    private boolean keepsAll;

    private @Nullable Team team;
    /** The number of nodes there were when parameters were last spread over the lanes. */
    private int assigned;

    private TapePass[] lanes = {pass};
    private final IntConsumer contribution = this::contribute;
    private final IntConsumer forwardRows = this::forwardRows;
    private final IntConsumer backwardRows = this::backwardRows;
    /** The node whose rows are at work on several threads, and which of its inputs. */
    private @Nullable Node at;

    private int atInput;

    /** How much of what is recorded is done. */
    enum Does {
        /** All of it. */
        ALL,
        /** Values are computed; backward takes up memory and gives it back, and computes nothing. */
        FORWARD,
        /** Nothing is computed, and there are no arrays. */
        NOTHING
    }

    /** Makes a graph that can be differentiated. */
    public Graph() {
        this(true, Does.ALL);
    }

    private Graph(boolean recordsForBackward, Does does) {
        this(recordsForBackward, does, null, (Memory) null);
    }

    /**
     * Makes a tape for some steps of a run on another.
     *
     * @param apart what is recorded here, as messages call it
     */
    Graph(boolean recordsForBackward, Does does, String apart, Graph outside) {
        this(recordsForBackward, does, apart, outside.memory);
    }

    private Graph(boolean recordsForBackward, Does does, @Nullable String apart, @Nullable Memory common) {
        this.apart = apart;
        this.common = common;
        this.recordsForBackward = recordsForBackward;
        this.does = does;
        Memory own = new Memory(does != Does.NOTHING);
        this.memory = own;
        this.places = own::place;
        this.planned = null;
        this.releases = new StepReleases(this, own);
        this.watch = new MemoryWatch(own);
    }

    /**
     * Makes a graph that records without running anything.
     *
     * @param planned what is recorded, as messages call it
     * @param memory shared with other recordings, of which one runs at a time; null for a step of a loop
     * @param places where values and what operations save come to lie
     */
    Graph(
            boolean recordsForBackward,
            String planned,
            @Nullable Memory memory,
            BiFunction<DType, Shape, Tensor> places) {
        this.recordsForBackward = recordsForBackward;
        this.does = Does.ALL;
        this.apart = planned;
        this.common = memory;
        this.memory = memory;
        this.places = places;
        this.planned = planned;
        this.releases = null;
        this.watch = null;
    }

    /** Makes a graph that computes values only; it keeps nothing for a backward pass and refuses one. */
    public static Graph inference() {
        return new Graph(false, Does.ALL);
    }

    /**
     * Makes a graph that only goes through the motions: recording and {@link #backward} take up memory and give it back as they would,
     * but there are no arrays, and nothing is computed. What {@link #memory} tells is what the same batch will take on a real graph, known
     * before it is run:
     *
     * <pre>{@code
     * Graph graph = Graph.rehearsal();
     * graph.backward(model.loss(graph, batch));
     * long peak = graph.memory().peak().total();
     * }</pre>
     *
     * <p>There are no values to be asked for, and gradients of parameters stay as they are. A loop that is replayed is refused: {@link
     * Plan#memory} tells of one beforehand.
     */
    public static Graph rehearsal() {
        return new Graph(true, Does.NOTHING);
    }

    /** Returns whether operations are only recorded here, to be replayed by a {@link Plan} or a {@link Loop}: there are no values yet. */
    public boolean isPlanned() {
        return planned != null;
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
     * @throws IllegalStateException where something is recorded already, the graph was made for inference, or what it records is to be
     *     replayed
     */
    public void training(long seed) {
        refuseWhilePlanned("training");
        if (size > 0 || !recordsForBackward) {
            throw new IllegalStateException(
                    recordsForBackward
                            ? "training: nodes recorded already: " + size + "; call it before the first of a batch"
                            : "training: this graph was made for inference; use new Graph()");
        }
        trains(seed);
    }

    void trains(long newSeed) {
        training = true;
        seed = newSeed;
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
        return leaf(tensor, null, goesBack());
    }

    /**
     * Returns the node of a parameter in this graph. Operations that are given a parameter call this themselves. Until the graph is
     * {@link #reset} the parameter must not change: kernels may keep what they derived from it.
     *
     * @throws IllegalStateException where the graph is spent
     */
    public Node use(Parameter parameter) {
        checkNotSpent();
        Node known = parameterNodes.get(parameter);
        if (known == null) {
            known = leaf(parameter.value(), parameter, goesBack());
            Memory keeps = common == null ? memory : common;
            known.prepared = keeps == null ? null : keeps.prepared(parameter);
            parameterNodes.put(parameter, known);
        }
        return known;
    }

    private boolean goesBack() {
        return recordsForBackward && !forwardOnly;
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
            if (input.graph != this || input.batch != batch || input.released || input.stage != null) {
                checkMine(op.name(), "operand " + i, input);
            }
            inputs[i] = input;
            shapes[i] = input.shape();
            needsGradient |= input.needsGradient && op.differentiates(i);
        }
        DType dtype = checkTypes(op, inputs);
        Shape shape = op.shape(shapes);
        int savedSize = op.saved(shapes);
        Tensor saved = savedSize == 0 ? null : places.apply(dtype, Shape.of(savedSize));
        Node node = new Node(this, op, inputs, places.apply(dtype, shape), saved, needsGradient);
        if (planned == null && does != Does.NOTHING) {
            forward(node);
        }
        return append(node);
    }

    /** Computes the output of a node once more. */
    void run(Node node) {
        if (node.stage != null) {
            node.stage.forward(node);
        } else {
            forward(node);
        }
    }

    /** Computes the output of an operation, on several threads where that pays. */
    private void forward(Node node) {
        if (split(node) == null) {
            pass.forward(node);
        } else {
            at = node;
            Objects.requireNonNull(team).run(forwardRows);
        }
    }

    private @Nullable RowSplit split(Node node) {
        if (team == null) {
            return null;
        }
        if (!node.cut) {
            node.split = RowSplit.of(this, node, lanes.length);
            node.cut = true;
        }
        return node.split;
    }

    private void forwardRows(int part) {
        Objects.requireNonNull(Objects.requireNonNull(at).split).forward(part);
    }

    /** Adds to the gradient of an input that is no parameter, on several threads where that pays. */
    void passBack(Node node, int input) {
        Node receiver = node.inputs[input];
        if (!receiver.reached && RunningPass.handsOn(node, input)) {
            Tensor own = receiver.gradient == null ? placeGradient(receiver) : receiver.gradient;
            if (does == Does.ALL) {
                own.copyFrom(Objects.requireNonNull(node.gradient));
            }
            receiver.gradient = own;
            receiver.reached = true;
            return;
        }
        Tensor target = reach(receiver);
        if (does != Does.ALL) {
            return;
        }
        RowSplit split = split(node);
        if (split == null || !split.divides(input)) {
            pass.backward(node, input, target);
        } else {
            at = node;
            atInput = input;
            Objects.requireNonNull(team).run(backwardRows);
        }
    }

    private void backwardRows(int part) {
        Node node = Objects.requireNonNull(at);
        Objects.requireNonNull(node.split)
                .backward(
                        part,
                        atInput,
                        Objects.requireNonNull(node.gradient),
                        Objects.requireNonNull(node.inputs[atInput].gradient));
    }

    Tensor place(DType dtype, Shape shape) {
        return places.apply(dtype, shape);
    }

    /** Records what is no operation, and runs it. */
    Node record(Stage stage, Tensor value, boolean needsGradient) {
        checkOpen();
        Node node = append(new Node(this, stage, value, needsGradient && goesBack()));
        if (releases != null) {
            releases.recorded(stage);
        }
        if (planned == null) {
            stage.forward(node);
        }
        return node;
    }

    /**
     * Records a loop over the steps of sequences and runs it.
     *
     * @param loop what to repeat; a graph keeps the memory of each loop from batch to batch
     * @param schedule which steps to run
     * @param sequences {@code [T, N, ...]}, one for each that the loop takes in
     * @param carried what the first step begins with
     * @throws IllegalArgumentException where there are more steps or rows than the loop has room for, shapes do not fit, or the loop
     *     does not record the same operations each time
     * @throws IllegalStateException where the graph is spent, a {@link #rehearsal}, is itself a step that is recorded or is {@link #inStep
     *     in one}, or a node stems from before its last reset
     */
    public Repeated repeat(Loop loop, Loop.Schedule schedule, List<Node> sequences, List<Node> carried) {
        checkRepeatable(loop, sequences, carried);
        if (does != Does.ALL) {
            throw new IllegalStateException(loop.name()
                    + " is unrolled by replay, which cannot be rehearsed; Plan.memory() tells what it takes");
        }
        loop.check(schedule.steps(), sequences, carried);
        return run(new LoopRun(this, loop, Objects.requireNonNull(memory).of(loop), schedule, sequences, carried));
    }

    /**
     * Runs a loop over the steps of sequences by recording each of them anew, on a tape of its own that holds some steps at a time, so that
     * all of it stays within the loop's budget. Values are the same to the last bit as those of steps recorded here. What steps record may
     * depend on values; but a step that is run again must record and compute the same again.
     *
     * <p>It is run when the first result is taken out. Results of the last step, and those of all steps that are taken out before it is
     * run, cost nothing more; others cost one more run.
     *
     * @param loop what to repeat, with a budget; its most steps and rows are of no account
     * @param schedule which steps to run, at least one of at least one row
     * @param sequences {@code [T, N, ...]}, one for each that the loop takes in; of a schedule that is not whole, of all rows of the run in
     *     its order, {@code [rows, ...]}
     * @param carried what the first step begins with; of a schedule that is not whole, the rows of its first step in its order
     * @throws IllegalArgumentException where shapes do not fit, the budget is too small, or a step gives back what it should not
     * @throws IllegalStateException where the graph is spent, {@link #keepAll keeps all} or records to be replayed, is {@link #inStep in a
     *     step}, or a node stems from before its last reset; and in backward where a step computes something else when it is run again
     */
    public Repeated repeatAnew(Loop loop, Loop.Schedule schedule, List<Node> sequences, List<Node> carried) {
        refuseWhilePlanned(loop.name() + " within a budget, recorded anew");
        checkRepeatable(loop, sequences, carried);
        if (keepsAll) {
            throw new IllegalStateException(
                    loop.name() + ": keepAll() is set, but a budget lets steps go; look into them without a budget");
        }
        return run(new TapedRun(
                this, loop, Objects.requireNonNull(memory).taped(loop, this), schedule, sequences, carried));
    }

    private void checkRepeatable(Loop loop, List<Node> sequences, List<Node> carried) {
        checkNotSpent();
        // There is one order to add gradients up in, that of the steps outside.
        if (memory == null || inStep) {
            throw new IllegalStateException((planned == null ? "" : planned + ": ") + loop.name()
                    + " cannot be unrolled inside a step; unroll it outside, or dynamically"
                    + (loop.hasBudget() ? " without a budget" : ""));
        }
        sequences.forEach(each -> checkMine(loop.name(), "sequence", each));
        carried.forEach(each -> checkMine(loop.name(), "carried value", each));
    }

    private Run run(Run run) {
        run.begin(record(run, Tensor.zeros(run.sequences[0].dtype(), 0), false));
        return run;
    }

    /**
     * Takes some slices along the first axis out of a value, without copying them: of {@code [N, D]} some rows, of {@code [T, N, D]} some
     * steps. What is added to their gradient is added to that of the value.
     *
     * @param from the first slice
     * @param to the slice behind the last
     * @throws IllegalArgumentException for a scalar or a range that leaves the axis
     * @throws IllegalStateException where the graph is spent, is a step that is recorded, or the node stems from before its last reset
     */
    public Node slices(Node node, int from, int to) {
        Shape shape = node.shape();
        if (shape.rank() == 0 || from < 0 || to < from || to > shape.dim(0)) {
            throw new IllegalArgumentException(
                    "slices: " + from + " to " + to + " is no range of the first axis of " + node);
        }
        return view(node, from * shape.inner(0), shape.withDim(0, to - from));
    }

    /**
     * Takes one slice along the first axis out of a value, without copying it: of {@code [T, N, D]} the {@code [N, D]} of a step.
     *
     * @throws IllegalArgumentException for a scalar or an index outside the axis
     * @throws IllegalStateException where the graph is spent, is a step that is recorded, or the node stems from before its last reset
     */
    public Node slice(Node node, int index) {
        Shape shape = node.shape();
        if (shape.rank() == 0 || index < 0 || index >= shape.dim(0)) {
            throw new IllegalArgumentException("slice: there is no " + index + " along the first axis of " + node);
        }
        return view(node, index * shape.inner(0), shape.without(0));
    }

    private Node view(Node node, int first, Shape shape) {
        checkNotSpent();
        checkMine("slice", "operand", node);
        if (memory == null) {
            throw new IllegalStateException(planned + ": a slice of " + node
                    + " that is not copied cannot be recorded in a step; use Ops.slice or Ops.at");
        }
        return record(View.of(this, node, first, shape), Tensor.unplaced(node.dtype(), shape), node.needsGradient);
    }

    /** Takes in what stands for a value that comes with each step. */
    Node standIn(Tensor value, boolean needsGradient) {
        return append(new Node(
                this,
                value,
                null,
                needsGradient && recordsForBackward && value.dtype().isFloat()));
    }

    /**
     * Lets so many threads share the work where that pays: each takes some rows through all steps of a loop and through large products,
     * and a part of each parameter's gradient. The bits are the same for any number. Threads that have nothing to do end by themselves.
     *
     * @param count at least 1
     * @throws IllegalArgumentException for less
     * @throws IllegalStateException where what is recorded is to be replayed
     */
    public void threads(int count) {
        refuseWhilePlanned("threads");
        work(Team.of(count));
    }

    /** Lets a team do the work, which recordings that do not run at once may have in common; null for one thread. */
    void work(@Nullable Team newTeam) {
        int count = newTeam == null ? 1 : newTeam.size();
        if (newTeam == team && count == lanes.length) {
            return;
        }
        assigned = 0;
        for (int id = 0; id < size; id++) {
            node(id).cut = false;
        }
        team = newTeam;
        lanes = new TapePass[count];
        for (int lane = 0; lane < count; lane++) {
            lanes[lane] = lane == 0 ? pass : new TapePass(this);
        }
    }

    /** Returns the number of threads that share the work. */
    public int threads() {
        return lanes.length;
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
        refuseWhilePlanned("backward");
        for (Node root : roots) {
            if (root.shape().size() != 1) {
                throw new IllegalArgumentException(
                        "backward: root " + root + " has " + root.shape().size()
                                + " elements; reduce it to one by a sum or a mean, or give a seed gradient");
            }
        }
        differentiate(roots, null);
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
        refuseWhilePlanned("backward");
        if (roots.size() != seeds.size()) {
            throw new IllegalArgumentException("backward: " + roots.size() + " roots and " + seeds.size()
                    + " seed gradients; expected one seed for each of at least one root");
        }
        differentiate(roots, seeds);
    }

    /** Differentiates the sum of roots; without seeds they have one element each. */
    void differentiate(List<Node> roots, @Nullable List<Tensor> seeds) {
        checkRoots(roots, seeds);
        spent = true;
        int last = 0;
        for (int i = 0; i < roots.size(); i++) {
            last = Math.max(last, roots.get(i).id);
            Tensor gradient = reach(roots.get(i));
            if (does != Does.ALL) {
                continue;
            }
            if (seeds == null) {
                gradient.setFlat(0, gradient.getFlat(0) + 1);
            } else {
                gradient.add(seeds.get(i));
            }
        }
        beginSweep();
        sweep(last, 0);
        endSweep();
    }

    /**
     * Runs a task once for each lane, on as many threads, or once for {@link Team#ALL} of them where that does not pay.
     *
     * @param work about how many operations on numbers it takes
     */
    void inParts(long work, IntConsumer task) {
        if (team == null || work < Team.WORTH_THREADS) {
            task.accept(Team.ALL);
        } else {
            team.run(task);
        }
    }

    /** Makes ready to walk back. */
    void beginSweep() {
        spent = true;
        if (team != null) {
            assignLanes();
        }
        uses.clear();
        if (releases != null) {
            noteMoment(false, Node.NO_STEP);
            releases.beginBackward();
        }
        for (TapePass lane : lanes) {
            lane.clear();
        }
        stretch = stretchCount - 1;
    }

    /** Walks on from a last node to a first; behind each stretch, and in front of each loop, those that use parameters contribute. */
    void sweep(int last, int first) {
        for (int id = last; id >= first; id--) {
            Node node = node(id);
            boolean ends = node.stage instanceof Run;
            for (; stretch >= 0 && stretches[stretch] > id; stretch--) {
                ends = true;
            }
            if (ends) {
                contributeAll(id + 1);
            }
            if (node.stage != null) {
                node.stage.backward(node);
            } else if (node.reached) {
                pass.passBack(node);
            }
            if (releases != null) {
                releases.passed(node);
                if (releases.begins(id)) {
                    noteMoment(true, node.step);
                }
            }
        }
    }

    /** Lets those that use parameters contribute in the stretch that was walked through last. */
    void endSweep() {
        contributeAll(0);
    }

    /** Notes that an operation is to contribute to the gradient of a parameter. */
    void noteUse(Node node, int input) {
        uses.add(node, input);
        if (releases != null) {
            releases.pending(node, input);
        }
    }

    /** Lets the uses that are noted contribute, while the sweep has passed all nodes from a first one on. */
    private void contributeAll(int first) {
        inParts(uses.work(), contribution);
        if (releases != null) {
            releases.contributed(uses, first);
        }
        uses.clear();
    }

    private void contribute(int lane) {
        TapePass own = lanes[Math.max(0, lane)];
        for (int i = 0; i < uses.parameters(); i++) {
            Node parameter = uses.parameter(i);
            int part = parameter.part(lane);
            if (part >= 0) {
                own.contribute(uses, parameter, part, parameter.parts(lane, lanes.length));
            }
        }
    }

    /** Spreads the parameters over the lanes, the largest first, each to the lane that has least so far. */
    private void assignLanes() {
        if (assigned == size) {
            return;
        }
        assigned = size;
        long[] loads = new long[lanes.length];
        List<Node> largestFirst = new ArrayList<>();
        for (int id = 0; id < size; id++) {
            if (node(id).parameter != null) {
                largestFirst.add(node(id));
            }
        }
        largestFirst.sort(Comparator.comparingInt(node -> -node.shape().size()));
        for (Node node : largestFirst) {
            node.divided = true;
            node.lane = 0;
            for (int lane = 0; lane < loads.length; lane++) {
                node.lane = loads[lane] < loads[node.lane] ? lane : node.lane;
            }
            loads[node.lane] += node.shape().size();
        }
        for (int id = 0; id < size; id++) {
            Node node = node(id);
            if (node.stage != null) {
                node.stage.assign();
            }
            for (int i = 0; i < node.inputs.length; i++) {
                node.inputs[i].divided &= node.op == null || node.op.divides(i) || !node.op.differentiates(i);
            }
        }
    }

    /** Returns the gradient of a node to add to, which is zero where nothing has been added in this backward pass. */
    Tensor reach(Node node) {
        if (node.parameter != null) {
            return does == Does.ALL ? node.parameter.gradientRows().reach() : node.value;
        }
        Tensor gradient = node.gradient;
        if (!node.reached) {
            if (node.stage instanceof Stage.Within value) {
                gradient = value.reach();
            } else {
                gradient = gradient == null ? placeGradient(node) : gradient;
                if (does == Does.ALL) {
                    gradient.fill(0);
                }
            }
            node.gradient = gradient;
            node.reached = true;
        }
        return Objects.requireNonNull(gradient);
    }

    Tensor placeGradient(Node node) {
        return memory == null ? place(node.dtype(), node.shape()) : memory.placeGradient(node.dtype(), node.shape());
    }

    /** Makes room for the gradients of all nodes, so that a backward pass needs none. */
    void placeGradients() {
        for (int id = 0; id < size; id++) {
            Node node = node(id);
            boolean own = node.parameter == null && !(node.stage instanceof Stage.Within);
            if (node.needsGradient && own) {
                node.gradient = placeGradient(node);
            }
        }
    }

    /** Whether a stretch begins with a node. */
    boolean beginsStretch(int id) {
        return Arrays.binarySearch(stretches, 0, stretchCount, id) >= 0;
    }

    /** Whether nodes have values, of a recording that is replayed those of the last run. */
    boolean hasRun() {
        return planned == null || replayed;
    }

    /** Whether what was run last is differentiated. */
    boolean isSpent() {
        return spent;
    }

    /** Ends the recording. */
    void close() {
        closed = true;
    }

    /** Makes way for another recording in the same memory: what nodes hold is theirs no longer. */
    void leave() {
        replayed = false;
        spent = false;
    }

    /** Runs all that is recorded once more, on what its inputs hold now. */
    void replay(long newSeed) {
        seed = newSeed;
        leave();
        Objects.requireNonNull(memory).forgetPrepared();
        for (int id = 0; id < size; id++) {
            Node node = node(id);
            node.reached = false;
            run(node);
        }
        replayed = true;
    }

    /**
     * Makes the graph ready for the next batch: forgets all nodes and whether it is one to train on, keeps the memory. Gradients of
     * parameters stay as they are.
     */
    public void reset() {
        refuseWhilePlanned("reset");
        Arrays.fill(nodes, 0, size, null);
        parameterNodes.clear();
        if (memory != null) {
            memory.clear();
        }
        size = 0;
        assigned = 0;
        batch++;
        step = Node.NO_STEP;
        if (releases != null) {
            releases.clear();
        }
        if (watch != null) {
            watch.clear();
        }
        stretchCount = 0;
        inStep = false;
        order = null;
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
     * @param newStep from 0, or -1 for none
     * @return the label before
     */
    public int atStep(int newStep) {
        int before = step;
        step = newStep;
        return before;
    }

    /**
     * Begins another stretch of the recording. Backward goes from stretch to stretch, the last first, and behind each of them adds to the
     * gradients of the parameters that it uses, in the order in which it uses them. A sequence is unrolled in stretches of
     * {@link Loop#STRETCH} steps, in every way to unroll it, so that gradients have the same bits.
     */
    public void beginStretch() {
        if (stretchCount == stretches.length) {
            stretches = Arrays.copyOf(stretches, 2 * stretchCount);
        }
        stretches[stretchCount++] = size;
    }

    /**
     * Says whether what is recorded from here on belongs to steps of a cell that is unrolled. What is unrolled inside such a step leaves
     * the stretches to whoever unrolls the step.
     *
     * @return whether it did before
     */
    public boolean inStep(boolean within) {
        boolean before = inStep;
        inStep = within;
        return before;
    }

    /**
     * Says that a step of a cell that is unrolled is finished, so that what it needs no more is given back: of its operations that are no
     * results the value, at once where no backward reads it, else as backward passes; in backward the gradients of all of them. So a tape
     * holds what backward is to read and little else. Who unrolls a cell calls this behind each step that is not itself
     * {@link #inStep in a step}:
     *
     * <pre>{@code
     * int first = graph.size();
     * Step step = cell.step(x, state);
     * graph.endStep(first, List.of(step.output(), step.state().get("h")));
     * }</pre>
     *
     * <p>Values of results stay until the {@link #reset}, as does all that is recorded outside of steps. Asking for what has been given back
     * throws; {@link #keepAll} is for looking into steps. Where operations are recorded to be replayed nothing is given back.
     *
     * @param first the number of the first node of the step: {@link #size()} before it
     * @param results the nodes of the step that are used or asked for behind it; those of before are passed over
     * @throws IllegalArgumentException where there is no such node, or a result is of another graph
     */
    public void endStep(int first, List<Node> results) {
        if (first < 0 || first > size) {
            throw new IllegalArgumentException("endStep: no node " + first + " to begin with, there are " + size);
        }
        for (int i = 0; i < results.size(); i++) {
            if (results.get(i).graph != this) {
                throw new IllegalArgumentException("endStep: result " + results.get(i) + " belongs to another graph");
            }
        }
        if (releases != null && !keepsAll) {
            releases.end(first, results);
            noteMoment(false, step);
        }
    }

    private void noteMoment(boolean backward, int ofStep) {
        if (watch != null && watch.isOn()) {
            watch.note(backward, ofStep, scratchBytes());
        }
    }

    /** The bytes that threads work in. */
    long scratchBytes() {
        long bytes = 0;
        for (TapePass lane : lanes) {
            bytes += lane.bytes();
        }
        return bytes;
    }

    /**
     * Says whether {@link #memory} is to tell of each step, from here on, also behind a reset; that of a batch begins with its recording.
     *
     * @throws IllegalStateException where what is recorded is to be replayed
     */
    public void watchMemory(boolean watched) {
        refuseWhilePlanned("watchMemory");
        Objects.requireNonNull(watch).turn(watched);
    }

    /**
     * Returns what the present batch has taken up so far, by use. Each moment tells of the most since the one before: what is still there at
     * its end is {@link MemoryUse#ACTIVATIONS}, all else, with the gradients of nodes, scratch and what loops work in,
     * {@link MemoryUse#WORKSPACE}. Where memory is {@link #watchMemory watched} there is a moment for each step that is {@link #endStep
     * ended}, forwards and backwards, one in front of backward and one for what came since; else that one alone, for all of the batch.
     * Parameters are not counted, and {@link #bytes} may be a little more, since memory is taken up in pieces.
     *
     * @throws IllegalStateException where what is recorded is to be replayed
     */
    public MemoryReport memory() {
        refuseWhilePlanned("memory");
        return Objects.requireNonNull(watch).report(spent, scratchBytes());
    }

    /**
     * Says that a result of a step that is {@link #endStep ended} has been taken out, so that its gradient, too, stays until the
     * {@link #reset}. Behind {@code backward} that comes too late, and nothing is changed.
     */
    public void keep(Node result) {
        if (!spent && !result.released) {
            StepReleases.keep(result);
        }
    }

    /**
     * Says whether steps that are {@link #endStep ended} from here on, also behind a reset, keep all their values and gradients, so that
     * each can be asked for: for looking into a run, which then takes several times the memory.
     */
    public void keepAll(boolean keep) {
        keepsAll = keep;
    }

    /**
     * Says that the rows of the steps recorded from here on are run in an order, by which random operations draw.
     *
     * @param newOrder null where the rows are those of the batch, all at the step that {@link #atStep} names
     * @return the order before
     */
    public Loop.@Nullable Schedule inOrder(Loop.@Nullable Schedule newOrder) {
        Loop.Schedule before = order;
        order = newOrder;
        return before;
    }

    /**
     * Describes where NaN or infinity first came up: the first node, in the order of recording, whose value holds one; where that is an
     * input or a parameter, also the first operation that it spoils. Empty where all values are finite.
     *
     * @throws IllegalStateException for a {@link #rehearsal}
     */
    public Optional<String> firstNonFinite() {
        if (does == Does.NOTHING) {
            throw new IllegalStateException("firstNonFinite: this graph is a rehearsal, which has no values");
        }
        try {
            return findNonFinite();
        } finally {
            if (releases != null) {
                releases.endLooking();
            }
        }
    }

    private Optional<String> findNonFinite() {
        Node leaf = null;
        for (int id = 0; id < size; id++) {
            Node node = node(id);
            if (releases != null) {
                releases.lookAt(node);
            }
            Optional<String> inside = node.stage == null ? Optional.empty() : node.stage.firstNonFinite();
            boolean finite = inside.isEmpty() && (!node.dtype().isFloat() || node.value.firstNonFinite() < 0);
            if (finite || (node.isLeaf() && leaf != null)) {
                continue;
            }
            if (node.isLeaf()) {
                leaf = node;
                continue;
            }
            String found = inside.orElse(node.toString());
            return Optional.of(
                    leaf == null
                            ? "in " + found
                            : "in " + leaf + " and the first operation that it spoils is " + found);
        }
        return leaf == null ? Optional.empty() : Optional.of("in " + leaf);
    }

    /** Describes how the loops of the present batch are run, those that are replayed and those within a budget: some lines for each. */
    public String explain() {
        StringBuilder text = new StringBuilder();
        for (int id = 0; id < size; id++) {
            if (node(id).stage instanceof Run run) {
                text.append(run.explain());
            }
        }
        return text.toString();
    }

    /**
     * Returns the bytes of the memory in which values and gradients of nodes live, used at present or not. Weights that kernels pack for
     * products, up to two copies of each, and scratch for each thread are not counted.
     */
    public long bytes() {
        return memory == null ? 0 : memory.bytes();
    }

    long seed() {
        return seed;
    }

    int currentStep() {
        return step;
    }

    Loop.@Nullable Schedule currentOrder() {
        return order;
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

    void checkHasValue(Node node) {
        checkCurrent(node);
        checkNotReleased(node);
        if (does == Does.NOTHING && !node.isLeaf()) {
            asked = true;
            throw new IllegalStateException("rehearsal: asks for the value of " + node
                    + ", which has none, since nothing is computed; take it on a real graph");
        }
        if (!hasRun()) {
            throw new IllegalStateException(planned + ": asks for the value of " + node
                    + ", which has none while it is recorded to be replayed, or while a batch of another size runs; what"
                    + " branches on values can only be run dynamically");
        }
    }

    private static void checkNotReleased(Node node) {
        if (StepReleases.owner(node).released) {
            throw new IllegalStateException(
                    node + ": its value has been given back, as nothing reads it behind its step;"
                            + " make it part of the output or the state, ask for it inside the step, or call graph.keepAll(true) before");
        }
    }

    void checkHasGradient(Node node) {
        if (StepReleases.isGradientReleased(StepReleases.owner(node))) {
            throw new IllegalStateException(node + ": its gradient has been given back when backward passed its step;"
                    + " call graph.keepAll(true) before the step is recorded");
        }
    }

    void checkHasStep(Node node) {
        if (memory == null) {
            throw new IllegalStateException(planned + ": asks for the step of " + node
                    + ", which is recorded for all steps; what depends on the step can only be run dynamically");
        }
    }

    private void refuseWhilePlanned(String what) {
        if (planned != null) {
            throw new IllegalStateException(
                    planned + ": " + what + " inside what is recorded to be replayed; leave it to whoever replays it");
        }
    }

    void checkDifferentiated(Node node) {
        if (does != Does.ALL) {
            throw new IllegalStateException(
                    node + ": has no gradient in a rehearsal, since nothing is computed; take it on a real graph");
        }
        if (!spent) {
            throw new IllegalStateException(node + ": has no gradient yet; call backward first");
        }
        if (!node.needsGradient) {
            throw new IllegalStateException(node + ": depends on no parameter and no variable, so it has no gradient;"
                    + " take the tensor in by Graph.variable");
        }
    }

    /** How much of what is recorded is done. */
    Does does() {
        return does;
    }

    /** Whether a value has been asked for where there is none. */
    boolean isAskedForValues() {
        return asked;
    }

    /** Makes ready to record some steps of a batch of another graph, which may be to be gone back through. */
    void beginSteps(Graph outside, boolean backwards) {
        reset();
        work(outside.team);
        inStep = true;
        forwardOnly = !backwards;
        training = outside.training;
        seed = outside.seed;
    }

    /** Whether it is only found out here what steps of another graph take up. */
    boolean isMeasuring() {
        return apart != null && does != Does.ALL;
    }

    /** Gives back what threads work in. */
    void dropScratch() {
        for (TapePass lane : lanes) {
            lane.drop();
        }
    }

    /** The memory of what is recorded here. */
    Memory memoryOfSteps() {
        return Objects.requireNonNull(memory);
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException(planned + ": is recorded to its end and takes in nothing more");
        }
    }

    void checkNotSpent() {
        checkOpen();
        if (spent) {
            throw new IllegalStateException(
                    "graph: spent by backward; call reset() and record the next batch from its inputs");
        }
    }

    private void checkMine(String who, String what, Node input) {
        if (input.graph != this) {
            throw new IllegalArgumentException(who + ": " + what + ", " + input
                    + ", belongs to another graph; "
                    + (apart == null
                            ? "pass its value() on through input"
                            : apart + " is recorded apart and may use its input, its state and parameters only"));
        }
        checkCurrent(input);
        checkNotReleased(input);
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

    private void checkRoots(List<Node> roots, @Nullable List<Tensor> seeds) {
        if (!recordsForBackward) {
            throw new IllegalStateException("backward: this graph was made for inference; use new Graph()");
        }
        if (spent) {
            throw new IllegalStateException("backward: this graph is already differentiated; to add up several losses"
                    + " give all roots to one call, else reset() and record again");
        }
        if (roots.isEmpty()) {
            throw new IllegalArgumentException("backward: no roots are given; expected at least one");
        }
        for (int i = 0; i < roots.size(); i++) {
            Node root = roots.get(i);
            if (root.graph != this) {
                throw new IllegalArgumentException("backward: root " + root + " belongs to another graph");
            }
            checkCurrent(root);
            if (!root.needsGradient) {
                throw new IllegalArgumentException(
                        "backward: root " + root + " depends on no parameter and no variable");
            }
            if (seeds != null) {
                checkSeed(root, seeds.get(i));
            }
        }
    }

    private static void checkSeed(Node root, Tensor seed) {
        if (seed.dtype() != root.dtype() || !seed.shape().equals(root.shape())) {
            throw new IllegalArgumentException("backward: the seed of root " + root + " is " + seed.dtype() + " "
                    + seed.shape() + "; expected " + root.dtype() + " " + root.shape());
        }
    }

    private Node append(Node node) {
        if (size == nodes.length) {
            nodes = Arrays.copyOf(nodes, 2 * size);
        }
        nodes[size++] = node;
        return node;
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
