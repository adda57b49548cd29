package dev.unfold.rnn.unroll;

import dev.unfold.graph.DType;
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
        /** Runs over constant inputs: see {@link Unroll#over(Graph, Tensor, Lengths)}. */
        Unrolled over(CellUnroll what, Graph graph, Tensor inputs, Lengths lengths);

        /** Runs over values of a graph: see {@link Unroll#over(Node, Lengths)}. */
        Unrolled over(CellUnroll what, Node inputs, Lengths lengths);
    }

    CellUnroll(Cell cell, Mode mode) {
        this(cell, mode, null, null, false);
    }

    /** Returns the same by another mode. */
    CellUnroll by(Mode other) {
        return new CellUnroll(cell, other, initial, detached, isReversed);
    }

    /** Returns what the first step begins with. */
    State first(StepRecorder recorder, Graph graph, int rows, DType dtype) {
        return recorder.first(graph, rows, dtype, initial, detached);
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
    public List<Parameter> parameters() {
        return cell.parameters();
    }

    @Override
    public Unrolled over(Graph graph, Tensor inputs, Lengths lengths) {
        return mode.over(this, graph, inputs, lengths);
    }

    @Override
    public Unrolled over(Node inputs, Lengths lengths) {
        return mode.over(this, inputs, lengths);
    }
}
