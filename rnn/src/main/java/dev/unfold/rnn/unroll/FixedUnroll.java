package dev.unfold.rnn.unroll;

import dev.unfold.graph.Loop;
import dev.unfold.graph.Node;
import dev.unfold.graph.Repeated;
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
    static CellUnroll of(Cell cell, int maxSteps, int maxRows) {
        return new CellUnroll(cell, new FixedUnroll(loop(cell, maxSteps, maxRows)));
    }

    /** Returns what is done at each step of a cell. */
    static Loop loop(Cell cell, int maxSteps, int maxRows) {
        return new Loop("cell '" + cell.name() + "'", maxSteps, maxRows, new CellStep(cell));
    }

    /** A step of a cell; of one cell there is one step, however often it is asked for. */
    private record CellStep(Cell cell) implements Loop.Body {
        @Override
        public List<Node> record(List<Node> sequences, List<Node> carried) {
            List<StateSpec.Field> fields = cell.stateSpec().fields();
            Node x = sequences.get(0);
            State state = State.EMPTY;
            for (int i = 0; i < fields.size(); i++) {
                state = state.with(fields.get(i).name(), carried.get(i));
            }
            StepRecorder recorder = new StepRecorder(cell, x.dtype());
            Step step = recorder.record(x, state, x.graph().isPlanned() ? 0 : x.step());
            List<Node> results = new ArrayList<>();
            for (int i = 0; i <= fields.size(); i++) {
                results.add(recorder.result(step, i));
            }
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
    public OneWay.Pieces run(StepRecorder recorder, Node inputs, State first, Counting counting) {
        if (counting.steps() == 0) {
            return DynamicUnroll.DYNAMIC.run(recorder, inputs, first, counting);
        }
        List<Node> carried = recorder.names().stream().map(first::get).toList();
        return new Replayed(inputs.graph().repeat(loop, counting, List.of(inputs), carried));
    }

    @Override
    public CellUnroll.Mode within(Cell cell, long bytes) {
        return new FixedUnroll(loop.within(bytes));
    }

    @Override
    public boolean readsLengths() {
        return false;
    }

    /** What a loop has left, or will leave. */
    record Replayed(Repeated repeated) implements OneWay.Pieces {
        @Override
        public Node result(int index, int step) {
            return repeated.result(index, step);
        }

        @Override
        public Node results(int index) {
            return repeated.results(index);
        }

        @Override
        public Tensor lasts(int index) {
            return repeated.lasts(index);
        }
    }
}
