package dev.unfold.rnn.train;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.optim.GradientClip;
import dev.unfold.rnn.optim.Optimizer;
import java.util.List;
import java.util.function.Function;

/**
 * One update: compute the loss of a batch, differentiate, clip, let the optimiser step. Either the loss is recorded anew for each batch,
 * on one graph whose memory is kept, or a {@link Plan} replays it.
 *
 * <p>Each update is one to train on (see {@link Graph#training}), with a seed that follows from that of the training and from the number
 * of updates that the optimiser has made.
 */
public final class TrainStep {
    /** Keeps the seeds of one training apart from those of another (G. L. Steele et al. 2014, the increment of SplitMix). */
    private static final long APART = 0x9E3779B97F4A7C15L;

    private final Graph graph = new Graph();
    private final List<Parameter> parameters;
    private final Optimizer optimizer;
    private final double maxNorm;
    private final long seed;

    /** Makes a step that does not clip gradients. */
    public TrainStep(Optimizer optimizer) {
        this(optimizer, Double.POSITIVE_INFINITY);
    }

    /**
     * Makes a step with seed 0.
     *
     * @param optimizer updates its parameters
     * @param maxNorm the global norm to which gradients are clipped; infinite for none
     * @throws IllegalArgumentException unless the norm is positive
     */
    public TrainStep(Optimizer optimizer, double maxNorm) {
        this(optimizer, maxNorm, 0);
    }

    /**
     * Makes a step.
     *
     * @param optimizer updates its parameters
     * @param maxNorm the global norm to which gradients are clipped; infinite for none
     * @param seed of what is random in training, such as dropout
     * @throws IllegalArgumentException unless the norm is positive
     */
    public TrainStep(Optimizer optimizer, double maxNorm, long seed) {
        if (!(maxNorm > 0)) {
            throw new IllegalArgumentException("train step: clip norm is " + maxNorm + "; it must be positive");
        }
        this.optimizer = optimizer;
        this.parameters = optimizer.parameters();
        this.maxNorm = maxNorm;
        this.seed = seed;
    }

    /**
     * Lets so many threads share the work where batches are recorded: see {@link Graph#threads(int)}. A plan has threads of its own.
     *
     * @throws IllegalArgumentException for less than 1
     */
    public void threads(int count) {
        graph.threads(count);
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
        graph.training(seedOfUpdate());
        Node root = loss.apply(graph);
        double value = root.item();
        if (!Double.isFinite(value)) {
            throw DivergedException.ofLoss(value, graph);
        }
        graph.backward(root);
        update();
        return value;
    }

    /**
     * Trains on one batch by a plan, which gives the same as recording what was planned.
     *
     * @param plan of the loss, made by {@link Plan#training}
     * @param batch what the plan takes in
     * @return the loss before the update
     * @throws DivergedException as {@link #run(Function)}
     * @throws IllegalArgumentException for a batch that the plan has no room for
     * @throws IllegalStateException for a plan made for inference
     */
    public double run(Plan plan, Tensor... batch) {
        optimizer.zeroGradients();
        plan.seed(seedOfUpdate());
        double value = plan.run(batch).item();
        if (!Double.isFinite(value)) {
            throw DivergedException.ofLoss(value, plan.firstNonFinite());
        }
        plan.backward();
        update();
        return value;
    }

    private long seedOfUpdate() {
        return seed * APART + optimizer.steps();
    }

    private void update() {
        if (maxNorm < Double.POSITIVE_INFINITY) {
            double norm = GradientClip.clipByGlobalNorm(parameters, maxNorm);
            if (!Double.isFinite(norm)) {
                throw DivergedException.ofGradients(norm, parameters);
            }
        }
        optimizer.step();
    }
}
