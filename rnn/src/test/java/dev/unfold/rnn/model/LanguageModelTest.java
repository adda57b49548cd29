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
import dev.unfold.rnn.Mode;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.layer.Dense;
import dev.unfold.rnn.layer.Embedding;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Merge;
import dev.unfold.rnn.unroll.StepResult;
import dev.unfold.rnn.unroll.Stepper;
import dev.unfold.rnn.unroll.Unroll;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LanguageModelTest {
    private static final int STEPS = 6;
    private static final int ROWS = 3;
    private static final int VOCABULARY = 7;

    private final Parameters parameters = new Parameters("model", DType.FLOAT64, new NumpyRandom(4));
    private final Cell low = new LstmCell(parameters.below("0"), 4, 5);
    private final Cell high = new GruCell(parameters.below("1"), 5, 5, GruCell.Variant.RESET_BEFORE);
    private final LanguageModel model = new LanguageModel(parameters, VOCABULARY, layers(Mode.DYNAMIC));
    private final Tensor tokens = symbols(1);
    private final Tensor next = symbols(2);

    private Unroll layers(Mode mode) {
        return Unroll.stacked(List.of(mode.unroll(low), mode.unroll(high)));
    }

    private static Tensor symbols(int seed) {
        Tensor symbols = Tensor.zeros(DType.INT32, STEPS, ROWS);
        NumpyRandom random = new NumpyRandom(seed);
        for (int i = 0; i < symbols.size(); i++) {
            symbols.setFlat(i, random.randint(0, VOCABULARY));
        }
        return symbols;
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void the_loss_should_pass_the_gradient_check(Mode mode) {
        LanguageModel unrolled = model.unrolled(layers(mode));
        new GradientCheck().check(model.parameters(), graph -> unrolled.loss(graph, tokens, next));
    }

    @Test
    void the_loss_of_lengths_should_be_that_of_the_mask_that_says_the_same() {
        Tensor lengths = Tensor.of(new int[] {6, 0, 4}, ROWS);
        Tensor mask = Tensor.zeros(DType.INT32, STEPS, ROWS);
        Tensor padded = next.copy();
        for (int t = 0; t < STEPS; t++) {
            for (int row = 0; row < ROWS; row++) {
                mask.set(t < lengths.get(row) ? 1 : 0, t, row);
                padded.set(t < lengths.get(row) ? padded.get(t, row) : -1, t, row);
            }
        }
        double loss = model.loss(Graph.inference(), tokens, lengths, padded).item();
        assertThat(model.loss(Graph.inference(), tokens, mask, padded).item()).isEqualTo(loss);
        assertThat(loss).isEqualTo(meanOfCounting(mask), within(1e-12));
        new GradientCheck().check(model.parameters(), graph -> model.loss(graph, tokens, lengths, padded));
    }

    private double meanOfCounting(Tensor mask) {
        Tensor logits = model.over(Graph.inference().input(tokens)).logits().value();
        double sum = 0;
        int count = 0;
        for (int i = 0; i < mask.size(); i++) {
            if (mask.getFlat(i) != 0) {
                double all = 0;
                for (int k = 0; k < VOCABULARY; k++) {
                    all += Math.exp(logits.get(i / ROWS, i % ROWS, k));
                }
                sum += Math.log(all) - logits.get(i / ROWS, i % ROWS, (int) next.getFlat(i));
                count++;
            }
        }
        return sum / count;
    }

    @Test
    void a_plan_should_give_the_loss_of_recording() {
        LanguageModel fixed = model.unrolled(
                Unroll.stacked(List.of(Unroll.fixed(low, STEPS, ROWS), Unroll.fixed(high, STEPS, ROWS))));
        Plan plan = Plan.training((graph, in) -> fixed.loss(graph, in.get(0), in.get(1)), tokens, next);
        assertThat(plan.run(tokens, next).item())
                .isEqualTo(model.loss(new Graph(), tokens, next).item());
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void going_on_from_a_state_should_give_the_bits_of_the_whole_run(Mode mode) {
        LanguageModel unrolled = model.unrolled(layers(mode));
        Graph graph = Graph.inference();
        LanguageModel.Run whole = unrolled.over(graph.input(tokens));
        LanguageModel.Run first = unrolled.over(graph.input(tokens.slice(0, 2)));
        LanguageModel.Run ofValues = unrolled.from(first.finalState()).over(graph.input(tokens.slice(2, STEPS)));
        LanguageModel.Run ofNodes = unrolled.from(first.finalNodes()).over(graph.input(tokens.slice(2, STEPS)));
        Tensor expected = whole.logits().value().slice(2, STEPS);
        assertThat(ofValues.logits().value().sameBits(expected)).isTrue();
        assertThat(ofNodes.logits().value().sameBits(expected)).isTrue();
        assertThat(first.logits().value().sameBits(whole.logits().value().slice(0, 2)))
                .isTrue();
        whole.finalState()
                .values()
                .forEach((field, value) -> assertThat(
                                ofValues.finalState().get(field).sameBits(value))
                        .as(field)
                        .isTrue());
    }

    @Test
    void gradients_should_flow_to_nodes_of_a_state_and_not_to_its_values() {
        new GradientCheck().check(model.parameters(), graph -> {
            LanguageModel.Run first = model.over(graph.input(tokens));
            return model.from(first.finalNodes()).over(graph.input(next)).loss(graph.input(tokens));
        });
        Graph graph = new Graph();
        DetachedState left = model.over(graph.input(tokens)).finalState();
        model.parameters().forEach(each -> each.gradient().fill(0));
        graph.backward(model.from(left)
                .over(graph.input(Tensor.zeros(DType.INT32, 1, ROWS)))
                .loss(graph.input(Tensor.zeros(DType.INT32, 1, ROWS))));
        Tensor table = model.parameters().get(0).gradient();
        assertThat(table.at(1).toDoubles())
                .as("a symbol of the first run alone")
                .containsOnly(0);
        assertThat(table.at(0).toDoubles()).doesNotContain(0);
    }

    @Test
    void the_stepper_should_give_the_bits_of_the_whole_run() {
        Tensor expected = model.over(Graph.inference().input(tokens)).logits().value();
        Stepper stepper = model.stepper();
        DetachedState state = model.start(ROWS);
        for (int t = 0; t < STEPS; t++) {
            StepResult step = stepper.next(tokens.at(t), state);
            assertThat(step.output().sameBits(expected.at(t))).as("step %d", t).isTrue();
            state = step.state();
        }
    }

    @Test
    void what_does_not_count_should_leave_state_and_loss_alone() {
        Tensor lengths = Tensor.of(new int[] {6, 3, 2}, ROWS);
        Tensor other = tokens.copy();
        other.set(0, 3, 1);
        other.set(6, 5, 2);
        double loss = model.loss(Graph.inference(), tokens, lengths, next).item();
        assertThat(model.loss(Graph.inference(), other, lengths, next).item()).isEqualTo(loss);
        Graph graph = Graph.inference();
        DetachedState state =
                model.over(graph.input(tokens), Lengths.of(lengths)).finalState();
        model.over(graph.input(other), Lengths.of(lengths))
                .finalState()
                .values()
                .forEach((field, value) ->
                        assertThat(value.sameBits(state.get(field))).as(field).isTrue());
    }

    @Test
    void parameters_should_be_those_of_embedding_cells_and_output_layer() {
        assertThat(model.parameters())
                .extracting(Parameter::name)
                .startsWith("model.embedding.table", "model.0.w")
                .endsWith("model.output.w", "model.output.b");
        assertThat(model.vocabulary()).isEqualTo(VOCABULARY);
        assertThat(model.dtype()).isEqualTo(DType.FLOAT64);
    }

    @Test
    void should_refuse_what_does_not_fit() {
        Cell back = new VanillaCell(parameters.below("back"), 4, 5);
        Unroll both = Unroll.bidirectional(
                Unroll.dynamic(new VanillaCell(parameters.below("forth"), 4, 5)), Unroll.dynamic(back), Merge.SUM);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LanguageModel(parameters.below("both"), 3, both))
                .withMessage(
                        "language model: the unroll goes backwards and so would see the symbols that it is to tell;"
                                + " expected one that goes forwards, in all its layers");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.unrolled(Unroll.dynamic(back)))
                .withMessageStartingWith(
                        "language model: the other unroll has the parameters [parameter 'model.back.wx'");
        Parameters p = parameters.below("parts");
        Embedding embedding = new Embedding(p, 3, 5);
        Dense output = new Dense(p, 5, 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LanguageModel(embedding, Unroll.dynamic(back), output))
                .withMessage("language model: an embedding gives 5 and the unroll takes in 4; expected as many");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LanguageModel(embedding, Unroll.dynamic(high), new Dense(p.below("2"), 4, 3)))
                .withMessage("language model: the unroll gives 5 and the output layer takes in 4; expected as many");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LanguageModel(embedding, Unroll.dynamic(high), new Dense(p.below("3"), 5, 4)))
                .withMessage("language model: the output layer gives 4 and the vocabulary has 3; expected as many");
    }
}
