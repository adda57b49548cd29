package dev.unfold.examples.gradients;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.unroll.Unrolled;
import java.util.ArrayList;
import java.util.List;

/**
 * How far back a gradient flows: the loss of the last step is {@code L_t = sum of v h_t}, with v of norm 1.
 *
 * @param norms by lag k, of dL_t / dh_{t-k}, beginning with 1 at lag 0
 */
record Flow(String name, List<Double> norms) {
    private static final double FAINT = 0.01;

    /**
     * Runs over sequences and back, and leaves in the parameters their gradients.
     *
     * @param inputs {@code [T, N, D]}
     * @param v the gradient of the loss by the last state, {@code [N, H]}
     */
    static Flow of(String name, Unroll unroll, Tensor inputs, Tensor v) {
        unroll.parameters().forEach(Parameter::zeroGradient);
        Graph graph = new Graph();
        Unrolled run = unroll.over(graph, inputs);
        List<Node> states = new ArrayList<>();
        // Asked for before backward: what nobody asks for is given back on the way.
        for (int step = run.steps() - 1; step >= 0; step--) {
            states.add(run.state(step).get("h"));
        }
        graph.backward(List.of(states.get(0)), List.of(v));
        return new Flow(
                name, states.stream().map(state -> norm(state.gradient())).toList());
    }

    /** Returns the root of the sum of the squares of all elements. */
    static double norm(Tensor tensor) {
        double sum = 0;
        for (int i = 0; i < tensor.size(); i++) {
            sum += tensor.getFlat(i) * tensor.getFlat(i);
        }
        return Math.sqrt(sum);
    }

    /** Returns the first lag at which less than a hundredth is left; -1 where there is none. */
    int faintAt() {
        for (int lag = 0; lag < norms.size(); lag++) {
            if (norms.get(lag) < FAINT) {
                return lag;
            }
        }
        return -1;
    }
}
