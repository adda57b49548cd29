package dev.unfold.rnn.unroll;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.StateSpec;
import dev.unfold.rnn.init.NumpyRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Random use of a cell on a graph, the same for every way of unrolling: runs, some of which begin where another ended or go over its
 * outputs, and roots at whatever comes out of them, taken out in any order and more than once.
 */
final class RandomUse {
    private final NumpyRandom random;
    private final Graph graph;
    private final RandomCell cell;
    private final Unroll unroll;
    private final int steps;
    private final int rows;
    /** What values and gradients are gathered of. */
    private final Map<String, Node> watched = new LinkedHashMap<>();

    private final List<Parameter> parameters;

    private RandomUse(int seed, Graph graph, RandomCell cell, Unroll unroll, int steps, int rows) {
        this.random = new NumpyRandom(seed);
        this.graph = graph;
        this.cell = cell;
        this.unroll = unroll;
        this.steps = steps;
        this.rows = rows;
        this.parameters = new ArrayList<>(cell.parameters());
    }

    /** Uses a cell, unrolled in some way, on a graph, which is reset first; returns all values and gradients by name. */
    static Map<String, Tensor> values(int seed, Graph graph, RandomCell cell, Unroll unroll, int steps, int rows) {
        graph.reset();
        if (graph.recordsForBackward() && seed % 2 == 0) {
            graph.training(seed);
        }
        return new RandomUse(seed, graph, cell, unroll, steps, rows).values();
    }

    private Map<String, Tensor> values() {
        // What is multiplied by it depends on something learned, which a root must.
        Node one = watch("one", graph.variable(Tensor.zeros(dtype()).fill(1)));
        List<Unrolled> runs = new ArrayList<>();
        for (int i = 0; i == 0 || (i < 3 && random.randint(0, 2) == 0); i++) {
            runs.add(run(i, runs));
        }
        List<Node> roots = new ArrayList<>();
        List<Tensor> seeds = new ArrayList<>();
        for (int taps = random.randint(1, 8); taps > 0; taps--) {
            int run = random.randint(0, runs.size());
            Node tap = watch("tap " + taps + ", of run " + run, tap(runs.get(run)));
            if (random.randint(0, 4) > 0) {
                roots.add(one.times(random.randint(0, 3) == 0 ? tap.times(tap) : tap));
                seeds.add(normal(tap.shape().dims()));
            }
        }
        Map<String, Tensor> values = new LinkedHashMap<>();
        watched.forEach((name, node) -> values.put(name, node.value()));
        if (graph.recordsForBackward() && !roots.isEmpty()) {
            differentiate(roots, seeds, values);
        }
        values.values().forEach(RandomUse::unify);
        return values;
    }

    private void differentiate(List<Node> roots, List<Tensor> seeds, Map<String, Tensor> values) {
        parameters.forEach(Parameter::zeroGradient);
        graph.backward(roots, seeds);
        watched.forEach((name, node) -> {
            try {
                values.put("gradient of " + name, node.gradient());
            } catch (IllegalStateException expected) {
                // A constant; statically, it is not known to be one.
            }
        });
        parameters.forEach(
                each -> values.put("gradient of " + each, each.gradient().copy()));
    }

    private Unrolled run(int number, List<Unrolled> before) {
        Unroll way = random.randint(0, 3) == 0 ? unroll.reversed() : unroll;
        if (random.randint(0, 4) > 0) {
            way = random.randint(0, 5) == 0 ? way.from(detached()) : way.from(initial(number, before));
        }
        Tensor x = normal(steps, rows, cell.inputSize());
        if (random.randint(0, 3) == 0) {
            x.setFlat(random.randint(0, x.size()), Double.POSITIVE_INFINITY);
        }
        if (random.randint(0, 3) == 0) {
            return way.over(graph, x, lengths());
        }
        if (!before.isEmpty() && cell.inputSize() == cell.outputSize() && random.randint(0, 2) == 0) {
            return way.over(before.get(before.size() - 1).outputs(), lengths());
        }
        Node variable = watch("inputs of run " + number, graph.variable(x));
        return way.over(random.randint(0, 2) == 0 ? variable : Ops.tanh(variable), lengths());
    }

    private State initial(int number, List<Unrolled> before) {
        if (!before.isEmpty() && random.randint(0, 3) > 0) {
            Unrolled run = before.get(random.randint(0, before.size()));
            return random.randint(0, 2) == 0 ? run.finalNodes() : run.state(random.randint(0, steps));
        }
        State state = State.EMPTY;
        for (StateSpec.Field field : cell.stateSpec().fields()) {
            Tensor values = normal(rows, field.size());
            String name = "initial " + field.name() + " of run " + number;
            Node node = switch (random.randint(0, 4)) {
                case 0 -> graph.input(values);
                case 1 -> watch(name, graph.variable(values));
                case 2 -> Ops.sigmoid(watch(name, graph.variable(values)));
                default -> {
                    Parameter parameter = new Parameter(name, values);
                    parameters.add(parameter);
                    yield graph.use(parameter);
                }
            };
            state = state.with(field.name(), node);
        }
        return state;
    }

    private DetachedState detached() {
        DetachedState state = DetachedState.EMPTY;
        for (StateSpec.Field field : cell.stateSpec().fields()) {
            state = state.with(field.name(), normal(rows, field.size()));
        }
        return state;
    }

    private Node tap(Unrolled run) {
        int step = random.randint(0, steps);
        List<StateSpec.Field> fields = cell.stateSpec().fields();
        int kinds = fields.isEmpty() ? 3 : 5;
        String field = fields.isEmpty()
                ? ""
                : fields.get(random.randint(0, fields.size())).name();
        return switch (random.randint(0, kinds)) {
            case 0 -> run.output(step);
            case 1 -> run.outputs();
            case 2 -> run.last();
            case 3 -> run.state(step).get(field);
            default -> run.finalNodes().get(field);
        };
    }

    /** Some lengths, or a mask in which whole steps may count for no row or for all. */
    private Lengths lengths() {
        if (random.randint(0, 4) == 0) {
            return Lengths.full();
        }
        if (random.randint(0, 2) == 0) {
            int[] lengths = new int[rows];
            for (int row = 0; row < rows; row++) {
                lengths[row] = random.randint(0, steps + 1);
            }
            return Lengths.of(lengths);
        }
        Tensor mask = Tensor.zeros(DType.INT32, steps, rows);
        for (int step = 0; step < steps; step++) {
            int kind = random.randint(0, 3);
            for (int row = 0; row < rows; row++) {
                mask.set(kind == 2 ? random.randint(0, 2) : kind, step, row);
            }
        }
        return Lengths.mask(mask);
    }

    private Node watch(String name, Node node) {
        watched.put(name, node);
        return node;
    }

    private Tensor normal(int... dims) {
        return RaggedCase.normal(random, dtype(), dims);
    }

    private DType dtype() {
        return cell.parameters().get(0).dtype();
    }

    /** Which of the many NaN comes out is up to the compiler. */
    private static void unify(Tensor tensor) {
        for (int i = 0; i < tensor.size(); i++) {
            tensor.setFlat(i, Double.isNaN(tensor.getFlat(i)) ? Double.NaN : tensor.getFlat(i));
        }
    }
}
