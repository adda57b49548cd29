package dev.unfold.rnn.unroll;

import dev.unfold.graph.Node;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.State;
import java.util.List;

/** What unfolding a cell has left: the output of every step and the state behind the last. */
public final class Unrolled {
    private final List<Node> outputs;
    private final Node last;
    private final State finalNodes;

    /**
     * Makes a run.
     *
     * @param outputs of the steps, {@code [N, H]} each
     * @param ofNoStep zeros {@code [N, H]}, which stand for the last output where there is no step
     * @param finalNodes the state behind the last step
     */
    Unrolled(List<Node> outputs, Node ofNoStep, State finalNodes) {
        this.outputs = List.copyOf(outputs);
        this.last = outputs.isEmpty() ? ofNoStep : outputs.get(outputs.size() - 1);
        this.finalNodes = finalNodes;
    }

    /** Returns T, the number of steps. */
    public int steps() {
        return outputs.size();
    }

    /**
     * Returns the output of one step, {@code [N, H]}.
     *
     * @throws IndexOutOfBoundsException where there is no such step
     */
    public Node output(int step) {
        return outputs.get(step);
    }

    /**
     * Records the outputs of all steps as one node, {@code [T, N, H]}.
     *
     * @throws IllegalStateException for a sequence without steps
     */
    public Node outputs() {
        if (outputs.isEmpty()) {
            throw new IllegalStateException("unrolled: the sequence has no steps, so there are no outputs to stack");
        }
        return Ops.stack(0, outputs);
    }

    /** Returns the output of the last step, {@code [N, H]}; zeros where there is no step. */
    public Node last() {
        return last;
    }

    /** Returns the values of the state behind the last step, copied out of the graph: no gradient flows back here. */
    public DetachedState finalState() {
        return finalNodes.detach();
    }

    /** Returns the state behind the last step as it is in the graph, to lose or go on from with gradients. */
    public State finalNodes() {
        return finalNodes;
    }
}
