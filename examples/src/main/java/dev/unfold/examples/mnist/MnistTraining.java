package dev.unfold.examples.mnist;

import com.google.common.hash.Hashing;
import dev.unfold.examples.mnist.MnistResult.Epoch;
import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DropoutCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.model.SequenceClassifier;
import dev.unfold.rnn.model.Weights;
import dev.unfold.rnn.optim.Adam;
import dev.unfold.rnn.optim.Optimizer;
import dev.unfold.rnn.train.DivergedException;
import dev.unfold.rnn.train.TrainStep;
import dev.unfold.rnn.unroll.Merge;
import dev.unfold.rnn.unroll.Unroll;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Trains a classifier of digits, rows of pixels as steps, with Adam on the mean cross entropy. */
final class MnistTraining {
    /** One in so many training images is kept apart for validation: 5,000 of the full 60,000. */
    private static final int DEV_SHARE = 12;

    private static final int ROWS_AT_ONCE = 500;

    private final MnistSettings settings;
    private final Digits train;
    private final Digits dev;
    private final Digits test;
    private final SequenceClassifier classifier;
    private final Optimizer optimizer;
    /** The cells of each layer: one, or one for each way. */
    private final List<List<Cell>> cells = new ArrayList<>();

    MnistTraining(MnistSettings settings, MnistData data) {
        this.settings = settings;
        int devCount = Math.max(1, data.train().count() / DEV_SHARE);
        int trainCount = data.train().count() - devCount;
        this.train = data.train().first(trainCount);
        this.dev = data.train()
                .subset(IntStream.range(trainCount, trainCount + devCount).toArray());
        this.test = data.test();
        Parameters parameters = new Parameters("mnist", settings.dtype(), new NumpyRandom(settings.seed()));
        makeCells(parameters, data.train().columns());
        this.classifier = new SequenceClassifier(parameters.below("output"), unroll(Unroll::dynamic), Digits.CLASSES);
        this.optimizer = new Adam(classifier.parameters(), settings.learningRate());
    }

    private void makeCells(Parameters parameters, int columns) {
        int size = columns;
        for (int i = 0; i < settings.layers(); i++) {
            Parameters own = settings.layers() == 1 ? parameters.below("rnn") : parameters.below("rnn" + i);
            List<Cell> layer = settings.bidirectional()
                    ? List.of(cell(own.below("forward"), size), cell(own.below("backward"), size))
                    : List.of(cell(own, size));
            cells.add(layer);
            size = layer.stream().mapToInt(Cell::outputSize).sum();
        }
    }

    private Cell cell(Parameters parameters, int inputSize) {
        Cell cell = settings.cell().make(parameters, inputSize, settings.hidden());
        return settings.dropout() == 0
                ? cell
                : new DropoutCell(
                        parameters.below("dropout"), cell, DropoutCell.options().output(1 - settings.dropout()));
    }

    private Unroll unroll(Function<Cell, Unroll> mode) {
        return Unroll.stacked(cells.stream()
                .map(layer -> layer.size() == 1
                        ? mode.apply(layer.get(0))
                        : Unroll.bidirectional(mode.apply(layer.get(0)), mode.apply(layer.get(1)), Merge.CONCAT))
                .toList());
    }

    /** Returns what makes an update of a batch, and its loss. */
    private ToDoubleFunction<DigitBatch> updates() {
        TrainStep step = new TrainStep(optimizer, settings.clipNorm(), settings.seed());
        step.threads(settings.threads());
        if (!settings.isStatic()) {
            return batch -> step.run(graph -> loss(classifier, graph, batch.inputs(), batch.labels()));
        }
        int rows = Math.min(settings.batch(), train.count());
        SequenceClassifier fixed = classifier.unrolled(unroll(cell -> Unroll.fixed(cell, train.rows(), rows)));
        Plan plan = Plan.training(
                (graph, in) -> loss(fixed, graph, in.get(0), in.get(1)),
                Tensor.zeros(settings.dtype(), train.rows(), rows, train.columns()),
                Tensor.zeros(DType.INT32, rows));
        plan.threads(settings.threads());
        return batch -> step.run(plan, batch.inputs(), batch.labels());
    }

    /** Returns the number of updates in an epoch. */
    int batches() {
        return (train.count() + settings.batch() - 1) / settings.batch();
    }

