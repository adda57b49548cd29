package dev.unfold.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The uses of parameters that a sweep has come by and that are still to contribute: for each parameter a chain, the last noted first. */
final class ParameterUses {
    static final int NONE = -1;
    private static final int FIRST_CAPACITY = 16;

    private final List<Node> parameters = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private int[] inputs = new int[FIRST_CAPACITY];
    private int[] next = new int[FIRST_CAPACITY];
    private long work;

    /** Notes that an operation uses a parameter as one of its inputs. */
    void add(Node node, int input) {
        int use = nodes.size();
        if (use == inputs.length) {
            inputs = Arrays.copyOf(inputs, 2 * use);
            next = Arrays.copyOf(next, 2 * use);
        }
        Node parameter = node.inputs[input];
        if (parameter.firstUse == NONE) {
            parameters.add(parameter);
        }
        nodes.add(node);
        inputs[use] = input;
        next[use] = parameter.firstUse;
        parameter.firstUse = use;
        work += Team.work(node);
    }

    /** About how many operations on numbers all of them take. */
    long work() {
        return work;
    }

    /** The number of uses. */
    int size() {
        return nodes.size();
    }

    /** The number of parameters in use. */
    int parameters() {
        return parameters.size();
    }

    Node parameter(int index) {
        return parameters.get(index);
    }

    Node node(int use) {
        return nodes.get(use);
    }

    int input(int use) {
        return inputs[use];
    }

    /** The use of the same parameter noted before; {@link #NONE} for the first. */
    int next(int use) {
        return next[use];
    }

    void clear() {
        for (int i = 0; i < parameters.size(); i++) {
            parameters.get(i).firstUse = NONE;
        }
        parameters.clear();
        nodes.clear();
        work = 0;
    }
}
