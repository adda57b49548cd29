package dev.unfold.tribuo;

import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.model.Weights;
import dev.unfold.rnn.optim.Adam;
import dev.unfold.rnn.optim.AdamW;
import dev.unfold.rnn.optim.Optimizer;
import dev.unfold.rnn.train.DivergedException;
import dev.unfold.rnn.train.TrainStep;
import dev.unfold.rnn.unroll.LengthBuckets;
import dev.unfold.rnn.unroll.Unroll;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Trains a network on samples, by options and a seed from which all that is random follows. */
final class Fit {
    private static final Logger LOGGER = Logger.getLogger(Fit.class.getName());

    private final RecurrentOptions options;
    private final long seed;
    private final Network network;
    private final Samples train;
    private final @Nullable Samples validation;
    private final LengthBuckets buckets;
    private final Optimizer optimizer;

    Fit(RecurrentOptions options, long seed, Network network, Samples train, @Nullable Samples validation) {
        this.options = options;
        this.seed = seed;
        this.network = network;
        this.train = train.drawnBy(seed);
        this.validation = validation;
        this.buckets = LengthBuckets.of(train.lengths(), options.batchSize(), options.maxPadding());
        List<Parameter> parameters = network.parameters();
        this.optimizer = options.weightDecay() == 0
                ? new Adam(parameters, options.learningRate())
                : new AdamW(parameters, options.learningRate(), AdamW.options().weightDecay(options.weightDecay()));
    }

    /**
     * Trains, and leaves the network with the weights of the best epoch, or of the last where nothing is validated.
     *
     * @param onEpoch is told the result of every epoch
     * @return the number of the epoch whose weights these are
     * @throws DivergedException where the loss is not a finite number; the message names epoch and batch
     */
    int run(Consumer<EpochResult> onEpoch) {
        ToDoubleFunction<Tensor[]> updates = updates();
        Weights kept = null;
        EpochResult best = new EpochResult(0, Double.NaN, Double.POSITIVE_INFINITY, -1, 0);
        for (int epoch = 1; epoch <= options.epochs() && !givenUp(epoch - 1 - best.epoch()); epoch++) {
            EpochResult latest = validated(epoch, epoch(epoch, updates));
            LOGGER.log(Level.FINE, "{0}", latest);
            onEpoch.accept(latest);
            if (validation == null) {
                best = latest;
            } else if (latest.isBetterThan(best)) {
                best = latest;
                kept = Weights.copyOf(network.parameters());
            }
        }
        if (kept != null) {
            kept.restore();
        }
        return best.epoch();
    }

    private boolean givenUp(int epochsSinceBest) {
        return options.patience() > 0 && epochsSinceBest >= options.patience();
    }

    /** Returns what makes an update of a batch, and its loss. */
    private ToDoubleFunction<Tensor[]> updates() {
        double norm = options.clipNorm() == 0 ? Double.POSITIVE_INFINITY : options.clipNorm();
        TrainStep step = new TrainStep(optimizer, norm, seed);
        step.threads(options.threads());
        if (options.unroll() == UnrollMode.DYNAMIC) {
            return batch -> step.run(graph -> network.loss(graph, List.of(batch)));
        }
        int steps = Arrays.stream(train.lengths()).max().orElse(0);
        int rows = Math.min(options.batchSize(), train.lengths().length);
        Network fixed = network.unrolled(cell -> Unroll.fixed(cell, steps, rows));
        Plan plan = Plan.training(fixed::loss, train.greatest(rows));
        plan.threads(options.threads());
        return batch -> step.run(plan, batch);
    }

    /** Goes through the training set once and returns the mean loss of its labels. */
    private double epoch(int epoch, ToDoubleFunction<Tensor[]> updates) {
        double sum = 0;
        long labels = 0;
        int number = 0;
        for (LengthBuckets.Batch each : buckets.shuffled(seed, epoch).batches()) {
            if (each.steps() == 0) {
                continue;
            }
            number++;
            Tensor[] batch = train.batch(each.sequences(), epoch);
            int counting = counting(batch[batch.length - 1]);
            try {
                sum += updates.applyAsDouble(batch) * counting;
            } catch (DivergedException exception) {
                throw new DivergedException(
                        "training stopped in epoch " + epoch + ", batch " + number + ": " + exception.getMessage());
            }
            labels += counting;
        }
        return sum / labels;
    }

    private EpochResult validated(int epoch, double trainLoss) {
        if (validation == null) {
            return new EpochResult(epoch, trainLoss, Double.NaN, 0, 0);
        }
        double[] loss = new double[1];
        int[] hitsAndLabels = new int[2];
        Network.visit(validation, (samples, graph, batch) -> {
            Tensor labels = batch.get(batch.size() - 1);
            Node logits = network.logits(graph, batch);
            int classes = logits.shape().columns();
            hitsAndLabels[1] += counting(labels);
            Tensor scores = Ops.logSoftmax(logits).value();
            for (int i = 0; i < labels.size(); i++) {
                int label = (int) labels.getFlat(i);
                if (label >= 0) {
                    loss[0] -= scores.getFlat(i * classes + label);
                    hitsAndLabels[0] += LabelTable.best(scores, i * classes, classes) == label ? 1 : 0;
                }
            }
        });
        return new EpochResult(epoch, trainLoss, loss[0] / hitsAndLabels[1], hitsAndLabels[0], hitsAndLabels[1]);
    }

    private static int counting(Tensor labels) {
        int count = 0;
        for (int i = 0; i < labels.size(); i++) {
            count += labels.getFlat(i) != Samples.NO_LABEL ? 1 : 0;
        }
        return count;
    }
}
