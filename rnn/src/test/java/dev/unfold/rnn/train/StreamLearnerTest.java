package dev.unfold.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DropoutCell;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.cell.LearnedStartCell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.layer.Dense;
import dev.unfold.rnn.layer.Embedding;
import dev.unfold.rnn.model.LanguageModel;
import dev.unfold.rnn.model.Weights;
import dev.unfold.rnn.optim.Adam;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Unroll;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamLearnerTest {
    private static final int ROWS = 3;
    private static final int STEPS = 4;
    private static final int VOCABULARY = 6;
    private static final double CLIP = 0.5;

    private final Streams streams = Streams.of(text(52), ROWS, STEPS);

    private static int[] text(int length) {
        NumpyRandom random = new NumpyRandom(9);
        return IntStream.range(0, length)
                .map(i -> i % 3 == 0 ? i % 6 : random.randint(0, VOCABULARY))
                .toArray();
    }

    /** A model of two layers with dropout between them, and all that trains it. */
    private static final class Setting {
        final Parameters p = new Parameters("model", DType.FLOAT32, new NumpyRandom(4));
        final Cell low = new DropoutCell(
                p.below("drop"),
                new LstmCell(p.below("0"), 4, 5),
                DropoutCell.options().output(0.7));
        final Cell high = new GruCell(p.below("1"), 5, 5, GruCell.Variant.RESET_BEFORE);
        final Embedding embedding = new Embedding(p, VOCABULARY, 4);
        final Dense output = new Dense(p, 5, VOCABULARY);
        final LanguageModel model = new LanguageModel(embedding, unroll(Unroll::dynamic), output);
        final Adam adam = new Adam(model.parameters(), 0.01);
        final TrainStep step = new TrainStep(adam, CLIP, 7);

        Unroll unroll(Function<Cell, Unroll> mode) {
            return Unroll.stacked(List.of(mode.apply(low), mode.apply(high)));
        }

        LanguageModel fixed() {
            return model.unrolled(unroll(cell -> Unroll.fixed(cell, STEPS, ROWS)));
        }

        /** Returns the losses of some epochs, then what they leave. */
        List<Object> train(StreamLearner learner, Streams streams) {
            List<Object> trace = new ArrayList<>();
            TrainingListener listener = new TrainingListener() {
                @Override
                public void updated(int epoch, int batch, double loss) {
                    trace.add(loss);
                }
            };
            new TrainingLoop<>(adam, streams, learner, TrainingOptions.epochs(3))
                    .listener(listener)
                    .run();
            trace.add(Weights.sha256(model.parameters()));
            learner.carried()
                    .forEach((field, value) -> trace.add(field
                            + IntStream.range(0, value.size())
                                    .mapToObj(i -> Double.toHexString(value.getFlat(i)))
                                    .toList()));
            return trace;
        }
    }

    @ParameterizedTest
    @CsvSource({"true, 1", "false, 1", "true, 2", "false, 2"})
    void a_plan_should_give_the_bits_of_recording(boolean fixed, int threads) {
        Setting recorded = new Setting();
        List<Object> expected = recorded.train(StreamLearner.recording(recorded.model, recorded.step, ROWS), streams);
        assertThat(streams.batches()).as("with a shorter one at the end").hasSize(5);
        assertThat(streams.batches().get(4).count()).isLessThan(STEPS * ROWS);
        assertThat(expected).hasSize(3 * 5 + 1 + 3);
        Setting planned = new Setting();
        StreamLearner learner = StreamLearner.planned(
                        fixed ? planned.fixed() : planned.model, planned.step, STEPS, ROWS)
                .threads(threads);
        assertThat(planned.train(learner, streams)).isEqualTo(expected);
        Setting recordedFixed = new Setting();
        assertThat(recordedFixed.train(
                        StreamLearner.recording(recordedFixed.fixed(), recordedFixed.step, ROWS)
                                .threads(threads),
                        streams))
                .isEqualTo(expected);
    }

    /** What {@link TruncatedBackprop} does with the whole streams as one batch. */
    @Test
    void an_epoch_should_be_truncated_backpropagation_over_the_whole_streams() {
        Setting truncated = new Setting();
        Streams whole = Streams.of(text(52), ROWS, 1000);
        Streams.Batch all = whole.batches().get(0);
        List<Double> expected = new ArrayList<>();
        for (int epoch = 1; epoch <= 2; epoch++) {
            new TruncatedBackprop(STEPS, STEPS)
                    .reading(truncated.embedding::of)
                    .run(
                            truncated.unroll(Unroll::dynamic),
                            all.tokens(),
                            Lengths.full(),
                            (graph, run, segment) -> Ops.crossEntropy(
                                    truncated.output.of(run.outputs()), graph.input(segment.of(all.next()))),
                            truncated.step::run)
                    .segments()
                    .forEach(segment -> expected.add(segment.loss()));
        }
        Setting streamed = new Setting();
        StreamLearner learner = StreamLearner.recording(streamed.model, streamed.step, ROWS);
        List<Double> losses = new ArrayList<>();
        for (int epoch = 1; epoch <= 2; epoch++) {
            learner.beginEpoch();
            streams.batches().forEach(batch -> losses.add(learner.update(batch)));
        }
        assertThat(losses).isEqualTo(expected);
        assertThat(Weights.sha256(streamed.model.parameters())).isEqualTo(Weights.sha256(truncated.model.parameters()));
    }

    @Test
    void the_state_should_go_from_batch_to_batch_and_begin_anew_with_an_epoch() {
        Setting setting = new Setting();
        StreamLearner learner = StreamLearner.planned(setting.fixed(), setting.step, STEPS, ROWS);
        assertThat(learner.carried().keySet()).containsExactly("0.h", "0.c", "1.h");
        List<Tensor> tensors = List.copyOf(learner.carried().values());
        assertThat(tensors).allMatch(each -> isZero(each));
        learner.update(streams.batches().get(0));
        assertThat(learner.carried().values()).as("the same tensors").containsExactlyElementsOf(tensors);
        assertThat(tensors).noneMatch(each -> isZero(each));
        learner.beginEpoch();
        assertThat(tensors).allMatch(each -> isZero(each));
    }

    private static boolean isZero(Tensor tensor) {
        return IntStream.range(0, tensor.size()).allMatch(i -> tensor.getFlat(i) == 0);
    }

    @Test
    void writing_into_the_state_should_be_where_training_goes_on_from() {
        Setting one = new Setting();
        StreamLearner learner = StreamLearner.recording(one.model, one.step, ROWS);
        learner.carried().values().forEach(each -> each.fill(0.25));
        double loss = learner.update(streams.batches().get(0));
        Setting other = new Setting();
        StreamLearner fromZero = StreamLearner.recording(other.model, other.step, ROWS);
        assertThat(fromZero.update(streams.batches().get(0))).isNotEqualTo(loss);
    }

    @Test
    void a_learned_start_should_be_that_of_every_epoch() {
        Parameters p = new Parameters("model", DType.FLOAT64, new NumpyRandom(4));
        Cell cell =
                new LearnedStartCell(p.below("start"), new GruCell(p.below("rnn"), 4, 5, GruCell.Variant.RESET_BEFORE));
        LanguageModel model = new LanguageModel(p, VOCABULARY, Unroll.dynamic(cell));
        StreamLearner learner = StreamLearner.recording(model, new TrainStep(new Adam(model.parameters(), 0.01)), ROWS);
        model.parameters().stream()
                .filter(each -> each.name().contains(".start."))
                .forEach(each -> each.value().fill(0.5));
        learner.beginEpoch();
        assertThat(learner.carried().values())
                .singleElement()
                .satisfies(h -> assertThat(h.toDoubles()).containsOnly(0.5));
    }

    @Test
    void should_refuse_a_plan_of_no_steps() {
        Setting setting = new Setting();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StreamLearner.planned(setting.model, setting.step, 0, ROWS))
                .withMessage("stream learner: it is planned for 0 steps; expected at least 1");
    }
}
