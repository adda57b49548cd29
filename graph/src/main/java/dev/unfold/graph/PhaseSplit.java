package dev.unfold.graph;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Divides a recorded step into phases. Operations that depend, through what is carried, on the step before form loops; the others need
 * not wait: products before a loop, between two loops of a stack and behind the last run over the rows of all steps at once. Gradients
 * must come in the order of a tape, which a value that is carried on and feeds such a product itself, not by way of a copy, rules out.
 */
final class PhaseSplit {
    private final StepRecord record;
    private final int size;
    /** By node: the nodes that it depends on, through what is carried as well. */
    private final BitSet[] needs;

    private final int[] phaseOf;
    private final List<Boolean> merged = new ArrayList<>();

    private PhaseSplit(StepRecord record) {
        this.record = record;
        this.size = record.size();
        this.needs = new BitSet[size];
        this.phaseOf = new int[size];
    }

    /** Divides a step as far as gradients still come in the order of a tape. */
    static PhaseSplit of(StepRecord record) {
        PhaseSplit split = new PhaseSplit(record);
        if (record.isApart()) {
            split.findNeeds();
            split.divide(true);
            if (!split.keepsOrder()) {
                split.divide(false);
            }
        }
        if (!record.isApart() || !split.keepsOrder()) {
            split.merged.clear();
            split.merged.add(false);
            for (int id = 0; id < split.size; id++) {
                split.phaseOf[id] = record.node(id).op == null ? -1 : 0;
            }
        }
        return split;
    }

    /** By node, the number of its phase; -1 for a leaf. */
    int[] phaseOf() {
        return phaseOf;
    }

    /** By phase, whether the rows of all steps run at once. */
    List<Boolean> merged() {
        return merged;
    }

    private void findNeeds() {
        for (int id = 0; id < size; id++) {
            needs[id] = new BitSet(size);
        }
        boolean grows = true;
        while (grows) {
            grows = false;
            for (int id = 0; id < size; id++) {
                int before = needs[id].cardinality();
                int carried = record.carriedIndex(record.node(id));
                if (carried >= 0) {
                    take(id, record.result(1 + carried));
                }
                for (Node input : record.node(id).inputs) {
                    take(id, input);
                }
                grows |= needs[id].cardinality() > before;
            }
        }
    }

    private void take(int id, Node other) {
        needs[id].set(other.id);
        needs[id].or(needs[other.id]);
    }

    /** Whether an operation has to run step by step: it is part of a loop, looks at what is carried, or at the number of the step. */
    private boolean isStepwise(Node node) {
        boolean looksBack = needs[node.id].get(node.id) || !record.mayMerge(node);
        for (Node input : node.inputs) {
            looksBack |= record.carriedIndex(input) >= 0;
        }
        return looksBack;
    }

    /**
     * Finds the phases.
     *
     * @param behind whether products behind a loop, and loops behind those, are told apart from the first loop
     */
    private void divide(boolean behind) {
        merged.clear();
        boolean[] stepwise = new boolean[size];
        boolean[] open = new boolean[size];
        int left = 0;
        for (int id = 0; id < size; id++) {
            Node node = record.node(id);
            phaseOf[id] = -1;
            open[id] = node.op != null;
            stepwise[id] = open[id] && isStepwise(node);
            left += open[id] ? 1 : 0;
        }
        // What is cheap and comes behind a loop stays with it, where its values are at hand.
        for (int id = 0; id < size; id++) {
            boolean stays = !behind || !record.isProduct(record.node(id));
            stepwise[id] |= open[id] && stays && isFedBySteps(id, stepwise);
        }
        boolean turn = true;
        while (left > 0) {
            int taken = turn ? takeMerged(stepwise, open) : takeSteps(stepwise, open);
            left -= taken;
            if (taken > 0) {
                merged.add(turn);
            }
            turn = !turn;
        }
    }

    /** Whether the operands that it waits for all come step by step, and none by a product over all steps behind a loop. */
    private boolean isFedBySteps(int id, boolean[] stepwise) {
        boolean fed = false;
        for (Node input : record.node(id).inputs) {
            boolean waits = needs[input.id].stream().anyMatch(each -> stepwise[each]) || stepwise[input.id];
            if (waits && !stepwise[input.id]) {
                return false;
            }
            fed |= waits;
        }
        return fed;
    }

    private int takeMerged(boolean[] stepwise, boolean[] open) {
        int taken = 0;
        for (int id = 0; id < size; id++) {
            if (open[id] && !stepwise[id] && isReady(id, open, null)) {
                open[id] = false;
                phaseOf[id] = merged.size();
                taken++;
            }
        }
        return taken;
    }

    /** Takes all loops that are ready, and what then is ready beside them. */
    private int takeSteps(boolean[] stepwise, boolean[] open) {
        int taken = 0;
        boolean grows = true;
        while (grows) {
            grows = false;
            for (int id = 0; id < size; id++) {
                if (open[id] && stepwise[id] && isReady(id, open, needs[id])) {
                    open[id] = false;
                    phaseOf[id] = merged.size();
                    taken++;
                    grows = true;
                }
            }
        }
        return taken;
    }

    /** Whether all that a node needs has run, or is part of the loop that the node is part of. */
    private boolean isReady(int id, boolean[] open, @Nullable BitSet around) {
        for (int other = needs[id].nextSetBit(0); other >= 0; other = needs[id].nextSetBit(other + 1)) {
            boolean inLoop = around != null && needs[other].get(id);
            if (open[other] && !inLoop) {
                return false;
            }
        }
        return true;
    }

    /** The phase in which a use passes gradients back, and -1 before all. */
    private int phase(Node node) {
        return phaseOf[node.id];
    }

    /** Whether contributions to each gradient come in the order of the tape: descending operations, the step after first. */
    private boolean keepsOrder() {
        for (int target = 0; target < size; target++) {
            Node node = record.node(target);
            if (node.parameter != null || !node.needsGradient) {
                continue;
            }
            int earliest = Integer.MAX_VALUE;
            if (record.isCarriedOn(node)) {
                earliest = phaseOfUsesAtNextStep(node);
                if (earliest < phase(node)) {
                    return false;
                }
            }
            for (int id = size - 1; id >= 0; id--) {
                Node consumer = record.node(id);
                for (int i = 0; i < consumer.inputs.length; i++) {
                    if (consumer.inputs[i] != node || !StepRecord.passesBack(consumer, i)) {
                        continue;
                    }
                    if (phase(consumer) > earliest) {
                        return false;
                    }
                    earliest = phase(consumer);
                }
            }
        }
        return true;
    }

    /** The only phase in which what is carried to the next step is used; the last of all where it is not, -1 where there are several. */
    private int phaseOfUsesAtNextStep(Node result) {
        int only = Integer.MAX_VALUE;
        for (int k = 0; k < record.carried().length; k++) {
            if (record.result(1 + k) != result) {
                continue;
            }
            for (int id = 0; id < size; id++) {
                for (Node input : record.node(id).inputs) {
                    if (input == record.carried()[k]) {
                        int phase = phaseOf[id];
                        if (only != Integer.MAX_VALUE && only != phase) {
                            return -1;
                        }
                        only = phase;
                    }
                }
            }
        }
        return only;
    }
}
