package dev.unfold.examples.gradients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Unroll;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlowTest {
    private static final int STEPS = 12;

    @Test
    void at_rest_the_norm_should_be_a_power_of_the_spectral_radius() {
        List<Flow> flows = new FlowCases(3, false, STEPS, 5).scaled();
        double[] radii = {0.5, 1, 1.6};
        for (int i = 0; i < radii.length; i++) {
            List<Double> norms = flows.get(i).norms();
            assertThat(norms).hasSize(STEPS + 1);
            for (int lag = 0; lag <= STEPS; lag++) {
                double expected = Math.pow(radii[i], lag);
                assertThat(norms.get(lag)).isCloseTo(expected, within(1e-12 * expected));
            }
        }
        assertThat(flows).extracting(Flow::faintAt).containsExactly(7, -1, -1);
    }

    @Test
    void both_ways_of_unrolling_should_give_the_same_bits() {
        FlowCases dynamic = new FlowCases(4, false, STEPS, 5);
        FlowCases fixed = new FlowCases(4, true, STEPS, 5);
        assertThat(fixed.cells()).isEqualTo(dynamic.cells());
        assertThat(fixed.open()).isEqualTo(dynamic.open());
        assertThat(fixed.scaled()).isEqualTo(dynamic.scaled());
        assertThat(fixed.clipped(0.5)).isEqualTo(dynamic.clipped(0.5));
    }

    @Test
    void open_gates_should_let_more_through() {
        FlowCases cases = new FlowCases(5, false, 40, 16);
        double gru = cases.cells().get(1).norms().get(40);
        double lstm = cases.cells().get(2).norms().get(40);
        assertThat(cases.open().get(0).norms().get(40)).isGreaterThan(100 * gru);
        assertThat(cases.open().get(1).norms().get(40)).isGreaterThan(10 * lstm);
    }

    @Test
    void clipping_what_flows_should_bound_every_norm_and_turn_the_gradient() {
        FlowCases cases = new FlowCases(6, false, STEPS, 5);
        FlowCases.Clipped clipped = cases.clipped(2);
        assertThat(clipped.flow().norms().get(1)).isCloseTo(1.6, within(1e-12));
        assertThat(clipped.flow().norms().subList(2, STEPS + 1))
                .allSatisfy(norm -> assertThat(norm).isCloseTo(2, within(1e-12)));
        assertThat(clipped.norm()).isGreaterThan(3 * 2);
        assertThat(clipped.norms())
                .containsOnlyKeys("rnn.wx", "rnn.wh", "rnn.b")
                .allSatisfy((name, norm) -> assertThat(norm).as(name).isGreaterThan(0.1 * clipped.norm()));
        assertThat(clipped.byFlow().cosine()).isLessThan(0.99);
        assertThat(clipped.byParameters().cosine()).isCloseTo(1, within(1e-12));
        assertThat(clipped.byParameters().norm()).isCloseTo(2, within(1e-5));
        FlowCases.Clipped loose = cases.clipped(1e9);
        assertThat(loose.flow().norms()).isEqualTo(cases.scaled().get(2).norms());
        assertThat(loose.byFlow().cosine()).isCloseTo(1, within(1e-12));
    }

    @Test
    void a_clipped_cell_should_compute_what_the_inner_one_does() {
        Cell cell = new LstmCell(new Parameters("rnn", DType.FLOAT64, new NumpyRandom(1)), 3, 4);
        Tensor x = Tensor.of(new NumpyRandom(2).randn(STEPS * 2 * 3), STEPS, 2, 3);
        Graph graph = Graph.inference();
        Tensor plain = Unroll.dynamic(cell).over(graph, x).outputs().value();
        Tensor clipped = Unroll.dynamic(new ClippedCell(cell, 1e-3))
                .over(graph, x)
                .outputs()
                .value();
        assertThat(clipped.sameBits(plain)).isTrue();
    }
}
