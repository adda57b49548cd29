package dev.unfold.examples.mnist;

import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;

/**
 * Images as sequences: the pixels of an image, row by row, are cut into steps of as many each.
 *
 * @param inputs {@code [T, N, D]}: steps, images, pixels of a step
 * @param labels int32 {@code [N]}
 */
record DigitBatch(Tensor inputs, Tensor labels) {
    /** Takes the images of these numbers; the number of steps divides that of their pixels. */
    static DigitBatch of(Digits digits, int[] chosen, int steps, DType dtype) {
        int features = digits.rows() * digits.columns() / steps;
        int rows = chosen.length;
        float[] image = new float[steps * features];
        float[] inputs = new float[steps * rows * features];
        int[] labels = new int[rows];
        for (int n = 0; n < rows; n++) {
            digits.copyImage(chosen[n], image, 0);
            labels[n] = digits.label(chosen[n]);
            for (int t = 0; t < steps; t++) {
                System.arraycopy(image, t * features, inputs, (t * rows + n) * features, features);
            }
        }
        Tensor sequences = Tensor.of(inputs, steps, rows, features);
        return new DigitBatch(dtype == DType.FLOAT32 ? sequences : sequences.to(dtype), Tensor.of(labels, rows));
    }

    /** Returns the number of images. */
    int size() {
        return labels.size();
    }
}
