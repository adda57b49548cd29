package dev.unfold.examples.mnist;

import dev.unfold.examples.cell.MinimalGatedCell;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.Parameters;
import java.util.Locale;

/** The cells that a command can be told to use. */
public enum CellKind {
    /** The simple recurrent network with tanh. */
    VANILLA,
    /** The gated recurrent unit that resets before the product. */
    GRU,
    /** The gated recurrent unit that resets after the product, as PyTorch's does. */
    GRU_AFTER,
    /** Long short-term memory. */
    LSTM,
    /** Long short-term memory with peepholes. */
    LSTM_PEEPHOLE,
    /** Long short-term memory with layer normalisation. */
    LSTM_LAYERNORM,
    /** The minimal gated unit, written as a user would. */
    MGU;

    /** Makes a cell. */
    public Cell make(Parameters parameters, int inputSize, int hiddenSize) {
        return switch (this) {
            case VANILLA -> new VanillaCell(parameters, inputSize, hiddenSize);
            case GRU -> new GruCell(parameters, inputSize, hiddenSize, GruCell.Variant.RESET_BEFORE);
            case GRU_AFTER -> new GruCell(parameters, inputSize, hiddenSize, GruCell.Variant.RESET_AFTER);
            case LSTM -> new LstmCell(parameters, inputSize, hiddenSize);
            case LSTM_PEEPHOLE ->
                new LstmCell(
                        parameters, inputSize, hiddenSize, LstmCell.options().withPeepholes());
            case LSTM_LAYERNORM ->
                new LstmCell(
                        parameters, inputSize, hiddenSize, LstmCell.options().withLayerNorm());
            case MGU -> new MinimalGatedCell(parameters, inputSize, hiddenSize);
        };
    }

    /**
     * Returns the learning rate of Adam to begin with. Adam moves every weight by about the rate, so that what a unit sums over H others
     * moves by up to H times that: the rate falls as H grows (G. Yang et al., Tensor programs V, 2022). Gates bear six times what a
     * plain cell does, whose every disturbed state is handed on whole.
     */
    double learningRate(int hidden) {
        return this == VANILLA ? Math.min(2e-3, 0.128 / hidden) : Math.min(6e-3, 0.768 / hidden);
    }

    /** Returns the name that users give. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
