package dev.unfold.rnn.train;

import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;

/**
 * How well a model does on labelled data.
 *
 * @param lossSum the sum of the losses of the labels
 * @param hits how many labels the model gives rightly
 * @param count how many labels there are
 */
public record Score(double lossSum, long hits, long count) {
    /** Nothing measured yet; add to it by {@link #plus}. */
    public static final Score NONE = new Score(0, 0, 0);

    /**
     * Measures a batch in which every label counts.
     *
     * @param meanLoss over its labels
     * @param logits {@code [N, K]} or {@code [T, N, K]}; the greatest of the K is the model's label, of equal ones the first
     * @param labels int32 {@code [N]} or {@code [T, N]}
     * @throws IllegalArgumentException where there are not K logits for each label
     */
    public static Score of(double meanLoss, Tensor logits, Tensor labels) {
        Shape shape = logits.shape();
        int classes = shape.columns();
        if (!shape.equals(labels.shape().with(labels.shape().rank(), classes))) {
            throw new IllegalArgumentException("score: the logits are " + shape + " and the labels " + labels.shape()
                    + "; expected the same axes and, behind them, one of the classes");
        }
        long hits = 0;
        for (int i = 0; i < labels.size(); i++) {
            hits += best(logits, i) == (int) labels.getFlat(i) ? 1 : 0;
        }
        return new Score(meanLoss * labels.size(), hits, labels.size());
    }

    /**
     * Returns the label that a model gives: that of the greatest logit, of equal ones the first.
     *
     * @param logits {@code [N, K]} or {@code [T, N, K]}
     * @param row which K of them, counted from 0 in the order in which they lie
     */
    public static int best(Tensor logits, int row) {
        int classes = logits.shape().columns();
        int best = 0;
        for (int k = 1; k < classes; k++) {
            best = logits.getFlat(row * classes + k) > logits.getFlat(row * classes + best) ? k : best;
        }
        return best;
    }

    /** Returns this and another taken together. */
    public Score plus(Score other) {
        return new Score(lossSum + other.lossSum, hits + other.hits, count + other.count);
    }

    /** Returns the mean loss of a label; NaN where there are none. */
    public double loss() {
        return lossSum / count;
    }

    /** Returns the share of labels that are right, 0 to 1; NaN where there are none. */
    public double accuracy() {
        return (double) hits / count;
    }

    /** Returns e to the mean loss in nats: among how many equally likely labels a guess would be as hard. */
    public double perplexity() {
        return StrictMath.exp(loss());
    }
}
