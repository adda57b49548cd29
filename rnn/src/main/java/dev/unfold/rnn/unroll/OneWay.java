package dev.unfold.rnn.unroll;

import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.State;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run in one direction.
 *
 * @param stepOutputs of the steps, in the order of the inputs
 * @param states behind the steps, in the order of the inputs
 * @param initial the state that the run began with
 * @param counting which steps of which rows count; null where all do
 * @param reversed whether the run went from the end to the beginning
 * @param zeros of the shape of an output
 */
record OneWay(
        List<Node> stepOutputs,
        List<State> states,
        State initial,
        @Nullable Counting counting,
        boolean reversed,
        Node zeros)
        implements Unrolled {
    @Override
    public int steps() {
        return stepOutputs.size();
    }

    @Override
    public Node output(int step) {
        return stepOutputs.get(step);
    }

    @Override
    public State state(int step) {
        return states.get(step);
    }

    @Override
    public State finalNodes() {
        return states.isEmpty() ? initial : states.get(reversed ? 0 : states.size() - 1);
    }

    @Override
    public Node outputs() {
        if (stepOutputs.isEmpty()) {
            return zeros.graph().input(Tensor.zeros(zeros.dtype(), zeros.shape().with(0, 0)));
        }
        return Ops.stack(0, stepOutputs);
    }

    @Override
    public Node last() {
        if (stepOutputs.isEmpty()) {
            return zeros;
        }
        return counting == null ? stepOutputs.get(reversed ? 0 : stepOutputs.size() - 1) : counting.last(outputs());
    }
}
