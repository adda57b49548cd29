package dev.unfold.rnn.cell;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.init.Initializers;
import dev.unfold.rnn.init.Parameters;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A cell whose initial state is learned: one parameter {@code [size]} for each field, repeated for every row, whose gradient is the
 * sum over the rows. It begins at zero.
 */
public final class LearnedStartCell extends WrappedCell {
    private final Map<String, Parameter> starts = new LinkedHashMap<>();

    /**
     * Wraps a cell.
     *
     * @param parameters makes the parameters, named {@code start.} and the name of the field
     * @param inner any cell
     */
    public LearnedStartCell(Parameters parameters, Cell inner) {
        super(inner);
        for (StateSpec.Field field : inner.stateSpec().fields()) {
            starts.put(field.name(), parameters.make("start." + field.name(), Initializers.zeros(), field.size()));
        }
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>(inner().parameters());
        // An inner cell that answers for a whole path has these already.
        starts.values().stream().filter(start -> !all.contains(start)).forEach(all::add);
        return List.copyOf(all);
    }

    @Override
    public State initialState(Graph graph, int rows, DType dtype) {
        State state = State.EMPTY;
        for (StateSpec.Field field : stateSpec().fields()) {
            Node zeros = graph.input(Tensor.zeros(dtype, rows, field.size()));
            state = state.with(field.name(), zeros.plus(Objects.requireNonNull(starts.get(field.name()))));
        }
        return state;
    }

    @Override
    public Step step(Node x, State state) {
        return inner().step(x, state);
    }
}
