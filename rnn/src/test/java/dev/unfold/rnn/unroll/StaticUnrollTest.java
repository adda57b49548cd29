package dev.unfold.rnn.unroll;

import static dev.unfold.ops.Ops.sum;
import static dev.unfold.rnn.Weighted.linspace;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.AbstractCell;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.Step;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** What static unrolling refuses, and what it costs. */
class StaticUnrollTest {
    private static final int STEPS = 5;
    private static final int ROWS = 3;

    private final Parameters parameters = new Parameters("rnn", DType.FLOAT64, new NumpyRandom(4));

    /** A cell whose step is given. */
    private static final class AnyCell extends AbstractCell {
        private final BiFunction<Node, State, Node> step;

        AnyCell(Parameters parameters, BiFunction<Node, State, Node> step) {
            super(parameters, 2, 2);
            this.step = step;
        }

        @Override
        public Step step(Node x, State state) {
            Node h = step.apply(x, state);
            return Step.of(h, State.of("h", h));
        }
    }

    private void run(BiFunction<Node, State, Node> step) {
        Tensor x = linspace(-1, 1, STEPS, ROWS, 2);
        Unroll.fixed(new AnyCell(parameters, step), STEPS, ROWS).over(new Graph(), x);
    }

    @Test
    void should_refuse_a_step_that_branches_on_values() {
        assertThatIllegalStateException()
                .isThrownBy(() -> run((x, state) -> x.value().get(0, 0) > 0 ? Ops.tanh(x) : Ops.sigmoid(x)))
                .withMessage(
                        "cell 'rnn': asks for the value of input #0 [3, 2], which has none while it is recorded to be"
                                + " replayed, or while a batch of another size runs; what branches on values can only be run"
                                + " dynamically");
    }

