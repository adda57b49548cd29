package dev.unfold.rnn.check;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.init.Initializers;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.unroll.Unrolled;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Runs batches with a loss over all that they leave.
 *
 * @param seed of the weights in the loss
 * @param withoutGradient names of what no gradient is to flow to: fields of the cell's state, {@link #INPUTS}
 */
record Runs(int seed, Set<String> withoutGradient) {
    static final String INPUTS = "inputs";
    private static final String LOSS = "loss";

    /** Returns whether a gradient is to flow to the inputs, or to a field, also where it has a prefix in a stack. */
    boolean isLearnable(String name) {
        return withoutGradient.stream().noneMatch(each -> name.equals(each) || name.endsWith("." + each));
    }

    /** Returns the sum, under random weights, of all that a run leaves. */
    Node loss(Unrolled run) {
        return Objects.requireNonNull(left(run).get(LOSS));
    }

    /** Returns outputs, the last output, the final state and the loss of a run. */
    private Map<String, Node> left(Unrolled run) {
        Map<String, Node> left = new LinkedHashMap<>();
        Node last = run.last();
        left.put("outputs", run.outputs());
        left.put("last", last);
        List<Node> summed = new ArrayList<>(left.values());
        State state = run.finalNodes();
        for (String name : state.names()) {
            left.put("final " + name, state.get(name));
            if (isLearnable(name)) {
                summed.add(state.get(name));
            }
        }
        Graph graph = last.graph();
        // A variable, so that there is something to differentiate by where no step counts.
        Node loss = graph.variable(Tensor.zeros(last.dtype()));
        NumpyRandom random = new NumpyRandom(seed);
        for (Node node : summed) {
            Tensor weights = Tensor.zeros(DType.FLOAT64, node.shape());
            Initializers.normal(0, 1).fill(weights, random);
            loss = loss.plus(Ops.sum(node.times(graph.input(weights.to(node.dtype())))));
        }
        left.put(LOSS, loss);
        return left;
    }

    /** Runs over a batch: see {@link #outcome(Unroll, Graph, Batch, Lengths)}. */
    Outcome outcome(Unroll unroll, Graph graph, Batch batch) {
        return outcome(unroll, graph, batch, batch.lengths());
    }

    /**
     * Runs forwards and, where the graph records for it, backwards and as a batch to train on; the graph is reset first. Returns what
     * the run leaves, and the gradients of inputs, initial state and parameters.
     */
    Outcome outcome(Unroll unroll, Graph graph, Batch batch, Lengths lengths) {
        begin(graph);
        Map<String, Node> variables = new LinkedHashMap<>();
        State from = State.EMPTY;
        for (Map.Entry<String, Tensor> field : batch.initial().values().entrySet()) {
            Node variable = graph.variable(field.getValue());
            variables.put(initial(field.getKey()), variable);
            from = from.with(field.getKey(), variable);
        }
        Node inputs = graph.variable(batch.x());
        variables.put(INPUTS, inputs);
        return outcome(
                unroll, graph, (from.names().isEmpty() ? unroll : unroll.from(from)).over(inputs, lengths), variables);
    }

    /** Does the same from constants; of gradients, there are only those of parameters. */
    Outcome constant(Unroll unroll, Graph graph, Batch batch) {
        begin(graph);
        return outcome(unroll, graph, batch.over(unroll, graph), Map.of());
    }

    private void begin(Graph graph) {
        graph.reset();
        if (graph.recordsForBackward()) {
            graph.training(seed);
        }
    }

    private Outcome outcome(Unroll unroll, Graph graph, Unrolled run, Map<String, Node> variables) {
        Map<String, Node> left = left(run);
        Map<String, Tensor> values = new LinkedHashMap<>();
        left.forEach((name, node) -> values.put(name, node.value()));
        if (graph.recordsForBackward()) {
            unroll.parameters().forEach(Parameter::zeroGradient);
            graph.backward(Objects.requireNonNull(left.get(LOSS)));
            variables.forEach((name, node) -> values.put(gradientOf(name), node.gradient()));
            unroll.parameters()
                    .forEach(each ->
                            values.put(gradientOf(each.name()), each.gradient().copy()));
        }
        return new Outcome(values);
    }

    /** Returns what a field of the initial state is called in an outcome. */
    static String initial(String field) {
        return "initial " + field;
    }

    /** Returns what the gradient of inputs, of a field of the initial state, or of a parameter is called in an outcome. */
    static String gradientOf(String name) {
        return "gradient of " + name;
    }
}
