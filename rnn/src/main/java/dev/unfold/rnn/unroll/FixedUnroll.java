package dev.unfold.rnn.unroll;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Loop;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Repeated;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.StateSpec;
import dev.unfold.rnn.cell.Step;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The step recorded once and replayed: see {@link Unroll#fixed}.
 *
 * @param loop the recording, which all objects made from this one share
 * @param initial a state of the graph to begin with, or null
 * @param detached values of a state to begin with, or null
 */
record FixedUnroll(
        Cell cell,
        Loop loop,
        @Nullable State initial,
        @Nullable DetachedState detached,
        boolean isReversed) implements Unroll {
    private static final int FULL = 0;
    private static final int RAGGED = 1;

    static FixedUnroll of(Cell cell, int maxSteps, int maxRows) {
        Loop loop = new Loop("cell '" + cell.name() + "'", maxSteps, maxRows, (variant, sequences, carried) -> {
            StepRecorder recorder = new StepRecorder(cell);
            List<StateSpec.Field> fields = cell.stateSpec().fields();
            Node x = sequences.get(0);
            State state = State.EMPTY;
            for (int i = 0; i < fields.size(); i++) {
                state = state.with(fields.get(i).name(), carried.get(i));
            }
            Step step = variant == FULL
                    ? recorder.full(x, state, 0)
                    : recorder.ragged(
                            x,
                            state,
                            sequences.get(1),
                            sequences.get(2),
                            recorder.noOutput(x.graph(), x.shape().dim(0), x.dtype()),
                            0);
            List<Node> results = new ArrayList<>(List.of(step.output()));
            fields.forEach(field -> results.add(step.state().get(field.name())));
            return results;
        });
        return new FixedUnroll(cell, loop, null, null, false);
    }

    @Override
    public Unroll from(State state) {
        return new FixedUnroll(cell, loop, state, null, isReversed);
    }

    @Override
    public Unroll from(DetachedState state) {
        return new FixedUnroll(cell, loop, null, state, isReversed);
    }

    @Override
    public Unroll reversed() {
        return new FixedUnroll(cell, loop, initial, detached, !isReversed);
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
        return over(graph.input(inputs), lengths);
    }

    @Override
    public Unrolled over(Node inputs, Lengths lengths) {
        StepRecorder recorder = new StepRecorder(cell);
        Shape shape = inputs.shape();
        recorder.checkInputs(shape);
        if (shape.dim(0) == 0) {
            lengths.check(0, shape.dim(1));
            // There is nothing to look at, and in a plan no length yet.
            Lengths none = inputs.graph().isPlanned() ? Lengths.full() : lengths;
            return new DynamicUnroll(cell, initial, detached, isReversed).over(inputs, none);
        }
        Graph graph = inputs.graph();
        int steps = shape.dim(0);
        int rows = shape.dim(1);
        Counting counting = lengths.isFull() ? null : new Counting(lengths, steps, rows, isReversed);
        List<Node> sequences = new ArrayList<>(List.of(inputs));
        if (counting != null) {
            sequences.add(graph.input(counting.mask()));
            sequences.add(graph.input(counting.standIns()));
        }
        State first = recorder.first(graph, rows, inputs.dtype(), initial, detached);
        List<String> names =
                cell.stateSpec().fields().stream().map(StateSpec.Field::name).toList();
        Repeated steady = graph.repeat(
                loop,
                new Schedule(counting, steps, isReversed),
                sequences,
                names.stream().map(first::get).toList());
        return new Run(steady, names, steps, counting, isReversed);
    }

    /** Which steps to run, from which of them count. */
    private record Schedule(@Nullable Counting counting, int steps, boolean reversed) implements Loop.Schedule {
        @Override
        public int variants() {
            return counting == null ? 1 : 2;
        }

        @Override
        public void refresh() {
            if (counting != null) {
                counting.refresh();
            }
        }

        @Override
        public int at(int position) {
            return reversed ? steps - 1 - position : position;
        }

        @Override
        public int variant(int step) {
            if (counting == null || counting.isForAll(step)) {
                return FULL;
            }
            return counting.isForNone(step) ? SKIP : RAGGED;
        }
    }

    /** A run, or one to be replayed. */
    private record Run(
            Repeated repeated,
            List<String> names,
            int steps,
            @Nullable Counting counting,
            boolean reversed) implements Unrolled {
        @Override
        public Node output(int step) {
            return repeated.output(step);
        }

        @Override
        public Node outputs() {
            return repeated.outputs();
        }

        @Override
        public Node last() {
            return counting == null ? output(reversed ? 0 : steps - 1) : counting.last(outputs());
        }

        @Override
        public State state(int step) {
            State state = State.EMPTY;
            for (int i = 0; i < names.size(); i++) {
                state = state.with(names.get(i), repeated.carried(i, step));
            }
            return state;
        }

        @Override
        public State finalNodes() {
            State state = State.EMPTY;
            for (int i = 0; i < names.size(); i++) {
                state = state.with(names.get(i), repeated.carried(i));
            }
            return state;
        }
    }
}
