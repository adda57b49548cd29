package dev.unfold.rnn.weights;

import static dev.unfold.rnn.weights.CellWeights.Role.BIAS_H;
import static dev.unfold.rnn.weights.CellWeights.Role.BIAS_X;
import static dev.unfold.rnn.weights.CellWeights.Role.INPUT;
import static dev.unfold.rnn.weights.CellWeights.Role.PROJECTION;
import static dev.unfold.rnn.weights.CellWeights.Role.RECURRENT;

import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import java.util.EnumMap;
import java.util.Map;

/**
 * The weights of a cell as all systems have them, in our order of gates: two matrices from the left to all gates, two biases. Ours are
 * these with both biases added up, which gives the same sums, but for the candidate of a GRU that resets after the product: there the second
 * is multiplied by the reset gate, and kept apart.
 */
final class CellWeights {
    private CellWeights() {}

    /** What weights do. */
    enum Role {
        INPUT,
        RECURRENT,
        BIAS_X,
        BIAS_H,
        PROJECTION
    }

    static boolean has(Cell cell, String name) {
        return cell.parameters().stream().anyMatch(each -> each.name().equals(cell.name() + "." + name));
    }

    private static Tensor value(Cell cell, String name) {
        return cell.parameters().stream()
                .filter(each -> each.name().equals(cell.name() + "." + name))
                .map(Parameter::value)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "weights: cell '" + cell.name() + "' has no parameter '" + name + "'"));
    }

    private static String inputName(Cell cell) {
        return has(cell, "wx") ? "wx" : "w";
    }

    private static String recurrentName(Cell cell) {
        return has(cell, "wh") ? "wh" : "u";
    }

    /** Says which parameters a tensor has become. */
    static String became(Cell cell, Role role) {
        String path = cell.name() + ".";
        return switch (role) {
            case INPUT -> path + inputName(cell);
            case RECURRENT -> path + recurrentName(cell) + (has(cell, "un") ? " and " + path + "un" : "");
            case BIAS_X -> path + "b";
            case BIAS_H -> "added to " + path + "b" + (has(cell, "bun") ? ", the candidate's " + path + "bun" : "");
            case PROJECTION -> path + "projection";
        };
    }

    /** Copies the weights of a cell, the second bias zeros where ours has none. */
    static Map<Role, double[]> of(Cell cell) {
        Map<Role, double[]> weights = new EnumMap<>(Role.class);
        weights.put(INPUT, value(cell, inputName(cell)).toDoubles());
        double[] recurrent = value(cell, recurrentName(cell)).toDoubles();
        weights.put(
                RECURRENT,
                has(cell, "un") ? besides(recurrent, value(cell, "un").toDoubles()) : recurrent);
        if (has(cell, "b")) {
            double[] bias = value(cell, "b").toDoubles();
            double[] second = new double[bias.length];
            if (has(cell, "bun")) {
                double[] candidate = value(cell, "bun").toDoubles();
                System.arraycopy(candidate, 0, second, bias.length - candidate.length, candidate.length);
            }
            weights.put(BIAS_X, bias);
            weights.put(BIAS_H, second);
        }
        if (has(cell, "projection")) {
            weights.put(PROJECTION, value(cell, "projection").toDoubles());
        }
        return weights;
    }

    /** Returns the rows of [H, 2H] and [H, H] side by side. */
    private static double[] besides(double[] gates, double[] candidate) {
        int hidden = (int) Math.round(Math.sqrt(candidate.length));
        double[] all = new double[gates.length + candidate.length];
        for (int row = 0; row < hidden; row++) {
            System.arraycopy(gates, 2 * row * hidden, all, 3 * row * hidden, 2 * hidden);
            System.arraycopy(candidate, row * hidden, all, (3 * row + 2) * hidden, hidden);
        }
        return all;
    }

    /** Sets the parameters of a cell, rounding to their precision; biases that are not given are zero. */
    static void set(Cell cell, Map<Role, double[]> weights) {
        copy(weights.getOrDefault(INPUT, new double[0]), value(cell, inputName(cell)));
        double[] recurrent = weights.getOrDefault(RECURRENT, new double[0]);
        if (has(cell, "un")) {
            int hidden = cell.outputSize();
            split(recurrent, 0, value(cell, "u"), 2 * hidden);
            split(recurrent, 2 * hidden, value(cell, "un"), hidden);
        } else {
            copy(recurrent, value(cell, recurrentName(cell)));
        }
        if (has(cell, "b")) {
            Tensor bias = value(cell, "b");
            double[] none = new double[bias.size()];
            double[] first = weights.getOrDefault(BIAS_X, none);
            double[] second = weights.getOrDefault(BIAS_H, none);
            int apart = has(cell, "bun") ? cell.outputSize() : 0;
            int together = bias.size() - apart;
            for (int j = 0; j < bias.size(); j++) {
                // Adding 0 would change -0.
                bias.setFlat(j, j >= together || second[j] == 0 ? first[j] : first[j] + second[j]);
            }
            for (int j = 0; j < apart; j++) {
                value(cell, "bun").setFlat(j, second[together + j]);
            }
        }
        if (has(cell, "projection")) {
            copy(weights.getOrDefault(PROJECTION, new double[0]), value(cell, "projection"));
        }
    }

    private static void copy(double[] from, Tensor to) {
        for (int i = 0; i < to.size(); i++) {
            to.setFlat(i, from[i]);
        }
    }

    /** Copies columns of a matrix of three blocks. */
    private static void split(double[] from, int column, Tensor to, int columns) {
        int width = from.length / to.shape().dim(0);
        for (int i = 0; i < to.size(); i++) {
            to.setFlat(i, from[i / columns * width + column + i % columns]);
        }
    }
}
