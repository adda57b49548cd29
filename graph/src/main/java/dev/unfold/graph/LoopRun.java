package dev.unfold.graph;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A loop on a tape: one node, which runs the recorded step as often as there are steps. */
final class LoopRun implements Stage, Repeated {
    private static final int INITIAL = -1;
    private static final int FINAL = -1;

    private final Graph graph;
    private final Loop loop;
    private final LoopMemory memory;
    private final Loop.Schedule schedule;
    private final Node[] sequences;
    private final Node[] initial;
    private final IdentityHashMap<Parameter, Node> parameters = new IdentityHashMap<>();
    /** By variant and thread. */
    private final Lane[][] lanes;
    /** The gradient of one step of a sequence, on its way there. */
    private final Tensor[] steps;

    private final Node output;
    private int ran;
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
        this.lanes = new Lane[schedule.variants()][1];
        for (int variant = 0; variant < lanes.length; variant++) {
            StepRecord record = memory.record(loop, variant, graph, sequences, carried);
            record.check(loop, sequences, carried);
            for (int id = 0; id < record.size(); id++) {
                Parameter parameter = record.node(id).parameter;
                if (parameter != null) {
                    parameters.put(parameter, graph.use(parameter));
                }
            }
            lanes[variant][0] = new Lane(this, record);
        }
        this.steps = new Tensor[this.sequences.length];
        for (int i = 0; i < steps.length; i++) {
            Node sequence = this.sequences[i];
            steps[i] = Tensor.unplaced(sequence.dtype(), sequence.shape().without(0));
        }
        this.output = record(0).result(0);
    }

    private StepRecord record(int variant) {
        return lanes[variant][0].record();
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
        schedule.refresh();
        int last = INITIAL;
        ran = 0;
        for (int position = 0; position < schedule.steps(); position++) {
            int step = schedule.at(position);
            int variant = schedule.variant(step);
            if (variant < Loop.Schedule.SKIP || variant >= lanes.length) {
                throw new IllegalArgumentException(loop.name() + ": step " + step + " is to be run by variant "
                        + variant + "; expected 0 to " + (lanes.length - 1) + ", or SKIP");
            }
            memory.variants[step] = variant;
            if (variant != Loop.Schedule.SKIP) {
                memory.before[step] = last;
                memory.order[ran++] = step;
                last = step;
            }
            memory.held[step] = last;
        }
        for (int variant = 0; variant < lanes.length; variant++) {
            record(variant).forgetReached();
        }
        for (int i = 0; i < ran; i++) {
            Lane lane = lane(memory.order[i], 0);
            lane.moveTo(memory.order[i]);
            lane.forward();
        }
    }

    @Override
    public boolean backward(Node node) {
        boolean usesParameters = false;
        for (int i = ran - 1; i >= 0; i--) {
            Lane lane = lane(memory.order[i], 0);
            lane.moveTo(memory.order[i]);
            lane.backward();
            usesParameters |= lane.record().usesParameters();
        }
        for (int variant = 0; usesParameters && variant < lanes.length; variant++) {
            if (lanes[variant].length != graph.threads()) {
                Lane[] more = new Lane[graph.threads()];
                for (int thread = 0; thread < more.length; thread++) {
                    more[thread] = thread == 0 ? lanes[variant][0] : new Lane(this, record(variant));
                }
                lanes[variant] = more;
            }
        }
        return usesParameters;
    }

    @Override
    public void contribute(int number) {
        for (int i = 0; i < ran; i++) {
            Lane lane = lane(memory.order[i], Math.max(0, number));
            lane.moveTo(memory.order[i]);
            lane.contribute(number);
        }
    }

    private Lane lane(int step, int thread) {
        return lanes[memory.variants[step]][thread];
    }

    /** The step as it was recorded for the variant that it was run by. */
    private StepRecord recordAt(int step) {
        return record(memory.variants[step]);
    }

    @Override
    public Optional<String> firstNonFinite() {
        for (int i = 0; i < ran; i++) {
            Lane lane = lane(memory.order[i], 0);
            lane.moveTo(memory.order[i]);
            Node node = lane.firstNonFinite();
            if (node != null) {
                return Optional.of(
                        node.name() + " " + node.shape() + " of " + loop.name() + " at step " + memory.order[i]);
            }
        }
        return Optional.empty();
    }

    long seed() {
        return graph.seed();
    }

    int laneOf(Parameter parameter) {
        return Objects.requireNonNull(parameters.get(parameter)).lane;
    }

    /** Whether a leaf of a recorded step stands for what comes with it. */
    boolean isStandIn(Node leaf) {
        return leaf.id < sequences.length + initial.length;
    }

    /** The position of a carried value among those, or -1. */
    int carriedIndex(Node node) {
        return node.id >= sequences.length && isStandIn(node) ? node.id - sequences.length : -1;
    }

    /** The step that was run before one, or {@link #INITIAL}. */
    int before(int step) {
        return memory.before[step];
    }

    void placeSequence(int index, int step, Tensor cursor) {
        cursor.place(sequences[index].value, step * cursor.size());
    }

    void addToSequence(int index, int step, Tensor gradient) {
        steps[index].place(graph.reach(sequences[index]), step * gradient.size());
        steps[index].add(gradient);
    }

    /** Lets a tensor lie where a carried value does, as a step that was run left it. */
    void placeCarried(int index, int step, Tensor cursor) {
        if (step == INITIAL) {
            cursor.place(initial[index].value, 0);
        } else {
            StepRecord record = recordAt(step);
            record.placeValue(record.result(1 + index), step, cursor);
        }
    }

    /** Returns the gradient of a carried value, as a step that was run left it, to add to. */
    Tensor reachCarried(int index, int step, Tensor cursor) {
        if (step == INITIAL) {
            cursor.place(
                    initial[index].needsGradient
                            ? graph.reach(initial[index])
                            : record(0).unwanted(),
                    0);
            return cursor;
        }
        return reachResult(1 + index, step, cursor);
    }

    private Tensor reachResult(int index, int step, Tensor cursor) {
        StepRecord record = recordAt(step);
        Node node = record.result(index);
        if (!node.needsGradient) {
            cursor.place(record.unwanted(), 0);
            return cursor;
        }
        record.placeGradient(node, step, cursor);
        if (record.reach(node, step)) {
            cursor.fill(0);
        }
        return cursor;
    }

    private boolean needsGradient(int index) {
        boolean learnable = !parameters.isEmpty();
        boolean fromHere = false;
        for (int variant = 0; variant < lanes.length; variant++) {
            fromHere |= record(variant).result(index).needsGradient;
        }
        for (Node sequence : sequences) {
            learnable |= sequence.needsGradient;
        }
        for (Node each : initial) {
            learnable |= each.needsGradient;
        }
        return (fromHere && learnable) || (index > 0 && initial[index - 1].needsGradient);
    }

    /** Takes out a result; the graph must be where it was when the loop was recorded, since the memory is used again. */
    private Node take(int index, int step) {
        graph.checkCurrent(Objects.requireNonNull(self));
        return graph.record(new Result(index, step), cursor(index), needsGradient(index));
    }

    /** A tensor of the shape of a result, to lie wherever one does. */
    private Tensor cursor(int index) {
        Node like = index == 0 ? output : initial[index - 1];
        return Tensor.unplaced(like.dtype(), like.shape());
    }

    private void checkStep(int step) {
        if (step < 0 || step >= schedule.steps()) {
            throw new IndexOutOfBoundsException(
                    loop.name() + ": no step " + step + "; steps are 0 to " + (schedule.steps() - 1));
        }
    }

    @Override
    public Node output(int step) {
        checkStep(step);
        return take(0, step);
    }

    @Override
    public Node outputs() {
        graph.checkCurrent(Objects.requireNonNull(self));
        graph.checkNotSpent();
        Shape shape = output.shape().with(0, schedule.steps());
        return graph.record(new Outputs(), graph.place(output.dtype(), shape), needsGradient(0));
    }

    @Override
    public Node carried(int index, int step) {
        checkStep(step);
        return take(1 + index, step);
    }

    @Override
    public Node carried(int index) {
        return take(1 + index, FINAL);
    }

    /** Lets a tensor lie where the output of a step does. */
    private void placeOutput(int step, Tensor cursor) {
        if (memory.variants[step] == Loop.Schedule.SKIP) {
            cursor.place(record(0).noOutput(), 0);
        } else {
            StepRecord record = recordAt(step);
            record.placeValue(record.result(0), step, cursor);
        }
    }

    /** A result of one step: the output, 0, or a value that is carried, from 1; its gradient lies in the loop. */
    private final class Result implements Stage.InLoop {
        private final int index;
        private final int step;
        private final Tensor gradient;

        Result(int index, int step) {
            this.index = index;
            this.step = step;
            this.gradient = cursor(index);
        }

        /** The step that made the value: the last that was run up to this one, for the final state the last of all. */
        private int madeAt() {
            if (index == 0) {
                return memory.variants[step] == Loop.Schedule.SKIP ? INITIAL : step;
            }
            if (step != FINAL) {
                return memory.held[step];
            }
            return ran == 0 ? INITIAL : memory.order[ran - 1];
        }

        @Override
        public String name() {
            String what = (index == 0 ? "output of " : "state of ") + loop.name();
            return step == FINAL ? what : what + " at step " + step;
        }

        @Override
        public void forward(Node node) {
            if (index == 0) {
                placeOutput(step, node.value);
            } else {
                placeCarried(index - 1, madeAt(), node.value);
            }
        }

        @Override
        public @Nullable Node outside() {
            return index > 0 && madeAt() == INITIAL && initial[index - 1].needsGradient ? initial[index - 1] : null;
        }

        @Override
        public Tensor reach() {
            if (madeAt() != INITIAL) {
                return reachResult(index, madeAt(), gradient);
            }
            gradient.place(record(0).unwanted(), 0);
            return gradient;
        }

        @Override
        public @Nullable Tensor gradient() {
            if (madeAt() == INITIAL) {
                return null;
            }
            StepRecord record = recordAt(madeAt());
            Node node = record.result(index);
            if (!node.needsGradient || !record.isReached(node, madeAt())) {
                return null;
            }
            record.placeGradient(node, madeAt(), gradient);
            return gradient;
        }
    }

    /** The outputs of all steps, copied. */
    private final class Outputs implements Stage {
        private final Tensor cursor = cursor(0);
        private final Tensor gradientOfStep = cursor(0);

        @Override
        public String name() {
            return "outputs of " + loop.name();
        }

        @Override
        public void forward(Node node) {
            for (int step = 0; step < schedule.steps(); step++) {
                placeOutput(step, cursor);
                node.value.copyRun(cursor, 0, step * cursor.size(), cursor.size());
            }
        }

        @Override
        public boolean backward(Node node) {
            Tensor gradient = node.gradient;
            for (int step = 0; node.reached && gradient != null && step < schedule.steps(); step++) {
                if (memory.variants[step] != Loop.Schedule.SKIP) {
                    gradientOfStep.place(gradient, step * cursor.size());
                    reachResult(0, step, cursor).add(gradientOfStep);
                }
            }
            return false;
        }
    }
}
