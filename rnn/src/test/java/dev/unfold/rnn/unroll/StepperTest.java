package dev.unfold.rnn.unroll;

import static dev.unfold.rnn.unroll.Bits.assertSame;
import static dev.unfold.rnn.unroll.Bits.assertSameAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.init.Initializers;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.layer.Dense;
import dev.unfold.rnn.layer.Embedding;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StepperTest {
    private static final int SEEDS = 6;
    private static final int LONG_RUN = 10_000;
    private static final int THREADS = 8;

    private final NumpyRandom random = new NumpyRandom(41);
    private final Cell lstm = CellKind.LSTM.cell("rnn", DType.FLOAT32, random, 3, 5);

    @ParameterizedTest
    @EnumSource(CellKind.class)
    void single_steps_should_have_the_bits_of_a_run_over_the_sequence(CellKind kind) {
        for (int seed = 0; seed < SEEDS; seed++) {
            NumpyRandom drawn = new NumpyRandom(seed);
            DType dtype = seed % 2 == 0 ? DType.FLOAT32 : DType.FLOAT64;
            int inputSize = drawn.randint(1, 5);
            Cell cell = kind.cell("rnn", dtype, drawn, inputSize, drawn.randint(3, 6));
            int rows = drawn.randint(1, 5);
            Tensor x = RaggedCase.normal(drawn, dtype, drawn.randint(1, 9), rows, inputSize);
            Unrolled whole = Unroll.dynamic(cell).over(Graph.inference(), x);
            Stepper stepper = Stepper.of(cell);
            DetachedState state = stepper.start(dtype, rows);
            for (int t = 0; t < whole.steps(); t++) {
                StepResult step = stepper.next(x.at(t), state);
                String what = kind + " seed " + seed + " step " + t;
                assertSame(what, whole.output(t).value(), step.output());
                assertSameAll(
                        what, whole.state(t).detach().values(), step.state().values());
                state = step.state();
            }
        }
    }

    @Test
    void layers_should_step_together() {
        Unroll layers = Unroll.stacked(List.of(
                Unroll.dynamic(lstm),
                Unroll.dynamic(CellKind.GRU_RESET_AFTER.cell("upper", DType.FLOAT32, random, 5, 2))));
        Tensor x = RaggedCase.normal(random, DType.FLOAT32, 6, 2, 3);
        Stepper stepper = Stepper.of(layers);
        DetachedState state = stepper.start(DType.FLOAT32, 2);
        assertThat(state.values().keySet()).containsExactly("0.h", "0.c", "1.h");
        Unrolled whole = layers.over(Graph.inference(), x);
        assertSame(
                "the last output",
                whole.last().value(),
                stream(stepper, x, state).output());
    }

    @Test
    void a_state_should_be_forked_and_gone_back_to() {
        Stepper stepper = Stepper.of(lstm);
        Tensor common = RaggedCase.normal(random, DType.FLOAT32, 4, 2, 3);
        Tensor left = RaggedCase.normal(random, DType.FLOAT32, 5, 2, 3);
        Tensor right = RaggedCase.normal(random, DType.FLOAT32, 5, 2, 3);
        DetachedState start = stepper.start(DType.FLOAT32, 2);
        DetachedState fork = stream(stepper, common, start).state();
        Tensor kept = fork.get("c").copy();
        StepResult first = stream(stepper, left, fork);
        StepResult other = stream(stepper, right, fork);
        assertThat(first.output().sameBits(other.output())).isFalse();
        assertSame("left", wholeOutput(common, left), first.output());
        assertSame("right", wholeOutput(common, right), other.output());
        assertSame("rolled back", first.output(), stream(stepper, left, fork).output());
        assertSame("the state that was forked", kept, fork.get("c"));
        assertSame(
                "begun again",
                fork.get("h"),
                stream(stepper, common, start).state().get("h"));
    }

    @Test
    void chosen_rows_should_go_on_as_they_would_have() {
        Stepper stepper = Stepper.of(lstm);
        DetachedState before = stream(
                        stepper, RaggedCase.normal(random, DType.FLOAT32, 4, 3, 3), stepper.start(DType.FLOAT32, 3))
                .state();
        Tensor x = RaggedCase.normal(random, DType.FLOAT32, 3, 3);
        StepResult all = stepper.next(x, before);
        int[] beams = {2, 0, 2, 2};
        Tensor chosenX = DetachedState.of("x", x).rows(beams).get("x");
        StepResult chosen = stepper.next(chosenX, before.rows(beams));
        for (int i = 0; i < beams.length; i++) {
            assertSame("beam " + i, all.output().at(beams[i]), chosen.output().at(i));
            Bits.assertSameRow("beam " + i, all.state(), beams[i], chosen.state(), i);
        }
    }

    @Test
    void many_threads_should_stream_through_one_cell() throws Exception {
        List<Tensor> streams = new ArrayList<>();
        List<Tensor> expected = new ArrayList<>();
        for (int i = 0; i < 4 * THREADS; i++) {
            streams.add(RaggedCase.normal(random, DType.FLOAT32, 50 + i, 1, 3));
            expected.add(Unroll.dynamic(lstm)
                    .over(Graph.inference(), streams.get(i))
                    .last()
                    .value());
        }
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<Tensor>> tasks = new ArrayList<>();
            for (Tensor each : streams) {
                tasks.add(() -> {
                    Stepper own = Stepper.of(lstm);
                    return stream(own, each, own.start(DType.FLOAT32, 1)).output();
                });
            }
            List<Future<Tensor>> outputs = threads.invokeAll(tasks);
            for (int i = 0; i < outputs.size(); i++) {
                assertSame("stream " + i, expected.get(i), outputs.get(i).get());
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void memory_should_not_grow_with_the_stream() {
        Stepper stepper = Stepper.of(lstm).giving(Ops::softmax);
        DetachedState state = stepper.start(DType.FLOAT32, 4);
        Tensor x = RaggedCase.normal(random, DType.FLOAT32, 4, 3);
        state = stepper.next(x, state).state();
        long bytes = stepper.bytes();
        for (int i = 0; i < LONG_RUN; i++) {
            state = stepper.next(x, state).state();
        }
        assertThat(bytes).isPositive();
        assertThat(stepper.bytes()).isEqualTo(bytes);
    }

    @Test
    void embedding_and_output_layer_should_be_run_around_the_cell() {
        Parameters parameters = new Parameters("model", DType.FLOAT32, random);
        Embedding embedding = new Embedding(parameters.below("embedding"), 7, 3, Initializers.normal(0, 1));
        Dense dense = new Dense(parameters.below("dense"), 5, 7);
        Tensor tokens = Tensor.of(new int[] {3, 1, 6, 0, 2, 2, 5, 4}, 4, 2);
        Graph graph = Graph.inference();
        Node outputs =
                Unroll.dynamic(lstm).over(embedding.of(graph.input(tokens))).outputs();
        Tensor expected = Ops.softmax(dense.of(outputs)).value();
        Stepper stepper = Stepper.of(lstm).reading(embedding::of).giving(h -> Ops.softmax(dense.of(h)));
        DetachedState state = stepper.start(DType.FLOAT32, 2);
        for (int t = 0; t < 4; t++) {
            StepResult step = stepper.next(tokens.at(t), state);
            assertSame("probabilities of step " + t, expected.at(t), step.output());
            state = step.state();
        }
    }

    @Test
    void input_that_does_not_fit_should_be_refused() {
        Stepper stepper = Stepper.of(lstm);
        DetachedState state = stepper.start(DType.FLOAT32, 2);
        for (int[] dims : new int[][] {{2, 4}, {3}, {1, 2, 3}}) {
            Tensor x = Tensor.zeros(DType.FLOAT32, dims);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> stepper.next(x, state))
                    .withMessage("stepper: the input of a step is " + x.shape() + "; expected [batch, features 3]");
        }
        assertSame(
                "a good step after bad ones",
                Stepper.of(lstm).next(Tensor.zeros(DType.FLOAT32, 2, 3), state).output(),
                stepper.next(Tensor.zeros(DType.FLOAT32, 2, 3), state).output());
    }

    @Test
    void a_state_that_does_not_fit_should_be_refused_by_field() {
        Stepper stepper = Stepper.of(lstm);
        Tensor x = Tensor.zeros(DType.FLOAT32, 2, 3);
        DetachedState state = stepper.start(DType.FLOAT32, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> stepper.next(x, DetachedState.of("h", state.get("h"))))
                .withMessage("cell 'rnn': the initial state has the fields [h]; the cell declares [h, c]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> stepper.next(x, state.with("d", state.get("h"))))
                .withMessage("cell 'rnn': the initial state has the fields [h, c, d]; the cell declares [h, c]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> stepper.next(x, stepper.start(DType.FLOAT32, 3)))
                .withMessage(
                        "cell 'rnn': field 'h' of the initial state is [3, 5]; expected [batch 2, features 5]; a state"
                                + " begins a batch of as many rows as it has: choose some by its rows(...), or begin anew");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> stepper.next(x, state.with("c", Tensor.zeros(DType.FLOAT32, 2, 4))))
                .withMessage("cell 'rnn': field 'c' of the initial state is [2, 4]; expected [batch 2, features 5]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> stepper.next(x, state.with("c", Tensor.zeros(DType.FLOAT32))))
                .withMessage("cell 'rnn': field 'c' of the initial state is []; expected [batch 2, features 5]");
    }

    @Test
    void an_unroll_that_goes_backwards_should_be_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Stepper.of(Unroll.dynamic(lstm).reversed()))
                .withMessage(
                        "stepper: the unroll goes backwards and so begins with the end of a sequence, which has not come"
                                + " yet; expected one that goes forwards, in all its layers");
    }

    private static StepResult stream(Stepper stepper, Tensor x, DetachedState from) {
        StepResult step = stepper.next(x.at(0), from);
        for (int t = 1; t < x.shape().dim(0); t++) {
            step = stepper.next(x.at(t), step.state());
        }
        return step;
    }

    private Tensor wholeOutput(Tensor first, Tensor second) {
        Graph graph = Graph.inference();
        Node both = Ops.concat(0, graph.input(first), graph.input(second));
        return Unroll.dynamic(lstm).over(both).last().value();
    }
}
