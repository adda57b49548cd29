package dev.unfold.examples.bench;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.optim.Optimizer;
import dev.unfold.rnn.train.TrainStep;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Trains a network on its batches, one update for each: recorded anew, or by a plan. */
final class Training implements Workload.Run {
    private final Network network;
    private final Optimizer optimizer;
    private final TrainStep step;
    private final List<Tensor[]> batches;
    private final int units;
    private final @Nullable Plan plan;
    /** The graph that batches are recorded on. */
    private @Nullable Graph graph;

    Training(Setup setup, Network network, Optimizer optimizer, List<Tensor[]> batches, int units) {
        this(setup, network, optimizer, Double.POSITIVE_INFINITY, batches, units);
    }

    /**
     * Makes what trains.
     *
     * @param maxNorm the global norm that gradients are clipped to
     * @param batches one or more, each of as many tensors
     * @param units in all batches together
     */
    Training(Setup setup, Network network, Optimizer optimizer, double maxNorm, List<Tensor[]> batches, int units) {
        this.network = network;
        this.optimizer = optimizer;
        this.step = new TrainStep(optimizer, maxNorm, setup.seed());
        this.batches = batches;
        this.units = units;
        if (setup.isStatic()) {
            plan = Plan.training(network::loss, greatest(batches));
            plan.threads(setup.threads());
        } else {
            plan = null;
            step.threads(setup.threads());
        }
    }

    /** Returns tensors in which each batch has room. */
    private static Tensor[] greatest(List<Tensor[]> batches) {
        Tensor[] greatest = batches.get(0).clone();
        for (Tensor[] batch : batches) {
            for (int i = 0; i < batch.length; i++) {
                greatest[i] = Tensor.zeros(batch[i].dtype(), greater(greatest[i].shape(), batch[i].shape()));
            }
        }
        return greatest;
    }

    private static int[] greater(Shape a, Shape b) {
        return IntStream.range(0, a.rank())
                .map(axis -> Math.max(a.dim(axis), b.dim(axis)))
                .toArray();
    }

    @Override
    public double pass() {
        double sum = 0;
        network.begin();
        for (Tensor[] batch : batches) {
            sum += plan == null
                    ? step.run(tape -> network.loss(remember(tape), List.of(batch)))
                    : step.run(plan, batch);
            network.trained();
        }
        return sum / batches.size();
    }

    private Graph remember(Graph tape) {
        graph = tape;
        return tape;
    }

    @Override
    public int units() {
        return units;
    }

    /** Returns the bytes of values and gradients, of the parameters and theirs, and of what the optimiser keeps. */
    @Override
    public long bytes() {
        long bytes = optimizer.bytes();
        for (Parameter parameter : optimizer.parameters()) {
            bytes += 2L * parameter.shape().size() * parameter.dtype().bytes();
        }
        return bytes + (plan != null ? plan.bytes() : graph != null ? graph.bytes() : 0);
    }
}
