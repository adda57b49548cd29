package dev.unfold.rnn.train;

import org.jspecify.annotations.Nullable;

/**
 * What going through the training data once has come to.
 *
 * @param number from 1 on
 * @param learningRate of its last update
 * @param trainLoss the mean over its batches, by their weight, each before the update on it
 * @param training what the model did on training data behind the epoch; null where that is not measured
 * @param validation what the model did on data that it does not learn from; null where that is not measured
 * @param seconds wall time, measuring included
 */
public record Epoch(
        int number,
        double learningRate,
        double trainLoss,
        @Nullable Score training,
        @Nullable Score validation,
        double seconds) {}
