package dev.unfold.rnn.unroll;

import static dev.unfold.ops.Ops.sum;
import static dev.unfold.rnn.Weighted.linspace;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.Mode;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DropoutCell;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.Step;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Static unrolling where a cell or its user does something odd: as dynamic unrolling, or refused in the same words. */
class StaticUnrollEdgesTest {
    private static final int STEPS = 5;
    private static final int ROWS = 3;

    private final Parameter w = new Parameter("w", linspace(-0.5, 0.7, 2, 2));
    private final Tensor x = linspace(-1, 1, STEPS, ROWS, 2);
    private final Cell plain = cell((h, in) -> h, (h, in) -> h);

    /** A cell whose output and next state are made of h = tanh(x w + state) and x. */
    private Cell cell(BinaryOperator<Node> output, BinaryOperator<Node> next) {
        return cell((in, state) -> {
            Node h = Ops.tanh(Ops.matmul(in, w).plus(state.get("h")));
            return Step.of(output.apply(h, in), State.of("h", next.apply(h, in)));
        });
    }

    private Cell cell(BiFunction<Node, State, Step> step) {
        return new Cell() {
            @Override
            public String name() {
                return "odd";
            }

            @Override
            public int inputSize() {
                return 2;
            }

            @Override
            public int outputSize() {
                return 2;
            }

            @Override
            public List<Parameter> parameters() {
                return List.of(w);
            }

            @Override
            public Step step(Node in, State state) {
                return step.apply(in, state);
            }
        };
    }

    private static Unroll fixed(Cell cell) {
        return Unroll.fixed(cell, STEPS, ROWS);
    }

    @Test
    void should_train_a_cell_whose_state_or_output_needs_no_gradient() {
        BinaryOperator<Node> h = (own, in) -> own;
        BinaryOperator<Node> stopped = (own, in) -> Ops.stopGradient(own);
        BinaryOperator<Node> input = (own, in) -> in;
        BinaryOperator<Node> constant =
                (own, in) -> in.graph().input(linspace(0, 1, in.shape().dim(0), 2));
        for (BinaryOperator<Node> next : List.of(h, stopped, input, constant)) {
            for (BinaryOperator<Node> output : List.of(h, stopped)) {
                Cell cell = cell(output, next);
                for (Lengths lengths : List.of(Lengths.full(), Lengths.of(5, 0, 3))) {
                    assertThat(gradientOfWeights(fixed(cell), lengths)
                                    .sameBits(gradientOfWeights(Unroll.dynamic(cell), lengths)))
                            .isTrue();
                }
            }
        }
    }