    /**
     * Trains, then evaluates on the test images.
     *
     * @param onBatch is told the loss of every batch
     * @param onEpoch is told the figures of every epoch
     * @throws DivergedException where the loss is not a finite number; the message names epoch and batch
     */
    MnistResult run(Consumer<Double> onBatch, Consumer<Epoch> onEpoch) {
        long start = System.nanoTime();
        ToDoubleFunction<DigitBatch> updates = updates();
        List<Epoch> epochs = new ArrayList<>();
        Weights best = Weights.copyOf(classifier.parameters());
        int bestEpoch = 0;
        double bestLoss = Double.POSITIVE_INFINITY;
        for (int epoch = 1; epoch <= settings.epochs() && !givenUp(epoch - 1, bestEpoch); epoch++) {
            epochs.add(epoch(epoch, updates, onBatch));
            Epoch latest = epochs.get(epoch - 1);
            onEpoch.accept(latest);
            if (settings.patience() > 0 && latest.devLoss() < bestLoss) {
                bestLoss = latest.devLoss();
                bestEpoch = epoch;
                best = Weights.copyOf(classifier.parameters());
            }
        }
        if (settings.patience() > 0) {
            best.restore();
        }
        double seconds = secondsSince(start);
        DigitModel model = new DigitModel(classifier, settings.dtype(), test.rows(), test.columns());
        return new MnistResult(
                settings.cell(),
                epochs,
                settings.patience() > 0 ? bestEpoch : epochs.size(),
                model.evaluate(test, "MNIST test images"),
                seconds,
                Weights.count(classifier.parameters()),
                Weights.sha256(classifier.parameters()));
    }

    private boolean givenUp(int done, int bestEpoch) {
        return settings.patience() > 0 && done - bestEpoch >= settings.patience();
    }

    private Epoch epoch(int epoch, ToDoubleFunction<DigitBatch> updates, Consumer<Double> onBatch) {
        long start = System.nanoTime();
        int[] order = order(epoch);
        double sum = 0;
        for (int batch = 1; batch <= batches(); batch++) {
            int from = (batch - 1) * settings.batch();
            int to = Math.min(from + settings.batch(), order.length);
            DigitBatch digits = DigitBatch.of(train, order, from, to, settings.dtype());
            optimizer.learningRate(learningRate((epoch - 1L) * batches() + batch - 1));
            double loss = update(updates, digits, epoch, batch);
            onBatch.accept(loss);
            sum += loss * (to - from);
        }
        double[] lossAndHits = measure(dev, epoch);
        return new Epoch(
                epoch,
                sum / order.length,
                lossAndHits[0],
                (int) lossAndHits[1],
                lossAndHits[1] / dev.count(),
                secondsSince(start));
    }

    private static double update(ToDoubleFunction<DigitBatch> updates, DigitBatch digits, int epoch, int batch) {
        try {
            return updates.applyAsDouble(digits);
        } catch (DivergedException exception) {
            throw stopped("in epoch " + epoch + ", batch " + batch, exception);
        }
    }

    private static DivergedException stopped(String where, DivergedException why) {
        return new DivergedException("training stopped " + where + ": " + why.getMessage());
    }

    /** Returns the learning rate after a number of updates: constant, or on a straight line that ends at 0. */
    private double learningRate(long updates) {
        double left = 1 - (double) updates / ((long) settings.epochs() * batches());
        return settings.decay() ? Math.max(Double.MIN_VALUE, settings.learningRate() * left) : settings.learningRate();
    }

    private Node loss(SequenceClassifier model, Graph graph, Tensor inputs, Tensor labels) {
        Node loss = model.loss(graph, inputs, labels);
        return settings.l2() == 0
                ? loss
                : loss.plus(Ops.l2Penalty(graph, settings.l2(), List.of(classifier.outputWeights())));
    }

    /** Returns an order of the training images that depends on seed and epoch alone. */
    private int[] order(int epoch) {
        int seed = Hashing.murmur3_32_fixed()
                .newHasher()
                .putInt(settings.seed())
                .putInt(epoch)
                .hash()
                .asInt();
        return new NumpyRandom(seed & Integer.MAX_VALUE).permutation(train.count());
    }

    /** Returns the mean loss over images and how many of them are classified rightly. */
    private double[] measure(Digits digits, int epoch) {
        int[] order = IntStream.range(0, digits.count()).toArray();
        Graph graph = Graph.inference();
        double loss = 0;
        int hits = 0;
        for (int from = 0; from < order.length; from += ROWS_AT_ONCE) {
            int to = Math.min(from + ROWS_AT_ONCE, order.length);
            DigitBatch batch = DigitBatch.of(digits, order, from, to, settings.dtype());
            graph.reset();
            Node logits = classifier.logits(graph, batch.inputs());
            double batchLoss =
                    Ops.crossEntropy(logits, graph.input(batch.labels())).item();
            if (!Double.isFinite(batchLoss)) {
                throw stopped(
                        "after epoch " + epoch + ", batch " + batches() + ", on validation images",
                        DivergedException.ofLoss(batchLoss, graph));
            }
            loss += batchLoss * (to - from);
            hits += hits(logits.value(), batch.labels());
        }
        return new double[] {loss / order.length, hits};
    }

    private static int hits(Tensor logits, Tensor labels) {
        int hits = 0;
        for (int row = 0; row < labels.size(); row++) {
            int best = 0;
            for (int digit = 1; digit < Digits.CLASSES; digit++) {
                best = logits.get(row, digit) > logits.get(row, best) ? digit : best;
            }
            hits += best == labels.get(row) ? 1 : 0;
        }
        return hits;
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
