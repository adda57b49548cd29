package dev.unfold.rnn.cell;

import static dev.unfold.rnn.Golden.assertClose;
import static dev.unfold.rnn.Weighted.joined;
import static dev.unfold.rnn.Weighted.parameter;
import static dev.unfold.rnn.Weighted.set;
import static dev.unfold.rnn.Weighted.weightedSum;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.Golden;
import dev.unfold.rnn.Mode;
import dev.unfold.rnn.unroll.Unrolled;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** One step of a cell against a reference that names its gates one by one, in values and all gradients. */
final class GoldenSteps {
    private GoldenSteps() {}

    /**
     * Checks one step, unrolled.
     *
     * @param groups for each parameter of the cell, the names of the tensors that stand side by side in it
     */
    static void check(
            Golden golden, Mode mode, Cell cell, DType dtype, Map<String, String[]> groups, double tolerance) {
        groups.forEach((name, parts) -> set(cell, name, join(golden, "", parts)));
        Graph graph = new Graph();
        Node x = graph.variable(golden.tensor("x").to(dtype));
        Map<String, Node> previous = new LinkedHashMap<>();
        State state = State.EMPTY;
        for (StateSpec.Field field : cell.stateSpec().fields()) {
            Node value = graph.variable(golden.tensor(field.name() + "_prev").to(dtype));
            previous.put(field.name(), value);
            state = state.with(field.name(), value);
        }
        State after = run(mode, cell, x, state).finalNodes();
        Node loss = null;
        for (String field : previous.keySet()) {
            Node part = weightedSum(after.get(field), golden.tensor("weight." + field));
            loss = loss == null ? part : loss.plus(part);
        }
        graph.backward(Objects.requireNonNull(loss));

        assertClose(golden.tensor("loss"), loss.value(), tolerance);
        assertClose(golden.tensor("grad.x"), x.gradient(), tolerance);
        previous.forEach((field, before) -> {
            assertClose(golden.tensor(field), after.get(field).value(), tolerance);
            assertClose(golden.tensor("grad." + field + "_prev"), before.gradient(), tolerance);
        });
        groups.forEach((name, parts) ->
                assertClose(join(golden, "grad.", parts), parameter(cell, name).gradient(), tolerance));
    }

    /** Runs one step over x {@code [N, D]}. */
    static Unrolled run(Mode mode, Cell cell, Node x, State state) {
        Node sequence = Ops.reshape(x, 1, x.shape().dim(0), x.shape().dim(1));
        return mode.unroll(cell).from(state).over(sequence);
    }

    private static Tensor join(Golden golden, String prefix, String[] parts) {
        return joined(
                Arrays.stream(parts).map(part -> golden.tensor(prefix + part)).toArray(Tensor[]::new));
    }
}
