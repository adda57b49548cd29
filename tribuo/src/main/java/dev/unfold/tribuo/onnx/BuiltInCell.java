package dev.unfold.tribuo.onnx;

import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.weights.WeightLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A cell for which ONNX has an operator: LSTM, GRU or RNN. All of them give out h.
 *
 * @param type the operator
 * @param attributes what it is to be told, beside the direction
 * @param w weights of the input, {@code [1, gates H, D]}
 * @param r weights of h, {@code [1, gates H, H]}
 * @param b biases of both, {@code [1, 2 gates H]}, or null
 * @param peepholes {@code [1, 3 H]}, or null
 */
record BuiltInCell(
        String type,
        Map<String, ?> attributes,
        Tensor w,
        Tensor r,
        @Nullable Tensor b,
        @Nullable Tensor peepholes) {
    /** Returns a cell as an operator, where there is one that computes the same. */
    static Optional<BuiltInCell> of(Cell cell) {
        if (cell instanceof VanillaCell vanilla) {
            return Optional.of(of(vanilla));
        }
        if (cell instanceof GruCell gru) {
            return Optional.of(of(gru));
        }
        return cell instanceof LstmCell lstm && hasOperator(lstm.cellOptions())
                ? Optional.of(of(lstm))
                : Optional.empty();
    }

    /** ONNX' own bound is one of sums, ours of c; it has neither projections nor normalisation. */
    private static boolean hasOperator(LstmCell.Options options) {
        return !options.layerNorm() && options.projection() == 0 && options.cellClip() == 0;
    }

    private static BuiltInCell of(VanillaCell cell) {
        String function = switch (cell.activation()) {
            case TANH -> "Tanh";
            case RELU -> "Relu";
            case SIGMOID -> "Sigmoid";
        };
        return made("RNN", Map.of("activations", List.of(function)), WeightLayout.ONNX_RNN, cell, null);
    }

    private static BuiltInCell of(GruCell cell) {
        boolean after = cell.variant() == GruCell.Variant.RESET_AFTER;
        WeightLayout layout = after ? WeightLayout.ONNX_GRU : WeightLayout.ONNX_GRU_RESET_BEFORE;
        return made("GRU", Map.of("linear_before_reset", after ? 1 : 0), layout, cell, null);
    }

    private static BuiltInCell of(LstmCell cell) {
        LstmCell.Options options = cell.cellOptions();
        Map<String, ?> attributes = Map.of("input_forget", options.coupled() ? 1 : 0);
        return made("LSTM", attributes, WeightLayout.ONNX_LSTM, cell, options.peepholes() ? peepholes(cell) : null);
    }

    /** Returns those of the gates i, o and f; f is zeros where it is coupled. */
    private static Tensor peepholes(LstmCell cell) {
        int size = cell.outputSize();
        Tensor all = Tensor.zeros(DType.FLOAT32, 1, 3 * size);
        List<String> names = List.of("pi", "po", "pf");
        for (Parameter parameter : cell.parameters()) {
            int gate = names.indexOf(parameter.name().substring(parameter.name().lastIndexOf('.') + 1));
            for (int j = 0; gate >= 0 && j < size; j++) {
                all.setFlat(gate * size + j, parameter.value().getFlat(j));
            }
        }
        return all;
    }

    private static BuiltInCell made(
            String type, Map<String, ?> attributes, WeightLayout layout, Cell cell, @Nullable Tensor peepholes) {
        Map<String, Tensor> weights = layout.writeGates(cell);
        Map<String, Object> all = new LinkedHashMap<>(attributes);
        all.put("hidden_size", cell.outputSize());
        return new BuiltInCell(
                type,
                all,
                Objects.requireNonNull(weights.get("W")),
                Objects.requireNonNull(weights.get("R")),
                weights.get("B"),
                peepholes);
    }
}
