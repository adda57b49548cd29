package dev.unfold.tribuo;

import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DropoutCell;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Merge;
import dev.unfold.rnn.unroll.Unroll;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The cells of a network: of each layer one, or one for each way. */
final class CellStack {
    private final List<List<Cell>> layers = new ArrayList<>();

    /**
     * Makes the cells.
     *
     * @param output the share of the outputs that is dropped in training
     * @param recurrent the share of h that a cell does not see in training
     */
    CellStack(Parameters parameters, Architecture architecture, double output, double recurrent) {
        int size = architecture.inputSize();
        for (int i = 0; i < architecture.layers(); i++) {
            Parameters own = parameters.below("layer" + i);
            List<Cell> layer = new ArrayList<>();
            for (String way : architecture.bidirectional() ? List.of("forward", "backward") : List.of("forward")) {
                Cell cell = architecture.cell().make(own.below(way), size, architecture.hiddenSize());
                layer.add(new DropoutCell(
                        own.below(way),
                        cell,
                        DropoutCell.options()
                                .output(1 - output)
                                .recurrent(1 - recurrent)
                                .variational()));
            }
            layers.add(layer);
            size = layer.size() * architecture.hiddenSize();
        }
    }

    /** Returns the layers unfolded in a mode. */
    Unroll unroll(Function<Cell, Unroll> mode) {
        return Unroll.stacked(layers.stream()
                .map(layer -> layer.size() == 1
                        ? mode.apply(layer.get(0))
                        : Unroll.bidirectional(mode.apply(layer.get(0)), mode.apply(layer.get(1)), Merge.CONCAT))
                .toList());
    }
}
