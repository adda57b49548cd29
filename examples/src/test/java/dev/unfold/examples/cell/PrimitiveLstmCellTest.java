package dev.unfold.examples.cell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.check.CellContract;
import dev.unfold.rnn.init.Initializers;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Unroll;
import org.junit.jupiter.api.Test;

class PrimitiveLstmCellTest {
    @Test
    void should_keep_the_contract_of_cells() {
        CellContract.of(p -> new PrimitiveLstmCell(p, 3, 4)).check();
    }

    @Test
    void should_compute_what_the_cell_of_the_library_does() {
        NumpyRandom random = new NumpyRandom(7);
        Cell own = new PrimitiveLstmCell(new Parameters("own", DType.FLOAT64, random), 3, 5);
        LstmCell library = new LstmCell(new Parameters("library", DType.FLOAT64, random), 3, 5);
        for (int i = 0; i < own.parameters().size(); i++) {
            Tensor value = own.parameters().get(i).value();
            Initializers.normal(0, 1).fill(value, random);
            library.parameters().get(i).value().copyFrom(value);
        }
        Tensor inputs = Tensor.of(random.randn(6 * 2 * 3), 6, 2, 3);
        double[] expected = outputs(library, inputs);
        assertThat(outputs(own, inputs)).hasSize(6 * 2 * 5).containsExactly(expected, within(1e-14));
    }

    private static double[] outputs(Cell cell, Tensor inputs) {
        return Unroll.dynamic(cell)
                .over(Graph.inference(), inputs)
                .outputs()
                .value()
                .toDoubles();
    }
}
