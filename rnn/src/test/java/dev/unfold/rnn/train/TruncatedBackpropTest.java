package dev.unfold.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.tuple;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.CrossEntropy;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.Mode;
import dev.unfold.rnn.cell.Activation;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.Initializers;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.layer.Dense;
import dev.unfold.rnn.layer.Embedding;
import dev.unfold.rnn.model.Weights;
import dev.unfold.rnn.optim.Adam;
import dev.unfold.rnn.optim.Sgd;
import dev.unfold.rnn.train.TruncatedBackprop.Result;
import dev.unfold.rnn.train.TruncatedBackprop.SegmentLoss;
import dev.unfold.rnn.train.TruncatedBackprop.Trained;
import dev.unfold.rnn.unroll.CellKind;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Merge;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.unroll.Unrolled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TruncatedBackpropTest {
    private static final int SEEDS = 40;
    private static final int CLASSES = 3;
    private static final List<CellKind> KINDS = List.of(CellKind.values());

    /** A cell of any kind below a dense layer, and a ragged batch for it. */
    private record Tagger(String name, Cell cell, Dense dense, Tensor x, Tensor labels, Lengths lengths) {
        static Tagger random(int seed, CellKind kind) {
            NumpyRandom random = new NumpyRandom(seed);
            DType dtype = random.randint(0, 2) == 0 ? DType.FLOAT32 : DType.FLOAT64;
            Cell cell = kind.cell("rnn", dtype, random, 2, 3);
            Dense dense = new Dense(new Parameters("out", dtype, random), cell.outputSize(), CLASSES);
            int steps = random.randint(1, 10);
            int rows = random.randint(1, 4);
            int[] lengths = new int[rows];
            for (int row = 0; row < rows; row++) {
                lengths[row] = random.randint(0, steps + 1);
            }
            lengths[random.randint(0, rows)] = random.randint(1, steps + 1);
            Tensor labels = Tensor.zeros(DType.INT32, steps, rows);
            for (int i = 0; i < labels.size(); i++) {
                labels.setFlat(i, random.randint(0, CLASSES));
            }
            Tensor x = Tensor.zeros(dtype, steps, rows, 2);
            Initializers.normal(0, 1).fill(x, random);
            boolean full = random.randint(0, 4) == 0;
            String name = "seed " + seed + " " + kind + " " + x.shape();
            return new Tagger(name, cell, dense, x, labels, full ? Lengths.full() : Lengths.of(lengths));
        }

        static Tagger random(int seed) {
            return random(seed, KINDS.get(seed % KINDS.size()));
        }

        int steps() {
            return x.shape().dim(0);
        }

        Unroll unroll() {
            return Unroll.dynamic(cell);
        }

        List<Parameter> parameters() {
            List<Parameter> all = new ArrayList<>(cell.parameters());
            all.addAll(dense.parameters());
            return all;
        }

        Node loss(Graph graph, Unrolled run, Segment segment) {
            return CrossEntropy.sumOverStepsMeanOverRows()
                    .mask(graph.input(segment.mask()))
                    .of(dense.of(run.outputs()), graph.input(segment.of(labels)));
        }

        /** Adds up gradients over all segments, with no update between them; {@code loss} is the sum of the losses. */
        Map<String, Tensor> gradients(TruncatedBackprop truncated) {
            parameters().forEach(Parameter::zeroGradient);
            Result result = truncated.run(unroll(), x, lengths, this::loss, adding(new Graph()));
            double loss = result.segments().stream().mapToDouble(Trained::loss).sum();
            return left(loss, result.state());
        }

        /** Differentiates the whole batch at once. */
        Map<String, Tensor> gradients() {
            parameters().forEach(Parameter::zeroGradient);
            Graph graph = new Graph();
            Unrolled run = unroll().over(graph, x, lengths);
            Tensor mask = lengths.maskFor(steps(), x.shape().dim(1));
            Node loss = loss(graph, run, new Segment(0, steps(), mask));
            DetachedState state = run.finalState();
            graph.backward(loss);
            return left(loss.item(), state);
        }

        private Map<String, Tensor> left(double loss, DetachedState state) {
            Map<String, Tensor> left = new LinkedHashMap<>(state.values());
            left.put("loss", Tensor.of(new double[] {loss}));
            parameters().forEach(each -> left.put(each.name(), each.gradient().copy()));
            return left;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static ToDoubleFunction<Function<Graph, Node>> adding(Graph graph) {
        return loss -> {
            graph.reset();
            Node root = loss.apply(graph);
            graph.backward(root);
            return root.item();
        };
    }

    private static double measure(Function<Graph, Node> loss) {
        return loss.apply(Graph.inference()).item();
    }

    private static List<Tagger> taggers() {
        return IntStream.range(0, SEEDS).mapToObj(Tagger::random).toList();
    }

    private final NumpyRandom random = new NumpyRandom(51);

    @ParameterizedTest
    @EnumSource(CellKind.class)
    void segments_of_all_steps_should_give_the_bits_of_whole_backpropagation(CellKind kind) {
        for (int seed = 100; seed < 104; seed++) {
            Tagger tagger = Tagger.random(seed, kind);
            Map<String, Tensor> expected = tagger.gradients();
            for (int k : new int[] {tagger.steps(), tagger.steps() + 3, Integer.MAX_VALUE}) {
                assertSameAll(tagger + " k " + k, expected, tagger.gradients(new TruncatedBackprop(k, k)));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("taggers")
    void state_and_losses_should_have_the_bits_of_a_run_without_segments(Tagger tagger) {
        Unrolled whole = tagger.unroll().over(Graph.inference(), tagger.x(), tagger.lengths());
        Tensor outputs = whole.outputs().value();
        for (int k1 = 1; k1 <= tagger.steps() + 1; k1++) {
            for (int k2 = 1; k2 <= k1; k2++) {
                String what = tagger + " k1 " + k1 + " k2 " + k2;
                SegmentLoss loss = (graph, run, segment) -> {
                    assertThat(run.outputs().value().sameBits(segment.of(outputs)))
                            .as(what + " from " + segment.from())
                            .isTrue();
                    return tagger.loss(graph, run, segment);
                };
                Result result = new TruncatedBackprop(k1, k2)
                        .run(tagger.unroll(), tagger.x(), tagger.lengths(), loss, TruncatedBackpropTest::measure);
                assertSameAll(what, whole.finalState().values(), result.state().values());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("taggers")
    void updates_should_be_those_of_a_loop_written_by_hand(Tagger tagger) {
        Weights before = Weights.copyOf(tagger.parameters());
        Tensor mask =
                tagger.lengths().maskFor(tagger.steps(), tagger.x().shape().dim(1));
        for (int k1 = 1; k1 <= tagger.steps(); k1++) {
            before.restore();
            TrainStep byHand = new TrainStep(new Sgd(tagger.parameters(), 0.1), 1);
            DetachedState[] state = {null};
            for (int from = 0; from < tagger.steps(); from += k1) {
                int to = Math.min(from + k1, tagger.steps());
                Segment segment = new Segment(from, to, mask.slice(from, to));
                if (segment.counting() == 0) {
                    continue;
                }
                byHand.run(graph -> {
                    Unroll begun =
                            state[0] == null ? tagger.unroll() : tagger.unroll().from(state[0]);
                    Unrolled run = begun.over(graph, segment.of(tagger.x()), Lengths.mask(segment.mask()));
                    state[0] = run.finalState();
                    return tagger.loss(graph, run, segment);
                });
            }
            String expected = Weights.sha256(tagger.parameters());
            before.restore();
            TrainStep step = new TrainStep(new Sgd(tagger.parameters(), 0.1), 1);
            Result result = new TruncatedBackprop(k1, k1)
                    .run(tagger.unroll(), tagger.x(), tagger.lengths(), tagger::loss, step::run);
            assertThat(Weights.sha256(tagger.parameters()))
                    .as(tagger + " k1 " + k1)
                    .isEqualTo(expected);
            assertSameAll(
                    tagger + " k1 " + k1, state[0].values(), result.state().values());
        }
    }

    /** h' = 0.5 x + 0.5 h in numbers that float64 holds exactly: 1/2, 3/4, 7/8, 15/16, 31/32. */
    @Test
    void gradients_should_be_those_computed_by_hand() {
        Parameters parameters = new Parameters("rnn", DType.FLOAT64, random);
        VanillaCell cell = new VanillaCell(parameters, 1, 1, Activation.RELU, false);
        cell.parameters().forEach(each -> each.value().fill(0.5));
        Tensor ones = Tensor.zeros(DType.FLOAT64, 5, 1, 1).fill(1);
        Result result = new TruncatedBackprop(3, 2)
                .run(
                        Unroll.dynamic(cell),
                        ones,
                        Lengths.full(),
                        (graph, run, segment) -> Ops.sum(run.outputs()),
                        adding(new Graph()));
        assertThat(result.segments()).extracting(Trained::loss).containsExactly(2.125, 0.9375 + 0.96875);
        // Segment 1..3, gradients over 2, 3: dh2 = 1, dh3 = 1 + 0.5. Segment 4, 5: dh4 = 1, dh5 = 1 + 0.5.
        assertThat(cell.parameters().get(0).gradient().item()).isEqualTo(2.5 + 2.5);
        // dh2 = h1, dh3 = h2 + 0.5 h1; dh4 = h3, dh5 = h4 + 0.5 h3.
        assertThat(cell.parameters().get(1).gradient().item())
                .isEqualTo(0.5 + (0.75 + 0.25) + 0.875 + (0.9375 + 0.4375));
        assertThat(result.state().get("h").item()).isEqualTo(0.96875);
        assertThat(result.meanLoss()).isEqualTo((3 * 2.125 + 2 * 1.90625) / 5);
    }

    @Test
    void the_remaining_steps_should_be_a_segment() {
        Tagger tagger = Tagger.random(1, CellKind.LSTM);
        Tensor x = Tensor.zeros(tagger.x().dtype(), 7, 2, 2);
        Result result = new TruncatedBackprop(3, 2)
                .run(
                        tagger.unroll(),
                        x,
                        Lengths.full(),
                        (graph, run, segment) -> {
                            assertThat(run.steps()).isEqualTo(segment.to() - segment.from());
                            return Ops.sum(run.last());
                        },
                        adding(new Graph()));
        assertThat(result.segments().stream().map(Trained::segment))
                .extracting(Segment::from, Segment::to, Segment::counting)
                .containsExactly(tuple(0, 3, 6), tuple(3, 6, 6), tuple(6, 7, 2));
    }

    @Test
    void a_stream_in_two_batches_should_go_on_where_it_ended() {
        Tagger tagger = Tagger.random(12, CellKind.LSTM);
        Tensor x = Tensor.of(random.randn(10 * 2 * 2), 10, 2, 2).to(tagger.x().dtype());
        SegmentLoss loss = (graph, run, segment) -> Ops.sum(run.outputs());
        TruncatedBackprop truncated = new TruncatedBackprop(2, 1);
        Result whole = truncated.run(tagger.unroll(), x, Lengths.full(), loss, TruncatedBackpropTest::measure);
        Result first =
                truncated.run(tagger.unroll(), x.slice(0, 6), Lengths.full(), loss, TruncatedBackpropTest::measure);
        Unroll next = tagger.unroll().from(first.state());
        Result second = truncated.run(next, x.slice(6, 10), Lengths.full(), loss, TruncatedBackpropTest::measure);
        assertSameAll("two batches", whole.state().values(), second.state().values());
        List<Trained> both = new ArrayList<>(first.segments());
        both.addAll(second.segments());
        assertThat(both)
                .extracting(Trained::loss)
                .isEqualTo(whole.segments().stream().map(Trained::loss).toList());
    }

    @Test
    void a_smaller_batch_should_not_begin_from_the_state_of_a_larger_one_unless_rows_are_chosen() {
        Tagger tagger = Tagger.random(12, CellKind.LSTM);
        DType dtype = tagger.x().dtype();
        SegmentLoss loss = (graph, run, segment) -> Ops.sum(run.outputs());
        TruncatedBackprop truncated = new TruncatedBackprop(2, 2);
        Result four =
                truncated.run(tagger.unroll(), Tensor.zeros(dtype, 3, 4, 2), Lengths.full(), loss, adding(new Graph()));
        Tensor smaller = Tensor.zeros(dtype, 3, 3, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> truncated.run(
                        tagger.unroll().from(four.state()), smaller, Lengths.full(), loss, adding(new Graph())))
                .withMessage(
                        "cell 'rnn': field 'h' of the initial state is [4, 3]; expected [batch 3, features 3]; a state"
                                + " begins a batch of as many rows as it has: choose some by its rows(...), or begin anew");
        Unroll chosen = tagger.unroll().from(four.state().rows(0, 1, 3));
        assertThat(truncated
                        .run(chosen, smaller, Lengths.full(), loss, adding(new Graph()))
                        .state()
                        .get("h")
                        .shape()
                        .dims())
                .containsExactly(3, 3);
    }

    @Test
    void segments_in_which_nothing_counts_should_be_passed_over() {
        Tagger tagger = Tagger.random(3, CellKind.LSTM);
        Tensor x = Tensor.of(random.randn(9 * 2 * 2), 9, 2, 2).to(tagger.x().dtype());
        Tensor mask = Tensor.zeros(DType.INT32, 9, 2);
        mask.set(1, 1, 0);
        mask.set(1, 6, 1);
        mask.set(1, 7, 1);
        Adam adam = new Adam(tagger.parameters(), 0.01);
        TrainStep step = new TrainStep(adam);
        Unrolled whole = tagger.unroll().over(Graph.inference(), x, Lengths.mask(mask));
        Result measured = new TruncatedBackprop(3, 1)
                .run(
                        tagger.unroll(),
                        x,
                        Lengths.mask(mask),
                        (graph, run, segment) -> Ops.sum(run.last()),
                        TruncatedBackpropTest::measure);
        assertSameAll(
                "over a hole", whole.finalState().values(), measured.state().values());
        Result trained = new TruncatedBackprop(3, 1)
                .run(
                        tagger.unroll(),
                        x,
                        Lengths.mask(mask),
                        (graph, run, segment) -> Ops.sum(run.outputs()),
                        step::run);
        assertThat(trained.segments()).extracting(each -> each.segment().from()).containsExactly(0, 6);
        assertThat(adam.steps()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5})
    void a_batch_in_which_nothing_counts_should_leave_the_initial_state(int steps) {
        Tagger tagger = Tagger.random(3, CellKind.LEARNED_START);
        Tensor x = Tensor.zeros(tagger.x().dtype(), steps, 2, 2);
        String before = Weights.sha256(tagger.parameters());
        TrainStep step = new TrainStep(new Sgd(tagger.parameters(), 1));
        Result result = new TruncatedBackprop(2, 1).run(tagger.unroll(), x, Lengths.of(0, 0), tagger::loss, step::run);
        assertThat(result.segments()).isEmpty();
        assertThat(result.meanLoss()).isNaN();
        assertThat(Weights.sha256(tagger.parameters())).isEqualTo(before);
        DetachedState initial =
                tagger.cell().initialState(Graph.inference(), 2, x.dtype()).detach();
        assertThat(initial.get("h").toDoubles()).doesNotContain(0);
        assertSameAll("initial state", initial.values(), result.state().values());
    }

    @Test
    void a_learned_start_should_learn_from_the_first_segment() {
        Tagger tagger = Tagger.random(3, CellKind.LEARNED_START);
        Parameter start = tagger.cell().parameters().stream()
                .filter(each -> each.name().contains("start"))
                .findFirst()
                .orElseThrow();
        Tensor x = Tensor.of(random.randn(6 * 2 * 2), 6, 2, 2).to(tagger.x().dtype());
        List<Double> sums = new ArrayList<>();
        Graph graph = new Graph();
        new TruncatedBackprop(2, 2)
                .run(tagger.unroll(), x, Lengths.full(), (g, run, segment) -> Ops.sum(run.outputs()), loss -> {
                    start.zeroGradient();
                    double value = adding(graph).applyAsDouble(loss);
                    sums.add(Arrays.stream(start.gradient().toDoubles())
                            .map(Math::abs)
                            .sum());
                    return value;
                });
        assertThat(sums).hasSize(3);
        assertThat(sums.get(0)).isPositive();
        assertThat(sums.subList(1, 3)).containsOnly(0.0);
    }

    /** Which of the zeros it is only shows in what went before, in another segment as often as not. */
    @Test
    void a_language_model_should_learn_from_streams_through_its_carried_state() {
        int rows = 4;
        int period = 5;
        Parameters parameters = new Parameters("model", DType.FLOAT32, new NumpyRandom(8));
        Embedding embedding = new Embedding(parameters.below("embedding"), 2, 3);
        Cell cell = CellKind.LSTM.cell("rnn", DType.FLOAT32, new NumpyRandom(9), 3, 8);
        Dense dense = new Dense(parameters.below("dense"), 8, 2);
        List<Parameter> all = new ArrayList<>(parameters.made());
        all.addAll(cell.parameters());
        TrainStep step = new TrainStep(new Adam(all, 0.02), 5);
        TruncatedBackprop truncated = new TruncatedBackprop(3, 3).reading(embedding::of);
        Unroll next = Unroll.dynamic(cell);
        double loss = Double.NaN;
        for (int batch = 0; batch < 60; batch++) {
            Tensor tokens = Tensor.zeros(DType.INT32, 21, rows);
            for (int i = 0; i < tokens.size(); i++) {
                int t = 20 * batch + i / rows;
                tokens.setFlat(i, (t + i % rows) % period == 0 ? 1 : 0);
            }
            Tensor targets = tokens.slice(1, 21);
            Result result = truncated.run(
                    next,
                    tokens.slice(0, 20),
                    Lengths.full(),
                    (graph, run, segment) ->
                            Ops.crossEntropy(dense.of(run.outputs()), graph.input(segment.of(targets))),
                    step::run);
            next = Unroll.dynamic(cell).from(result.state());
            loss = result.meanLoss();
        }
        // Within three steps that begin without a state, most ones cannot be foreseen.
        assertThat(loss).isLessThan(0.05);
        assertThat(embedding.table().gradient().toDoubles()).doesNotContain(0);
    }

    @ParameterizedTest
    @CsvSource({"3, 4", "0, 0", "5, 0", "-1, -2", "0, 1"})
    void lengths_that_could_have_no_effect_should_be_refused(int k1, int k2) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TruncatedBackprop(k1, k2))
                .withMessage(
                        "truncated backpropagation: k1 is " + k1 + " and k2 is " + k2 + "; gradients flow back over the"
                                + " last k2 of the k1 steps of a segment: expected 1 <= k2 <= k1");
    }

    @Test
    void what_goes_backwards_should_be_refused() {
        Cell there = CellKind.VANILLA.cell("there", DType.FLOAT32, random, 2, 3);
        Cell back = CellKind.VANILLA.cell("back", DType.FLOAT32, random, 2, 3);
        Unroll both = Unroll.bidirectional(there, back, Merge.CONCAT);
        for (Unroll unroll : List.of(Unroll.dynamic(there).reversed(), both, Unroll.stacked(List.of(both)))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new TruncatedBackprop(2, 2)
                            .run(
                                    unroll,
                                    Tensor.zeros(DType.FLOAT32, 4, 1, 2),
                                    Lengths.full(),
                                    (graph, run, segment) -> Ops.sum(run.outputs()),
                                    TruncatedBackpropTest::measure))
                    .withMessage("truncated backpropagation: the unroll goes backwards and so begins with the end of a"
                            + " sequence, which a segment does not know; unfold forwards, or train on whole sequences");
        }
    }

    @Test
    void inputs_and_lengths_that_do_not_fit_should_be_refused() {
        Tagger tagger = Tagger.random(12, CellKind.LSTM);
        TruncatedBackprop truncated = new TruncatedBackprop(2, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> truncated.run(
                        tagger.unroll(),
                        Tensor.zeros(DType.FLOAT32, 4),
                        Lengths.full(),
                        tagger::loss,
                        TruncatedBackpropTest::measure))
                .withMessage("truncated backpropagation: inputs are [4]; expected [time, batch, ...]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> truncated.run(
                        tagger.unroll(),
                        Tensor.zeros(DType.FLOAT32, 4, 2),
                        Lengths.full(),
                        tagger::loss,
                        TruncatedBackpropTest::measure))
                .withMessage("unroll of cell 'rnn': inputs are [2, 2]; expected [time, batch, features 2]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> truncated.run(
                        tagger.unroll(),
                        Tensor.zeros(DType.FLOAT32, 4, 2, 2),
                        Lengths.of(4, 5),
                        tagger::loss,
                        TruncatedBackpropTest::measure))
                .withMessage("lengths: row 1 has length 5; expected 0 to 4, the number of steps");
    }

    @Test
    void a_loss_that_is_not_finite_should_name_the_segment() {
        Tagger tagger = Tagger.random(12, CellKind.LSTM);
        Tensor x = Tensor.zeros(tagger.x().dtype(), 8, 1, 2);
        x.set(Double.NaN, 5, 0, 1);
        TrainStep step = new TrainStep(new Sgd(tagger.parameters(), 0.1));
        assertThatExceptionOfType(DivergedException.class)
                .isThrownBy(() -> new TruncatedBackprop(3, 3)
                        .run(
                                tagger.unroll(),
                                x,
                                Lengths.full(),
                                (graph, run, segment) -> Ops.sum(run.outputs()),
                                step::run))
                .withMessageStartingWith("in the segment that begins at step 3: the loss is NaN;")
                .withMessageContaining("at step 2");
    }

    @Test
    void an_update_that_records_nothing_should_be_refused() {
        Tagger tagger = Tagger.random(12, CellKind.LSTM);
        assertThatIllegalStateException()
                .isThrownBy(() -> new TruncatedBackprop(Integer.MAX_VALUE, 1)
                        .run(tagger.unroll(), tagger.x(), Lengths.full(), tagger::loss, loss -> 0))
                .withMessage("truncated backpropagation: the update recorded no loss of steps 0 to "
                        + (tagger.steps() - 1) + "; it must apply the function that it is given to a graph");
    }

    private static void assertSameAll(String what, Map<String, Tensor> expected, Map<String, Tensor> actual) {
        assertThat(actual.keySet()).as(what).isEqualTo(expected.keySet());
        expected.forEach((name, tensor) -> assertThat(actual.get(name))
                .as(what + ": " + name)
                .matches(each -> each != null && each.sameBits(tensor), "the bits of " + tensor));
    }

    @Test
    void static_unrolling_should_leave_the_same_weights_and_state() {
        for (int seed = 0; seed < SEEDS; seed++) {
            for (int k2 = 1; k2 <= 3; k2++) {
                assertThat(trained(seed, k2, Mode.STATIC))
                        .as("seed %d, k2 %d", seed, k2)
                        .isEqualTo(trained(seed, k2, Mode.DYNAMIC));
            }
        }
    }

    /** Trains on segments of three steps; returns the hash of the weights and the state that is left. */
    private static String trained(int seed, int k2, Mode mode) {
        Tagger tagger = Tagger.random(seed);
        TrainStep step = new TrainStep(new Sgd(tagger.parameters(), 0.1), 1, seed);
        Result result = new TruncatedBackprop(3, k2)
                .run(mode.unroll(tagger.cell), tagger.x, tagger.lengths, tagger::loss, step::run);
        return Weights.sha256(tagger.parameters()) + result.state();
    }
}
