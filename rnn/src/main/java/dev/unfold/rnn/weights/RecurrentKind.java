package dev.unfold.rnn.weights;

import com.google.common.collect.ImmutableList;
import dev.unfold.rnn.cell.Activation;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.cell.GruCell.Variant;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.Parameters;

/** A cell that other systems have too. */
public enum RecurrentKind {
    /** {@link LstmCell} without variations, or with a projection. */
    LSTM("ifgo", "ifog", "igfo", "iofg"),
    /** {@link GruCell} that resets after the product. */
    GRU("rzn", "zrn"),
    /** {@link GruCell} that resets before the product. */
    GRU_RESET_BEFORE("rzn", "zrn"),
    /** {@link VanillaCell} with tanh. */
    RNN("h"),
    /** {@link VanillaCell} with relu. */
    RNN_RELU("h");

    /** The gates of an LSTM whose forget gate is what the input gate leaves. */
    private static final String COUPLED = "igo";

    private final ImmutableList<String> orders;

    RecurrentKind(String... orders) {
        this.orders = ImmutableList.copyOf(orders);
    }

    /** Returns a letter for each gate, in the order of our cell. */
    String gates() {
        return orders.get(0);
    }

    /**
     * Returns a letter for each gate of a cell that has the gates of this kind, or its coupled ones.
     *
     * @throws IllegalArgumentException where it has others, or weights around them
     */
    String gatesOf(Cell cell) {
        boolean has = switch (this) {
            case LSTM -> cell instanceof LstmCell;
            case GRU, GRU_RESET_BEFORE -> cell instanceof GruCell && of(cell) == this;
            case RNN, RNN_RELU -> cell instanceof VanillaCell;
        };
        if (!has) {
            throw Network.refused("cell '" + cell.name() + "' is a "
                    + cell.getClass().getSimpleName() + "; expected one with the gates of " + this);
        }
        if (cell instanceof LstmCell lstm) {
            refuseIf(lstm.cellOptions().projection() != 0, cell, "has a projection");
            refuseIf(lstm.cellOptions().layerNorm(), cell, "has layer normalisation");
            return lstm.cellOptions().coupled() ? COUPLED : gates();
        }
        return gates();
    }

    /** Returns the orders of gates that systems have, ours first. */
    ImmutableList<String> orders() {
        return orders;
    }

    /** Makes a cell; a projection of 0 is none, and only the vanilla cells can be without bias. */
    Cell cell(Parameters parameters, int inputSize, int hiddenSize, int projection, boolean bias) {
        return switch (this) {
            case LSTM ->
                new LstmCell(
                        parameters, inputSize, hiddenSize, LstmCell.options().projection(projection));
            case GRU -> new GruCell(parameters, inputSize, hiddenSize, Variant.RESET_AFTER);
            case GRU_RESET_BEFORE -> new GruCell(parameters, inputSize, hiddenSize, Variant.RESET_BEFORE);
            case RNN -> new VanillaCell(parameters, inputSize, hiddenSize, Activation.TANH, bias);
            case RNN_RELU -> new VanillaCell(parameters, inputSize, hiddenSize, Activation.RELU, bias);
        };
    }

    /**
     * Returns what a cell is.
     *
     * @throws IllegalArgumentException where it is none of these, saying why
     */
    static RecurrentKind of(Cell cell) {
        if (cell instanceof LstmCell lstm) {
            LstmCell.Options options = lstm.cellOptions();
            refuseIf(options.peepholes(), cell, "has peepholes");
            refuseIf(options.coupled(), cell, "has coupled gates");
            refuseIf(options.layerNorm(), cell, "has layer normalisation");
            refuseIf(options.cellClip() != 0, cell, "clips its state");
            return LSTM;
        }
        if (cell instanceof GruCell gru) {
            return gru.variant() == Variant.RESET_AFTER ? GRU : GRU_RESET_BEFORE;
        }
        if (cell instanceof VanillaCell vanilla) {
            refuseIf(vanilla.activation() == Activation.SIGMOID, cell, "has sigmoid as its activation");
            return vanilla.activation() == Activation.TANH ? RNN : RNN_RELU;
        }
        throw Network.refused(
                "cell '" + cell.name() + "' is a " + cell.getClass().getSimpleName()
                        + "; expected an LstmCell, GruCell or VanillaCell that is not wrapped");
    }

    private static void refuseIf(boolean refused, Cell cell, String why) {
        if (refused) {
            throw Network.refused("cell '" + cell.name() + "' " + why
                    + ", which no layout of weights here has a place for; make the network without");
        }
    }
}
