package dev.unfold.graph;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The pass of a recorded step: its tensors go from step to step. Each thread has one of its own. */
final class Lane extends RunningPass {
    private final LoopRun run;
    private final StepRecord record;
    private final Tensor[] values;
    private final @Nullable Tensor[] saved;
    private final @Nullable Tensor[] gradients;
    private int step;

    Lane(LoopRun run, StepRecord record) {
        this.run = run;
        this.record = record;
        int size = record.size();
        this.values = new Tensor[size];
        this.saved = new Tensor[size];
        this.gradients = new Tensor[size];
        for (int id = 0; id < size; id++) {
            Node node = record.node(id);
            values[id] = node.isLeaf() && !run.isStandIn(node) ? node.value : unplaced(node);
            saved[id] = node.saved == null ? null : Tensor.unplaced(node.dtype(), node.saved.shape());
            if (node.needsGradient) {
                gradients[id] = node.parameter == null ? unplaced(node) : node.parameter.gradient();
            }
        }
    }

    private static Tensor unplaced(Node node) {
        return Tensor.unplaced(node.dtype(), node.shape());
    }

    StepRecord record() {
        return record;
    }

    /** Goes to a step. */
    void moveTo(int target) {
        step = target;
        for (int id = 0; id < values.length; id++) {
            Node node = record.node(id);
            Tensor own = saved[id];
            Tensor gradient = gradients[id];
            if (node.op != null) {
                record.placeValue(node, target, values[id]);
            }
            if (own != null) {
                record.placeSaved(node, target, own);
            }
            if (gradient != null && node.parameter == null && run.carriedIndex(node) < 0) {
                record.placeGradient(node, target, gradient);
            }
        }
        Node[] sequences = record.sequences();
        for (int i = 0; i < sequences.length; i++) {
            run.placeSequence(i, target, values[sequences[i].id]);
        }
        Node[] carried = record.carried();
        for (int i = 0; i < carried.length; i++) {
            run.placeCarried(i, run.before(target), values[carried[i].id]);
        }
    }

    /** Runs the step. */
    void forward() {
        for (int id = 0; id < record.size(); id++) {
            forward(record.node(id));
        }
    }

    /** Passes the gradients of the step on to what it took in. */
    void backward() {
        record.forgetReachedAtStep();
        for (int id = record.size() - 1; id >= 0; id--) {
            Node node = record.node(id);
            if (node.op != null && record.isReached(node, step)) {
                passBack(node);
            }
        }
        Node[] sequences = record.sequences();
        for (int i = 0; i < sequences.length; i++) {
            if (record.isReached(sequences[i], step)) {
                run.addToSequence(i, step, gradientOf(sequences[i]));
            }
        }
    }

    /** Contributes to the gradients of the parameters of a lane. */
    void contribute(int lane) {
        for (int id = 0; id < record.size(); id++) {
            Node node = record.node(id);
            if (node.op != null && record.isReached(node, step)) {
                contribute(node, lane);
            }
        }
    }

    /** The first node of the step whose value holds NaN or infinity. */
    @Nullable
    Node firstNonFinite() {
        for (int id = 0; id < record.size(); id++) {
            Node node = record.node(id);
            if (node.op != null && values[id].firstNonFinite() >= 0) {
                return node;
            }
        }
        return null;
    }

    @Override
    Tensor valueOf(Node any) {
        return values[any.id];
    }

    @Override
    @Nullable
    Tensor savedOf(Node any) {
        return saved[any.id];
    }

    @Override
    Tensor gradientOf(Node reached) {
        return Objects.requireNonNull(gradients[reached.id]);
    }

    @Override
    Tensor reach(Node any) {
        Tensor gradient = gradientOf(any);
        int carried = run.carriedIndex(any);
        if (carried >= 0) {
            return run.reachCarried(carried, run.before(step), gradient);
        }
        if (any.parameter == null && record.reach(any, step)) {
            gradient.fill(0);
        }
        return gradient;
    }

    @Override
    int laneOf(Node parameter) {
        return run.laneOf(Objects.requireNonNull(parameter.parameter));
    }

    @Override
    public long seed() {
        return run.seed();
    }

    @Override
    public int step() {
        // What unrolls by itself inside the step labels its nodes with steps of its own.
        return node().step == Node.ANY_STEP ? step : node().step;
    }
}
