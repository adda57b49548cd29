package dev.unfold.examples.mnist;

import dev.unfold.examples.cell.MinimalGatedCell;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.Parameters;
import java.util.Locale;

/** The cells that a command can be told to use. */
public enum CellKind {
    /** The simple recurrent network with tanh. */
    VANILLA,
    /** The minimal gated unit, written as a user would. */
    MGU;

    /** Makes a cell. */
    public Cell make(Parameters parameters, int inputSize, int hiddenSize) {
        return switch (this) {
            case VANILLA -> new VanillaCell(parameters, inputSize, hiddenSize);
            case MGU -> new MinimalGatedCell(parameters, inputSize, hiddenSize);
        };
    }

    /** Returns the name that users give. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
