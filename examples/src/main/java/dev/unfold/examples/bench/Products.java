package dev.unfold.examples.bench;

/**
 * Floating-point operations of products with weights, in training: two for each weight and row forwards, and as many for the gradient of
 * the weights and for that of the input.
 */
final class Products {
    private static final int FORWARD = 2;
    private static final int TRAINING = 3 * FORWARD;

    private Products() {}

    /** Of one row with a matrix. */
    static double product(int inputSize, int outputSize) {
        return (double) TRAINING * inputSize * outputSize;
    }

    /** Of one row in one step of a cell whose gates look at the input and at h. */
    static double cell(int gates, int inputSize, int hiddenSize) {
        return product(inputSize + hiddenSize, gates * hiddenSize);
    }

    /** Of one row in one step of an LSTM. */
    static double lstm(int inputSize, int hiddenSize) {
        return cell(4, inputSize, hiddenSize);
    }

    /** Of what is not trained: forwards alone. */
    static double inference(double training) {
        return training * FORWARD / TRAINING;
    }
}