    private Tensor gradientOfWeights(Unroll unroll, Lengths lengths) {
        w.zeroGradient();
        Graph graph = new Graph();
        Unrolled run = unroll.over(graph, x, lengths);
        Node outputs = run.outputs();
        // A root has to depend on something learned in any case.
        graph.backward(List.of(
                sum(outputs.times(outputs)).plus(sum(run.output(2))).plus(sum(graph.use(w))),
                sum(run.finalNodes().get("h").times(run.state(3).get("h"))).plus(sum(graph.use(w)))));
        return w.gradient().copy();
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void should_refuse_nodes_of_before_a_reset_and_of_other_graphs(Mode mode) {
        Unroll unroll = mode.unroll(plain);
        Graph graph = new Graph();
        Node inputs = Ops.tanh(graph.variable(x));
        State left = unroll.over(graph, x).finalNodes();
        graph.reset();
        assertThatIllegalStateException()
                .isThrownBy(() -> unroll.from(left).over(graph, x))
                .withMessageContaining("its graph has been reset since");
        assertThatIllegalStateException()
                .isThrownBy(() -> unroll.over(inputs))
                .withMessageContaining("its graph has been reset since");
        State foreign = State.of("h", Ops.tanh(new Graph().variable(linspace(0, 1, ROWS, 2))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unroll.from(foreign).over(graph, x))
                .withMessageContaining("belongs to another graph");
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void should_not_answer_for_a_batch_that_is_over(Mode mode) {
        Unroll unroll = mode.unroll(plain);
        Graph graph = new Graph();
        Unrolled run = unroll.over(graph, x);
        graph.backward(sum(run.output(1)));
        assertThat(run.finalState().get("h").shape().dims()).containsExactly(ROWS, 2);
        graph.reset();
        unroll.over(graph, x);
        assertThatIllegalStateException()
                .isThrownBy(run::finalState)
                .withMessageContaining("its graph has been reset since");
        assertThatIllegalStateException()
                .isThrownBy(() -> run.output(0).value())
                .withMessageContaining("its graph has been reset since");
        assertThatIllegalStateException()
                .isThrownBy(run::outputs)
                .withMessageContaining("its graph has been reset since");
    }

    @Test
    void should_tell_the_gradients_of_states_that_no_root_is_taken_from() {
        Graph dynamic = new Graph();
        Unrolled expected = Unroll.dynamic(plain).over(dynamic, x);
        Graph graph = new Graph();
        Unrolled run = fixed(plain).over(graph, x);
        List<Node> expectedStates = new ArrayList<>();
        List<Node> states = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            expectedStates.add(expected.state(step).get("h"));
            states.add(run.state(step).get("h"));
        }
        Node expectedOutput = expected.output(1);
        Node output = run.output(1);
        dynamic.backward(sum(expected.last()));
        graph.backward(sum(run.last()));
        Bits.assertSame("output", expectedOutput.gradient(), output.gradient());
        for (int step = 0; step < STEPS; step++) {
            Bits.assertSame(
                    "state behind step " + step,
                    expectedStates.get(step).gradient(),
                    states.get(step).gradient());
            Bits.assertSame("taken out again", output.gradient(), run.output(1).gradient());
        }
    }

    @Test
    void a_plan_should_take_sequences_without_steps_at_any_time() {
        Unroll unroll = fixed(plain);
        Plan plan = Plan.inference(
                (graph, in) ->
                        unroll.over(graph, in.get(0), Lengths.of(in.get(1))).last(),
                x,
                Tensor.zeros(DType.INT32, ROWS));
        plan.run(x, Tensor.of(new int[] {5, 0, 3}, ROWS));
        Bits.assertZero(
                "last of nothing",
                plan.run(Tensor.zeros(DType.FLOAT64, 0, ROWS, 2), Tensor.of(new int[] {0, 0, 0}, ROWS)));
    }

    @Test
    void unrolls_made_anew_for_each_batch_should_share_their_memory() {
        Graph graph = new Graph();
        fixed(plain).over(graph, x);
        long bytes = graph.bytes();
        for (int i = 0; i < 10; i++) {
            graph.reset();
            fixed(plain).over(graph, x);
            assertThat(graph.bytes()).isEqualTo(bytes);
        }
        Plan plan =
                Plan.inference((own, in) -> fixed(plain).over(own, in.get(0)).outputs(), x);
        long planned = plan.bytes();
        for (int steps = 1; steps <= STEPS; steps++) {
            plan.run(Tensor.zeros(DType.FLOAT64, steps, ROWS, 2));
            assertThat(plan.bytes()).as("%d steps", steps).isEqualTo(planned);
        }
    }

    @Test
    void a_dynamic_unroll_inside_a_step_should_draw_by_its_own_steps_and_leave_the_others_theirs() {
        Parameters parameters = new Parameters("rnn", DType.FLOAT64, new NumpyRandom(3));
        Cell inner = new DropoutCell(
                parameters,
                new VanillaCell(parameters.below("inner"), 2, 2),
                DropoutCell.options().output(0.5));
        Cell outer = cell((in, state) -> {
            int rows = in.shape().dim(0);
            Node twice = Ops.stack(0, List.of(in, state.get("h")));
            Node read = Unroll.dynamic(inner).over(twice).last();
            Node h = Ops.dropout(Ops.reshape(read, rows, 2).plus(in), 0.5, 7);
            return Step.of(h, State.of("h", h));
        });
        Graph dynamic = new Graph();
        dynamic.training(11);
        Unrolled run = Unroll.dynamic(outer).over(dynamic, x);
        assertThat(run.output(3).step()).isEqualTo(3);
        Graph graph = new Graph();
        graph.training(11);
        Bits.assertSame(
                "outputs",
                run.outputs().value(),
                fixed(outer).over(graph, x).outputs().value());
    }

    @Test
    void runs_inside_steps_of_a_reversed_run_should_draw_by_their_own_steps() {
        Parameters parameters = new Parameters("nested", DType.FLOAT64, new NumpyRandom(5));
        Cell inner = new DropoutCell(
                parameters,
                new VanillaCell(parameters.below("inner"), 2, 2),
                DropoutCell.options().output(0.5).recurrent(0.7));
        Cell outer = cell((in, state) -> {
            Node twice = Ops.stack(0, List.of(in, state.get("h")));
            Node h = Unroll.dynamic(inner).over(twice).last();
            return Step.of(h, State.of("h", h));
        });
        for (Lengths lengths : List.of(Lengths.full(), Lengths.of(5, 0, 3))) {
            Bits.assertSame(
                    "gradient, full: " + lengths.isFull(),
                    trained(Unroll.dynamic(outer).reversed(), lengths),
                    trained(fixed(outer).reversed(), lengths));
        }
    }

    /** Returns the gradient of the inputs in training. */
    private Tensor trained(Unroll unroll, Lengths lengths) {
        Graph graph = new Graph();
        graph.training(11);
        Node inputs = graph.variable(x);
        Node outputs = unroll.over(inputs, lengths).outputs();
        graph.backward(sum(outputs.times(outputs)));
        return inputs.gradient();
    }

    @Test
    void should_refuse_an_initial_state_of_another_precision_at_any_batch() {
        Cell apart = cell((in, state) -> Step.of(Ops.tanh(in), State.of("h", Ops.tanh(state.get("h")))));
        Graph graph = new Graph();
        Tensor h = linspace(0, 1, ROWS, 2);
        Unroll unroll = fixed(apart);
        unroll.from(State.of("h", graph.variable(h))).over(graph, x);
        graph.reset();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unroll.from(State.of("h", graph.variable(h.to(DType.FLOAT32))))
                        .over(graph, x))
                .withMessage("cell 'odd': carried value 0 is float32 [3, 2]; the step is recorded for float64 [3, 2]");
    }

    @Test
    void nothing_infinite_that_a_root_does_not_depend_on_should_reach_a_gradient() {
        Tensor spoilt = x.copy();
        for (int i = 0; i < ROWS * 2; i++) {
            spoilt.setFlat(3 * ROWS * 2 + i, i % 2 == 0 ? Double.NaN : Double.POSITIVE_INFINITY);
        }
        for (Unroll unroll : List.of(Unroll.dynamic(plain), fixed(plain))) {
            w.zeroGradient();
            Graph graph = new Graph();
            Unrolled run = unroll.over(graph, spoilt);
            graph.backward(sum(run.output(2)).plus(sum(run.state(1).get("h"))));
            assertThat(w.gradient().firstNonFinite()).isNegative();
        }
    }

    @Test
    void another_number_of_threads_between_a_run_and_its_backward_should_change_nothing() {
        Plan plan = Plan.training(
                (graph, in) -> sum(fixed(plain).over(graph, in.get(0)).outputs()), x);
        plan.run(x);
        w.zeroGradient();
        plan.backward();
        Tensor expected = w.gradient().copy();
        for (int[] threads : new int[][] {{3, 2}, {1, 3}, {2, 1}}) {
            plan.threads(threads[0]);
            plan.run(x);
            plan.threads(threads[1]);
            w.zeroGradient();
            plan.backward();
            Bits.assertSame(threads[0] + " and " + threads[1] + " threads", expected, w.gradient());
        }
    }
}
