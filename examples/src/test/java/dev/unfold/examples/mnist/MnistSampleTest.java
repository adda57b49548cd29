package dev.unfold.examples.mnist;

import static dev.unfold.examples.mnist.IdxBytes.FLOAT32;
import static dev.unfold.examples.mnist.IdxBytes.UNSIGNED_BYTE;
import static dev.unfold.examples.mnist.IdxBytes.bytes;
import static dev.unfold.examples.mnist.IdxBytes.floats;
import static dev.unfold.examples.mnist.IdxBytes.header;
import static dev.unfold.examples.mnist.IdxBytes.join;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MnistSampleTest {
    private static final List<String> NAMES = List.of(
            "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte");

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    /** Images of two bytes each that hold their own number; labels go 0, 0, 1, 1, ... 9, 9, 0, ... */
    @BeforeEach
    void writeFullSet() throws IOException {
        Files.createDirectory(directory.resolve("full"));
        write("train", 6_600);
        write("t10k", 1_010);
    }

    @Test
    void should_take_the_first_of_each_class_in_order() throws IOException {
        assertThat(run(directory.resolve("full"), directory.resolve("new").resolve("sample")))
                .isZero();
        Path sample = directory.resolve("new").resolve("sample");
        assertThat(out.toString(UTF_8).lines())
                .hasSize(4)
                .first()
                .isEqualTo(sample.resolve("sample-train-images-idx3-ubyte.gz") + ": [6000, 1, 2], "
                        + Files.size(sample.resolve("sample-train-images-idx3-ubyte.gz")) + " bytes");
        assertThat(err.size()).isZero();

        IdxFile images = IdxFile.read(sample.resolve("sample-t10k-images-idx3-ubyte.gz"));
        IdxFile labels = IdxFile.read(sample.resolve("sample-t10k-labels-idx1-ubyte.gz"));
        assertThat(images.dimensions()).containsExactly(1000, 1, 2);
        assertThat(labels.dimensions()).containsExactly(1000);
        // 1010 labels are 50 rounds of 20 and half a round more, of which nothing is taken.
        for (int i = 0; i < 1000; i++) {
            assertThat(images.value(2 * i) * 256 + images.value(2 * i + 1)).isEqualTo(i);
            assertThat(labels.value(i)).isEqualTo(i / 2 % 10);
        }
    }

    @Test
    void should_skip_what_a_class_has_too_much_of() throws IOException {
        // Five more of the digit 7 before all others.
        byte[] pixels = new byte[2 * 1_015];
        byte[] digits = new byte[1_015];
        for (int i = 0; i < digits.length; i++) {
            ByteBuffer.wrap(pixels).putShort(2 * i, (short) i);
            digits[i] = i < 5 ? 7 : (byte) ((i - 5) / 2 % 10);
        }
        write("t10k", pixels, digits);
        assertThat(run(directory.resolve("full"), directory)).isZero();
        IdxFile images = IdxFile.read(directory.resolve("sample-t10k-images-idx3-ubyte.gz"));
        IdxFile labels = IdxFile.read(directory.resolve("sample-t10k-labels-idx1-ubyte.gz"));
        int sevens = 0;
        int last = -1;
        for (int i = 0; i < 1000; i++) {
            int item = (int) (images.value(2 * i) * 256 + images.value(2 * i + 1));
            assertThat(item).isGreaterThan(last);
            assertThat(labels.value(i)).isEqualTo(digits[item]);
            sevens += digits[item] == 7 ? 1 : 0;
            last = item;
        }
        assertThat(sevens).isEqualTo(100);
        assertThat(last).isEqualTo(1_004);
    }

    @Test
    void should_write_the_same_bytes_again() throws IOException {
        assertThat(run(directory.resolve("full"), directory.resolve("a"))).isZero();
        assertThat(run(directory.resolve("full"), directory.resolve("b"))).isZero();
        for (String name : NAMES) {
            String file = "sample-" + name + ".gz";
            assertThat(directory.resolve("a").resolve(file))
                    .hasSameBinaryContentAs(directory.resolve("b").resolve(file));
        }
    }

    @Test
    void should_show_its_usage_on_wrong_arguments() {
        assertThat(run(directory)).isEqualTo(2);
        assertThat(err.toString(UTF_8).lines()).containsExactly("usage: MnistSample INPUT_DIRECTORY OUTPUT_DIRECTORY");
        assertThat(out.size()).isZero();
    }

    @Test
    void should_refuse_what_cannot_be_a_path() {
        assertThat(run("in\0\n", "out")).isEqualTo(2);
        assertThat(err.toString(UTF_8).lines()).singleElement().asString().startsWith("not the path of a directory: ");
    }

    @Test
    void should_report_bad_data_in_one_line() {
        assertThat(run(directory.resolve("missing"), directory.resolve("out"))).isEqualTo(1);
        assertThat(err.toString(UTF_8).lines())
                .containsExactly(directory.resolve("missing")
                        + ": there is no such directory; expected the four MNIST files in it; check the path");
        assertThat(directory.resolve("out")).doesNotExist();
    }

    @Test
    void should_report_a_class_with_too_few_images() throws IOException {
        write("train", 5_999);
        assertThat(run(directory.resolve("full"), directory.resolve("out"))).isEqualTo(1);
        assertThat(err.toString(UTF_8).lines())
                .containsExactly(directory.resolve("full").resolve("train-labels-idx1-ubyte")
                        + ": holds only 599 labels of the digit 9; expected at least 600; name the directory of the full"
                        + " data");
    }

    @Test
    void should_refuse_images_that_are_not_bytes() throws IOException {
        Path images = directory.resolve("full").resolve("train-images-idx3-ubyte");
        Files.write(images, join(header(FLOAT32, 1, 1, 1), floats(0.5f)));
        assertThat(run(directory.resolve("full"), directory.resolve("out"))).isEqualTo(1);
        assertThat(err.toString(UTF_8).lines())
                .containsExactly(images + ": the element type at byte 2 is float32; expected images as unsigned bytes;"
                        + " name the directory of the original data");
    }

    @Test
    void should_report_an_output_directory_that_cannot_be_made() throws IOException {
        Path file = Files.write(directory.resolve("file"), bytes(1));
        assertThat(run(directory.resolve("full"), file)).isEqualTo(1);
        assertThat(err.toString(UTF_8).lines())
                .containsExactly(file + ": cannot be written (java.nio.file.FileAlreadyExistsException: " + file
                        + "); check the output directory");
    }

    @Test
    void should_make_the_embedded_sample_from_the_full_data() throws IOException {
        Path full = Path.of(System.getProperty("unfold.shared", "shared"), "data", "mnist");
        assumeThat(full).as("the full MNIST data").isDirectory();
        assertThat(run(full, directory)).isZero();
        for (String name : NAMES) {
            String file = "sample-" + name + ".gz";
            // Compressed bytes may differ between builds of zlib.
            try (InputStream made = new GZIPInputStream(Files.newInputStream(directory.resolve(file)));
                    InputStream embedded =
                            new GZIPInputStream(Objects.requireNonNull(MnistSample.class.getResourceAsStream(file)))) {
                assertThat(made.readAllBytes()).isEqualTo(embedded.readAllBytes());
            }
        }
    }

    private int run(Object... args) {
        String[] texts = new String[args.length];
        for (int i = 0; i < args.length; i++) {
            texts[i] = args[i].toString();
        }
        return MnistSample.run(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), texts);
    }

    private void write(String set, int count) throws IOException {
        byte[] pixels = new byte[2 * count];
        byte[] digits = new byte[count];
        for (int i = 0; i < count; i++) {
            ByteBuffer.wrap(pixels).putShort(2 * i, (short) i);
            digits[i] = (byte) (i / 2 % 10);
        }
        write(set, pixels, digits);
    }

    private void write(String set, byte[] pixels, byte[] digits) throws IOException {
        Path full = directory.resolve("full");
        Files.write(full.resolve(set + "-images-idx3-ubyte"), join(header(UNSIGNED_BYTE, digits.length, 1, 2), pixels));
        Files.write(full.resolve(set + "-labels-idx1-ubyte"), join(header(UNSIGNED_BYTE, digits.length), digits));
    }
}
