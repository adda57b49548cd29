package dev.unfold.tribuo;

import com.google.common.collect.Lists;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.optim.Adam;
import dev.unfold.rnn.optim.AdamW;
import dev.unfold.rnn.optim.Optimizer;
import dev.unfold.rnn.train.Batches;
import dev.unfold.rnn.train.DivergedException;
import dev.unfold.rnn.train.Epoch;
import dev.unfold.rnn.train.Learner;
import dev.unfold.rnn.train.Score;
import dev.unfold.rnn.train.TrainStep;
import dev.unfold.rnn.train.TrainingListener;
import dev.unfold.rnn.train.TrainingLoop;
import dev.unfold.rnn.train.TrainingOptions;
import dev.unfold.rnn.train.TrainingOptions.Monitor;
import dev.unfold.rnn.unroll.LengthBuckets;
import dev.unfold.rnn.unroll.Unroll;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
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
        TrainingLoop<Tensor[]> loop = new TrainingLoop<>(
                optimizer,
                batches(),
                learner(),
                TrainingOptions.epochs(options.epochs())
                        .monitor(Monitor.ACCURACY, 0)
                        .patience(options.patience()));
        if (validation != null) {
            loop.validation(() -> score(validation));
        }
        return loop.listener(new TrainingListener() {
                    @Override
                    public void finished(Epoch epoch) {
                        EpochResult latest = result(epoch);
                        LOGGER.log(Level.FINE, "{0}", latest);
                        onEpoch.accept(latest);
                    }
                })
                .run()
                .keptEpoch();
    }

    private static EpochResult result(Epoch epoch) {
        Score score = Objects.requireNonNullElse(epoch.validation(), Score.NONE);
        return new EpochResult(
                epoch.number(), epoch.trainLoss(), score.loss(), (int) score.hits(), (int) score.count());
    }

    private Batches<Tensor[]> batches() {
        return new Batches<>() {
            @Override
            public List<Tensor[]> of(int epoch) {
                return Lists.transform(
                        buckets.shuffled(seed, epoch).batches().stream()
                                .filter(each -> each.steps() > 0)
                                .toList(),
                        each -> train.batch(each.sequences(), epoch));
            }

            @Override
            public double weight(Tensor[] batch) {
                return counting(batch[batch.length - 1]);
            }
        };
    }

    private Learner<Tensor[]> learner() {
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

    private Score score(Samples samples) {
        Score[] all = {Score.NONE};
        Network.visit(samples, (ignored, graph, batch) -> {
            Tensor labels = batch.get(batch.size() - 1);
            Node logits = network.logits(graph, batch);
            int classes = logits.shape().columns();
            Tensor scores = Ops.logSoftmax(logits).value();
            double loss = 0;
            int hits = 0;
            for (int i = 0; i < labels.size(); i++) {
                int label = (int) labels.getFlat(i);
                if (label >= 0) {
                    loss -= scores.getFlat(i * classes + label);
                    hits += LabelTable.best(scores, i * classes, classes) == label ? 1 : 0;
                }
            }
            all[0] = all[0].plus(new Score(loss, hits, counting(labels)));
        });
        return all[0];
    }

    private static int counting(Tensor labels) {
        int count = 0;
        for (int i = 0; i < labels.size(); i++) {
            count += labels.getFlat(i) != Samples.NO_LABEL ? 1 : 0;
        }
        return count;
    }
}
