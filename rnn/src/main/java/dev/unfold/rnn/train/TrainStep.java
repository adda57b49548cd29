package dev.unfold.rnn.train;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.rnn.optim.GradientClip;
import dev.unfold.rnn.optim.Optimizer;
import java.util.List;
import java.util.function.Function;

/**
 * One update: record the loss of a batch, differentiate, clip, let the optimiser step. Keeps one graph and its memory from
 * batch to batch.
 */
public final class TrainStep {
    private final Graph graph = new Graph();
    private final List<Parameter> parameters;
    private final Optimizer optimizer;
    private final double maxNorm;

    /** Makes a step that does not clip gradients. */
    public TrainStep(Optimizer optimizer) {
        this(optimizer, Double.POSITIVE_INFINITY);
    }

    /**
     * Makes a step.
     *
     * @param optimizer updates its parameters
     * @param maxNorm the global norm to which gradients are clipped; infinite for none
     * @throws IllegalArgumentException unless the norm is positive
     */
    public TrainStep(Optimizer optimizer, double maxNorm) {
        if (!(maxNorm > 0)) {
            throw new IllegalArgumentException("train step: clip norm is " + maxNorm + "; it must be positive");
        }
        this.optimizer = optimizer;
        this.parameters = optimizer.parameters();
        this.maxNorm = maxNorm;
    }

    /**
     * Trains on one batch.
     *
     * @param loss records the loss, one number, on the graph it is given
     * @return the loss before the update
     * @throws DivergedException where the loss, or with clipping the norm of the gradients, is not a finite number;
     *     parameters are then as they were
     */
    public double run(Function<Graph, Node> loss) {
        optimizer.zeroGradients();
        graph.reset();
        Node root = loss.apply(graph);
        double value = root.item();
        if (!Double.isFinite(value)) {
            throw DivergedException.ofLoss(value, graph);
        }
        graph.backward(root);
        if (maxNorm < Double.POSITIVE_INFINITY) {
            double norm = GradientClip.clipByGlobalNorm(parameters, maxNorm);
            if (!Double.isFinite(norm)) {
                throw DivergedException.ofGradients(norm, parameters);
            }
        }
        optimizer.step();
        return value;
    }
}
