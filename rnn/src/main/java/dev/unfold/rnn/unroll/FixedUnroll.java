package dev.unfold.rnn.unroll;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Loop;
import dev.unfold.graph.Node;
import dev.unfold.graph.Repeated;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.StateSpec;
import dev.unfold.rnn.cell.Step;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The step recorded once and replayed: see {@link Unroll#fixed}.
 *
 * @param loop the recording, which all unrolls made from one share
 */
record FixedUnroll(Loop loop) implements CellUnroll.Mode {
    private static final int FULL = 0;
    private static final int RAGGED = 1;

    static CellUnroll of(Cell cell, int maxSteps, int maxRows) {
        Loop loop = new Loop("cell '" + cell.name() + "'", maxSteps, maxRows, new CellStep(cell));
        return new CellUnroll(cell, new FixedUnroll(loop));
    }

    /** A step of a cell; of one cell there is one step, however often it is asked for. */
    private record CellStep(Cell cell) implements Loop.Body {
        @Override
        public List<Node> record(int variant, List<Node> sequences, List<Node> carried) {
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
        }

        /** Whatever a cell calls equal: another cell has other parameters. */
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof CellStep step && step.cell == cell;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(cell);
        }
    }

    @Override
    public Unrolled over(CellUnroll what, Graph graph, Tensor inputs, Lengths lengths) {
        return over(what, graph.input(inputs), lengths);
    }

    @Override
    public Unrolled over(CellUnroll what, Node inputs, Lengths lengths) {
        StepRecorder recorder = new StepRecorder(what.cell());
        Shape shape = inputs.shape();
        recorder.checkInputs(shape);
        if (shape.dim(0) == 0) {
            lengths.check(0, shape.dim(1));
            // There is nothing to look at, and in a plan no length yet.
            Lengths none = inputs.graph().isPlanned() ? Lengths.full() : lengths;
            return what.by(DynamicUnroll.DYNAMIC).over(inputs, none);
        }
        Graph graph = inputs.graph();
        int steps = shape.dim(0);
        int rows = shape.dim(1);
        Counting counting = lengths.isFull() ? null : new Counting(lengths, steps, rows, what.isReversed());
        List<Node> sequences = new ArrayList<>(List.of(inputs));
        if (counting != null) {
            sequences.add(graph.input(counting.mask()));
            sequences.add(graph.input(counting.standIns()));
        }
        State first = what.first(recorder, graph, rows, inputs.dtype());
        List<String> names = what.cell().stateSpec().fields().stream()
                .map(StateSpec.Field::name)
                .toList();
        Repeated repeated = graph.repeat(
                loop,
                new Schedule(counting, steps, what.isReversed()),
                sequences,
                names.stream().map(first::get).toList());
        return new Run(repeated, names, steps, counting, what.isReversed());
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
