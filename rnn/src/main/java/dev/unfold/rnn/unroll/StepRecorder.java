package dev.unfold.rnn.unroll;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.StateSpec;
import dev.unfold.rnn.cell.Step;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records steps of a cell, the same way for every way of unrolling, and holds the cell to what it declares. */
final class StepRecorder {
    private static final int BEFORE_FIRST = -1;

    private final Cell cell;
    private final DType dtype;
    private final StateSpec spec;

    StepRecorder(Cell cell, DType dtype) {
        this.cell = cell;
        this.dtype = dtype;
        this.spec = cell.stateSpec();
    }

    DType dtype() {
        return dtype;
    }

    /** Returns the names of the fields of the state, in order. */
    List<String> names() {
        return spec.fields().stream().map(StateSpec.Field::name).toList();
    }

    /** Returns a result of a step: the output, 0, or a field of the state, from 1. */
    Node result(Step step, int index) {
        return index == 0
                ? step.output()
                : step.state().get(spec.fields().get(index - 1).name());
    }

    /** Returns the number of features of a result. */
    int size(int index) {
        return index == 0 ? cell.outputSize() : spec.fields().get(index - 1).size();
    }

    /** Records some rows of a state. */
    State chosen(State state, Node rows) {
        State chosen = state;
        for (StateSpec.Field field : spec.fields()) {
            chosen = chosen.with(field.name(), Ops.gather(state.get(field.name()), rows));
        }
        return chosen;
    }

    /** Refuses inputs of another rank or size than {@code [T, N, D]}. */
    void checkInputs(Shape inputs) {
        if (inputs.rank() != 3) {
            throw new IllegalArgumentException("unroll of cell '" + cell.name() + "': inputs are " + inputs
                    + "; expected [time, batch, features " + cell.inputSize() + "]");
        }
        if (inputs.dim(2) != cell.inputSize()) {
            throw new IllegalArgumentException("unroll of cell '" + cell.name() + "': inputs are [time " + inputs.dim(0)
                    + ", batch " + inputs.dim(1) + ", features " + inputs.dim(2) + "]; the cell takes in "
                    + cell.inputSize() + " features; is the sequence time-major?");
        }
    }

    /** Returns what the first step begins with: what is given, else what the cell says. */
    State first(Graph graph, int rows, @Nullable State initial, @Nullable DetachedState detached) {
        State first = detached != null ? detached.attach(graph) : cell.initialState(graph, rows, dtype);
        if (initial != null) {
            first = initial;
            for (String name : initial.names()) {
                // A parameter gets its gradient through this one use, not through each use in the first step.
                first = first.with(name, own(initial.get(name), 0));
            }
        }
        checkState(BEFORE_FIRST, first, rows);
        return first;
    }

    /** Returns zeros of the shape of an output. */
    Node noOutput(Graph graph, int rows) {
        return graph.input(Tensor.zeros(dtype, rows, cell.outputSize()));
    }

    /** Records a step. */
    Step record(Node x, State state, int t) {
        Graph graph = x.graph();
        int first = graph.size();
        Step step = checked(cell.step(x, state), t, x.shape().dim(0));
        State next = step.state();
        for (StateSpec.Field field : spec.fields()) {
            Node value = next.get(field.name());
            Node own = own(value, first);
            next = own == value ? next : next.with(field.name(), own);
        }
        return Step.of(own(step.output(), first), next);
    }

    /**
     * Returns a value as an output of an operation of the step that began with a node: what a cell hands on as it came is copied, so
     * that a step leaves its own values in every way of unrolling.
     */
    private static Node own(Node value, int first) {
        boolean handedOn = value.isLeaf() || value.id() < first;
        return handedOn && value.dtype().isFloat() ? value.times(1) : value;
    }

    private Step checked(Step step, int t, int rows) {
        Shape output = step.output().shape();
        if (output.rank() != 2 || output.dim(0) != rows || output.dim(1) != cell.outputSize()) {
            throw new IllegalArgumentException("cell '" + cell.name() + "': the output of step " + t + " is " + output
                    + "; the cell declares [batch " + rows + ", features " + cell.outputSize() + "]");
        }
        checkState(t, step.state(), rows);
        return step;
    }

    private static String which(int t) {
        return t == BEFORE_FIRST ? "the initial state" : "the state after step " + t;
    }

    /** Checks the state behind a step, or the initial one. */
    private void checkState(int t, State state, int rows) {
        List<StateSpec.Field> fields = spec.fields();
        if (!state.hasExactly(spec)) {
            throw new IllegalArgumentException(
                    "cell '" + cell.name() + "': " + which(t) + " has the fields " + state.names()
                            + "; the cell declares "
                            + fields.stream().map(StateSpec.Field::name).toList());
        }
        for (int i = 0; i < fields.size(); i++) {
            StateSpec.Field field = fields.get(i);
            Shape shape = state.get(field.name()).shape();
            if (shape.rank() != 2 || shape.dim(0) != rows || shape.dim(1) != field.size()) {
                throw new IllegalArgumentException("cell '" + cell.name() + "': field '" + field.name() + "' of "
                        + which(t) + " is " + shape + "; expected [batch " + rows + ", features " + field.size() + "]"
                        + (t == BEFORE_FIRST && shape.rank() == 2 && shape.dim(0) != rows
                                ? "; a state begins a batch of as many rows as it has: choose some by its rows(...), or begin anew"
                                : ""));
            }
        }
    }
}
