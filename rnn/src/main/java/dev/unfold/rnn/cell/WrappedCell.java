package dev.unfold.rnn.cell;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Parameter;
import java.util.List;

/** A cell around a cell, which in all but its step is as the inner one. Override what differs. */
public abstract class WrappedCell implements Cell {
    private final Cell inner;

    /** Makes a wrapper. */
    protected WrappedCell(Cell inner) {
        this.inner = inner;
    }

    /** Returns the cell inside. */
    public final Cell inner() {
        return inner;
    }

    @Override
    public String name() {
        return inner.name();
    }

    @Override
    public int inputSize() {
        return inner.inputSize();
    }

    @Override
    public int outputSize() {
        return inner.outputSize();
    }

    @Override
    public StateSpec stateSpec() {
        return inner.stateSpec();
    }

    @Override
    public List<Parameter> parameters() {
        return inner.parameters();
    }

    @Override
    public State initialState(Graph graph, int rows, DType dtype) {
        return inner.initialState(graph, rows, dtype);
    }
}
