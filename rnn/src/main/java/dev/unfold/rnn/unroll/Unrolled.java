package dev.unfold.rnn.unroll;

import dev.unfold.graph.Node;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.State;

/** What unfolding a cell has left: outputs and states of every step. */
public interface Unrolled {
    /** Returns T, the number of steps of the padded sequences. */
    int steps();

    /**
     * Returns the output of one step, {@code [N, H]}; exactly 0 in rows for which the step does not count. Where both ways are gone,
     * this records the merge.
     *
     * @throws IndexOutOfBoundsException where there is no such step
     */
    Node output(int step);

    /** Records the outputs of all steps as one node, {@code [T, N, H]}. */
    Node outputs();

    /**
     * Records, for each row, the output of the last step that was computed for it, {@code [N, H]}: forwards that of its last step
     * that counts, backwards that of its first, both side by side where both ways are gone. 0 for a row without steps.
     */
    Node last();

    /**
     * Returns the state behind one step; in rows for which the step does not count, the state that was held.
     *
     * @throws IndexOutOfBoundsException where there is no such step
     */
    State state(int step);

    /** Returns the state behind the last computed step of each row as it is in the graph, to go on from with gradients. */
    State finalNodes();

    /** Returns the values of {@link #finalNodes}, copied out of the graph: no gradient flows back through them. */
    default DetachedState finalState() {
        return finalNodes().detach();
    }

    /**
     * Returns the run of the forward cell where both ways are gone, in a stack that of the highest layer: its own outputs and, under
     * their own names, the fields of its state.
     *
     * @throws IllegalStateException where only one way is gone
     */
    default Unrolled forward() {
        throw new IllegalStateException("forward: this run goes one way; ask it itself");
    }

    /**
     * Returns the run of the backward cell where both ways are gone, in a stack that of the highest layer: its own outputs and, under
     * their own names, the fields of its state.
     *
     * @throws IllegalStateException where only one way is gone
     */
    default Unrolled backward() {
        throw new IllegalStateException("backward: this run goes one way; ask it itself");
    }
}
