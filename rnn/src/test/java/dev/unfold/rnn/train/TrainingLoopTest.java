package dev.unfold.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.optim.Adam;
import dev.unfold.rnn.optim.Sgd;
import dev.unfold.rnn.train.TrainingOptions.Monitor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrainingLoopTest {
    /** Falls by the rate at every update: its gradient is always 1. */
    private final Parameter weight = new Parameter("w", Tensor.of(new double[] {100}, 1));

    private final Sgd optimizer = new Sgd(List.of(weight), 1);
    private final List<Integer> seen = new ArrayList<>();

    private double down(int batch) {
        seen.add(batch);
        optimizer.zeroGradients();
        weight.gradient().fill(1);
        double before = weight.value().getFlat(0);
        optimizer.step();
        return before;
    }

    private TrainingLoop<Integer> loop(TrainingOptions options) {
        return new TrainingLoop<>(optimizer, Batches.inOrder(List.of(1, 2, 3)), this::down, options);
    }

    /** Gives one loss after the other, with as many hits of ten. */
    private static Supplier<Score> losses(double... losses) {
        var iterator = DoubleStream.of(losses).iterator();
        return () -> new Score(10 * iterator.nextDouble(), 5, 10);
    }

    @Test
    void loop_should_go_through_all_batches_of_every_epoch_and_tell() {
        List<String> told = new ArrayList<>();
        History history = loop(TrainingOptions.epochs(2))
                .training(losses(0.5, 0.25))
                .listener(new TrainingListener() {
                    @Override
                    public void updated(int epoch, int batch, double loss) {
                        told.add(epoch + "." + batch + " " + loss);
                    }

                    @Override
                    public void finished(Epoch epoch) {
                        told.add("epoch " + epoch.number());
                    }
                })
                .run();
        assertThat(seen).containsExactly(1, 2, 3, 1, 2, 3);
        assertThat(told)
                .containsExactly(
                        "1.1 100.0", "1.2 99.0", "1.3 98.0", "epoch 1", "2.1 97.0", "2.2 96.0", "2.3 95.0", "epoch 2");
        assertThat(history.updates()).isEqualTo(6);
        assertThat(history.keptEpoch()).isEqualTo(2);
        assertThat(history.epochs()).extracting(Epoch::trainLoss).containsExactly(99.0, 96.0);
        assertThat(history.epochs()).extracting(Epoch::validation).containsOnlyNulls();
        assertThat(history.epochs().get(1).training()).isEqualTo(new Score(2.5, 5, 10));
    }

    @Test
    void rate_should_follow_the_schedule_from_update_to_update() {
        optimizer.learningRate(12);
        loop(TrainingOptions.epochs(2).schedule(Schedule.linear())).run();
        assertThat(weight.value().getFlat(0)).isEqualTo(100 - 12 - 10 - 8 - 6 - 4 - 2);
        assertThat(optimizer.learningRate()).as("as it was before").isEqualTo(12);
    }

    @Test
    void patience_should_end_training_and_put_the_best_weights_back() {
        History history = loop(TrainingOptions.epochs(9).patience(2))
                .validation(losses(3, 1, 2, 1, 0))
                .run();
        assertThat(history.epochs()).hasSize(4);
        assertThat(history.keptEpoch()).isEqualTo(2);
        assertThat(weight.value().getFlat(0)).isEqualTo(100 - 2 * 3);
    }

    @Test
    void last_weights_should_stay_where_they_are_asked_for() {
        History history = loop(TrainingOptions.epochs(9).patience(2).keepLast())
                .validation(losses(3, 1, 2, 1, 0))
                .run();
        assertThat(history.keptEpoch()).isEqualTo(4);
        assertThat(weight.value().getFlat(0)).isEqualTo(100 - 4 * 3);
    }

    @Test
    void patience_should_count_measurements_and_the_last_epoch_be_measured() {
        History history = loop(TrainingOptions.epochs(7).measureEvery(2).patience(2))
                .validation(losses(3, 4, 2, 5))
                .run();
        assertThat(history.epochs())
                .extracting(each -> each.validation() != null)
                .containsExactly(false, true, false, true, false, true, true);
        assertThat(history.keptEpoch()).isEqualTo(6);
    }

    @Test
    void a_gain_that_is_too_small_should_not_count() {
        History history = loop(TrainingOptions.epochs(9).patience(2).monitor(Monitor.LOSS, 0.5))
                .validation(losses(3, 2.6, 2.55, 0))
                .run();
        assertThat(history.epochs()).hasSize(3);
        assertThat(history.keptEpoch()).isEqualTo(1);
    }

    @Test
    void accuracy_should_be_monitored_where_asked_for_and_the_loss_decide_between_equals() {
        var scores = Arrays.asList(
                        new Score(1, 5, 10),
                        new Score(9, 6, 10),
                        new Score(8, 6, 10),
                        new Score(8, 6, 10),
                        new Score(0, 5, 10))
                .iterator();
        History history = loop(TrainingOptions.epochs(5).monitor(Monitor.ACCURACY, 0))
                .validation(scores::next)
                .run();
        assertThat(history.keptEpoch()).isEqualTo(3);
    }

    @Test
    void stop_should_end_training_behind_the_present_update() {
        TrainingLoop<Integer> loop = loop(TrainingOptions.epochs(9));
        History history = loop.listener(new TrainingListener() {
                    @Override
                    public void updated(int epoch, int batch, double loss) {
                        if (epoch == 2 && batch == 2) {
                            loop.stop();
                        }
                    }
                })
                .run();
        assertThat(seen).containsExactly(1, 2, 3, 1, 2);
        assertThat(history.epochs()).hasSize(1);
        assertThat(history.updates()).isEqualTo(5);
        assertThat(history.keptEpoch()).isZero();
    }

    @Test
    void divergence_should_name_epoch_and_batch() {
        TrainingLoop<Integer> loop = new TrainingLoop<>(
                optimizer,
                Batches.inOrder(List.of(1, 2)),
                batch -> {
                    seen.add(batch);
                    if (seen.size() == 4) {
                        throw new DivergedException("the loss is NaN");
                    }
                    return 1;
                },
                TrainingOptions.epochs(9).schedule(Schedule.linear()));
        assertThatExceptionOfType(DivergedException.class)
                .isThrownBy(loop::run)
                .withMessage("training stopped in epoch 2, batch 2: the loss is NaN");
        assertThat(optimizer.learningRate()).as("as it was before").isEqualTo(1);
    }

    @Test
    void a_validation_that_is_not_finite_should_stop_training() {
        assertThatExceptionOfType(DivergedException.class)
                .isThrownBy(() -> loop(TrainingOptions.epochs(9))
                        .validation(losses(1, Double.NaN))
                        .run())
                .withMessageContaining("behind epoch 2, in measuring: the loss is NaN");
        assertThatExceptionOfType(DivergedException.class)
                .isThrownBy(() -> loop(TrainingOptions.epochs(9))
                        .validation(() -> {
                            throw new DivergedException("found at step 3");
                        })
                        .run())
                .withMessage("training stopped behind epoch 1, in measuring: found at step 3");
    }

    @Test
    void what_cannot_take_effect_should_be_refused() {
        assertThatIllegalStateException()
                .isThrownBy(() -> loop(TrainingOptions.epochs(9).patience(1)).run())
                .withMessage("training loop: patience is 1, and nothing is validated; say how by validation(...)");
        assertThatIllegalStateException()
                .isThrownBy(() -> loop(TrainingOptions.epochs(9).schedule(Schedule.onPlateau(0.1, 2)))
                        .run())
                .withMessageContaining("the schedule goes by validation, and nothing is validated");
        assertThatIllegalStateException()
                .isThrownBy(() -> loop(TrainingOptions.epochs(9)).resume())
                .withMessageContaining("nothing to go on from");
        TrainingLoop<Integer> loop = loop(TrainingOptions.epochs(1));
        loop.run();
        assertThatIllegalStateException().isThrownBy(loop::run).withMessageContaining("it has run");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrainingOptions.epochs(0))
                .withMessage("training options: epochs is 0; expected at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrainingOptions.epochs(1).measureEvery(0))
                .withMessageContaining("epochs between measurements is 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrainingOptions.epochs(1).patience(-1))
                .withMessageContaining("patience is -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrainingOptions.epochs(1).monitor(Monitor.LOSS, Double.NaN))
                .withMessageContaining("least gain is NaN");
    }

    @Test
    void epochs_of_different_numbers_of_batches_should_be_refused() {
        TrainingLoop<Integer> loop = new TrainingLoop<>(
                optimizer,
                epoch -> IntStream.rangeClosed(1, epoch).boxed().toList(),
                this::down,
                TrainingOptions.epochs(3));
        assertThatIllegalStateException()
                .isThrownBy(loop::run)
                .withMessage("training loop: epoch 2 has 2 batches and the first has 1; expected as many in each");
    }

    @Test
    void shuffled_batches_should_hold_every_example_once_in_an_order_of_seed_and_epoch() {
        Batches<int[]> batches = Batches.shuffled(23, 5, 8, batch -> batch, batch -> batch.length);
        List<Integer> first = flat(batches.of(1));
        assertThat(first)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 23).boxed().toList());
        assertThat(batches.of(1)).hasSize(5);
        assertThat(batches.weight(batches.of(1).get(4))).isEqualTo(3);
        assertThat(flat(batches.of(2))).isNotEqualTo(first);
        assertThat(flat(batches.of(1))).isEqualTo(first);
        assertThat(flat(Batches.shuffled(23, 5, 9, batch -> batch, batch -> batch.length)
                        .of(1)))
                .isNotEqualTo(first);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Batches.shuffled(0, 5, 9, batch -> batch, batch -> 1))
                .withMessage("batches: 0 examples in batches of 5; expected at least one of each");
        assertThatIllegalArgumentException().isThrownBy(() -> Batches.inOrder(List.of()));
    }

    private static List<Integer> flat(List<int[]> batches) {
        return batches.stream().flatMapToInt(Arrays::stream).boxed().toList();
    }

    @Test
    void score_should_count_hits_and_add_up() {
        Tensor logits = Tensor.of(new double[] {1, 2, 2, 5, 4, 3}, 2, 3);
        Score score = Score.of(0.5, logits, Tensor.of(new int[] {1, 1}, 2));
        assertThat(score).isEqualTo(new Score(1, 1, 2));
        Score both = score.plus(new Score(3, 2, 2));
        assertThat(both.loss()).isEqualTo(1);
        assertThat(both.accuracy()).isEqualTo(0.75);
        assertThat(both.perplexity()).isCloseTo(Math.E, within(1e-15));
        assertThat(Score.NONE.loss()).isNaN();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Score.of(0.5, logits, Tensor.zeros(DType.INT32, 3)))
                .withMessageContaining("the logits are [2, 3] and the labels [3]");
    }

    @Test
    void training_by_the_loop_should_learn() {
        SmallTraining training = new SmallTraining(parameters -> new Adam(parameters, 0.02));
        History history = training.loop(30).run();
        Epoch kept = history.epochs().get(history.keptEpoch() - 1);
        assertThat(Objects.requireNonNull(kept.validation()).accuracy()).isGreaterThan(0.6);
    }
}
