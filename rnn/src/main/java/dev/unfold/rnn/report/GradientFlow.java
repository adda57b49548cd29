package dev.unfold.rnn.report;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.Step;
import dev.unfold.rnn.cell.WrappedCell;
import dev.unfold.rnn.unroll.Structure;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.unroll.Unrolled;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;

/**
 * How far the gradient of a loss at one step t flows: the norm of {@code dL_t / ds} for each field s of the state behind each step, with
 * {@code L_t} the sum of {@code v output_t}. Where it shrinks with the lag it vanishes, where it grows it explodes (S. Hochreiter 1991; Y.
 * Bengio et al. 1994).
 *
 * @param end t, the step of the loss, from 0
 * @param norms by the name of a field, and then by step: the Euclidean norm over all rows
 */
public record GradientFlow(int end, Map<String, List<Double>> norms) {
    /** Copies the map and its lists. */
    public GradientFlow {
        Map<String, List<Double>> copy = new LinkedHashMap<>();
        norms.forEach((field, values) -> copy.put(field, List.copyOf(values)));
        norms = Collections.unmodifiableMap(copy);
    }

    /**
     * Returns the norms of a field, by step.
     *
     * @throws IllegalArgumentException where there is no such field
     */
    public List<Double> norms(String field) {
        List<Double> found = norms.get(field);
        if (found == null) {
            throw new IllegalArgumentException(
                    "gradient flow: there is no field '" + field + "' in the state; it has " + norms.keySet());
        }
        return found;
    }

    /**
     * Runs dynamically over sequences, all of whose steps count, and back. Gradients of the parameters are then those of {@code L_t} alone.
     *
     * @param unroll what goes over them, and which way; what it begins with, its budgets and truncation play no part
     * @param inputs {@code [T, N, D]}
     * @param end t, 0 to T - 1
     * @param v {@code [N, H]}, of the size of the output
     * @throws IllegalArgumentException where sizes do not fit
     * @throws IndexOutOfBoundsException where there is no such step
     * @throws IllegalStateException where the unroll gives out both its directions apart, and so has no one output
     */
    public static GradientFlow of(Unroll unroll, Tensor inputs, int end, Tensor v) {
        unroll.parameters().forEach(Parameter::zeroGradient);
        Map<String, List<Node>> states = new LinkedHashMap<>();
        Graph graph = new Graph();
        Unrolled run = unroll.structure()
                .unrolled((path, part) -> Unroll.dynamic(new Probed(path, part, states)))
                .over(graph, inputs);
        graph.backward(List.of(run.output(end)), List.of(v));
        Map<String, List<Double>> norms = new LinkedHashMap<>();
        states.forEach((field, nodes) ->
                norms.put(field, nodes.stream().map(GradientFlow::norm).toList()));
        return new GradientFlow(end, norms);
    }

    private static double norm(Node node) {
        return Math.sqrt(DoubleStream.of(node.gradient().toDoubles())
                .map(each -> each * each)
                .sum());
    }

    /** Puts down what its steps leave, by field and in the order of the sequence, since what a run tells of its states may be derived. */
    private static final class Probed extends WrappedCell {
        private final String path;
        private final boolean isReversed;
        private final Map<String, List<Node>> states;

        Probed(String path, Structure.OneWay part, Map<String, List<Node>> states) {
            super(part.cell());
            this.path = path;
            this.isReversed = part.reversed();
            this.states = states;
        }

        @Override
        public Step step(Node x, State state) {
            Step step = inner().step(x, state);
            Node output = step.output();
            State next = State.EMPTY;
            for (String field : step.state().names()) {
                Node value = step.state().get(field);
                Node probe = x.graph().variable(Tensor.zeros(value.dtype(), value.shape()));
                x.graph().keep(probe);
                Node left = value.plus(probe);
                next = next.with(field, left);
                output = output == value ? left : output;
                List<Node> all = states.computeIfAbsent(path + field, name -> new ArrayList<>());
                all.add(isReversed ? 0 : all.size(), probe);
            }
            return Step.of(output, next);
        }
    }
}
