package dev.unfold.examples.mnist;

import dev.unfold.graph.DType;

/**
 * What a classifier of digits is made of.
 *
 * @param cell the recurrent cell
 * @param steps into how many an image is cut
 * @param pixels of a step
 * @param hidden the hidden size of a cell
 * @param layers how many lie on top of each other
 * @param bidirectional whether each layer goes both ways, with a cell for each
 * @param keepProbability of each layer's outputs in training, 1 for no dropout
 * @param dtype the precision
 */
record NetworkSettings(
        CellKind cell,
        int steps,
        int pixels,
        int hidden,
        int layers,
        boolean bidirectional,
        double keepProbability,
        DType dtype) {
    /**
     * Checks what a file may get wrong.
     *
     * @throws IllegalArgumentException for what is missing, or a size below 1
     */
    NetworkSettings {
        if (cell == null || dtype == null || !dtype.isFloat()) {
            throw new IllegalArgumentException("cell " + cell + ", precision " + dtype + "; expected one of each");
        }
        if (Math.min(Math.min(steps, pixels), Math.min(hidden, layers)) < 1) {
            throw new IllegalArgumentException(steps + " steps, " + pixels + " pixels, hidden size " + hidden + ", "
                    + layers + " layers; expected at least 1 of each");
        }
        if (!(keepProbability > 0 && keepProbability <= 1)) {
            throw new IllegalArgumentException(
                    "keep probability " + keepProbability + "; expected one above 0 and at most 1");
        }
    }
}
