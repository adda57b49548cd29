package dev.unfold.examples.mnist;

import static dev.unfold.examples.mnist.IdxBytes.FLOAT32;
import static dev.unfold.examples.mnist.IdxBytes.UNSIGNED_BYTE;
import static dev.unfold.examples.mnist.IdxBytes.bytes;
import static dev.unfold.examples.mnist.IdxBytes.floats;
import static dev.unfold.examples.mnist.IdxBytes.gzip;
import static dev.unfold.examples.mnist.IdxBytes.header;
import static dev.unfold.examples.mnist.IdxBytes.join;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ObjectArrays;
import dev.unfold.examples.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Data that cannot be used and training that leaves the finite numbers: one line, and nothing written. */
class MnistCommandFailureTest {
    @TempDir
    private Path data;

    @TempDir
    private Path output;

    @BeforeEach
    void write() throws IOException {
        DigitFolder.write(data, 12, 4);
    }

    @Test
    void should_name_a_missing_folder() {
        Path missing = data.resolve("missing");
        assertFails(missing + ": there is no such directory", "mnist", "--data", missing.toString());
    }

    @Test
    void should_name_a_missing_file() throws IOException {
        Files.delete(data.resolve(MnistData.TEST_LABELS));
        assertFails(data + ": holds neither " + MnistData.TEST_LABELS + " nor " + MnistData.TEST_LABELS + ".gz");
    }

    @Test
    void should_name_a_gzip_file_that_is_cut_short() throws IOException {
        byte[] whole = gzip(DigitFolder.images(12, 4, 3));
        Path file = replace(MnistData.TRAIN_IMAGES, Arrays.copyOf(whole, whole.length - 20));
        assertFails(file + ": the gzip data is damaged or cut short");
    }

    @Test
    void should_ask_whether_images_and_labels_are_swapped() throws IOException {
        Path file = replace(MnistData.TRAIN_IMAGES, DigitFolder.labels(12));
        replace(MnistData.TRAIN_LABELS, DigitFolder.images(12, 4, 3));
        assertFails(file + ": the rank at byte 3 is 1; expected images (rank 3: images, rows, columns); are images and"
                + " labels swapped?");
    }

    @Test
    void should_name_a_label_that_is_no_digit() throws IOException {
        Path file = replace(MnistData.TEST_LABELS, join(header(UNSIGNED_BYTE, 4), bytes(3, 7, 12, 7)));
        assertFails(file + ": the label of item 2 (byte 10) is 12; expected 0 to 9");
    }

    @Test
    void should_name_files_whose_counts_disagree() throws IOException {
        Path labels = replace(MnistData.TRAIN_LABELS, DigitFolder.labels(11));
        assertFails(data.resolve(MnistData.TRAIN_IMAGES) + ": holds 12 images, but " + labels + " holds 11 labels");
    }

    @Test
    void should_name_a_pixel_that_is_not_a_number() throws IOException {
        float[] pixels = new float[4 * 4 * 3];
        pixels[3 * 4 * 3 + 2 * 3 + 1] = Float.NaN;
        Path file = replace(MnistData.TEST_IMAGES, join(header(FLOAT32, 4, 4, 3), floats(pixels)));
        assertFails(file + ": the value at item 3, row 2, column 1 (byte 188) is NaN; expected a finite number");
    }

    @Test
    void should_name_the_folder_where_sizes_of_images_disagree() throws IOException {
        replace(MnistData.TEST_IMAGES, DigitFolder.images(4, 5, 3));
        assertFails(data + ": the training images are 4 x 3 pixels, the test images 5 x 3");
    }

    @Test
    void should_ask_for_a_training_image_beside_the_one_for_validation() throws IOException {
        DigitFolder.write(data, 1, 4);
        assertFails(data + ": holds 1 training image; expected at least 2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--steps 5",
                "--pixels 8",
                "--steps 4 --pixels 4",
                "--steps 0",
                "--pixels 0",
                "--pixels -3",
                "--steps 24"
            })
    void should_list_the_steps_that_images_can_be_cut_into(String options) {
        CommandRun run = CommandRun.of(ObjectArrays.concat(
                new String[] {"mnist", "--data", data.toString()}, options.split(" ", -1), String.class));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.errLines())
                .containsExactly("unfold mnist: " + options
                        + " cannot be cut from images of 12 pixels; expected steps x pixels to be"
                        + " one of 1 x 12, 2 x 6, 3 x 4, 4 x 3, 6 x 2, 12 x 1 (see unfold mnist --help)");
    }

    @ParameterizedTest
    @CsvSource({"1e38, vanilla", "1e38, mgu", "1e308, vanilla"})
    void should_say_where_training_diverged(String rate, String cell) {
        assertDiverges(
                "the loss is NaN; the first value that is not finite is in parameter 'mnist.rnn.w[xf]' .*"
                        + " and the first operation that it spoils is affine #\\d+ .* at step 0; lower the learning rate, .*",
                "--learning-rate",
                rate,
                "--schedule",
                "constant",
                "--cell",
                cell);
    }

    @Test
    void should_name_the_operation_and_the_step_that_overflowed() {
        assertDiverges(
                "the loss is .*; the first value that is not finite is in (addmm|affine) #\\d+ \\[\\d+, 8] at step"
                        + " \\d+; lower the learning rate, clip the gradients' norm, or look at the inputs",
                "--learning-rate",
                "3e37",
                "--schedule",
                "constant");
    }

    @Test
    void should_say_where_the_penalty_overflowed() {
        CommandRun run = CommandRun.of(embedded("--l2", "1e308"));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.errLines())
                .singleElement()
                .asString()
                .startsWith("unfold mnist: training stopped in epoch 1, batch 1: the loss is Infinity");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void should_notice_that_the_last_update_diverged(String patience) {
        assertFails(
                "training stopped behind epoch 1, in measuring: the loss is NaN; the first value that is not finite is in",
                "mnist",
                "--data",
                data.toString(),
                "--epochs",
                "2",
                "--learning-rate",
                "1e38",
                "--schedule",
                "constant",
                "--patience",
                patience);
    }

    private void assertDiverges(String where, String... options) {
        CommandRun run = CommandRun.of(embedded(options));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).endsWith("seconds\n"); // the head of the table that epochs would be in
        assertThat(run.errLines())
                .singleElement()
                .asString()
                .matches("unfold mnist: training stopped in epoch 1, batch 2: " + where);
        assertThat(output).isEmptyDirectory();
    }

    private void assertFails(String complaint) {
        assertFails(complaint, "mnist", "--data", data.toString());
    }

    private void assertFails(String complaint, String... args) {
        CommandRun run = CommandRun.of(withOutputs(args));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.errLines()).singleElement().asString().startsWith("unfold mnist: " + complaint);
        assertThat(run.out()).doesNotContain("accuracy 0.");
        assertThat(output).isEmptyDirectory();
    }

    private String[] embedded(String... options) {
        String[] small = {"mnist", "--fraction", "0.02", "--hidden", "8", "--epochs", "3"};
        return withOutputs(ObjectArrays.concat(small, options, String.class));
    }

    private String[] withOutputs(String... args) {
        String[] outputs = {
            "--json",
            output.resolve("report.json").toString(),
            "--plots",
            output.resolve("plots").toString()
        };
        return ObjectArrays.concat(args, outputs, String.class);
    }

    private Path replace(String name, byte[] content) throws IOException {
        return Files.write(data.resolve(name), content);
    }
}
