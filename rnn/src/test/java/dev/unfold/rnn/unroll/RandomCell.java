package dev.unfold.rnn.unroll;

import dev.unfold.graph.DType;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.StateSpec;
import dev.unfold.rnn.cell.Step;
import dev.unfold.rnn.init.NumpyRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * A cell of random operations, the same at each step. Fields of the state come through, change places, are constants, depend on a
 * parameter or on the input alone, are one node, need no gradient, or are nothing that the output depends on, as it happens.
 */
final class RandomCell implements Cell {
    /** The kinds of operations that {@link #operation} knows. */
    private static final int KINDS = 25;

    private static final int WIDEST = 4;

    private final int seed;
    private final String name;
    private final DType dtype;
    private final int inputSize;
    private final int outputSize;
    private final StateSpec stateSpec;
    /** By width of what is multiplied and of the product. */
    private final Parameter[][] weights = new Parameter[WIDEST + 1][WIDEST + 1];

    private final Parameter[] biases = new Parameter[WIDEST + 1];
    private final List<Parameter> parameters = new ArrayList<>();

    RandomCell(String name, int seed, DType dtype) {
        NumpyRandom random = new NumpyRandom(seed);
        this.seed = seed;
        this.name = name;
        this.dtype = dtype;
        this.inputSize = random.randint(1, 4);
        this.outputSize = random.randint(1, 4);
        StateSpec spec = StateSpec.NONE;
        int fields = random.randint(0, 4);
        for (int i = 0; i < fields; i++) {
            spec = spec.and("f" + i, random.randint(1, 4));
        }
        this.stateSpec = spec;
        for (int from = 1; from <= WIDEST; from++) {
            for (int to = 1; to <= WIDEST; to++) {
                weights[from][to] =
                        made(new Parameter(name + ".w" + from + to, RaggedCase.normal(random, dtype, from, to)));
            }
            biases[from] = made(new Parameter(name + ".b" + from, RaggedCase.normal(random, dtype, from)));
        }
    }

    private Parameter made(Parameter parameter) {
        parameters.add(parameter);
        return parameter;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int inputSize() {
        return inputSize;
    }

    @Override
    public int outputSize() {
        return outputSize;
    }

    @Override
    public StateSpec stateSpec() {
        return stateSpec;
    }

    @Override
    public List<Parameter> parameters() {
        return List.copyOf(parameters);
    }

    @Override
    public Step step(Node x, State state) {
        NumpyRandom random = new NumpyRandom(seed + 1);
        List<Node> pool = new ArrayList<>(List.of(x));
        stateSpec.fields().forEach(field -> pool.add(state.get(field.name())));
        int operations = random.randint(1, 10);
        for (int i = 0; i < operations; i++) {
            Node a = any(pool, random);
            Node b = any(pool.stream().filter(node -> width(node) == width(a)).toList(), random);
            pool.add(operation(random.randint(0, KINDS), a, b, random.randint(1, WIDEST + 1)));
        }
        State next = State.EMPTY;
        for (StateSpec.Field field : stateSpec.fields()) {
            next = next.with(field.name(), ofWidth(pool, field.size(), random));
        }
        return Step.of(ofWidth(pool, outputSize, random), next);
    }

    private static int width(Node node) {
        return node.shape().dim(1);
    }

    private static Node any(List<Node> pool, NumpyRandom random) {
        return pool.get(random.randint(0, pool.size()));
    }

    /** Returns a node of a width: one that is there, or a projection of one. */
    private Node ofWidth(List<Node> pool, int width, NumpyRandom random) {
        List<Node> there = pool.stream().filter(node -> width(node) == width).toList();
        if (!there.isEmpty() && random.randint(0, 3) > 0) {
            return any(there, random);
        }
        Node a = any(pool, random);
        return Ops.tanh(Ops.matmul(a, weights[width(a)][width]));
    }

    /** Records an operation on two nodes {@code [N, width]}; the result is {@code [N, other]} or of the same width. */
    private Node operation(int kind, Node a, Node b, int other) {
        int rows = a.shape().dim(0);
        int width = width(a);
        return switch (kind) {
            case 0 -> Ops.tanh(a);
            case 1 -> Ops.sigmoid(a);
            case 2 -> Ops.matmul(a, weights[width][other]);
            case 3 -> Ops.affine(a, weights[width][other], biases[other]);
            case 4 -> Ops.matmulTransposedB(a, weights[other][width]);
            case 5 -> a.plus(b);
            case 6 -> a.times(b);
            case 7 -> 2 * width <= WIDEST ? Ops.concat(1, a, b) : a.minus(biases[width]);
            case 8 -> width > 1 ? Ops.slice(a, 1, 0, width - 1) : a.negated();
            case 9 -> Ops.layerNorm(a);
            case 10 -> Ops.softmax(a);
            case 11 -> Ops.dropout(a, 0.6, seed + width);
            case 12 -> Ops.variationalDropout(a, 0.7, seed - width);
            case 13 -> a.minus(Ops.mean(a, 0));
            case 14 -> Ops.stopGradient(a);
            case 15 -> Ops.relu(a);
            case 16 -> a.graph().input(constant(rows, width));
            case 17 -> a.plus(Ops.tanh(a.graph().use(biases[width])));
            case 18 -> Ops.select(a.graph().input(alternating(rows)), a, b);
            case 19 -> Ops.reshape(Ops.max(a, 1), rows, 1);
            case 20 -> Ops.gather(a, a.graph().input(reversed(rows)));
            case 21 -> a.graph().input(Tensor.zeros(dtype, rows, width)).plus(biases[width]);
            case 22 -> a.dividedBy(b);
            case 23 -> Ops.addmm(b, a, weights[width][width]);
            default -> a.times(0.3);
        };
    }

    private Tensor constant(int rows, int width) {
        Tensor constant = Tensor.zeros(dtype, rows, width);
        for (int i = 0; i < constant.size(); i++) {
            constant.setFlat(i, 0.1 * (i + 1));
        }
        return constant;
    }

    private static Tensor alternating(int rows) {
        Tensor mask = Tensor.zeros(DType.INT32, rows);
        for (int row = 0; row < rows; row++) {
            mask.set(row % 2, row);
        }
        return mask;
    }

    private static Tensor reversed(int rows) {
        Tensor indices = Tensor.zeros(DType.INT32, rows);
        for (int row = 0; row < rows; row++) {
            indices.set(rows - 1 - row, row);
        }
        return indices;
    }
}
