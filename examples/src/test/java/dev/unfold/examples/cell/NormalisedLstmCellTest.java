package dev.unfold.examples.cell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.check.CellContract;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Unroll;
import org.junit.jupiter.api.Test;

class NormalisedLstmCellTest {
    @Test
    void should_keep_the_contract_of_cells() {
        CellContract.of(p -> new NormalisedLstmCell(p, 3, 4)).check();
    }

    /** The library's normalised cell has gains of 1 and shifts of 0 at first. */
    @Test
    void should_compute_what_the_cell_of_the_library_does() {
        NumpyRandom random = new NumpyRandom(7);
        Cell own = new NormalisedLstmCell(new Parameters("own", DType.FLOAT64, random), 3, 5);
        Cell library = new LstmCell(
                new Parameters("library", DType.FLOAT64, random),
                3,
                5,
                LstmCell.options().withLayerNorm());
        for (int i = 0; i < own.parameters().size(); i++) {
            own.parameters().get(i).value().copyFrom(library.parameters().get(i).value());
        }
        Tensor inputs = Tensor.of(random.randn(6 * 2 * 3), 6, 2, 3);
        assertThat(outputs(own, inputs)).hasSize(6 * 2 * 5).containsExactly(outputs(library, inputs), within(1e-14));
    }

    private static double[] outputs(Cell cell, Tensor inputs) {
        return Unroll.dynamic(cell)
                .over(Graph.inference(), inputs)
                .outputs()
                .value()
                .toDoubles();
    }
}
