package dev.unfold.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.unfold.graph.Parameter;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.io.ModelFile;
import dev.unfold.rnn.io.WeightsFileException;
import dev.unfold.rnn.optim.Adagrad;
import dev.unfold.rnn.optim.Adam;
import dev.unfold.rnn.optim.AdamW;
import dev.unfold.rnn.optim.Optimizer;
import dev.unfold.rnn.optim.RmsProp;
import dev.unfold.rnn.optim.Sgd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CheckpointTest {
    private static final int EPOCHS = 5;
    private static final int UPDATES = EPOCHS * 11;

    @TempDir
    private Path folder;

    static Stream<Function<List<Parameter>, Optimizer>> optimizers() {
        return Stream.of(
                parameters -> new Adam(parameters, 0.02),
                parameters -> new AdamW(parameters, 0.02),
                parameters -> new Sgd(parameters, 0.5),
                parameters ->
                        new Sgd(parameters, 0.1, Sgd.options().momentum(0.9).nesterov()),
                parameters -> new RmsProp(parameters, 0.01),
                parameters -> new Adagrad(parameters, 0.1));
    }

    /** Trains up to so many updates, or to the end. */
    private History train(SmallTraining training, Checkpoints checkpoints, int updates) {
        TrainingLoop<int[]> loop = training.loop(EPOCHS).checkpoints(checkpoints);
        AtomicInteger made = new AtomicInteger();
        return loop.listener(new TrainingListener() {
                    @Override
                    public void updated(int epoch, int batch, double loss) {
                        if (made.incrementAndGet() == updates) {
                            loop.stop();
                        }
                    }
                })
                .resume();
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void a_training_that_is_stopped_anywhere_should_go_on_to_the_same_bits(
            Function<List<Parameter>, Optimizer> optimizer) {
        SmallTraining whole = new SmallTraining(optimizer);
        History expected = whole.loop(EPOCHS).run();
        int seed = 5;
        NumpyRandom random = new NumpyRandom(seed);
        for (int trial = 0; trial < 3; trial++) {
            Path own = folder.resolve("trial" + trial);
            SmallTraining training;
            History history;
            int updates = 0;
            do {
                training = new SmallTraining(optimizer);
                history = train(training, Checkpoints.in(own), random.randint(1, 20));
                assertThat(history.updates())
                        .as("seed %d, trial %d", seed, trial)
                        .isGreaterThan(updates);
                updates = (int) history.updates();
            } while (updates < expected.updates());
            assertThat(training.sha256()).as("seed %d, trial %d", seed, trial).isEqualTo(whole.sha256());
            assertThat(history)
                    .usingRecursiveComparison()
                    .ignoringFields("epochs.seconds")
                    .isEqualTo(expected);
        }
    }

    @Test
    void going_on_with_a_finished_training_should_give_its_result() {
        SmallTraining training = new SmallTraining(parameters -> new Adam(parameters, 0.02));
        History history =
                training.loop(EPOCHS).checkpoints(Checkpoints.in(folder)).run();
        SmallTraining again = new SmallTraining(parameters -> new Adam(parameters, 0.02));
        assertThat(train(again, Checkpoints.in(folder), UPDATES)).isEqualTo(history);
        assertThat(again.sha256()).isEqualTo(training.sha256());
    }

    @Test
    void best_weights_should_be_in_a_file_of_their_own() {
        SmallTraining training = new SmallTraining(parameters -> new Adam(parameters, 0.02));
        History history = training.loop(EPOCHS)
                .checkpoints(Checkpoints.in(folder).every(3))
                .run();
        SmallTraining other = new SmallTraining(parameters -> new Adam(parameters, 0.02));
        ModelFile best = ModelFile.read(folder.resolve(Checkpoints.BEST), Checkpoints.KIND_OF_BEST);
        best.copyTo(other.parameters, "");
        assertThat(other.sha256()).isEqualTo(training.sha256());
        assertThat(best.json().getAsJsonObject("epoch").get("number").getAsInt())
                .isEqualTo(history.keptEpoch());
    }

    @Test
    void a_training_should_not_be_begun_over_another() {
        new SmallTraining(parameters -> new Adam(parameters, 0.02))
                .loop(1)
                .checkpoints(Checkpoints.in(folder))
                .run();
        assertThatIllegalStateException()
                .isThrownBy(() -> new SmallTraining(parameters -> new Adam(parameters, 0.02))
                        .loop(1)
                        .checkpoints(Checkpoints.in(folder))
                        .run())
                .withMessageContaining("last.safetensors holds a training; go on with it by resume()");
    }

    @Test
    void a_training_of_another_kind_should_be_refused_by_what_differs() {
        Checkpoints checkpoints = Checkpoints.in(folder).settings(Map.of("seed", "1", "data", "small"));
        new SmallTraining(parameters -> new Adam(parameters, 0.02))
                .loop(1)
                .checkpoints(checkpoints)
                .run();
        SmallTraining other = new SmallTraining(parameters -> new RmsProp(parameters, 0.01));
        String before = other.sha256();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> train(other, checkpoints.settings(Map.of("seed", "2", "rows", "4")), UPDATES))
                .withMessageContaining("last.safetensors: holds a training of another kind: optimizer is rmsprop ")
                .withMessageContaining(", there it is adam ")
                .withMessageContaining("learning rate is 0.01, there it is 0.02")
                .withMessageContaining("setting seed is 2, there it is 1")
                .withMessageContaining("setting rows is 4, there it is not set")
                .withMessageContaining("setting data is not set, there it is small");
        assertThat(other.sha256()).isEqualTo(before);
    }

    @Test
    void another_architecture_should_be_refused_by_the_names_of_what_differs() {
        new SmallTraining(parameters -> new Adam(parameters, 0.02))
                .loop(1)
                .checkpoints(Checkpoints.in(folder))
                .run();
        SmallTraining larger = new SmallTraining(parameters -> new Adam(parameters, 0.02), 9);
        String before = larger.sha256();
        assertThatExceptionOfType(WeightsFileException.class)
                .isThrownBy(() -> train(larger, Checkpoints.in(folder), UPDATES))
                .withMessageContaining("small.lstm.u")
                .withMessageContaining("[8, 32]")
                .withMessageContaining("[9, 36]");
        assertThat(larger.sha256()).isEqualTo(before);
    }

    @Test
    void a_damaged_file_should_be_refused_and_nothing_changed() throws IOException {
        new SmallTraining(parameters -> new Adam(parameters, 0.02))
                .loop(1)
                .checkpoints(Checkpoints.in(folder))
                .run();
        Path file = folder.resolve(Checkpoints.LAST);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 9] ^= 4;
        Files.write(file, bytes);
        SmallTraining training = new SmallTraining(parameters -> new Adam(parameters, 0.02));
        String before = training.sha256();
        assertThatExceptionOfType(WeightsFileException.class)
                .isThrownBy(() -> train(training, Checkpoints.in(folder), UPDATES))
                .withMessageContaining("damaged");
        assertThat(training.sha256()).isEqualTo(before);
    }

    @Test
    void training_should_go_on_for_more_epochs_than_it_was_begun_for() {
        SmallTraining training = new SmallTraining(parameters -> new Adam(parameters, 0.02));
        training.loop(2).checkpoints(Checkpoints.in(folder)).run();
        SmallTraining more = new SmallTraining(parameters -> new Adam(parameters, 0.02));
        SmallTraining whole = new SmallTraining(parameters -> new Adam(parameters, 0.02));
        assertThat(more.loop(4).checkpoints(Checkpoints.in(folder)).resume().epochs())
                .hasSize(4);
        whole.loop(4).run();
        assertThat(more.sha256()).isEqualTo(whole.sha256());
    }

    @Test
    void a_training_that_has_come_further_should_be_refused() {
        new SmallTraining(parameters -> new Adam(parameters, 0.02))
                .loop(2)
                .checkpoints(Checkpoints.in(folder))
                .run();
        SmallTraining fewer = new SmallTraining(parameters -> new Adam(parameters, 0.02));
        String before = fewer.sha256();
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> fewer.loop(1).checkpoints(Checkpoints.in(folder)).resume())
                .withMessageContaining("holds a training that has come to batch 0 of epoch 3, and there are to be 1");
        assertThat(fewer.sha256()).isEqualTo(before);
    }

    @Test
    void other_batches_or_another_schedule_should_be_refused() {
        SmallTraining training = new SmallTraining(parameters -> new Adam(parameters, 0.02));
        loop(training, 11, Schedule.constant()).run();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> loop(training, 12, Schedule.exponential(0.5)).resume())
                .withMessageContaining("shuffled by seed 12, there it is 44 examples by 4, shuffled by seed 11")
                .withMessageContaining("schedule is Decay[name=exponential, epochs=1, by=0.5], there it is CONSTANT");
    }

    private TrainingLoop<int[]> loop(SmallTraining training, long seed, Schedule schedule) {
        return new TrainingLoop<>(
                        training.optimizer,
                        Batches.shuffled(44, 4, seed, batch -> batch, batch -> batch.length),
                        training,
                        TrainingOptions.epochs(1).schedule(schedule))
                .checkpoints(Checkpoints.in(folder));
    }

    @Test
    void best_weights_should_be_written_also_where_the_last_are_left() {
        SmallTraining training = new SmallTraining(parameters -> new Adam(parameters, 0.02));
        new TrainingLoop<>(
                        training.optimizer,
                        Batches.shuffled(44, 4, 1, batch -> batch, batch -> batch.length),
                        training,
                        TrainingOptions.epochs(2).keepLast())
                .validation(() -> new Score(training.optimizer.steps(), 0, 1))
                .checkpoints(Checkpoints.in(folder))
                .run();
        ModelFile best = ModelFile.read(folder.resolve(Checkpoints.BEST), Checkpoints.KIND_OF_BEST);
        assertThat(best.json().getAsJsonObject("epoch").get("number").getAsInt())
                .isEqualTo(1);
        String last = training.sha256();
        best.copyTo(training.parameters, "");
        assertThat(training.sha256()).isNotEqualTo(last);
    }

    @Test
    void two_trainings_should_not_share_a_folder() {
        SmallTraining first = new SmallTraining(parameters -> new Adam(parameters, 0.02));
        SmallTraining second = new SmallTraining(parameters -> new Adam(parameters, 0.02));
        first.loop(1)
                .checkpoints(Checkpoints.in(folder))
                .listener(new TrainingListener() {
                    @Override
                    public void finished(Epoch epoch) {
                        assertThatExceptionOfType(WeightsFileException.class)
                                .isThrownBy(() -> train(second, Checkpoints.in(folder), UPDATES))
                                .withMessageContaining("another training is going on there");
                    }
                })
                .run();
        assertThat(second.optimizer.steps()).isZero();
        assertThat(train(second, Checkpoints.in(folder), UPDATES).epochs()).hasSize(EPOCHS);
    }

    @Test
    void what_a_killed_program_has_left_unfinished_should_be_removed() throws IOException {
        Path unfinished = Files.createFile(folder.resolve("last.safetensors.0-1.tmp"));
        Path other = Files.createFile(folder.resolve("notes.tmp"));
        new SmallTraining(parameters -> new Adam(parameters, 0.02))
                .loop(1)
                .checkpoints(Checkpoints.in(folder))
                .run();
        assertThat(unfinished).doesNotExist();
        assertThat(other).exists();
    }

    @Test
    void a_place_that_is_no_folder_should_be_refused_before_training() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        SmallTraining training = new SmallTraining(parameters -> new Adam(parameters, 0.02));
        assertThatExceptionOfType(WeightsFileException.class)
                .isThrownBy(
                        () -> training.loop(1).checkpoints(Checkpoints.in(file)).run())
                .withMessageContaining("file: checkpoints cannot be written there");
        assertThat(training.optimizer.steps()).isZero();
    }

    @Test
    void a_number_of_updates_below_0_should_be_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Checkpoints.in(folder).every(-1))
                .withMessageContaining("every -1 updates");
    }
}
