package dev.unfold.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Operations of a recorded step that run together: those of a loop, one step after the other, or those that wait for no step before, over
 * the rows of all steps at once.
 */
final class Phase {
    private final StepRecord record;
    private final int number;
    private final boolean merged;
    private final long work;
    private final List<Group> groups = new ArrayList<>();
    private final List<BackwardPath> paths = new ArrayList<>();

    /** Operations that run one after the other over the same rows. */
    static final class Group {
        /** In the order of recording. */
        final Node[] nodes;
        /** Those whose values they write and read. */
        final Node[] placed;
        /** Whether they may run block of rows by block of rows. */
        final boolean chain;
        /** The elements that they work on for each row. */
        final int width;

        Group(List<Node> nodes, List<Node> placed, boolean chain, int width) {
            this.nodes = nodes.toArray(new Node[0]);
            this.placed = placed.toArray(new Node[0]);
            this.chain = chain;
            this.width = width;
        }
    }

    Phase(StepRecord record, int number, boolean merged, List<Node> nodes) {
        this.record = record;
        this.number = number;
        this.merged = merged;
        this.work = nodes.stream().mapToLong(this::work).sum();
        List<Node> open = new ArrayList<>();
        for (Node node : nodes) {
            boolean alone = !record.isApart() || record.isProduct(node);
            if (alone) {
                close(open);
            }
            open.add(node);
            if (alone) {
                close(open);
            }
        }
        close(open);
    }

    private long work(Node node) {
        long work = 8L * record.inner(node);
        for (Node input : node.inputs) {
            work += record.isProduct(node) && input.parameter != null
                    ? 2L * input.shape().size()
                    : 0;
        }
        return work;
    }

    private void close(List<Node> open) {
        if (open.isEmpty()) {
            return;
        }
        List<Node> placed = new ArrayList<>();
        for (Node node : open) {
            addOnce(placed, node);
            for (Node input : node.inputs) {
                if (record.moves(input)) {
                    addOnce(placed, input);
                }
            }
        }
        boolean chain = record.isApart() && !record.isProduct(open.get(0));
        groups.add(new Group(open, placed, chain, record.width(placed)));
        open.clear();
    }

    static void addOnce(List<Node> nodes, Node node) {
        if (!nodes.contains(node)) {
            nodes.add(node);
        }
    }

    int number() {
        return number;
    }

    /** Whether the rows of all steps are run at once. */
    boolean isMerged() {
        return merged;
    }

    /** Says how it is run. */
    String runs() {
        return merged ? "hoisted, over the rows of a window of steps at once" : "step by step";
    }

    /** About how many operations on numbers it takes for each row. */
    long work() {
        return work;
    }

    List<Group> groups() {
        return groups;
    }

    /**
     * Returns the way back through this phase.
     *
     * @param reached one bit for each node that gradients have come to at this step, and for each carried value whether one has come at
     *     the step before: see {@link StepRecord#cameBit}
     */
    BackwardPath path(long[] reached) {
        for (int i = 0; i < paths.size(); i++) {
            if (Arrays.equals(paths.get(i).key(), reached)) {
                return paths.get(i);
            }
        }
        BackwardPath made = new BackwardPath(record, this, reached.clone());
        paths.add(made);
        return made;
    }
}
