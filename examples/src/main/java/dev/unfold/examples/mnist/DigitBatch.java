package dev.unfold.examples.mnist;

import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;

/**
 * Images as sequences: step t is row t of every image.
 *
 * @param inputs {@code [T, N, D]}: rows of an image, images, columns
 * @param labels int32 {@code [N]}
 */
record DigitBatch(Tensor inputs, Tensor labels) {
    /** Takes the images at positions {@code from} to before {@code to} of an order. */
    static DigitBatch of(Digits digits, int[] order, int from, int to, DType dtype) {
        int steps = digits.rows();
        int features = digits.columns();
        int rows = to - from;
        float[] image = new float[steps * features];
        float[] inputs = new float[steps * rows * features];
        int[] labels = new int[rows];
        for (int n = 0; n < rows; n++) {
            digits.copyImage(order[from + n], image, 0);
            labels[n] = digits.label(order[from + n]);
            for (int t = 0; t < steps; t++) {
                System.arraycopy(image, t * features, inputs, (t * rows + n) * features, features);
            }
        }
        Tensor sequences = Tensor.of(inputs, steps, rows, features);
        return new DigitBatch(dtype == DType.FLOAT32 ? sequences : sequences.to(dtype), Tensor.of(labels, rows));
    }
}
