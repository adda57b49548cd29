package dev.unfold.rnn.cell;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The values of a state outside of any graph: what a run leaves and the next may begin from. No gradient flows through it.
 * Immutable, as long as nobody writes into its tensors.
 *
 * @param values tensors {@code [N, size]} by the names of the fields, in order
 */
public record DetachedState(Map<String, Tensor> values) {
    /** No fields. */
    public static final DetachedState EMPTY = new DetachedState(Map.of());

    /** Copies the map. */
    public DetachedState {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** Makes a state of one field. */
    public static DetachedState of(String name, Tensor value) {
        return EMPTY.with(name, value);
    }

    /** Returns this state with one field more, or with a field of that name replaced. */
    public DetachedState with(String name, Tensor value) {
        Map<String, Tensor> more = new LinkedHashMap<>(values);
        more.put(name, value);
        return new DetachedState(more);
    }

    /** Returns this state with all fields of another, each as {@code prefix.name}. */
    public DetachedState withAll(String prefix, DetachedState other) {
        DetachedState all = this;
        for (Map.Entry<String, Tensor> field : other.values.entrySet()) {
            all = all.with(prefix + "." + field.getKey(), field.getValue());
        }
        return all;
    }

    /** Returns the fields that are named {@code prefix.name}, each as {@code name}. */
    public DetachedState below(String prefix) {
        DetachedState own = EMPTY;
        for (Map.Entry<String, Tensor> field : values.entrySet()) {
            if (field.getKey().startsWith(prefix + ".")) {
                own = own.with(field.getKey().substring(prefix.length() + 1), field.getValue());
            }
        }
        return own;
    }

    /**
     * Returns a field.
     *
     * @throws IllegalArgumentException where there is none of that name
     */
    public Tensor get(String name) {
        Tensor value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("state: no field '" + name + "'; there are " + values.keySet());
        }
        return value;
    }

    /**
     * Returns a copy of some rows of every field, in the order in which they are named; a row may be named more than once, or not at
     * all. So a search keeps its best beams, and a smaller batch goes on where a larger one ended.
     *
     * @param rows numbers of rows, from 0
     * @throws IllegalArgumentException where a field has no such row
     */
    public DetachedState rows(int... rows) {
        DetachedState chosen = EMPTY;
        for (Map.Entry<String, Tensor> field : values.entrySet()) {
            Tensor from = field.getValue();
            int height = from.shape().dim(0);
            Tensor to = Tensor.zeros(from.dtype(), from.shape().withDim(0, rows.length));
            for (int i = 0; i < rows.length; i++) {
                if (rows[i] < 0 || rows[i] >= height) {
                    throw new IllegalArgumentException("state: no row " + rows[i] + " in field '" + field.getKey()
                            + "' " + from.shape() + "; there are " + height);
                }
                to.at(i).copyFrom(from.at(rows[i]));
            }
            chosen = chosen.with(field.getKey(), to);
        }
        return chosen;
    }

    /** Takes the values into a graph as constants. */
    public State attach(Graph graph) {
        State state = State.EMPTY;
        for (Map.Entry<String, Tensor> field : values.entrySet()) {
            state = state.with(field.getKey(), graph.input(field.getValue()));
        }
        return state;
    }
}
