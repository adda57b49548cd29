package dev.unfold.rnn.unroll;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Loop;
import dev.unfold.graph.Node;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.State;
import java.util.List;

/**
 * Every step recorded anew, some at a time: {@link Unroll#dynamic} within a budget.
 *
 * @param loop the step and the budget
 */
record TapedUnroll(Loop loop) implements CellUnroll.Mode {
    static TapedUnroll of(Cell cell, long budget) {
        return new TapedUnroll(
                FixedUnroll.loop(cell, Integer.MAX_VALUE, Integer.MAX_VALUE).within(budget));
    }

    @Override
    public OneWay.Pieces run(StepRecorder recorder, Node inputs, State first, Counting counting) {
        counting.refresh();
        boolean nothing = counting.isWhole() ? inputs.shape().size() == 0 : counting.runs() == 0;
        if (nothing) {
            return DynamicUnroll.DYNAMIC.run(recorder, inputs, first, counting);
        }
        Graph graph = inputs.graph();
        Node sequence = counting.isWhole() ? inputs : counting.packed(inputs);
        State state = counting.isWhole() ? first : recorder.chosen(first, graph.input(counting.first()));
        List<Node> carried = recorder.names().stream().map(state::get).toList();
        return new FixedUnroll.Replayed(graph.repeatAnew(loop, counting, List.of(sequence), carried));
    }

    @Override
    public CellUnroll.Mode within(Cell cell, long bytes) {
        return new TapedUnroll(loop.within(bytes));
    }

    @Override
    public boolean readsLengths() {
        return true;
    }
}
