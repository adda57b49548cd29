package dev.unfold.rnn.cell;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.ops.Ops;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * Cells on top of each other as one cell: the output of each is the input of the next, and the output of the last is that of the
 * stack. The state holds the states of all, each field behind the number of its layer: {@code 0.h}, {@code 0.c}, {@code 1.h}.
 *
 * <pre>{@code
 * Cell stack = StackedCell.of(2, i -> new LstmCell(p.below("layer" + i), i == 0 ? 28 : 128, 128));
 * }</pre>
 */
public final class StackedCell implements Cell {
    /** How the input of a layer is made. */
    private enum Wiring {
        PLAIN,
        SKIP
    }

    private final List<Cell> layers;
    private final Wiring wiring;
    private final StateSpec stateSpec;

    private StackedCell(List<? extends Cell> layers, Wiring wiring, boolean shared) {
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("stack: no layers are given; expected at least one");
        }
        this.layers = List.copyOf(layers);
        this.wiring = wiring;
        if (!shared) {
            refuseDoubles();
        }
        checkSizes();
        StateSpec spec = StateSpec.NONE;
        for (int i = 0; i < layers.size(); i++) {
            for (StateSpec.Field field : layers.get(i).stateSpec().fields()) {
                spec = spec.and(i + "." + field.name(), field.size());
            }
        }
        this.stateSpec = spec;
    }

    /**
     * Makes a stack.
     *
     * @param count the number of layers, at least 1
     * @param factory makes each layer, given its number from 0; a new cell each time
     * @throws IllegalArgumentException where the factory gives the same cell or the same parameter twice (which would share
     *     weights: see {@link #shared}), or where sizes do not fit
     */
    public static StackedCell of(int count, IntFunction<? extends Cell> factory) {
        return new StackedCell(made(count, factory), Wiring.PLAIN, false);
    }

    /**
     * Makes a stack with skip connections: a layer above the first takes in the input of the stack and the output of the layer below
     * side by side, and the output of the stack is that of all layers side by side (A. Graves 2013).
     *
     * @throws IllegalArgumentException as {@link #of}
     */
    public static StackedCell withSkips(int count, IntFunction<? extends Cell> factory) {
        return new StackedCell(made(count, factory), Wiring.SKIP, false);
    }

    /**
     * Makes a stack of one cell, used again in every layer: the layers share weights but not state.
     *
     * @throws IllegalArgumentException where the cell's output is not of the size of its input
     */
    public static StackedCell shared(int count, Cell cell) {
        return new StackedCell(made(count, i -> cell), Wiring.PLAIN, true);
    }

    private static List<Cell> made(int count, IntFunction<? extends Cell> factory) {
        List<Cell> cells = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            cells.add(factory.apply(i));
        }
        return cells;
    }

    private void refuseDoubles() {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < layers.size(); i++) {
            if (!seen.add(layers.get(i))) {
                throw new IllegalArgumentException("stack: layer " + i + " is a cell that is in the stack already, '"
                        + layers.get(i).name() + "'; make a new one for each layer, or use shared");
            }
            for (Parameter parameter : layers.get(i).parameters()) {
                if (!seen.add(parameter)) {
                    throw new IllegalArgumentException("stack: layer " + i + " uses " + parameter
                            + " of a layer below; make new parameters for each layer, or use shared");
                }
            }
        }
    }

    private void checkSizes() {
        for (int i = 1; i < layers.size(); i++) {
            int given = layers.get(i - 1).outputSize() + (wiring == Wiring.SKIP ? inputSize() : 0);
            if (layers.get(i).inputSize() != given) {
                throw new IllegalArgumentException("stack: layer " + i + " takes in "
                        + layers.get(i).inputSize() + " features but is given " + given);
            }
        }
    }

    /** Returns the cells from the lowest layer to the highest. */
    public List<Cell> layers() {
        return layers;
    }

    @Override
    public String name() {
        return "stack of " + layers.size() + " from '" + layers.get(0).name() + "'";
    }

    @Override
    public int inputSize() {
        return layers.get(0).inputSize();
    }

    @Override
    public int outputSize() {
        return wiring == Wiring.SKIP
                ? layers.stream().mapToInt(Cell::outputSize).sum()
                : layers.get(layers.size() - 1).outputSize();
    }

    @Override
    public StateSpec stateSpec() {
        return stateSpec;
    }

    @Override
    public List<Parameter> parameters() {
        return layers.stream()
                .flatMap(layer -> layer.parameters().stream())
                .distinct()
                .toList();
    }

    @Override
    public State initialState(Graph graph, int rows, DType dtype) {
        State state = State.EMPTY;
        for (int i = 0; i < layers.size(); i++) {
            state = state.withAll(Integer.toString(i), layers.get(i).initialState(graph, rows, dtype));
        }
        return state;
    }

    @Override
    public Step step(Node x, State state) {
        State next = State.EMPTY;
        Node input = x;
        Node[] outputs = new Node[layers.size()];
        for (int i = 0; i < layers.size(); i++) {
            Step step = layers.get(i).step(input, state.below(Integer.toString(i)));
            // A copy, so that the layer above can run its products over all steps at once, when this one has run them.
            outputs[i] = i == layers.size() - 1 ? step.output() : step.output().times(1);
            next = next.withAll(Integer.toString(i), step.state());
            input = wiring == Wiring.SKIP ? Ops.concat(1, x, outputs[i]) : outputs[i];
        }
        Node last = outputs[outputs.length - 1];
        return Step.of(wiring == Wiring.SKIP && outputs.length > 1 ? Ops.concat(1, outputs) : last, next);
    }
}
