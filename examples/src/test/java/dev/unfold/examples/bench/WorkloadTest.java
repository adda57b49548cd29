package dev.unfold.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.unfold.examples.bench.LanguageModelling.Recipe;
import dev.unfold.examples.bench.Workload.Run;
import dev.unfold.examples.cli.CommonOptions.UnrollMode;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DropoutCell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.init.Initializers;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.layer.Dense;
import dev.unfold.rnn.layer.Embedding;
import dev.unfold.rnn.optim.Sgd;
import dev.unfold.rnn.train.TrainStep;
import dev.unfold.rnn.train.TruncatedBackprop;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Unroll;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

class WorkloadTest {
    private static final int PASSES = 4;

    static final List<Workload> TINY = Tiny.models();

    @ParameterizedTest
    @FieldSource("TINY")
    void should_give_the_same_bits_in_both_modes(Workload workload) {
        List<Double> expected = passes(workload, new Setup(UnrollMode.DYNAMIC, 1, 3));
        assertThat(expected).doesNotContain(Double.NaN).doesNotHaveDuplicates();
        assertThat(passes(workload, new Setup(UnrollMode.STATIC, 1, 3))).isEqualTo(expected);
        assertThat(passes(workload, new Setup(UnrollMode.DYNAMIC, 2, 3))).isEqualTo(expected);
        assertThat(passes(workload, new Setup(UnrollMode.STATIC, 2, 3))).isEqualTo(expected);
        assertThat(passes(workload, new Setup(UnrollMode.STATIC, 1, 4)))
                .as("with other weights")
                .isNotEqualTo(expected);
    }

    private static List<Double> passes(Workload workload, Setup setup) {
        Run run = workload.start(setup);
        return IntStream.range(0, PASSES).mapToObj(i -> run.pass()).toList();
    }

    @Test
    void should_learn_what_never_changes() {
        for (UnrollMode mode : UnrollMode.values()) {
            Run run = Tiny.models().get(0).start(new Setup(mode, 1, 3));
            double first = run.pass();
            IntStream.range(0, 60).forEach(i -> run.pass());
            assertThat(run.pass()).isLessThan(0.8 * first);
        }
    }

    @ParameterizedTest
    @EnumSource(UnrollMode.class)
    void should_carry_the_state_of_a_stream_from_batch_to_batch(UnrollMode mode) {
        Run run = new LanguageModelling("W4", Recipe.STREAMS, 20, 6, 7, 5, 3, 4).start(new Setup(mode, 1, 3));
        Parameters p = new Setup(mode, 1, 3).parameters("language");
        Cell below = new LstmCell(p.below("layer0"), 6, 7);
        Cell dropping =
                new DropoutCell(p.below("layer0"), below, DropoutCell.options().output(0.8));
        Unroll unroll = Unroll.stacked(
                List.of(Unroll.dynamic(dropping), Unroll.dynamic(new LstmCell(p.below("layer1"), 7, 7))));
        Embedding words = new Embedding(p.below("words"), 20, 6);
        Dense next = new Dense(p.below("next"), 7, 20);
        TrainStep step = new TrainStep(new Sgd(p.made(), 1), 0.25, 3);
        Tensor stream = new MadeUp().choices(20, 21, 3);
        for (int pass = 0; pass < PASSES; pass++) {
            TruncatedBackprop.Result expected = new TruncatedBackprop(5, 5)
                    .reading(words::of)
                    .run(
                            unroll,
                            stream.slice(0, 20),
                            Lengths.full(),
                            (graph, segmentRun, segment) -> Ops.crossEntropy(
                                    next.of(segmentRun.outputs()), graph.input(segment.of(stream.slice(1, 21)))),
                            step::run);
            assertThat(run.pass()).as("pass %d", pass).isCloseTo(expected.meanLoss(), within(1e-12));
        }
    }

    @Test
    void should_time_the_workloads_that_are_tested() {
        assertThat(Workloads.models().stream().map(Workload::name))
                .containsExactlyElementsOf(TINY.stream().map(Workload::name).toList());
        assertThat(Workloads.all()).hasSize(TINY.size() + 9 * 3 + 1 + 2).doesNotHaveDuplicates();
    }

    /** Hand-counted: 6 operations for each weight and row, of which the backward pass takes four; and the table of WORKLOADS. */
    @ParameterizedTest
    @CsvSource({
        "W1, 0, 0",
        "W2, 1426944, 1.5e6", // 6 (2 (100 + 128) 512 + 256 17)
        "W3a, 13426176, 13.4e6", // 6 (28 (28 + 128) 512 + 128 10)
        "W3a-primitives, 13426176, 13.4e6",
        "W3b, 12229632, 12.2e6", // 6 (28 (28 + 256) 256 + 256 10)
        "W3c, 10071552, 10e6", // 6 (28 (28 + 128) 384 + 128 10)
        "W4, 21651456, 21.7e6", // 6 (2 (256 + 256) 1024 + 256 10000)
        "W5, 134400, 0.14e6", // 6 ((10 + 20) 80 + 20 1000)
        "W6, 310697472, 310e6", // 6 (784 (1 + 128) 512 + 128 10)
        "W7, 196608, 0.2e6", // 2 (64 + 128) 512
        "W8, 13426176, 13.4e6",
        "W9, 0, 0",
        "products/1x80x70/NN, 11200, 11e3",
        "products/100x512x156/NT, 15974400, 16e6", // 2 100 512 156
        "products/1024x1024x1024/TN, 2147483648, 2.1e9",
        "recording, 0, 0",
        "plan/28, 0, 0",
        "plan/2800, 0, 0"
    })
    void should_know_the_operations_of_a_unit(String name, double counted, double rounded) {
        double operations = Workloads.all().stream()
                .filter(each -> each.name().equals(name))
                .findAny()
                .orElseThrow()
                .operations();
        assertThat(operations).isEqualTo(counted).isCloseTo(rounded, withinPercentage(5));
    }

