package dev.unfold.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where the values and gradients of a recorded step lie: those of all steps, of the steps of a window (see {@link Loop#window}) or of one
 * step behind each other, for as long as somebody asks for them.
 */
final class Placement {
    private final StepRecord record;
    private final Loop loop;
    private final Recomputation way;
    private final Slabs slabs;
    private final Slabs common;
    private final @Nullable Placement greater;
    private final @Nullable Tensor[] values;
    private final @Nullable Tensor[] saved;
    private final @Nullable Tensor[] gradients;
    private final Span[] valueSpans;
    private final Span[] gradientSpans;
    /** By node: the one whose gradient its own is, itself unless that is handed on to it as it is. */
    private final Node[] gradientOwners;

    /** How long a value is kept. */
    enum Span {
        STEP("dropped behind their step"),
        WINDOW("dropped behind their window of steps"),
        /** As those of a window, with the step in front of it. */
        BORDERED("dropped behind their window of steps and the step before it"),
        /** For all steps, or, within a budget, for those that are gone back through before others are computed again. */
        RUN("stored for all steps"),
        /** As those of a run, with the step in front of it. */
        RESULT("stored for all steps");

        private final String kept;

        Span(String kept) {
            this.kept = kept;
        }

        String kept() {
            return kept;
        }

        /** The span that is told of together with this one. */
        Span words() {
            return this == RESULT ? RUN : this;
        }

        Span orLonger(Span other) {
            return compareTo(other) < 0 ? other : this;
        }
    }

    /**
     * Places a step.
     *
     * @param way for how many steps values are kept
     * @param slabs where it lies
     * @param common where results lie
     * @param greater where the step lies as recorded for the most rows, which this one shares; null for itself
     */
    Placement(StepRecord record, Loop loop, Recomputation way, Slabs slabs, Slabs common, @Nullable Placement greater) {
        this.record = record;
        this.loop = loop;
        this.way = way;
        this.slabs = slabs;
        this.common = common;
        this.greater = greater;
        int size = record.size();
        this.values = new Tensor[size];
        this.saved = new Tensor[size];
        this.gradients = new Tensor[size];
        this.valueSpans = new Span[size];
        this.gradientSpans = new Span[size];
        this.gradientOwners = new Node[size];
        if (greater == null) {
            placeValues();
            findGradients();
            placeGradients();
        } else {
            shareWith(greater);
        }
    }

    /** Takes what a step would lie in. */
    static void count(StepRecord record, Loop loop, Recomputation way, Slabs counted) {
        new Placement(record, loop, way, counted, counted, null);
    }

    private void shareWith(Placement other) {
        for (int id = 0; id < record.size(); id++) {
            values[id] = other.values[id];
            saved[id] = other.saved[id];
            gradients[id] = other.gradients[id];
            valueSpans[id] = other.valueSpans[id];
            gradientSpans[id] = other.gradientSpans[id];
            gradientOwners[id] = record.node(other.gradientOwners[id].id);
        }
    }

    private void placeValues() {
        Rooms rooms = new Rooms();
        for (int id = 0; id < record.size(); id++) {
            Node node = record.node(id);
            valueSpans[id] = neededSpan(node);
            if (node.op == null) {
                continue;
            }
            values[id] = record.isResult(node)
                    ? record.shared(common, "result " + record.indexOf(node), node, steps(Span.RESULT))
                    : place(node, valueSpans[id], rooms, id, lastUse(node));
            if (node.saved != null) {
                saved[id] = take(node, node.saved.size(), savedSpan(node));
            }
        }
    }

    private Span neededSpan(Node node) {
        if (record.isResult(node)) {
            return Span.RESULT;
        }
        if (record.isForBackward() && isReadBackwards(node)) {
            return Span.RUN;
        }
        return record.isMerged(node) || isUsedInOtherPhases(node) ? Span.WINDOW : Span.STEP;
    }

    /** Finds out how long gradients are kept, and which are those of other nodes. */
    private void findGradients() {
        for (int id = record.size() - 1; id >= 0; id--) {
            Node node = record.node(id);
            boolean usesParameter = false;
            for (Node input : node.inputs) {
                usesParameter |= input.parameter != null;
            }
            gradientSpans[id] = Span.STEP;
            if (record.isMerged(node) || usesParameter || isUsedInOtherPhases(node)) {
                gradientSpans[id] = Span.WINDOW;
            }
            if (record.isResult(node)) {
                gradientSpans[id] = Span.BORDERED;
            }
            Node giver = onlyGiver(node);
            gradientOwners[id] = giver == null ? node : gradientOwners[giver.id];
            int owner = gradientOwners[id].id;
            gradientSpans[owner] = gradientSpans[owner].orLonger(gradientSpans[id]);
        }
        for (int id = 0; id < record.size(); id++) {
            gradientSpans[id] = gradientSpans[gradientOwners[id].id];
        }
    }

    /** The only user of a node, where that hands its gradient on as it is; else null. */
    private @Nullable Node onlyGiver(Node node) {
        Node giver = null;
        for (int id = node.id + 1; id < record.size(); id++) {
            Node user = record.node(id);
            for (int i = 0; i < user.inputs.length; i++) {
                if (user.inputs[i] == node) {
                    if (giver != null || !RunningPass.handsOn(user, i) || record.isResult(node)) {
                        return null;
                    }
                    giver = user;
                }
            }
        }
        return giver != null && giver.needsGradient && node.needsGradient ? giver : null;
    }

    private void placeGradients() {
        Rooms rooms = new Rooms();
        for (int id = record.size() - 1; id >= 0; id--) {
            Node node = record.node(id);
            if (node.op == null || !node.needsGradient) {
                continue;
            }
            if (gradientOwners[id] != node) {
                gradients[id] = gradients[gradientOwners[id].id];
            } else if (record.isResult(node)) {
                gradients[id] =
                        record.shared(common, "gradient of result " + record.indexOf(node), node, steps(Span.BORDERED));
            } else {
                gradients[id] = place(node, gradientSpans[id], rooms, -lastUse(node), -lastOwned(node));
            }
        }
    }

    /** The first of the nodes that have this one's gradient. */
    private int lastOwned(Node node) {
        int last = node.id;
        for (int id = node.id; id >= 0; id--) {
            last = gradientOwners[id] == node ? id : last;
        }
        return last;
    }

    private boolean isUsedInOtherPhases(Node node) {
        for (int id = node.id + 1; id < record.size(); id++) {
            Node user = record.node(id);
            if (record.phaseOf(user) != record.phaseOf(node)
                    && Arrays.asList(user.inputs).contains(node)) {
                return true;
            }
        }
        return false;
    }

    private boolean isReadBackwards(Node node) {
        for (int id = node.id; id < record.size(); id++) {
            Node user = record.node(id);
            for (int i = 0; i < user.inputs.length; i++) {
                if (!StepRecord.passesBack(user, i)) {
                    continue;
                }
                Reads reads = Objects.requireNonNull(user.op).backwardReads(i);
                boolean read = user == node && reads.output();
                for (int j = 0; j < user.inputs.length; j++) {
                    read |= user.inputs[j] == node && reads.input(j);
                }
                if (read) {
                    return true;
                }
            }
        }
        return false;
    }

    private int lastUse(Node node) {
        int last = node.id;
        for (int id = node.id + 1; id < record.size(); id++) {
            last = Arrays.asList(record.node(id).inputs).contains(node) ? id : last;
        }
        return last;
    }

    /** Returns room for a node that, in a step, is written at one time and looked at until another. */
    private Tensor place(Node node, Span span, Rooms rooms, int from, int until) {
        return span == Span.STEP && record.isApart()
                ? rooms.take(node, from, until)
                : take(node, node.shape().size(), span);
    }

    private Tensor take(Node node, int stride, Span span) {
        return slabs.take(
                loop.name() + ", " + node.name(), node.dtype(), record.key().rows(), stride, steps(span));
    }

    /** How many steps are kept for a span; 0 for one after the other in the same place. */
    private int steps(Span span) {
        int window = Math.min(loop.window(), way.window());
        return switch (span) {
            case STEP -> 0;
            case WINDOW -> window;
            case BORDERED -> Math.min(window + 1, way.steps());
            case RUN -> way.window();
            case RESULT -> Math.min(way.window() + 1, way.steps());
        };
    }

    /** Room that the operations of one step take turns in: what is not needed any more makes way for what has rows of the same size. */
    private final class Rooms {
        private final List<Tensor> rooms = new ArrayList<>();
        private final List<Integer> busyUntil = new ArrayList<>();

        Tensor take(Node node, int from, int until) {
            for (int i = 0; i < rooms.size(); i++) {
                Tensor room = rooms.get(i);
                if (room.dtype() == node.dtype() && room.size() == node.shape().size() && busyUntil.get(i) < from) {
                    busyUntil.set(i, until);
                    return room;
                }
            }
            Tensor slab = Placement.this.take(node, node.shape().size(), Span.STEP);
            // Rooms are told apart by the rows they were made for; a slab may be larger.
            Tensor room = Tensor.unplaced(node.dtype(), node.shape());
            room.place(slab, 0);
            rooms.add(room);
            busyUntil.add(until);
            return room;
        }
    }

    Tensor value(Node node) {
        return Objects.requireNonNull(values[node.id]);
    }

    Span valueSpan(Node node) {
        return valueSpans[node.id];
    }

    @Nullable
    Tensor saved(Node node) {
        return saved[node.id];
    }

    Span savedSpan(Node node) {
        return record.isForBackward() ? Span.RUN : record.isMerged(node) ? Span.WINDOW : Span.STEP;
    }

    Tensor gradient(Node node) {
        return Objects.requireNonNull(gradients[node.id]);
    }

    Span gradientSpan(Node node) {
        return gradientSpans[node.id];
    }

    /** The node whose gradient is that of a node as well, maybe itself. */
    Node gradientOwner(Node node) {
        return gradientOwners[node.id];
    }

    /** The distance between the values of a node at one step and the next, where rows do not go apart. */
    int stride(Node node) {
        return greater == null ? node.shape().size() : greater.stride(greater.record.node(node.id));
    }

    /** The distance between what an operation saves at one step and the next, where rows do not go apart. */
    int savedStride(Node node) {
        return greater == null
                ? Objects.requireNonNull(node.saved).size()
                : greater.savedStride(greater.record.node(node.id));
    }
}
