package dev.unfold.rnn.unroll;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.State;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A run of a cell in one direction. */
final class OneWay implements Unrolled {
    private static final int OUTPUT = 0;

    private final Pieces pieces;
    private final Counting counting;
    private final List<String> names;
    private final State initial;
    private final Node noOutput;
    private final Map<Integer, Node> all = new HashMap<>();
    private final Map<Integer, Node> withInitial = new HashMap<>();

    /** What the steps of a run have left: result 0 is the output, those from 1 are the fields of the state. */
    interface Pieces {
        /** Returns a result of one step, of a run that is whole. */
        Node result(int index, int step);

        /** Records a result of all steps: {@code [T, N, ...]} of a run that is whole, else the rows of each step behind those of the one before. */
        Node results(int index);

        /** Copies the values of a result at the last step of each row of a run that is not whole, in the order of the run. */
        Tensor lasts(int index);
    }

    /**
     * Makes a run.
     *
     * @param names of the fields of the state, in order
     * @param noOutput zeros of the shape of an output
     */
    OneWay(Pieces pieces, Counting counting, List<String> names, State initial, Node noOutput) {
        this.pieces = pieces;
        this.counting = counting;
        this.names = names;
        this.initial = initial;
        this.noOutput = noOutput;
    }

    private Node all(int index) {
        return all.computeIfAbsent(index, pieces::results);
    }

    private Node input(Tensor indices) {
        return noOutput.graph().input(indices);
    }

    private void checkStep(int step) {
        if (step < 0 || step >= steps()) {
            throw new IndexOutOfBoundsException("unrolled: no step " + step + "; steps are 0 to " + (steps() - 1));
        }
    }

    @Override
    public int steps() {
        return counting.steps();
    }

    @Override
    public Node output(int step) {
        checkStep(step);
        return counting.isWhole()
                ? pieces.result(OUTPUT, step)
                : Ops.gatherOrZero(all(OUTPUT), input(counting.places().at(step)));
    }

    @Override
    public Node outputs() {
        if (steps() == 0) {
            Graph graph = noOutput.graph();
            return graph.input(Tensor.zeros(noOutput.dtype(), noOutput.shape().with(0, 0)));
        }
        return counting.isWhole() ? all(OUTPUT) : Ops.gatherOrZero(all(OUTPUT), input(counting.places()));
    }

    @Override
    public Node last() {
        if (steps() == 0) {
            return noOutput;
        }
        return counting.isWhole() ? output(steps() - 1) : Ops.gatherOrZero(all(OUTPUT), input(counting.last()));
    }

    @Override
    public State state(int step) {
        checkStep(step);
        State state = State.EMPTY;
        for (int i = 0; i < names.size(); i++) {
            Node value = counting.isWhole()
                    ? pieces.result(1 + i, step)
                    : held(i, counting.held().at(step));
            state = state.with(names.get(i), value);
        }
        return state;
    }

    @Override
    public State finalNodes() {
        if (steps() == 0) {
            return initial;
        }
        if (counting.isWhole()) {
            return state(steps() - 1);
        }
        State state = State.EMPTY;
        for (int i = 0; i < names.size(); i++) {
            state = state.with(names.get(i), held(i, counting.finals()));
        }
        return state;
    }

    /** Copies values without recording anything, so that it can be asked for behind backward as well. */
    @Override
    public DetachedState finalState() {
        if (counting.isWhole() || steps() == 0) {
            return finalNodes().detach();
        }
        DetachedState state = DetachedState.EMPTY;
        for (int i = 0; i < names.size(); i++) {
            Tensor before = initial.get(names.get(i)).value();
            Tensor lasts = pieces.lasts(1 + i);
            Tensor last = before.copy();
            for (int place = 0; place < lasts.shape().dim(0); place++) {
                last.at(counting.rowOfBatch(place)).copyFrom(lasts.at(place));
            }
            state = state.with(names.get(i), last);
        }
        return state;
    }

    /** A field of the state as some step left it in each row, or as it was in the beginning. */
    private Node held(int field, Tensor indices) {
        Node values = withInitial.computeIfAbsent(
                field, index -> Ops.concat(0, initial.get(names.get(index)), all(1 + index)));
        return Ops.gather(values, input(indices));
    }
}