    @ParameterizedTest
    @EnumSource(MatrixProduct.Form.class)
    void should_multiply_once_in_a_pass_of_a_million_operations(MatrixProduct.Form form) {
        int m = 30;
        int n = 200;
        int k = 90;
        Setup setup = new Setup(null, 1, 3);
        Run run = new MatrixProduct(m, n, k, form).start(setup);
        assertThat(run.units()).isEqualTo(1);
        MadeUp data = new MadeUp();
        Tensor x = data.pixels(m, k);
        Tensor y = data.pixels(m, n);
        Tensor w = setup.parameters("products")
                .make("w", Initializers.normal(0, 1), k, n)
                .value();
        double expected = switch (form) {
            case NN -> sum(k, i -> x.get(0, i) * w.get(i, 0));
            case NT -> x.get(0, 0) + sum(n, i -> y.get(0, i) * w.get(0, i));
            case TN -> w.get(0, 0) + sum(m, i -> x.get(i, 0) * y.get(i, 0));
        };
        assertThat(run.pass()).isCloseTo(expected, within(1e-4));
    }

    private static double sum(int count, IntToDoubleFunction addend) {
        return IntStream.range(0, count).mapToDouble(addend).sum();
    }

    @Test
    void should_multiply_often_in_a_pass_where_there_is_little_to_do() {
        assertThat(new MatrixProduct(1, 80, 70, MatrixProduct.Form.NN)
                        .start(new Setup(null, 1, 3))
                        .units())
                .isEqualTo(89); // 1e6 / (2 80 70)
    }

    @Test
    void should_add_up_the_chain_that_is_recorded() {
        Parameters p = new Setup(null, 1, 3).parameters("recording");
        Tensor start = p.make("start", Initializers.normal(0, 1), 2).value();
        Tensor added = new MadeUp().pixels(2);
        double expected =
                sum(2, i -> start.get(i) + 9 * added.get(i)); // ten operations: nine additions and the sum of both
        for (UnrollMode mode : UnrollMode.values()) {
            Run run = new Recording("recording", 10).start(new Setup(mode, 1, 3));
            assertThat(run.units()).isEqualTo(10);
            for (int pass = 0; pass < PASSES; pass++) {
                assertThat(run.pass()).as(mode + ", pass " + pass).isCloseTo(expected, within(1e-5));
            }
        }
    }

    @Test
    void should_make_a_plan_of_as_many_operations_whatever_the_steps() {
        Setup setup = new Setup(UnrollMode.STATIC, 1, 3);
        double size = new PlanMaking(3, 5, 8, 7).start(setup).pass();
        assertThat(size).isPositive();
        assertThat(new PlanMaking(60, 5, 8, 7).start(setup).pass()).isEqualTo(size);
    }

    @Test
    void should_tell_rates_and_times_in_their_units() {
        assertThat(new MatrixProduct(10, 20, 30, MatrixProduct.Form.NN).figure(1e6))
                .as("GFLOP/s of a million products of 12,000 operations in a second")
                .isEqualTo(12);
        assertThat(new Recording("recording", 10).figure(2e7)).as("ns").isEqualTo(50);
        assertThat(new PlanMaking(3, 5, 8, 7).figure(20)).as("ms").isEqualTo(50);
    }

    @Test
    void should_count_real_words_only() {
        Run run = new BatchTagging("W2", 40, 6, 5, 3, 4, 1).start(new Setup(UnrollMode.DYNAMIC, 1, 3));
        assertThat(run.units())
                .isEqualTo(Arrays.stream(new MadeUp().lengths(4, 5, 45)).sum());
    }

    @Test
    void should_draw_lengths_as_NumPy_does() {
        // numpy.random.RandomState(7).randint(2, 15, 10)
        assertThat(new MadeUp().lengths(10, 2, 14)).containsExactly(6, 11, 8, 5, 5, 9, 9, 14, 11, 9);
    }

    @Test
    void should_tell_the_bytes_of_all_that_is_kept() {
        // Weights, gradients and the two moments of Adam, each of 4 bytes, are in it and the values of 60 steps of 7
        // rows on top.
        int weights = (1 + 8 + 1) * 4 * 8 + (8 + 1) * 10;
        for (UnrollMode mode : UnrollMode.values()) {
            Run run = new DigitRows("W6", LstmCell::new, 4, 60, 1, 8, 7, 1, true).start(new Setup(mode, 1, 3));
            run.pass();
            assertThat(run.bytes()).as(mode.name()).isGreaterThan(4L * 4 * weights + 60L * 7 * 2 * 8 * 4);
        }
    }
}
