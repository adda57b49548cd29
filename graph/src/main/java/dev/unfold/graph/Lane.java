package dev.unfold.graph;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The pass of a recorded step: its tensors go from step to step, and from rows to rows. Each thread has one of its own. */
final class Lane extends RunningPass {
    /** So many elements of a chain of operations stay in a cache near the processor. */
    private static final int BLOCK_ELEMENTS = 1 << 16;
    /** The most rows of several steps that run at once. */
    private static final int MERGED_ROWS = 256;

    private final LoopRun run;
    private final StepRecord record;
    private final Placement placement;
    private final Tensor[] values;
    private final @Nullable Tensor[] saved;
    private final @Nullable Tensor[] gradients;
    /** The step of the run, or {@link LoopRun#ALL_STEPS}. */
    private int step;

    private int firstRow;

    Lane(LoopRun run, StepRecord record) {
        this.run = run;
        this.record = record;
        this.placement = record.placement();
        int size = record.size();
        this.values = new Tensor[size];
        this.saved = new Tensor[size];
        this.gradients = new Tensor[size];
        for (int id = 0; id < size; id++) {
            Node node = record.node(id);
            values[id] = record.moves(node) ? unplaced(node) : node.value;
            saved[id] = node.saved == null ? null : Tensor.unplaced(node.dtype(), node.saved.shape());
            if (node.parameter != null) {
                // Made here, by one thread.
                node.parameter.gradientRows();
            } else if (node.needsGradient) {
                gradients[id] = unplaced(node);
            }
        }
    }

    private static Tensor unplaced(Node node) {
        return Tensor.unplaced(node.dtype(), node.shape());
    }

    StepRecord record() {
        return record;
    }

    /** Runs a phase over some rows of a step, or of all steps. */
    void forward(Phase phase, int atStep, int from, int to) {
        step = atStep;
        for (int i = 0; i < phase.groups().size(); i++) {
            Phase.Group group = phase.groups().get(i);
            int block = block(phase.isMerged(), group.chain, group.width, to - from);
            for (int row = from; row < to; row += block) {
                int rows = Math.min(block, to - row);
                for (Node node : group.placed) {
                    placeValue(node, row, rows);
                }
                firstRow = row;
                for (Node node : group.nodes) {
                    forward(node);
                }
            }
        }
    }

    /** Runs a phase as {@link #forward(Phase, int, int, int)}, operation by operation; returns the first whose value holds NaN or infinity. */
    @Nullable
    Node firstNonFinite(Phase phase, int atStep, int from, int to) {
        step = atStep;
        for (Phase.Group group : phase.groups()) {
            for (Node node : group.placed) {
                placeValue(node, from, to - from);
            }
            firstRow = from;
            for (Node node : group.nodes) {
                forward(node);
                if (values[node.id].firstNonFinite() >= 0) {
                    return node;
                }
            }
        }
        return null;
    }

    private int block(boolean merged, boolean chain, int width, int rows) {
        int most = merged ? MERGED_ROWS : rows;
        return chain ? Math.max(1, Math.min(most, BLOCK_ELEMENTS / Math.max(1, width))) : Math.max(1, most);
    }

    /** Goes back over some rows of a step, or of several steps at once. */
    void backward(BackwardPath path, int atStep, int from, int to) {
        step = atStep;
        boolean merged = path.phase().isMerged();
        for (int i = 0; i < path.groups().size(); i++) {
            BackwardPath.Group group = path.groups().get(i);
            int block = block(merged, group.chain, group.width, to - from);
            for (int row = from; row < to; row += block) {
                int rows = Math.min(block, to - row);
                for (Node node : group.values) {
                    placeValue(node, row, rows);
                }
                for (Node node : group.gradients) {
                    placeGradient(node, row, rows);
                }
                firstRow = row;
                for (BackwardPath.Move move : group.moves) {
                    make(move);
                }
            }
        }
    }

    private void make(BackwardPath.Move move) {
        Node input = move.node().inputs[move.input()];
        Tensor target = gradientOf(input);
        boolean initial = record.carriedIndex(input) >= 0 && step == 0;
        if (move.first() && !initial) {
            if (handsOn(move.node(), move.input())) {
                target.copyFrom(gradientOf(move.node()));
                return;
            }
            target.fill(0);
        }
        backward(move.node(), move.input(), target);
    }

