package dev.unfold.rnn.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.AbstractCell;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DropoutCell;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.StackedCell;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.Step;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.Initializers;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.model.LanguageModel;
import dev.unfold.rnn.model.SequenceClassifier;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Merge;
import dev.unfold.rnn.unroll.Unroll;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class RunReportTest {
    private static final int ROWS = 3;
    private static final int INPUT = 2;
    private static final int HIDDEN = 4;

    private final Parameters parameters = new Parameters("net", DType.FLOAT32, new NumpyRandom(5));

    private static Tensor inputs(int steps) {
        return Tensor.of(new NumpyRandom(1).randn(steps * ROWS * INPUT), steps, ROWS, INPUT)
                .to(DType.FLOAT32);
    }

    private static Markup page(RunReport report) {
        ReportPage page = new ReportPage("A run");
        report.addTo(page);
        return Markup.of(page.html());
    }

    private static List<String> titles(Markup page) {
        return page.elements("h3").stream().map(Element::getTextContent).toList();
    }

    @Test
    void should_show_a_run_of_a_cell() {
        Cell cell = new LstmCell(parameters, INPUT, HIDDEN);
        Unroll unroll = Unroll.dynamic(cell);
        Tensor inputs = inputs(9);
        Markup page = page(RunReport.of("LSTM", unroll, inputs, Lengths.of(9, 4, 0)));
        assertThat(page.elements("h2"))
                .extracting(Element::getTextContent)
                .containsExactly("LSTM: graph", "LSTM: memory", "LSTM: gradient flow");
        assertThat(titles(page))
                .contains(
                        "One step, as the plan replays it",
                        "The last 3 of 9 steps, as they are recorded",
                        "All 9 steps, as they are recorded",
                        "How the plan is run",
                        "Bytes over a training step, by use",
                        "How far L(8) reaches back",
                        "Gradient of L(t) by h of each step",
                        "Gradient of L(t) by c of each step");
        assertThat(page.marks())
                .anyMatch(each -> each.startsWith("dynamic, event 1\n"))
                .anyMatch(each -> each.startsWith("static, event 1\n"))
                .anyMatch(each -> each.contains("norm of the gradient: "))
                .anyMatch(each -> each.startsWith("lag k 8\nh: ") && each.contains("c: "));
        assertThat(cell.parameters())
                .allSatisfy(each -> assertThat(each.gradient().toDoubles()).containsOnly(0));
    }

    @Test
    void should_shade_by_the_gradients_of_the_loss_alone_and_leave_none() {
        Unroll unroll = Unroll.dynamic(new LstmCell(parameters, INPUT, HIDDEN));
        SequenceClassifier classifier = new SequenceClassifier(parameters.below("output"), unroll, 3);
        Tensor inputs = inputs(4);
        Tensor labels = Tensor.of(new int[] {0, 2, 1}, ROWS);
        Graph graph = new Graph();
        graph.backward(classifier.loss(graph, inputs, labels));
        double norm =
                Math.sqrt(DoubleStream.of(classifier.outputWeights().gradient().toDoubles())
                        .map(each -> each * each)
                        .sum());
        RunReport report = RunReport.of(
                "LSTM", unroll, (tape, way) -> classifier.unrolled(way).loss(tape, inputs, labels));
        for (int time = 1; time <= 2; time++) {
            assertThat(page(report).marks())
                    .as("time %d, with gradients of before", time)
                    .anyMatch(each -> each.startsWith("net.output.w ")
                            && each.contains("norm of the gradient: " + Numbers.text(norm)));
            assertThat(classifier.parameters())
                    .allSatisfy(each -> assertThat(each.gradient().toDoubles()).containsOnly(0));
            graph.reset();
            graph.backward(classifier.loss(graph, inputs, labels));
        }
    }

    @Test
    void should_run_both_ways_as_in_training() {
        Cell cell = new DropoutCell(
                parameters.below("dropout"),
                new LstmCell(parameters, INPUT, HIDDEN),
                DropoutCell.options().output(0.5));
        Markup page = page(RunReport.of("LSTM", Unroll.dynamic(cell), inputs(3), Lengths.full()));
        assertThat(page.marks().stream().filter(each -> each.startsWith("dropout")))
                .as("in the plan, and in each of three steps")
                .hasSize(4);
    }

    @Test
    void should_show_deep_networks_and_directions_apart() {
        Cell stack = StackedCell.of(18, i -> new LstmCell(parameters.below("layer" + i), INPUT, INPUT));
        Markup deep = page(RunReport.of("deep", Unroll.dynamic(stack), inputs(2), Lengths.full()));
        assertThat(deep.text()).contains("Maps are of the last 4 of 36 fields");
        assertThat(titles(deep).stream().filter(each -> each.startsWith("How far")))
                .hasSize(5);
        Unroll apart = Unroll.bidirectional(
                new VanillaCell(parameters.below("a"), INPUT, HIDDEN),
                new VanillaCell(parameters.below("b"), INPUT, HIDDEN),
                Merge.NONE);
        assertThat(page(RunReport.of("apart", apart, inputs(2), Lengths.full())).text())
                .contains("Both directions are given out apart");
    }

    @Test
    void should_show_whatever_way_a_network_is_unrolled() {
        Cell forward = new GruCell(parameters.below("a"), INPUT, HIDDEN, GruCell.Variant.RESET_AFTER);
        Cell backward = new GruCell(parameters.below("b"), INPUT, HIDDEN, GruCell.Variant.RESET_BEFORE);
        Cell upper = new VanillaCell(parameters.below("c"), 2 * HIDDEN, HIDDEN);
        Unroll unroll = Unroll.stacked(List.of(
                Unroll.bidirectional(Unroll.fixed(forward, 5, ROWS), Unroll.fixed(backward, 5, ROWS), Merge.CONCAT),
                Unroll.dynamic(upper).reversed()));
        Markup page = page(RunReport.of("layers", unroll, inputs(5), Lengths.full()));
        assertThat(titles(page)).contains("All 5 steps, as they are recorded", "How far L(2) reaches back");
        assertThat(page.marks())
                .anyMatch(each -> each.contains("0.forward.h: ") && each.contains("0.backward.h: "))
                .anyMatch(each -> each.contains("1.h: "));
        assertThat(page.text()).contains("below 0: behind t");
    }

    @Test
    void should_show_a_network_above_an_embedding() {
        Unroll unroll = Unroll.fixed(new VanillaCell(parameters, INPUT, HIDDEN), 4, ROWS);
        LanguageModel model = new LanguageModel(parameters.below("words"), 7, unroll);
        Tensor tokens = Tensor.of(new int[] {0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4}, 4, ROWS);
        Markup page = page(RunReport.of(
                "words", unroll, (graph, way) -> model.unrolled(way).loss(graph, tokens, tokens)));
        assertThat(titles(page)).contains("One step, as the plan replays it", "How far L(3) reaches back");
    }

    /** It goes by what it is given, so that no recording stands for all its steps. */
    private static final class MoodyCell extends AbstractCell {
        private final Parameter w;

        MoodyCell(Parameters parameters) {
            super(parameters, INPUT, INPUT);
            w = parameters.make("w", Initializers.orthogonal(1), INPUT, INPUT);
        }

        @Override
        public Step step(Node x, State state) {
            Node h = Ops.addmm(x, state.get("h"), w);
            Node next = x.value().getFlat(0) > 0 ? Ops.tanh(h) : Ops.sigmoid(h);
            return Step.of(next, State.of("h", next));
        }
    }

    @Test
    void should_say_why_there_is_no_plan() {
        Markup page = page(RunReport.of("moods", Unroll.dynamic(new MoodyCell(parameters)), inputs(3), Lengths.full()));
        assertThat(page.text()).contains("There is no plan of this network: ");
        assertThat(titles(page)).doesNotContain("How the plan is run").contains("All 3 steps, as they are recorded");
        assertThat(page.marks())
                .anyMatch(each -> each.startsWith("dynamic, event 1\n"))
                .noneMatch(each -> each.startsWith("static"));
    }

    @Test
    void should_refuse_a_loss_without_the_network() {
        Unroll unroll = Unroll.dynamic(new VanillaCell(parameters, INPUT, HIDDEN));
        RunReport report = RunReport.of(
                "nothing",
                unroll,
                (graph, way) -> Ops.sum(graph.use(unroll.parameters().get(0))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> report.addTo(new ReportPage("A run")))
                .withMessageContaining("nothing")
                .withMessageContaining("0 times; expected once");
    }

    @Test
    void should_measure_how_a_gradient_is_handed_back() {
        Parameters exact = new Parameters("exact", DType.FLOAT64, new NumpyRandom(3));
        VanillaCell cell = new VanillaCell(exact, INPUT, HIDDEN);
        Tensor rest = Tensor.zeros(DType.FLOAT64, 6, 1, INPUT);
        Parameter wh = cell.parameters().get(1);
        for (int i = 0; i < wh.value().size(); i++) {
            wh.value().setFlat(i, 0.5 * wh.value().getFlat(i));
        }
        GradientFlow flow =
                GradientFlow.of(Unroll.dynamic(cell), rest, 4, Tensor.of(new double[] {0.6, 0, 0.8, 0}, 1, HIDDEN));
        // At rest tanh' is 1, and wh is half an orthogonal matrix: each step back halves the norm.
        List<Double> norms = flow.norms("h");
        assertThat(norms).hasSize(6);
        for (int step = 0; step < 5; step++) {
            assertThat(norms.get(step)).as("step %d", step).isCloseTo(Math.pow(0.5, 4 - step), within(1e-12));
        }
        assertThat(norms.get(5)).isZero();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> flow.norms("c"))
                .withMessage("gradient flow: there is no field 'c' in the state; it has [h]");
    }
}
