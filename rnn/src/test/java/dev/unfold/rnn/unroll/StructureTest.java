package dev.unfold.rnn.unroll;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.rnn.cell.Activation;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.StackedCell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Structure.BothWays;
import dev.unfold.rnn.unroll.Structure.Layers;
import java.util.List;
import org.junit.jupiter.api.Test;

class StructureTest {
    private final Parameters parameters = new Parameters("net", DType.FLOAT64, new NumpyRandom(1));
    private final Cell a = new VanillaCell(parameters.below("a"), 3, 4);
    private final Cell b = new GruCell(parameters.below("b"), 3, 5, GruCell.Variant.RESET_BEFORE);
    private final Cell c = new VanillaCell(parameters.below("c"), 9, 2);

    private static Structure way(Cell cell, boolean reversed) {
        return new Structure.OneWay(cell, reversed);
    }

    @Test
    void should_tell_the_cells_and_how_they_are_put_together() {
        Unroll both = Unroll.bidirectional(a, b, Merge.CONCAT);
        Unroll stack = Unroll.stacked(List.of(both, Unroll.fixed(c, 7, 2)));
        BothWays below = new BothWays(way(a, false), way(b, true), Merge.CONCAT);

        assertThat(stack.structure()).isEqualTo(new Layers(List.of(below, way(c, false))));
        assertThat(stack.reversed().structure())
                .isEqualTo(new Layers(List.of(new BothWays(way(a, true), way(b, false), Merge.CONCAT), way(c, true))));
    }

    @Test
    void should_not_tell_how_it_is_run() {
        Unroll plain = Unroll.dynamic(a);

        assertThat(List.of(
                        plain,
                        Unroll.fixed(a, 3, 1),
                        plain.budget(1 << 20),
                        plain.from(DetachedState.EMPTY),
                        Unroll.truncated(plain, 2)))
                .allSatisfy(unroll -> assertThat(unroll.structure()).isEqualTo(way(a, false)));
    }

    @Test
    void cells_should_tell_what_they_were_made_with() {
        LstmCell.Options options = LstmCell.options().projection(2).withPeepholes();
        LstmCell lstm = new LstmCell(parameters.below("lstm"), 3, 6, options);
        GruCell gru = new GruCell(parameters.below("gru"), 2, 7, GruCell.Variant.RESET_AFTER);
        VanillaCell relu = new VanillaCell(parameters.below("relu"), 7, 8, Activation.RELU, false);
        List<Cell> cells = List.of(lstm, gru, relu);

        assertThat(lstm.cellOptions()).isEqualTo(options);
        assertThat(List.of(lstm.hiddenSize(), lstm.outputSize(), gru.hiddenSize(), relu.hiddenSize()))
                .containsExactly(6, 2, 7, 8);
        assertThat(relu.activation()).isEqualTo(Activation.RELU);
        assertThat(StackedCell.of(3, cells::get).layers()).isEqualTo(cells);
    }
}
