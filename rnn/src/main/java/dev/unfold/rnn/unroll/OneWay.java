package dev.unfold.rnn.unroll;

import dev.unfold.graph.DType;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.State;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run in one direction.
 *
 * @param stepOutputs of the steps, in the order of the inputs
 * @param states behind the steps, in the order of the inputs
 * @param initial the state that the run began with
 * @param mask int32 {@code [T, N]}, which steps of which rows count; null where all do
 * @param reversed whether the run went from the end to the beginning
 * @param zeros of the shape of an output
 */
record OneWay(
        List<Node> stepOutputs,
        List<State> states,
        State initial,
        @Nullable Tensor mask,
        boolean reversed,
        Node zeros) implements Unrolled {
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
        if (mask == null) {
            return stepOutputs.isEmpty() ? zeros : stepOutputs.get(reversed ? 0 : stepOutputs.size() - 1);
        }
        int[] lastSteps = lastSteps(mask);
        int common = lastSteps.length == 0 ? -1 : lastSteps[0];
        if (Arrays.stream(lastSteps).allMatch(step -> step == common)) {
            return common < 0 ? zeros : stepOutputs.get(common);
        }
        int rows = lastSteps.length;
        Tensor places = Tensor.zeros(DType.INT32, rows);
        for (int row = 0; row < rows; row++) {
            // A row without steps takes its output of step 0, which is 0.
            places.ints()[row] = Math.max(0, lastSteps[row]) * rows + row;
        }
        Node whole =
                Ops.reshape(outputs(), stepOutputs.size() * rows, zeros.shape().columns());
        return Ops.gather(whole, zeros.graph().input(places));
    }

    /** For each row the step that was computed last, or -1. */
    private int[] lastSteps(Tensor mask) {
        int rows = mask.shape().dim(1);
        int[] steps = new int[rows];
        Arrays.fill(steps, -1);
        for (int i = 0; i < stepOutputs.size(); i++) {
            int t = reversed ? stepOutputs.size() - 1 - i : i;
            for (int row = 0; row < rows; row++) {
                steps[row] = mask.ints()[mask.offset() + t * rows + row] != 0 ? t : steps[row];
            }
        }
        return steps;
    }
}
