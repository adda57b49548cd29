package dev.unfold.rnn.unroll;

import static dev.unfold.rnn.Weighted.added;
import static dev.unfold.rnn.Weighted.joined;
import static dev.unfold.rnn.Weighted.parameter;
import static dev.unfold.rnn.Weighted.set;
import static dev.unfold.rnn.Weighted.transposed;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.Golden;
import dev.unfold.rnn.cell.Activation;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import java.util.LinkedHashMap;
import java.util.Map;

/** One direction of one layer of a reference made with PyTorch: our cell with its weights, and the gradients by its names. */
record PytorchLayer(Golden golden, String suffix, Cell cell) {
    static PytorchLayer load(Golden golden, String kind, DType dtype, int layer, boolean reverse) {
        String suffix = "_l" + layer + (reverse ? "_reverse" : "");
        Parameters parameters = new Parameters("rnn", dtype, new NumpyRandom(1)).below("cell" + suffix);
        int inputSize = golden.tensor("weight_ih" + suffix).shape().dim(1);
        int hiddenSize = golden.configInt("H");
        Cell cell = switch (kind) {
            case "lstm" -> new LstmCell(parameters, inputSize, hiddenSize);
            case "gru" -> new GruCell(parameters, inputSize, hiddenSize, GruCell.Variant.RESET_AFTER);
            case "relu" -> new VanillaCell(parameters, inputSize, hiddenSize, Activation.RELU, true);
            default -> new VanillaCell(parameters, inputSize, hiddenSize);
        };
        PytorchLayer loaded = new PytorchLayer(golden, suffix, cell);
        loaded.setWeights();
        return loaded;
    }

    private void setWeights() {
        Tensor biasX = golden.tensor("bias_ih" + suffix);
        Tensor biasH = golden.tensor("bias_hh" + suffix);
        set(cell, cell instanceof VanillaCell ? "wx" : "w", transposed(golden.tensor("weight_ih" + suffix)));
        set(cell, cell instanceof VanillaCell ? "wh" : "u", transposed(golden.tensor("weight_hh" + suffix)));
        if (cell instanceof GruCell) {
            int h = cell.outputSize();
            set(cell, "b", joined(added(part(biasX, 0, 2 * h), part(biasH, 0, 2 * h)), part(biasX, 2 * h, 3 * h)));
            set(cell, "bun", part(biasH, 2 * h, 3 * h));
        } else {
            set(cell, "b", added(biasX, biasH));
        }
    }

    /** Returns the gradients of our parameters under PyTorch's names and in its layout. */
    Map<String, Tensor> gradients() {
        Map<String, Tensor> gradients = new LinkedHashMap<>();
        boolean vanilla = cell instanceof VanillaCell;
        gradients.put("weight_ih" + suffix, transposed(gradient(vanilla ? "wx" : "w")));
        gradients.put("weight_hh" + suffix, transposed(gradient(vanilla ? "wh" : "u")));
        Tensor bias = gradient("b");
        gradients.put("bias_ih" + suffix, bias);
        gradients.put(
                "bias_hh" + suffix,
                cell instanceof GruCell ? joined(part(bias, 0, 2 * cell.outputSize()), gradient("bun")) : bias);
        return gradients;
    }

    private Tensor gradient(String name) {
        return parameter(cell, name).gradient().to(DType.FLOAT64);
    }

    private static Tensor part(Tensor vector, int from, int to) {
        return Ops.slice(Graph.inference().input(vector), 0, from, to).value();
    }
}
