package dev.unfold.rnn.unroll;

import dev.unfold.graph.DType;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DropoutCell;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.cell.LearnedStartCell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.StackedCell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.Initializer;
import dev.unfold.rnn.init.Initializers;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;

/** The cells that tests of unrolling run over. */
public enum CellKind {
    VANILLA,
    GRU_RESET_BEFORE,
    GRU_RESET_AFTER,
    LSTM,
    LSTM_LAYER_NORM,
    LSTM_PEEPHOLES,
    LSTM_PROJECTION,
    LSTM_COUPLED,
    LSTM_WITH_EVERYTHING,
    LEARNED_START,
    STACKED,
    DROPOUT,
    DROPOUT_VARIATIONAL;

    /** Makes a cell all of whose parameters are drawn from -0.5 to 0.5, so that none stays at 0 and no gate saturates. */
    public Cell cell(String path, DType dtype, NumpyRandom random, int inputSize, int hiddenSize) {
        Parameters parameters = new Parameters(path, dtype, random);
        Cell cell = switch (this) {
            case VANILLA -> new VanillaCell(parameters, inputSize, hiddenSize);
            case GRU_RESET_BEFORE -> new GruCell(parameters, inputSize, hiddenSize, GruCell.Variant.RESET_BEFORE);
            case GRU_RESET_AFTER -> new GruCell(parameters, inputSize, hiddenSize, GruCell.Variant.RESET_AFTER);
            case LEARNED_START ->
                new LearnedStartCell(parameters, new VanillaCell(parameters.below("inner"), inputSize, hiddenSize));
            case STACKED ->
                StackedCell.withSkips(2, i -> {
                    int given = i == 0 ? inputSize : inputSize + hiddenSize;
                    return new LstmCell(parameters.below("layer" + i), given, hiddenSize);
                });
            case DROPOUT ->
                new DropoutCell(
                        parameters,
                        new LstmCell(parameters.below("inner"), inputSize, hiddenSize),
                        DropoutCell.options()
                                .input(0.8)
                                .output(0.7)
                                .state(0.9, "h", "c")
                                .recurrent(0.8));
            case DROPOUT_VARIATIONAL ->
                new DropoutCell(
                        parameters,
                        STACKED.cell(path + ".inner", dtype, random, inputSize, hiddenSize),
                        DropoutCell.options()
                                .input(0.9)
                                .state(0.8, "1.h")
                                .recurrent(0.8, "0.h", "1.c")
                                .variational());
            default -> new LstmCell(parameters, inputSize, hiddenSize, options());
        };
        Initializer initializer = Initializers.uniform(-0.5, 0.5);
        cell.parameters().forEach(each -> initializer.fill(each.value(), random));
        return cell;
    }

    private LstmCell.Options options() {
        LstmCell.Options plain = LstmCell.options();
        return switch (this) {
            case LSTM_LAYER_NORM -> plain.withLayerNorm();
            case LSTM_PEEPHOLES -> plain.withPeepholes();
            case LSTM_PROJECTION -> plain.projection(2);
            case LSTM_COUPLED -> plain.withCoupledGates();
            case LSTM_WITH_EVERYTHING ->
                plain.withLayerNorm()
                        .withPeepholes()
                        .withCoupledGates()
                        .projection(2)
                        .cellClip(0.3);
            default -> plain;
        };
    }
}
