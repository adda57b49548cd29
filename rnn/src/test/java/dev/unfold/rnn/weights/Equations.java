package dev.unfold.rnn.weights;

import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import org.jspecify.annotations.Nullable;

/** Layers of one direction, for one row, by loops over the equations that systems document. Matrices are [GH, D] and [GH, H]. */
final class Equations {
    private Equations() {}

    static Tensor run(WeightLayout layout, Tensor w, Tensor r, Tensor wb, Tensor rb, Tensor x, int size) {
        return run(layout, w, r, wb, rb, null, x, size);
    }

    /** The same, where {@code h = W_hr (o * tanh(c))} if there is a projection {@code [P, H]}, as {@code torch.nn.LSTM} says. */
    static Tensor run(
            WeightLayout layout,
            Tensor w,
            Tensor r,
            Tensor wb,
            Tensor rb,
            @Nullable Tensor projection,
            Tensor x,
            int size) {
        int steps = x.shape().dim(0);
        int outputSize = projection == null ? size : projection.shape().dim(0);
        Tensor y = Tensor.zeros(DType.FLOAT64, steps, 1, outputSize);
        double[] h = new double[outputSize];
        double[] c = new double[size];
        for (int t = 0; t < steps; t++) {
            double[] fromX = product(w, x.at(t).at(0).toDoubles());
            double[] fromH = product(r, h);
            double[] next = new double[size];
            for (int j = 0; j < size; j++) {
                next[j] = switch (layout) {
                    // Input, forget, cell, output in PyTorch and Keras; input, output, forget, cell in ONNX.
                    case PYTORCH_LSTM, KERAS_LSTM ->
                        lstm(
                                c,
                                j,
                                sum(0, j, fromX, fromH, wb, rb, size),
                                sum(1, j, fromX, fromH, wb, rb, size),
                                sum(2, j, fromX, fromH, wb, rb, size),
                                sum(3, j, fromX, fromH, wb, rb, size));
                    case ONNX_LSTM ->
                        lstm(
                                c,
                                j,
                                sum(0, j, fromX, fromH, wb, rb, size),
                                sum(2, j, fromX, fromH, wb, rb, size),
                                sum(3, j, fromX, fromH, wb, rb, size),
                                sum(1, j, fromX, fromH, wb, rb, size));
                    // Reset, update, new in PyTorch; update, reset, hidden in Keras and ONNX.
                    case PYTORCH_GRU -> after(h, j, 0, 1, fromX, fromH, wb, rb, size);
                    case KERAS_GRU, ONNX_GRU -> after(h, j, 1, 0, fromX, fromH, wb, rb, size);
                    case KERAS_GRU_RESET_BEFORE, ONNX_GRU_RESET_BEFORE -> {
                        double sum = fromX[2 * size + j] + wb.getFlat(2 * size + j) + rb.getFlat(2 * size + j);
                        for (int k = 0; k < size; k++) {
                            double reset = sigmoid(sum(1, k, fromX, fromH, wb, rb, size));
                            sum += r.get(2 * size + j, k) * reset * h[k];
                        }
                        double z = sigmoid(sum(0, j, fromX, fromH, wb, rb, size));
                        yield z * h[j] + (1 - z) * Math.tanh(sum);
                    }
                    case PYTORCH_RNN, KERAS_RNN, ONNX_RNN -> Math.tanh(sum(0, j, fromX, fromH, wb, rb, size));
                    case PYTORCH_RNN_RELU, KERAS_RNN_RELU, ONNX_RNN_RELU ->
                        Math.max(0, sum(0, j, fromX, fromH, wb, rb, size));
                };
            }
            h = projection == null ? next : product(projection, next);
            for (int j = 0; j < outputSize; j++) {
                y.set(h[j], t, 0, j);
            }
        }
        return y;
    }

    /** Returns steps of one row from the last to the first. */
    static Tensor reversed(Tensor x) {
        Tensor reversed = Tensor.zeros(DType.FLOAT64, x.shape().dims());
        for (int t = 0; t < x.shape().dim(0); t++) {
            reversed.at(t).copyFrom(x.at(x.shape().dim(0) - 1 - t));
        }
        return reversed;
    }

    /** Returns the features of two, side by side. */
    static Tensor sideBySide(Tensor a, Tensor b) {
        int width = a.shape().dim(2);
        Tensor both = Tensor.zeros(
                DType.FLOAT64, a.shape().dim(0), 1, width + b.shape().dim(2));
        for (int t = 0; t < a.shape().dim(0); t++) {
            for (int j = 0; j < both.shape().dim(2); j++) {
                both.set(j < width ? a.get(t, 0, j) : b.get(t, 0, j - width), t, 0, j);
            }
        }
        return both;
    }

    private static double lstm(double[] c, int j, double i, double f, double g, double o) {
        c[j] = sigmoid(f) * c[j] + sigmoid(i) * Math.tanh(g);
        return sigmoid(o) * Math.tanh(c[j]);
    }

    private static double after(
            double[] h, int j, int reset, int update, double[] fromX, double[] fromH, Tensor wb, Tensor rb, int size) {
        int n = 2 * size + j;
        double r = sigmoid(sum(reset, j, fromX, fromH, wb, rb, size));
        double z = sigmoid(sum(update, j, fromX, fromH, wb, rb, size));
        double candidate = Math.tanh(fromX[n] + wb.getFlat(n) + r * (fromH[n] + rb.getFlat(n)));
        return (1 - z) * candidate + z * h[j];
    }

    private static double sum(int gate, int j, double[] fromX, double[] fromH, Tensor wb, Tensor rb, int size) {
        int at = gate * size + j;
        return fromX[at] + fromH[at] + wb.getFlat(at) + rb.getFlat(at);
    }

    private static double[] product(Tensor matrix, double[] vector) {
        double[] product = new double[matrix.shape().dim(0)];
        for (int i = 0; i < product.length; i++) {
            for (int j = 0; j < vector.length; j++) {
                product[i] += matrix.get(i, j) * vector[j];
            }
        }
        return product;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
