package dev.unfold.rnn.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.graph.check.GradientCheck;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Merge;
import dev.unfold.rnn.unroll.Unroll;
import org.junit.jupiter.api.Test;

class SequenceTaggerTest {
    private final Parameters parameters = new Parameters("model", DType.FLOAT64, new NumpyRandom(4));
    private final Cell forward = new GruCell(parameters.below("forward"), 3, 5, GruCell.Variant.RESET_BEFORE);
    private final Cell backward = new GruCell(parameters.below("backward"), 3, 5, GruCell.Variant.RESET_BEFORE);
    private final SequenceTagger tagger =
            new SequenceTagger(parameters.below("output"), Unroll.bidirectional(forward, backward, Merge.CONCAT), 4);
    private final Tensor inputs = Tensor.of(new NumpyRandom(1).randn(6 * 2 * 3), 6, 2, 3);
    private final Tensor lengths = Tensor.of(new int[] {6, 2}, 2);
    /** Labels past the end of a row are none. */
    private final Tensor labels = Tensor.of(new int[] {3, 1, 0, 2, 1, -1, 2, -1, 0, -1, 3, -1}, 6, 2);

    @Test
    void the_loss_should_pass_the_gradient_check() {
        new GradientCheck().check(tagger.parameters(), graph -> tagger.loss(graph.input(inputs), lengths, labels));
    }

    @Test
    void the_loss_should_be_the_mean_over_all_steps_that_count() {
        Tensor probabilities = probabilities();
        double sum = 0;
        for (int row = 0; row < 2; row++) {
            for (int t = 0; t < lengths.get(row); t++) {
                sum -= Math.log(probabilities.get(t, row, (int) labels.get(t, row)));
            }
        }
        Graph graph = Graph.inference();
        assertThat(tagger.loss(graph.input(inputs), lengths, labels).item()).isEqualTo(sum / 8, within(1e-12));
    }

    private Tensor probabilities() {
        return tagger.probabilities(Graph.inference().input(inputs), Lengths.of(lengths))
                .value();
    }

    @Test
    void probabilities_should_sum_to_one_at_every_step() {
        Tensor probabilities = probabilities();
        assertThat(probabilities.shape().dims()).containsExactly(6, 2, 4);
        for (int t = 0; t < 6; t++) {
            double sum = 0;
            for (int label = 0; label < 4; label++) {
                sum += probabilities.get(t, 0, label);
            }
            assertThat(sum).isEqualTo(1, within(1e-12));
        }
    }

    @Test
    void a_plan_should_give_the_loss_of_recording() {
        SequenceTagger fixed = tagger.unrolled(
                Unroll.bidirectional(Unroll.fixed(forward, 6, 2), Unroll.fixed(backward, 6, 2), Merge.CONCAT));
        Plan plan = Plan.training(
                (graph, in) -> fixed.loss(graph.input(in.get(0)), in.get(1), in.get(2)), inputs, lengths, labels);
        assertThat(plan.run(inputs, lengths, labels).item())
                .isEqualTo(
                        tagger.loss(new Graph().input(inputs), lengths, labels).item());
    }

    @Test
    void parameters_should_be_those_of_the_cells_and_then_of_the_output_layer() {
        assertThat(tagger.parameters())
                .extracting(Parameter::name)
                .startsWith("model.forward.w")
                .endsWith("model.output.w", "model.output.b");
    }

    @Test
    void should_refuse_an_unroll_of_other_parameters() {
        Unroll other = Unroll.dynamic(new VanillaCell(parameters.below("other"), 3, 5));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tagger.unrolled(other))
                .withMessageStartingWith("tagger: the other unroll has the parameters [parameter 'model.other.wx'");
    }
}