    /** Contributes to the gradient of a parameter by one of its uses, over some rows of a step, or of several steps at once. */
    void contribute(Node node, int input, int atStep, int from, int to, int part, int parts) {
        step = atStep;
        int block = step == LoopRun.ALL_STEPS ? MERGED_ROWS : Math.max(1, to - from);
        Reads reads = Objects.requireNonNull(node.op).backwardReads(input);
        for (int row = from; row < to; row += block) {
            int rows = Math.min(block, to - row);
            placeGradient(node, row, rows);
            for (int i = 0; i < node.inputs.length; i++) {
                if (reads.input(i) && record.moves(node.inputs[i])) {
                    placeValue(node.inputs[i], row, rows);
                }
            }
            if (reads.output() || node.saved != null) {
                placeValue(node, row, rows);
            }
            firstRow = row;
            contribute(node, input, part, parts);
        }
    }

    private void placeValue(Node node, int row, int rows) {
        Tensor cursor = values[node.id];
        Shape shape = record.shape(node, rows);
        int sequence = record.sequenceIndex(node);
        int carried = record.carriedIndex(node);
        if (sequence >= 0) {
            cursor.place(run.sequence(sequence), absolute(row) * record.inner(node), shape);
        } else if (carried >= 0) {
            run.placeCarried(carried, absolute(row), shape, cursor);
        } else {
            cursor.place(placement.value(node), distance(node, placement.valueSpan(node), row), shape);
        }
        Tensor own = saved[node.id];
        if (own != null) {
            Tensor slab = Objects.requireNonNull(placement.saved(node));
            Placement.Span span = placement.savedSpan(node);
            if (record.isApart()) {
                own.place(slab, row(span, row) * record.savedInner(node), record.savedShape(node, rows));
            } else {
                own.place(slab, step(span) * placement.savedStride(node));
            }
        }
    }

    private void placeGradient(Node node, int row, int rows) {
        Tensor cursor = gradientOf(node);
        Shape shape = record.shape(node, rows);
        int sequence = record.sequenceIndex(node);
        int carried = record.carriedIndex(node);
        if (sequence >= 0) {
            cursor.place(run.sequenceGradient(sequence), absolute(row) * record.inner(node), shape);
        } else if (carried >= 0) {
            run.placeCarriedGradient(carried, step, row, shape, cursor);
        } else {
            cursor.place(
                    placement.gradient(node),
                    distance(placement.gradientOwner(node), placement.gradientSpan(node), row),
                    shape);
        }
    }

    /** The row, counted over all steps. */
    private int absolute(int row) {
        return step == LoopRun.ALL_STEPS ? row : run.offset(step) + row;
    }

    /** How far behind the beginning of its room a value or gradient lies; of results, rows are counted even where they do not go apart. */
    private int distance(Node placed, Placement.Span span, int row) {
        if (record.isApart() || record.isResult(placed)) {
            return row(span, row) * record.inner(placed);
        }
        return step(span) * placement.stride(placed);
    }

    /** The row, counted over what is kept as long as a span. */
    private int row(Placement.Span span, int row) {
        return switch (span) {
            case RUN -> absolute(row) - run.offset(run.keptBegin());
            case RESULT -> absolute(row) - run.offset(run.keptBorder());
            case WINDOW -> absolute(row) - run.offset(run.windowBegin());
            case BORDERED -> absolute(row) - run.offset(run.border());
            case STEP -> row;
        };
    }

    private int step(Placement.Span span) {
        return switch (span) {
            case RUN -> step - run.keptBegin();
            case RESULT -> step - run.keptBorder();
            case WINDOW -> step - run.windowBegin();
            case BORDERED -> step - run.border();
            case STEP -> 0;
        };
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
    public long seed() {
        return run.seed();
    }

    @Override
    public int step() {
        // What unrolls by itself inside the step labels its nodes with steps of its own.
        return node().step == Node.ANY_STEP ? step : node().step;
    }

    @Override
    public int rowOf(int position) {
        return node().step == Node.ANY_STEP ? run.rowOf(step, firstRow + position) : node().rowOf(firstRow + position);
    }

    @Override
    public int stepOf(int position) {
        return node().step == Node.ANY_STEP
                ? run.stepOf(step, firstRow + position)
                : node().stepOf(firstRow + position);
    }
}
