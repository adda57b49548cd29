package dev.unfold.rnn.unroll;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.State;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One cell in one direction.
 *
 * @param mode how its steps come about
 * @param initial a state of the graph to begin with, or null
 * @param detached values of a state to begin with, or null
 */
record CellUnroll(
        Cell cell,
        Mode mode,
        @Nullable State initial,
        @Nullable DetachedState detached,
        boolean isReversed) implements Unroll {
    /** How the steps of a cell come about. */
    interface Mode {
        /**
         * Runs the steps.
         *
         * @param first what the first step begins with
         * @param counting which of them to run, in which order
         */
        OneWay.Pieces run(StepRecorder recorder, Node inputs, State first, Counting counting);

        /** Returns this within a budget of bytes. */
        Mode within(Cell cell, long bytes);

        /** Returns whether lengths must be there when it is recorded. */
        boolean readsLengths();
    }

    CellUnroll(Cell cell, Mode mode) {
        this(cell, mode, null, null, false);
    }

    @Override
    public Unroll from(State state) {
        return new CellUnroll(cell, mode, state, null, isReversed);
    }

    @Override
    public Unroll from(DetachedState state) {
        return new CellUnroll(cell, mode, null, state, isReversed);
    }

    @Override
    public Unroll budget(long bytes) {
        return new CellUnroll(cell, mode.within(cell, bytes), initial, detached, isReversed);
    }

    @Override
    public Unroll reversed() {
        return new CellUnroll(cell, mode, initial, detached, !isReversed);
    }

    @Override
    public boolean isCausal() {
        return !isReversed;
    }

    @Override
    public int inputSize() {
        return cell.inputSize();
    }

    @Override
    public int outputSize() {
        return cell.outputSize();
    }

    @Override
    public Structure structure() {
        return new Structure.OneWay(cell, isReversed);
    }

    @Override
    public List<Parameter> parameters() {
        return cell.parameters();
    }

    @Override
    public Unrolled over(Graph graph, Tensor inputs, Lengths lengths) {
        return over(graph.input(inputs), lengths);
    }

    @Override
    public Unrolled over(Node inputs, Lengths lengths) {
        Graph graph = inputs.graph();
        StepRecorder recorder = new StepRecorder(cell, inputs.dtype());
        recorder.checkInputs(inputs.shape());
        if (mode.readsLengths()) {
            lengths.checkReadable(graph, "dynamic unrolling");
        }
        int steps = inputs.shape().dim(0);
        int rows = inputs.shape().dim(1);
        Counting counting = new Counting(lengths, steps, rows, isReversed);
        State first = recorder.first(graph, rows, initial, detached);
        Node noOutput = recorder.noOutput(graph, rows);
        OneWay.Pieces pieces = mode.run(recorder, inputs, first, counting);
        return new OneWay(pieces, counting, recorder.names(), first, noOutput);
    }
}
