package dev.unfold.examples.mnist;

import dev.unfold.graph.DType;

/**
 * How to train a classifier of digits.
 *
 * @param cell the recurrent cell
 * @param hidden its hidden size
 * @param layers how many lie on top of each other
 * @param bidirectional whether each layer goes both ways, with a cell for each
 * @param dropout share of each layer's outputs that is dropped in training, 0 for none
 * @param epochs how often at most to go through the training images
 * @param batch images in an update
 * @param learningRate Adam's
 * @param decay whether the learning rate falls in a straight line to 0 at the end of the last epoch
 * @param l2 strength of the penalty on the output weights, 0 for none
 * @param clipNorm the global norm to clip gradients to, infinite for none
 * @param patience epochs without a better validation loss after which to stop, 0 for never; with it the best weights are
 *     kept
 * @param seed of first weights, shuffling and dropout
 * @param dtype the precision
 * @param isStatic whether training replays one recorded step instead of recording every step
 * @param threads that work on gradients
 */
record MnistSettings(
        CellKind cell,
        int hidden,
        int layers,
        boolean bidirectional,
        double dropout,
        int epochs,
        int batch,
        double learningRate,
        boolean decay,
        double l2,
        double clipNorm,
        int patience,
        int seed,
        DType dtype,
        boolean isStatic,
        int threads) {}
