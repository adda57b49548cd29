package dev.unfold.examples.mnist;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.model.SequenceClassifier;
import dev.unfold.rnn.model.Weights;
import dev.unfold.rnn.optim.Optimizer;
import dev.unfold.rnn.train.Batches;
import dev.unfold.rnn.train.DivergedException;
import dev.unfold.rnn.train.History;
import dev.unfold.rnn.train.Learner;
import dev.unfold.rnn.train.TrainStep;
import dev.unfold.rnn.train.TrainingListener;
import dev.unfold.rnn.train.TrainingLoop;
import java.util.List;
import java.util.function.Function;

/** Trains a classifier of digits on the mean cross entropy. */
final class MnistTraining {
    private final MnistSettings settings;
    private final MnistParts parts;
    private final DigitNetwork network;
    private final Optimizer optimizer;
    private final Batches<DigitBatch> batches;

    MnistTraining(MnistSettings settings, MnistParts parts) {
        this.settings = settings;
        this.parts = parts;
        NetworkSettings made = settings.network();
        this.network = new DigitNetwork(made, new Parameters("mnist", made.dtype(), new NumpyRandom(settings.seed())));
        this.optimizer = settings.optimizer().make(network.parameters(), settings.learningRate());
        this.batches = Batches.shuffled(
                parts.train().count(),
                settings.batch(),
                settings.seed(),
                chosen -> network.batch(parts.train(), chosen),
                DigitBatch::size);
    }

    /** Returns the number of updates in an epoch. */
    int batches() {
        return batches.of(1).size();
    }

    /** Returns the number of learned numbers. */
    long parameters() {
        return Weights.count(network.parameters());
    }

    /**
     * Trains, then evaluates on the test images.
     *
     * @param listener is told how it goes
     * @param running runs the training loop
     * @throws DivergedException where a loss is not a finite number; the message names epoch and batch
     */
    MnistResult run(TrainingListener listener, Function<TrainingLoop<DigitBatch>, History> running) {
        // As many as there are for validation, so that both figures are as certain.
        Digits some =
                parts.train().first(Math.min(parts.train().count(), parts.dev().count()));
        History history = running.apply(new TrainingLoop<>(optimizer, batches, learner(), settings.training())
                .validation(() -> network.score(parts.dev(), settings.threads()))
                .training(() -> network.score(some, settings.threads()))
                .listener(listener));
        NetworkSettings made = settings.network();
        return new MnistResult(
                settings,
                network,
                history,
                new DigitModel(network.classifier(), made.dtype(), made.steps(), made.pixels())
                        .evaluate(parts.test(), "MNIST test images"),
                Weights.sha256(network.parameters()));
    }

    private Learner<DigitBatch> learner() {
        TrainStep step = new TrainStep(optimizer, settings.clipNorm(), settings.seed());
        step.threads(settings.threads());
        if (!settings.isStatic()) {
            return batch -> step.run(graph -> loss(network.classifier(), graph, batch.inputs(), batch.labels()));
        }
        int rows = Math.min(settings.batch(), parts.train().count());
        SequenceClassifier fixed = network.replayed(rows);
        NetworkSettings made = settings.network();
        Plan plan = Plan.training(
                (graph, in) -> loss(fixed, graph, in.get(0), in.get(1)),
                Tensor.zeros(made.dtype(), made.steps(), rows, made.pixels()),
                Tensor.zeros(DType.INT32, rows));
        plan.threads(settings.threads());
        return batch -> step.run(plan, batch.inputs(), batch.labels());
    }

    private Node loss(SequenceClassifier classifier, Graph graph, Tensor inputs, Tensor labels) {
        Node loss = classifier.loss(graph, inputs, labels);
        return settings.l2() == 0
                ? loss
                : loss.plus(Ops.l2Penalty(graph, settings.l2(), List.of(classifier.outputWeights())));
    }
}
