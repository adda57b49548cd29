package dev.unfold.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The way back through a phase at one step, for gradients that have come to the same nodes: which operations pass theirs on, in descending
 * order, and which of the gradients they pass on are the first to come to a node.
 */
final class BackwardPath {
    private final StepRecord record;
    private final Phase phase;
    private final long[] key;
    private final long[] reached;
    private final boolean[] firstOfCarried;
    private final List<Group> groups = new ArrayList<>();
    private final List<Move> open = new ArrayList<>();

    /**
     * One contribution.
     *
     * @param node whose gradient is passed on
     * @param input of its operation
     * @param first whether nothing has come to the input before
     */
    record Move(Node node, int input, boolean first) {}

    /** Contributions that run one after the other over the same rows. */
    static final class Group {
        final Move[] moves;
        /** The nodes whose values they read. */
        final Node[] values;
        /** The nodes whose gradients they read or add to. */
        final Node[] gradients;
        /** Whether they may run block of rows by block of rows. */
        final boolean chain;
        /** The elements that they work on for each row. */
        final int width;

        Group(List<Move> moves, List<Node> values, List<Node> gradients, boolean chain, int width) {
            this.moves = moves.toArray(new Move[0]);
            this.values = values.toArray(new Node[0]);
            this.gradients = gradients.toArray(new Node[0]);
            this.chain = chain;
            this.width = width;
        }
    }

    BackwardPath(StepRecord record, Phase phase, long[] key) {
        this.record = record;
        this.phase = phase;
        this.key = key;
        this.reached = key.clone();
        this.firstOfCarried = new boolean[record.carried().length];
        for (int id = record.size() - 1; id >= 0; id--) {
            Node node = record.node(id);
            if (node.op == null || !Bits.get(reached, id)) {
                continue;
            }
            if (record.phaseOf(node) == phase.number()) {
                passOn(node);
            }
        }
        close();
    }

    private void passOn(Node node) {
        for (int i = 0; i < node.inputs.length; i++) {
            Node input = node.inputs[i];
            if (!StepRecord.passesBack(node, i) || input.parameter != null) {
                continue;
            }
            boolean first;
            int carried = record.carriedIndex(input);
            if (carried >= 0) {
                reach(record.reachedBit(carried));
                first = reach(record.cameBit(carried));
                firstOfCarried[carried] |= first;
            } else {
                // The gradient of a sequence is zero before all.
                first = reach(input.id) && input.op != null;
            }
            if (record.placement().gradientOwner(input) == input) {
                add(new Move(node, i, first), record.isProduct(node));
            }
        }
    }

    /** Marks as reached; returns whether it is for the first time. */
    private boolean reach(int bit) {
        boolean first = !Bits.get(reached, bit);
        Bits.set(reached, bit);
        return first;
    }

    private void add(Move move, boolean product) {
        boolean alone = product || !record.isApart();
        if (alone) {
            close();
        }
        open.add(move);
        if (alone) {
            close();
        }
    }

    private void close() {
        if (open.isEmpty()) {
            return;
        }
        List<Node> values = new ArrayList<>();
        List<Node> gradients = new ArrayList<>();
        for (Move move : open) {
            Phase.addOnce(gradients, move.node());
            Phase.addOnce(gradients, move.node().inputs[move.input()]);
            addReads(move.node(), move.input(), values);
        }
        boolean chain = record.isApart() && !record.isProduct(open.get(0).node());
        int width = record.width(values) + record.width(gradients);
        groups.add(new Group(open, values, gradients, chain, width));
        open.clear();
    }

    /** Adds what backward with respect to an input reads, of what moves from step to step. */
    private void addReads(Node node, int input, List<Node> values) {
        Reads reads = Objects.requireNonNull(node.op).backwardReads(input);
        for (int i = 0; i < node.inputs.length; i++) {
            if (reads.input(i) && record.moves(node.inputs[i])) {
                Phase.addOnce(values, node.inputs[i]);
            }
        }
        if (reads.output() || node.saved != null) {
            Phase.addOnce(values, node);
        }
    }

    long[] key() {
        return key;
    }

    /** The key, and what is reached on this way. */
    long[] reached() {
        return reached;
    }

    /** Whether the gradient of a carried value, at the step before, comes by this way first. */
    boolean isFirstOfCarried(int carried) {
        return firstOfCarried[carried];
    }

    /** Whether the gradient of a carried value, at the step before, has come. */
    boolean reachesCarried(int carried) {
        return Bits.get(reached, record.reachedBit(carried));
    }

    List<Group> groups() {
        return groups;
    }

    Phase phase() {
        return phase;
    }
}
