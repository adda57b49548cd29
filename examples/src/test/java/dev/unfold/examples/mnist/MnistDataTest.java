package dev.unfold.examples.mnist;

import static dev.unfold.examples.mnist.IdxBytes.UNSIGNED_BYTE;
import static dev.unfold.examples.mnist.IdxBytes.bytes;
import static dev.unfold.examples.mnist.IdxBytes.gzip;
import static dev.unfold.examples.mnist.IdxBytes.header;
import static dev.unfold.examples.mnist.IdxBytes.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.examples.data.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MnistDataTest {
    @TempDir
    private Path directory;

    @Test
    void should_embed_a_balanced_sample() {
        MnistData sample = MnistData.embedded();
        // The checksums were computed from the full data by another program.
        assertSample(sample.train(), 600, 0xE26D3E4FL, 0x484D1760L);
        assertSample(sample.test(), 100, 0xEB4F3106L, 0xAA8FE02FL);
    }

    private static void assertSample(Digits digits, int perClass, long pixelChecksum, long labelChecksum) {
        assertThat(digits.count()).isEqualTo(10 * perClass);
        assertThat(digits.rows()).isEqualTo(28);
        assertThat(digits.columns()).isEqualTo(28);
        int[] counts = new int[10];
        CRC32 pixels = new CRC32();
        CRC32 labels = new CRC32();
        float[] image = new float[28 * 28];
        for (int i = 0; i < digits.count(); i++) {
            counts[digits.label(i)]++;
            labels.update(digits.label(i));
            digits.copyImage(i, image, 0);
            for (float pixel : image) {
                assertThat(pixel >= 0 && pixel <= 1).isTrue();
                pixels.update(Math.round(pixel * 255));
            }
        }
        assertThat(counts).containsOnly(perClass);
        assertThat(pixels.getValue()).isEqualTo(pixelChecksum);
        assertThat(labels.getValue()).isEqualTo(labelChecksum);
    }

    @Test
    void should_read_files_plain_or_gzipped() throws IOException {
        write("train-images-idx3-ubyte", join(header(UNSIGNED_BYTE, 2, 1, 1), bytes(0, 255)));
        write("train-labels-idx1-ubyte.gz", gzip(join(header(UNSIGNED_BYTE, 2), bytes(3, 4))));
        write("t10k-images-idx3-ubyte.gz", gzip(join(header(UNSIGNED_BYTE, 1, 1, 1), bytes(51))));
        write("t10k-labels-idx1-ubyte", join(header(UNSIGNED_BYTE, 1), bytes(5)));
        MnistData data = MnistData.read(directory);
        assertThat(data.train().count()).isEqualTo(2);
        assertThat(data.train().label(1)).isEqualTo(4);
        assertThat(data.test().count()).isEqualTo(1);
        assertThat(data.test().label(0)).isEqualTo(5);
        float[] pixel = new float[1];
        data.test().copyImage(0, pixel, 0);
        assertThat(pixel).containsExactly(51 / 255f);
    }

    @Test
    void should_prefer_the_plain_file() throws IOException {
        writeSet(1, 1);
        write("train-labels-idx1-ubyte.gz", bytes(1, 2, 3));
        assertThat(MnistData.read(directory).train().label(0)).isEqualTo(1);
    }

    @Test
    void should_refuse_a_missing_directory() {
        Path missing = directory.resolve("missing");
        assertRefused(
                missing, missing + ": there is no such directory; expected the four MNIST files in it; check the path");
    }

    @Test
    void should_name_a_missing_file() throws IOException {
        writeSet(1, 1);
        Files.delete(directory.resolve("t10k-labels-idx1-ubyte"));
        assertRefused(
                directory,
                directory
                        + ": holds neither t10k-labels-idx1-ubyte nor t10k-labels-idx1-ubyte.gz; expected one of them;"
                        + " put the file there or name another directory");
    }

    @Test
    void should_name_a_bad_file() throws IOException {
        writeSet(1, 1);
        Path bad = write("t10k-labels-idx1-ubyte", bytes());
        assertRefused(directory, bad + ": is empty (0 bytes); expected an IDX file; copy or download the file again");
    }

    @Test
    void should_refuse_training_and_test_images_of_different_sizes() throws IOException {
        writeSet(2, 3);
        String message =
                "the training images are 1 x 2 pixels, the test images 1 x 3; expected one size; check that the"
                        + " files belong together";
        assertRefused(directory, directory + ": " + message);

        Digits train = Digits.of(
                MnistData.file(directory, "train-images-idx3-ubyte"),
                MnistData.file(directory, "train-labels-idx1-ubyte"));
        Digits test = Digits.of(
                MnistData.file(directory, "t10k-images-idx3-ubyte"),
                MnistData.file(directory, "t10k-labels-idx1-ubyte"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MnistData(train, test))
                .withMessage(message);
    }

    private static void assertRefused(Path directory, String message) {
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> MnistData.read(directory))
                .withMessage(message);
    }

    /** One image of one row in each set, of the digit 1. */
    private void writeSet(int trainColumns, int testColumns) throws IOException {
        write("train-images-idx3-ubyte", join(header(UNSIGNED_BYTE, 1, 1, trainColumns), new byte[trainColumns]));
        write("train-labels-idx1-ubyte", join(header(UNSIGNED_BYTE, 1), bytes(1)));
        write("t10k-images-idx3-ubyte", join(header(UNSIGNED_BYTE, 1, 1, testColumns), new byte[testColumns]));
        write("t10k-labels-idx1-ubyte", join(header(UNSIGNED_BYTE, 1), bytes(1)));
    }

    private Path write(String name, byte[] content) throws IOException {
        return Files.write(directory.resolve(name), content);
    }
}
