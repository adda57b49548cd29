package dev.unfold.rnn.unroll;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.StateSpec;
import dev.unfold.rnn.cell.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** The loop on a tape: see {@link Unroll#dynamic}. */
final class DynamicUnroll implements Unroll {
    private final Cell cell;

    DynamicUnroll(Cell cell) {
        this.cell = cell;
    }

    @Override
    public Unrolled over(Graph graph, Tensor inputs) {
        checkInputs(inputs.shape());
        return over(graph, inputs, initialState(graph, inputs.shape(), inputs.dtype()));
    }

    @Override
    public Unrolled over(Graph graph, Tensor inputs, State initial) {
        return unfold(graph, inputs.shape(), inputs.dtype(), t -> graph.input(inputs.at(t)), initial);
    }

    @Override
    public Unrolled over(Node inputs) {
        checkInputs(inputs.shape());
        return over(inputs, initialState(inputs.graph(), inputs.shape(), inputs.dtype()));
    }

    @Override
    public Unrolled over(Node inputs, State initial) {
        return unfold(inputs.graph(), inputs.shape(), inputs.dtype(), t -> Ops.at(inputs, 0, t), initial);
    }

    private State initialState(Graph graph, Shape inputs, DType dtype) {
        return cell.initialState(graph, inputs.dim(1), dtype);
    }

    private Unrolled unfold(Graph graph, Shape inputs, DType dtype, IntFunction<Node> inputAt, State initial) {
        checkInputs(inputs);
        int rows = inputs.dim(1);
        checkState("the initial state", initial, rows);
        List<Node> outputs = new ArrayList<>(inputs.dim(0));
        State state = initial;
        for (int t = 0; t < inputs.dim(0); t++) {
            graph.atStep(t);
            Step step = cell.step(inputAt.apply(t), state);
            checkOutput(step.output().shape(), t, rows);
            checkState("the state after step " + t, step.state(), rows);
            outputs.add(step.output());
            state = step.state();
        }
        graph.atStep(-1);
        Node nothing = outputs.isEmpty() ? graph.input(Tensor.zeros(dtype, rows, cell.outputSize())) : outputs.get(0);
        return new Unrolled(outputs, nothing, state);
    }

    private void checkInputs(Shape inputs) {
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

    private void checkOutput(Shape output, int t, int rows) {
        if (output.rank() != 2 || output.dim(0) != rows || output.dim(1) != cell.outputSize()) {
            throw new IllegalArgumentException("cell '" + cell.name() + "': the output of step " + t + " is " + output
                    + "; the cell declares [batch " + rows + ", features " + cell.outputSize() + "]");
        }
    }

    private void checkState(String which, State state, int rows) {
        List<StateSpec.Field> fields = cell.stateSpec().fields();
        boolean sameNames = fields.size() == state.names().size();
        for (StateSpec.Field field : fields) {
            sameNames &= state.names().contains(field.name());
        }
        if (!sameNames) {
            throw new IllegalArgumentException(
                    "cell '" + cell.name() + "': " + which + " has the fields " + state.names()
                            + "; the cell declares "
                            + fields.stream().map(StateSpec.Field::name).toList());
        }
        for (StateSpec.Field field : fields) {
            Shape shape = state.get(field.name()).shape();
            if (shape.rank() != 2 || shape.dim(0) != rows || shape.dim(1) != field.size()) {
                throw new IllegalArgumentException("cell '" + cell.name() + "': field '" + field.name() + "' of "
                        + which + " is " + shape + "; expected [batch " + rows + ", features " + field.size() + "]");
            }
        }
    }
}
