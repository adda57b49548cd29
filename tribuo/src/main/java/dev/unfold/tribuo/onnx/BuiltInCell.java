package dev.unfold.tribuo.onnx;

import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Activation;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.tribuo.onnx.OnnxWeights.Block;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A cell for which ONNX has an operator: LSTM, GRU or RNN. All of them give out h.
 *
 * @param type the operator
 * @param attributes what it is to be told, beside the direction
 * @param w weights of the input, {@code [1, gates H, D]}
 * @param r weights of h, {@code [1, gates H, H]}
 * @param b biases of both, {@code [1, 2 gates H]}
 * @param peepholes {@code [1, 3 H]}, or null
 */
record BuiltInCell(
        String type,
        Map<String, ?> attributes,
        Tensor w,
        Tensor r,
        Tensor b,
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
        Activation activation = cell.activation();
        String function = switch (activation) {
            case TANH -> "Tanh";
            case RELU -> "Relu";
            case SIGMOID -> "Sigmoid";
        };
        return made(
                "RNN",
                Map.of("activations", List.of(function)),
                cell,
                List.of(block(cell, "wx", 0)),
                List.of(block(cell, "wh", 0)),
                List.of(block(cell, "b", 0), Block.ZEROS),
                List.of());
    }

    /** Ours are r, z, n; those of ONNX z, r, h. */
    private static BuiltInCell of(GruCell cell) {
        boolean after = cell.variant() == GruCell.Variant.RESET_AFTER;
        return made(
                "GRU",
                Map.of("linear_before_reset", after ? 1 : 0),
                cell,
                List.of(block(cell, "w", 1), block(cell, "w", 0), block(cell, "w", 2)),
                List.of(block(cell, "u", 1), block(cell, "u", 0), after ? block(cell, "u", 2) : block(cell, "un", 0)),
                List.of(
                        block(cell, "b", 1),
                        block(cell, "b", 0),
                        block(cell, "b", 2),
                        Block.ZEROS,
                        Block.ZEROS,
                        block(cell, "bun", 0)),
                List.of());
    }

    /** Ours are i, f, g, o, or coupled i, g, o; those of ONNX i, o, f, c. */
    private static BuiltInCell of(LstmCell cell) {
        LstmCell.Options options = cell.cellOptions();
        boolean coupled = options.coupled();
        int g = coupled ? 1 : 2;
        return made(
                "LSTM",
                Map.of("input_forget", coupled ? 1 : 0),
                cell,
                gates(cell, "w", g, coupled),
                gates(cell, "u", g, coupled),
                List.of(
                        block(cell, "b", 0),
                        block(cell, "b", g + 1),
                        coupled ? Block.ZEROS : block(cell, "b", 1),
                        block(cell, "b", g),
                        Block.ZEROS,
                        Block.ZEROS,
                        Block.ZEROS,
                        Block.ZEROS),
                options.peepholes()
                        ? List.of(block(cell, "pi", 0), block(cell, "po", 0), block(cell, "pf", 0))
                        : List.of());
    }

    private static List<Block> gates(Cell cell, String name, int g, boolean coupled) {
        return List.of(
                block(cell, name, 0),
                block(cell, name, g + 1),
                coupled ? Block.ZEROS : block(cell, name, 1),
                block(cell, name, g));
    }

    private static BuiltInCell made(
            String type,
            Map<String, ?> attributes,
            Cell cell,
            List<Block> w,
            List<Block> r,
            List<Block> b,
            List<Block> peepholes) {
        int size = cell.outputSize();
        Map<String, Object> all = new LinkedHashMap<>(attributes);
        all.put("hidden_size", size);
        return new BuiltInCell(
                type,
                all,
                OnnxWeights.matrices(w, cell.inputSize(), size),
                OnnxWeights.matrices(r, size, size),
                OnnxWeights.vectors(b, size),
                peepholes.isEmpty() ? null : OnnxWeights.vectors(peepholes, size));
    }

    /** Returns a part of a parameter; zeros where the cell has none of that name. */
    private static Block block(Cell cell, String name, int index) {
        for (Parameter parameter : cell.parameters()) {
            if (parameter.name().equals(cell.name() + "." + name)) {
                return new Block(parameter, index);
            }
        }
        return Block.ZEROS;
    }
}
