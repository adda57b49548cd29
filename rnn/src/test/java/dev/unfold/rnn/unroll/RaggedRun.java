package dev.unfold.rnn.unroll;

import static dev.unfold.rnn.Weighted.weightedSum;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.init.NumpyRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** All that comes out of a run over a {@link RaggedCase}, by name. */
final class RaggedRun {
    private RaggedRun() {}

    /** Records a run; returns what it leaves and, as {@code loss}, the sum of it all under random weights. */
    static Map<String, Node> record(RaggedCase each, Node inputs, State from) {
        return record(each, each.unroll(), inputs, from);
    }

    /** The same, unrolled in a way of its own. */
    static Map<String, Node> record(RaggedCase each, Unroll mode, Node inputs, State from) {
        Unroll unroll = from.names().isEmpty() ? mode : mode.from(from);
        Unrolled run = unroll.over(inputs, each.lengths());
        Map<String, Node> left = new LinkedHashMap<>();
        if (each.steps() > 0) {
            left.put("outputs", run.outputs());
        }
        left.put("last", run.last());
        State last = run.finalNodes();
        last.names().forEach(name -> left.put("final " + name, last.get(name)));
        NumpyRandom random = new NumpyRandom(each.seed());
        Node loss = inputs.graph().input(Tensor.zeros(inputs.dtype()));
        for (Node node : left.values()) {
            int[] dims = node.shape().dims();
            loss = loss.plus(weightedSum(node, RaggedCase.normal(random, DType.FLOAT64, dims)));
        }
        left.put("loss", loss);
        return left;
    }

    /** Trains: runs forwards and, where anything can be learned, backwards on a graph, which is reset first. */
    static Map<String, Tensor> values(RaggedCase each, Graph graph, Tensor inputs) {
        return values(each, each.unroll(), graph, inputs);
    }

    /** The same, unrolled in a way of its own. */
    static Map<String, Tensor> values(RaggedCase each, Unroll unroll, Graph graph, Tensor inputs) {
        graph.reset();
        graph.training(each.seed());
        Map<String, Node> variables = new LinkedHashMap<>();
        State from = State.EMPTY;
        for (String name : each.initial().values().keySet()) {
            Node variable = graph.variable(each.initial().get(name));
            variables.put(name, variable);
            from = from.with(name, variable);
        }
        Node x = graph.variable(inputs);
        variables.put("x", x);
        Map<String, Node> left = record(each, unroll, x, from);
        Map<String, Tensor> values = new LinkedHashMap<>();
        left.forEach((name, node) -> values.put(name, node.value()));
        each.unroll().parameters().forEach(Parameter::zeroGradient);
        if (each.anyCounts() || !from.names().isEmpty()) {
            graph.backward(Objects.requireNonNull(left.get("loss")));
            variables.forEach((name, node) -> values.put("gradient of " + name, node.gradient()));
            for (Parameter parameter : each.unroll().parameters()) {
                values.put(
                        "gradient of " + parameter.name(), parameter.gradient().copy());
            }
        }
        return values;
    }
}
