package dev.unfold.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Merge;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.unroll.Unrolled;
import org.junit.jupiter.api.Test;

/** The code that docs/cells.md shows, compiled and run. */
class UnrollDocsTest {
    @Test
    void a_ragged_batch_should_be_unfolded_both_ways() {
        NumpyRandom random = new NumpyRandom(1);
        Parameters parameters = new Parameters("layer", DType.FLOAT64, random);
        Cell forward = new VanillaCell(parameters.below("forward"), 2, 4);
        Cell backward = new VanillaCell(parameters.below("backward"), 2, 4);
        Tensor inputs = Tensor.of(random.randn(5 * 3 * 2), 5, 3, 2);
        Graph graph = new Graph();
        // tag::unroll[]
        Unroll layer = Unroll.bidirectional(forward, backward, Merge.CONCAT);
        Unrolled run = layer.over(graph, inputs, Lengths.of(5, 0, 3)); // inputs [T = 5, N = 3, D]
        Node everyStep = run.outputs(); // [T, N, 2H], 0 past the end of a row
        Node lastOfEachRow = run.last(); // [N, 2H]
        DetachedState carried = run.finalState(); // fields forward.h, backward.h
        // end::unroll[]
        assertThat(everyStep.shape().dims()).containsExactly(5, 3, 8);
        assertThat(everyStep.value().at(3).at(2).toDoubles()).containsOnly(0);
        assertThat(lastOfEachRow.value().at(1).toDoubles()).containsOnly(0);
        assertThat(carried.values().keySet()).containsExactly("forward.h", "backward.h");
    }
}
