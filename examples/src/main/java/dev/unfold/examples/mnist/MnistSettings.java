package dev.unfold.examples.mnist;

import dev.unfold.rnn.train.TrainingOptions;

/**
 * How to train a classifier of digits.
 *
 * @param network what is trained
 * @param optimizer makes the updates
 * @param learningRate its rate, to which the schedule gives factors
 * @param training how long, by which schedule, and which weights are left
 * @param batch images in an update
 * @param l2 strength of the penalty on the output weights, 0 for none
 * @param clipNorm the global norm to clip gradients to, infinite for none
 * @param seed of first weights, shuffling and dropout
 * @param isStatic whether training replays one recorded step instead of recording every step
 * @param threads that work on gradients
 */
record MnistSettings(
        NetworkSettings network,
        OptimizerKind optimizer,
        double learningRate,
        TrainingOptions training,
        int batch,
        double l2,
        double clipNorm,
        int seed,
        boolean isStatic,
        int threads) {}