    @Test
    void should_refuse_a_step_that_counts_its_calls() {
        int[] calls = {0};
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run((x, state) -> calls[0]++ % 2 == 0 ? Ops.tanh(x) : Ops.sigmoid(x)))
                .withMessage(
                        "cell 'rnn' cannot be replayed: recorded twice, its step differs; value 2 is tanh [3, 2] and"
                                + " then sigmoid [3, 2]; what depends on the step, on earlier calls or on random numbers can only be"
                                + " run dynamically");
        calls[0] = 0;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run((x, state) -> x.times(calls[0]++)))
                .withMessageContaining("value 2 is scale [3, 2] and then scale [3, 2] of other content");
        calls[0] = 0;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run((x, state) -> calls[0]++ % 2 == 0 ? Ops.tanh(x) : Ops.tanh(Ops.tanh(x))))
                .withMessageContaining("it has 3 and 4 values");
    }

    @Test
    void should_refuse_a_step_that_draws_numbers_or_depends_on_the_time() {
        NumpyRandom random = new NumpyRandom(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        run((x, state) -> x.plus(x.graph().input(Tensor.of(random.randn(ROWS * 2), ROWS, 2)))))
                .withMessageContaining("value 2 is input [3, 2] and then input [3, 2] of other content");
        assertThatIllegalStateException()
                .isThrownBy(() -> run((x, state) -> x.step() == 3 ? Ops.tanh(x) : Ops.sigmoid(x)))
                .withMessage(
                        "cell 'rnn': asks for the step of input #0 [3, 2], which is recorded for all steps; what depends"
                                + " on the step can only be run dynamically");
    }

    @Test
    void should_refuse_a_step_that_uses_nodes_from_outside() {
        Graph graph = new Graph();
        Node outside = graph.input(linspace(0, 1, ROWS, 2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run((x, state) -> x.plus(outside)))
                .withMessage(
                        "plus: operand 1, input #0 [3, 2], belongs to another graph; cell 'rnn' is recorded apart and"
                                + " may use its input, its state and parameters only");
    }

    @Test
    void should_refuse_longer_and_wider_sequences_with_both_numbers() {
        Unroll unroll = Unroll.fixed(new VanillaCell(parameters, 2, 4), STEPS, ROWS);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unroll.over(new Graph(), linspace(0, 1, 6, 3, 2)))
                .withMessage("cell 'rnn': the sequences have 6 steps of 3 rows; it is planned for 1 to 5 steps of at"
                        + " most 3 rows; cut the batch or plan for more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unroll.over(new Graph(), linspace(0, 1, 5, 4, 2)))
                .withMessageContaining(
                        "the sequences have 5 steps of 4 rows; it is planned for 1 to 5 steps of at most 3 rows");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Unroll.fixed(new VanillaCell(parameters.below("other"), 2, 4), 0, 3))
                .withMessage("cell 'rnn.other': room for 0 steps and 3 rows is asked for; expected at least 1 of each");
    }

    @Test
    void should_hand_on_what_the_cell_hands_on() {
        Tensor x = linspace(-1, 1, STEPS, ROWS, 2);
        AnyCell last = new AnyCell(parameters, (input, state) -> input);
        Graph graph = new Graph();
        Unrolled run = Unroll.fixed(last, STEPS, ROWS).over(graph, x);
        assertThat(run.outputs().value().sameBits(x)).isTrue();
        assertThat(run.finalNodes().get("h").value().sameBits(x.at(STEPS - 1))).isTrue();
    }

    @Test
    void memory_should_be_that_of_the_greatest_sequences_from_the_first_run_on() {
        Unroll unroll = Unroll.fixed(new VanillaCell(parameters, 2, 4), STEPS, ROWS);
        Graph graph = new Graph();
        graph.backward(
                sum(unroll.over(graph, linspace(0, 1, 1, 1, 2), Lengths.of(1)).last()));
        long bytes = graph.bytes();
        for (int steps = 1; steps <= STEPS; steps++) {
            graph.reset();
            graph.backward(sum(unroll.over(graph, linspace(0, 1, steps, ROWS, 2), Lengths.of(1, 0, steps))
                    .last()));
            assertThat(graph.bytes()).as("%d steps", steps).isEqualTo(bytes);
        }
    }

    @Test
    void one_graph_should_run_a_loop_several_times() {
        Tensor x = linspace(-1, 1, STEPS, ROWS, 2);
        VanillaCell cell = new VanillaCell(parameters, 2, 2);
        Unroll dynamic = Unroll.dynamic(cell);
        Unroll fixed = Unroll.fixed(cell, STEPS, ROWS);
        for (int batch = 0; batch < 2; batch++) {
            assertThat(twice(fixed, x).sameBits(twice(dynamic, x))).isTrue();
        }
    }

    /** Runs over inputs and over what came out; returns the gradient with respect to the inputs. */
    private static Tensor twice(Unroll unroll, Tensor inputs) {
        Graph graph = new Graph();
        Node x = graph.variable(inputs);
        Unrolled first = unroll.over(x);
        Unrolled second = unroll.from(first.finalNodes()).over(first.outputs());
        graph.backward(sum(second.outputs().times(second.outputs()))
                .plus(sum(second.state(1).get("h"))));
        return x.gradient();
    }

    @Test
    void a_loop_inside_a_step_should_be_refused() {
        Unroll inner = Unroll.fixed(new VanillaCell(parameters.below("inner"), 2, 2), 1, ROWS);
        assertThatIllegalStateException()
                .isThrownBy(() ->
                        run((x, state) -> inner.over(Ops.reshape(x, 1, ROWS, 2)).last()))
                .withMessage(
                        "cell 'rnn': cell 'rnn.inner' cannot be unrolled inside a step; unroll it outside, or dynamically");
    }

    @Test
    void a_loop_inside_a_step_that_runs_should_be_refused_as_well() {
        Unroll inner = Unroll.fixed(new VanillaCell(parameters.below("inner"), 2, 2), 1, ROWS);
        AnyCell outer = new AnyCell(
                parameters.below("outer"),
                (x, state) -> inner.over(Ops.reshape(x, 1, ROWS, 2)).last());
        assertThatIllegalStateException()
                .isThrownBy(() -> Unroll.dynamic(outer).over(new Graph(), linspace(-1, 1, STEPS, ROWS, 2)))
                .withMessage("cell 'rnn.inner' cannot be unrolled inside a step; unroll it outside, or dynamically");
    }

    @Test
    void what_reads_lengths_while_it_is_recorded_should_be_refused_in_a_plan() {
        VanillaCell cell = new VanillaCell(parameters, 2, 2);
        for (Unroll unroll : List.of(
                Unroll.dynamic(cell),
                Unroll.truncated(Unroll.dynamic(cell), 2),
                Unroll.truncated(Unroll.fixed(cell, STEPS, ROWS), 2))) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> Plan.training(
                            (graph, in) -> sum(unroll.over(graph, in.get(0), Lengths.of(in.get(1)))
                                    .outputs()),
                            Tensor.zeros(DType.FLOAT64, STEPS, ROWS, 2),
                            Tensor.zeros(DType.INT32, ROWS)))
                    .withMessageEndingWith(
                            "unrolling looks at lengths once, while it is recorded, and a plan replays it with"
                                    + " others; use Unroll.fixed inside a plan");
        }
    }

    @Test
    void a_plan_should_unroll_dynamically_where_every_step_counts() {
        VanillaCell cell = new VanillaCell(parameters, 2, 2);
        Tensor x = linspace(-1, 1, STEPS, ROWS, 2);
        Plan plan = Plan.training(
                (graph, in) -> sum(Unroll.dynamic(cell).over(graph, in.get(0)).outputs()), x);
        double expected = sum(Unroll.fixed(cell, STEPS, ROWS)
                        .over(new Graph(), x)
                        .outputs())
                .item();
        assertThat(plan.run(x).item()).isEqualTo(expected);
    }

    @Test
    void a_plan_should_take_sequences_without_steps() {
        VanillaCell cell = new VanillaCell(parameters, 2, 2);
        Unroll unroll = Unroll.fixed(cell, STEPS, ROWS);
        Plan plan = Plan.inference(
                (graph, in) -> {
                    Unrolled run = unroll.over(graph, in.get(0), Lengths.of(in.get(1)));
                    return sum(run.last()).plus(sum(run.outputs())).plus(3);
                },
                Tensor.zeros(DType.FLOAT64, STEPS, ROWS, 2),
                Tensor.zeros(DType.INT32, ROWS));
        Tensor lengths = Tensor.of(new int[] {5, 2, 1}, ROWS);
        assertThat(plan.run(linspace(0, 1, STEPS, ROWS, 2), lengths).item()).isNotEqualTo(3);
        assertThat(plan.run(Tensor.zeros(DType.FLOAT64, 0, ROWS, 2), Tensor.zeros(DType.INT32, ROWS))
                        .item())
                .isEqualTo(3);
    }
}
