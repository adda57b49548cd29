package dev.unfold.examples.mnist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.rnn.train.Epoch;
import dev.unfold.rnn.train.TrainingListener;
import dev.unfold.rnn.train.TrainingLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MnistTrainingTest {
    @TempDir
    private Path folder;

    private final List<Double> losses = new ArrayList<>();
    private final List<Integer> epochs = new ArrayList<>();

    @Test
    void should_train_on_a_last_batch_that_is_short() throws IOException {
        // 11 of the 12 images are trained on: batches of 4, 4 and 3.
        MnistTraining training = new MnistTraining(tiny(4, 2), data(12));
        assertThat(training.batches()).isEqualTo(3);
        MnistResult result = run(training);
        assertThat(losses).hasSize(6);
        assertThat(epochs).containsExactly(1, 2);
        for (int epoch = 0; epoch < 2; epoch++) {
            double mean =
                    (4 * losses.get(3 * epoch) + 4 * losses.get(3 * epoch + 1) + 3 * losses.get(3 * epoch + 2)) / 11;
            assertThat(result.history().epochs().get(epoch).trainLoss()).isCloseTo(mean, within(1e-12));
        }
    }

    @Test
    void should_make_no_batch_of_nothing() throws IOException {
        MnistTraining training = new MnistTraining(tiny(11, 2), data(12));
        assertThat(training.batches()).isEqualTo(1);
        run(training);
        assertThat(losses).hasSize(2);
    }

    @Test
    void should_train_on_fewer_images_than_a_batch() throws IOException {
        MnistTraining training = new MnistTraining(tiny(1000, 3), data(12));
        assertThat(training.batches()).isEqualTo(1);
        run(training);
        assertThat(losses).hasSize(3);
        assertThat(losses.get(2)).isLessThan(losses.get(0));
    }

    @Test
    void should_train_on_a_single_image() throws IOException {
        run(new MnistTraining(tiny(4, 3), data(2)));
        assertThat(losses).hasSize(3);
        assertThat(losses.get(2)).isLessThan(losses.get(0));
    }

    @Test
    void should_not_tell_a_batch_of_all_images_from_another_order() throws IOException {
        MnistSettings settings = tiny(1000, 1);
        MnistResult result = run(new MnistTraining(settings, data(12)));
        assertThat(run(new MnistTraining(settings, data(12))).weightsSha256()).isEqualTo(result.weightsSha256());
        assertThat(losses.get(0)).isEqualTo(losses.get(1));
    }

    @Test
    void should_read_nine_of_ten_embedded_test_digits() {
        MnistSettings settings =
                Trained.settings(Trained.rows(CellKind.VANILLA, 28, 28, 128, DType.FLOAT32), 5, 32, 2e-3);
        MnistResult result = run(new MnistTraining(settings, Trained.parts(MnistData.embedded())));
        assertThat(result.evaluation().accuracy()).isGreaterThanOrEqualTo(0.9);
        assertThat(result.parameters()).isEqualTo(28 * 128 + 128 * 128 + 128 + 128 * 10 + 10);
    }

    @Test
    void should_validate_with_every_digit_of_the_embedded_sample() {
        MnistParts parts = Trained.parts(MnistData.embedded());
        int[] counts = new int[10];
        for (int i = 0; i < parts.dev().count(); i++) {
            counts[parts.dev().label(i)]++;
        }
        assertThat(parts.dev().count()).isEqualTo(500);
        for (int count : counts) {
            assertThat(count).isBetween(30, 70);
        }
    }

    private MnistResult run(MnistTraining training) {
        return training.run(
                new TrainingListener() {
                    @Override
                    public void updated(int epoch, int batch, double loss) {
                        losses.add(loss);
                    }

                    @Override
                    public void finished(Epoch epoch) {
                        epochs.add(epoch.number());
                    }
                },
                TrainingLoop::run);
    }

    private MnistParts data(int train) throws IOException {
        return Trained.parts(MnistData.read(DigitFolder.write(folder, train, 4)));
    }

    private static MnistSettings tiny(int batch, int epochs) {
        return Trained.settings(
                Trained.rows(CellKind.VANILLA, DigitFolder.ROWS, DigitFolder.COLUMNS, 6, DType.FLOAT64),
                epochs,
                batch,
                0.01);
    }
}
