package dev.unfold.rnn.cell;

import dev.unfold.graph.Node;
import java.util.Arrays;
import java.util.List;

/**
 * What a cell carries from one step to the next inside a graph: named nodes. Immutable.
 *
 * @see DetachedState the same outside of any graph
 */
public final class State {
    /** No fields. */
    public static final State EMPTY = new State(new String[0], new Node[0]);

    private final String[] names;
    private final Node[] values;

    private State(String[] names, Node[] values) {
        this.names = names;
        this.values = values;
    }

    /** Makes a state of one field. */
    public static State of(String name, Node value) {
        return new State(new String[] {name}, new Node[] {value});
    }

    /** Makes a state of two fields. */
    public static State of(String firstName, Node first, String secondName, Node second) {
        return of(firstName, first).with(secondName, second);
    }

    /** Returns this state with one field more, or with a field of that name replaced. */
    public State with(String name, Node value) {
        int at = Arrays.asList(names).indexOf(name);
        int size = at < 0 ? names.length + 1 : names.length;
        String[] newNames = Arrays.copyOf(names, size);
        Node[] newValues = Arrays.copyOf(values, size);
        newNames[at < 0 ? names.length : at] = name;
        newValues[at < 0 ? names.length : at] = value;
        return new State(newNames, newValues);
    }

    /** Returns this state with all fields of another, each named {@code prefix.name}. */
    public State withAll(String prefix, State other) {
        State more = this;
        for (int i = 0; i < other.names.length; i++) {
            more = more.with(prefix + "." + other.names[i], other.values[i]);
        }
        return more;
    }

    /** Returns the fields that are named {@code prefix.name}, each as {@code name}. */
    public State below(String prefix) {
        State own = EMPTY;
        for (int i = 0; i < names.length; i++) {
            if (names[i].startsWith(prefix + ".")) {
                own = own.with(names[i].substring(prefix.length() + 1), values[i]);
            }
        }
        return own;
    }

    /**
     * Returns a field.
     *
     * @throws IllegalArgumentException where there is none of that name
     */
    public Node get(String name) {
        for (int i = 0; i < names.length; i++) {
            if (names[i].equals(name)) {
                return values[i];
            }
        }
        throw new IllegalArgumentException("state: no field '" + name + "'; there are " + names());
    }

    /** Returns the names of the fields, in order. */
    public List<String> names() {
        return List.of(names);
    }

    /** Returns whether the fields are, by name, those of a declaration. */
    public boolean hasExactly(StateSpec spec) {
        int found = 0;
        for (int i = 0; i < names.length; i++) {
            found += spec.declares(names[i]) ? 1 : 0;
        }
        return found == names.length && found == spec.fields().size();
    }

    /** Returns the values of all fields, copied out of the graph: constants to whatever run they are given to next. */
    public DetachedState detach() {
        DetachedState detached = DetachedState.EMPTY;
        for (int i = 0; i < names.length; i++) {
            detached = detached.with(names[i], values[i].value());
        }
        return detached;
    }
}
