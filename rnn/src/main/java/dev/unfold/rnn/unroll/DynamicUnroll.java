package dev.unfold.rnn.unroll;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.StateSpec;
import dev.unfold.rnn.cell.Step;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The loop on a tape: see {@link Unroll#dynamic}.
 *
 * @param initial a state of the graph to begin with, or null
 * @param detached values of a state to begin with, or null
 */
record DynamicUnroll(
        Cell cell, @Nullable State initial, @Nullable DetachedState detached, boolean isReversed) implements Unroll {
    private static final int BEFORE_FIRST = -1;

    @Override
    public Unroll from(State state) {
        return new DynamicUnroll(cell, state, null, isReversed);
    }

    @Override
    public Unroll from(DetachedState state) {
        return new DynamicUnroll(cell, null, state, isReversed);
    }

    @Override
    public Unroll reversed() {
        return new DynamicUnroll(cell, initial, detached, !isReversed);
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
        return unfold(graph, inputs.shape(), inputs.dtype(), t -> graph.input(inputs.at(t)), lengths);
    }

    @Override
    public Unrolled over(Node inputs, Lengths lengths) {
        return unfold(inputs.graph(), inputs.shape(), inputs.dtype(), t -> Ops.at(inputs, 0, t), lengths);
    }

    private Unrolled unfold(Graph graph, Shape inputs, DType dtype, IntFunction<Node> inputAt, Lengths lengths) {
        checkInputs(inputs);
        int steps = inputs.dim(0);
        int rows = inputs.dim(1);
        Tensor mask = lengths.isFull() ? null : lengths.maskFor(steps, rows);
        StateSpec spec = cell.stateSpec();
        State first = firstState(graph, rows, dtype);
        checkState(BEFORE_FIRST, first, spec, rows);
        Node noOutput = graph.input(Tensor.zeros(dtype, rows, cell.outputSize()));
        Node[] outputs = new Node[steps];
        State[] states = new State[steps];
        State state = first;
        for (int i = 0; i < steps; i++) {
            int t = isReversed ? steps - 1 - i : i;
            graph.atStep(t);
            int counting = mask == null ? rows : counting(mask, t);
            if (counting == 0 && rows > 0) {
                outputs[t] = noOutput;
            } else {
                Node x = inputAt.apply(t);
                Step step = mask == null || counting == rows
                        ? checked(cell.step(x, state), spec, t, rows)
                        : raggedStep(x, state, spec, mask.at(t), t, noOutput);
                outputs[t] = step.output();
                state = step.state();
            }
            states[t] = state;
        }
        graph.atStep(-1);
        return new OneWay(Arrays.asList(outputs), Arrays.asList(states), first, mask, isReversed, noOutput);
    }

    /**
     * A step that does not count for every row. The others go through the cell as copies of a row that counts and are dropped
     * behind it: padding must not reach the cell, nor any made-up input, since a gradient of 0 times an infinite slope there would be
     * NaN in the gradient of a weight.
     */
    private Step raggedStep(Node x, State state, StateSpec spec, Tensor mask, int t, Node noOutput) {
        Graph graph = x.graph();
        int rows = mask.size();
        Node counts = graph.input(mask);
        Node standIns = graph.input(standIns(mask));
        State from = state;
        for (StateSpec.Field field : spec.fields()) {
            from = from.with(field.name(), Ops.gather(state.get(field.name()), standIns));
        }
        Step step = checked(cell.step(Ops.gather(x, standIns), from), spec, t, rows);
        State held = state;
        for (StateSpec.Field field : spec.fields()) {
            String name = field.name();
            held = held.with(name, Ops.select(counts, step.state().get(name), state.get(name)));
        }
        return Step.of(Ops.select(counts, step.output(), noOutput), held);
    }

    /** For each row its own number where it counts, else that of the first row that does. */
    private static Tensor standIns(Tensor mask) {
        int rows = mask.size();
        int first = 0;
        while (mask.ints()[mask.offset() + first] == 0) {
            first++;
        }
        int[] standIns = new int[rows];
        for (int row = 0; row < rows; row++) {
            standIns[row] = mask.ints()[mask.offset() + row] != 0 ? row : first;
        }
        return Tensor.of(standIns, rows);
    }

    private Step checked(Step step, StateSpec spec, int t, int rows) {
        Shape output = step.output().shape();
        if (output.rank() != 2 || output.dim(0) != rows || output.dim(1) != cell.outputSize()) {
            throw new IllegalArgumentException("cell '" + cell.name() + "': the output of step " + t + " is " + output
                    + "; the cell declares [batch " + rows + ", features " + cell.outputSize() + "]");
        }
        checkState(t, step.state(), spec, rows);
        return step;
    }

    private State firstState(Graph graph, int rows, DType dtype) {
        if (initial != null) {
            return initial;
        }
        return detached != null ? detached.attach(graph) : cell.initialState(graph, rows, dtype);
    }

    private static int counting(Tensor mask, int t) {
        int rows = mask.shape().dim(1);
        int counting = 0;
        for (int row = 0; row < rows; row++) {
            counting += mask.ints()[mask.offset() + t * rows + row] != 0 ? 1 : 0;
        }
        return counting;
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

    private static String which(int t) {
        return t == BEFORE_FIRST ? "the initial state" : "the state after step " + t;
    }

    /** Checks the state behind a step, or the initial one. */
    private void checkState(int t, State state, StateSpec spec, int rows) {
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
                        + which(t) + " is " + shape + "; expected [batch " + rows + ", features " + field.size() + "]");
            }
        }
    }
}
