package dev.unfold.tribuo;

import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.Parameters;

/** The cells that a trainer can be told to use. */
public enum CellKind {
    /** The simple recurrent network with tanh. */
    VANILLA,
    /** The gated recurrent unit that resets before the product. */
    GRU,
    /** The gated recurrent unit that resets after the product, as PyTorch's does. */
    GRU_AFTER,
    /** Long short-term memory. */
    LSTM;

    Cell make(Parameters parameters, int inputSize, int hiddenSize) {
        return switch (this) {
            case VANILLA -> new VanillaCell(parameters, inputSize, hiddenSize);
            case GRU -> new GruCell(parameters, inputSize, hiddenSize, GruCell.Variant.RESET_BEFORE);
            case GRU_AFTER -> new GruCell(parameters, inputSize, hiddenSize, GruCell.Variant.RESET_AFTER);
            case LSTM -> new LstmCell(parameters, inputSize, hiddenSize);
        };
    }
}
