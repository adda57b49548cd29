package dev.unfold.examples.mnist;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DropoutCell;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.model.SequenceClassifier;
import dev.unfold.rnn.train.DivergedException;
import dev.unfold.rnn.train.Score;
import dev.unfold.rnn.unroll.Merge;
import dev.unfold.rnn.unroll.Unroll;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** A recurrent classifier of digits: cells, layer by layer, and a dense layer behind the last step. */
final class DigitNetwork {
    private static final int ROWS_AT_ONCE = 500;

    private final NetworkSettings settings;
    private final SequenceClassifier classifier;
    /** The cells of each layer: one, or one for each way. */
    private final List<List<Cell>> cells = new ArrayList<>();

    /**
     * Makes a network.
     *
     * @param parameters makes the weights
     */
    DigitNetwork(NetworkSettings settings, Parameters parameters) {
        this.settings = settings;
        int size = settings.pixels();
        for (int i = 0; i < settings.layers(); i++) {
            Parameters own = settings.layers() == 1 ? parameters.below("rnn") : parameters.below("rnn" + i);
            List<Cell> layer = settings.bidirectional()
                    ? List.of(cell(own.below("forward"), size), cell(own.below("backward"), size))
                    : List.of(cell(own, size));
            cells.add(layer);
            size = layer.stream().mapToInt(Cell::outputSize).sum();
        }
        this.classifier = new SequenceClassifier(parameters.below("output"), unroll(Unroll::dynamic), Digits.CLASSES);
    }

    private Cell cell(Parameters parameters, int inputSize) {
        Cell cell = settings.cell().make(parameters, inputSize, settings.hidden());
        return settings.keepProbability() == 1
                ? cell
                : new DropoutCell(
                        parameters.below("dropout"), cell, DropoutCell.options().output(settings.keepProbability()));
    }

    private Unroll unroll(Function<Cell, Unroll> mode) {
        return Unroll.stacked(cells.stream()
                .map(layer -> layer.size() == 1
                        ? mode.apply(layer.get(0))
                        : Unroll.bidirectional(mode.apply(layer.get(0)), mode.apply(layer.get(1)), Merge.CONCAT))
                .toList());
    }

    NetworkSettings settings() {
        return settings;
    }

    List<Parameter> parameters() {
        return classifier.parameters();
    }

    /** Returns the classifier, which records every step. */
    SequenceClassifier classifier() {
        return classifier;
    }

    /** Returns the classifier as one that replays a recorded step, for up to so many images. */
    SequenceClassifier replayed(int rows) {
        return classifier.unrolled(unroll(cell -> Unroll.fixed(cell, settings.steps(), rows)));
    }

    /** Returns these images as the network takes them. */
    DigitBatch batch(Digits digits, int[] chosen) {
        return DigitBatch.of(digits, chosen, settings.steps(), settings.dtype());
    }

    /**
     * Measures the network on images, without what is random in training.
     *
     * @throws DivergedException where a loss is not a finite number
     */
    Score score(Digits digits, int threads) {
        Graph graph = Graph.inference();
        graph.threads(threads);
        Score score = Score.NONE;
        for (int from = 0; from < digits.count(); from += ROWS_AT_ONCE) {
            int to = Math.min(from + ROWS_AT_ONCE, digits.count());
            DigitBatch batch = batch(digits, IntStream.range(from, to).toArray());
            graph.reset();
            Node logits = classifier.logits(graph, batch.inputs());
            double loss = Ops.crossEntropy(logits, graph.input(batch.labels())).item();
            if (!Double.isFinite(loss)) {
                throw DivergedException.ofLoss(loss, graph);
            }
            score = score.plus(Score.of(loss, logits.value(), batch.labels()));
        }
        return score;
    }
}
