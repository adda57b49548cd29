package dev.unfold.examples.mnist;

import static dev.unfold.examples.mnist.IdxBytes.FLOAT32;
import static dev.unfold.examples.mnist.IdxBytes.FLOAT64;
import static dev.unfold.examples.mnist.IdxBytes.UNSIGNED_BYTE;
import static dev.unfold.examples.mnist.IdxBytes.bytes;
import static dev.unfold.examples.mnist.IdxBytes.doubles;
import static dev.unfold.examples.mnist.IdxBytes.floats;
import static dev.unfold.examples.mnist.IdxBytes.gzip;
import static dev.unfold.examples.mnist.IdxBytes.header;
import static dev.unfold.examples.mnist.IdxBytes.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.unfold.examples.data.DataException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdxFileTest {
    /** Two images of 2 rows and 3 columns. */
    private static final byte[] IMAGES =
            join(header(UNSIGNED_BYTE, 2, 2, 3), bytes(0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255));

    private static final String AGAIN = "; copy or download the file again";

    @TempDir
    private Path directory;

    @Test
    void should_read_unsigned_bytes_as_they_are() {
        IdxFile file = read(IMAGES);
        assertThat(file.name()).isEqualTo("images");
        assertThat(file.elementType()).isEqualTo(IdxFile.ElementType.UNSIGNED_BYTE);
        assertThat(file.rank()).isEqualTo(3);
        assertThat(file.dimensions()).containsExactly(2, 2, 3);
        assertThat(file.size()).isEqualTo(12);
        assertThat(file.values()).containsExactly(0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255);
        assertThat(file.value(6)).isEqualTo(250);
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> file.value(12));
    }

    @Test
    void should_tell_gzip_by_content_and_not_by_name() throws IOException {
        Path zipped = Files.write(directory.resolve("zipped"), gzip(IMAGES));
        Path plain = Files.write(directory.resolve("plain.gz"), IMAGES);
        assertThat(IdxFile.read(zipped).values()).isEqualTo(read(IMAGES).values());
        assertThat(IdxFile.read(plain).values()).isEqualTo(read(IMAGES).values());
    }

    @Test
    void should_read_gzip_data_in_several_members() {
        byte[] members = join(gzip(Arrays.copyOf(IMAGES, 9)), gzip(Arrays.copyOfRange(IMAGES, 9, IMAGES.length)));
        assertThat(read(members).values()).isEqualTo(read(IMAGES).values());
    }

    @Test
    void should_read_float32() {
        IdxFile file = read(join(header(FLOAT32, 1, 3), floats(-0.5f, Float.MIN_VALUE, Float.MAX_VALUE)));
        assertThat(file.elementType()).isEqualTo(IdxFile.ElementType.FLOAT32);
        assertThat(file.dimensions()).containsExactly(1, 3);
        assertThat(file.values()).containsExactly(-0.5f, Float.MIN_VALUE, Float.MAX_VALUE);
    }

    @Test
    void should_round_float64_to_float() {
        IdxFile file = read(join(header(FLOAT64, 2), doubles(0.1, -3)));
        assertThat(file.elementType()).isEqualTo(IdxFile.ElementType.FLOAT64);
        assertThat(file.values()).containsExactly(0.1f, -3);
    }

    @Test
    void should_read_more_than_it_takes_in_at_a_time() {
        byte[] data = new byte[300_000];
        new Random(1).nextBytes(data);
        float[] values =
                read(gzip(join(header(UNSIGNED_BYTE, 300, 1000), data))).values();
        assertThat(values).hasSize(data.length);
        for (int i = 0; i < data.length; i++) {
            assertThat(values[i]).isEqualTo(Byte.toUnsignedInt(data[i]));
        }
    }

    @Test
    void should_hand_out_copies_only() {
        IdxFile file = read(IMAGES);
        file.values()[0] = 9;
        file.dimensions()[0] = 9;
        assertThat(file.value(0)).isZero();
        assertThat(file.dimensions()).containsExactly(2, 2, 3);
    }

    @Test
    void should_refuse_a_missing_file() {
        Path missing = directory.resolve("missing");
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> IdxFile.read(missing))
                .withMessage(missing + ": there is no such file; expected an IDX file; check the path");
    }

    @Test
    void should_refuse_a_directory() {
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> IdxFile.read(directory))
                .withMessage(directory + ": is a directory; expected an IDX file; name the file itself");
    }

    @Test
    void should_report_a_stream_that_fails() {
        InputStream failing = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("disk\non fire");
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                return read();
            }
        };
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> IdxFile.read(failing, "images"))
                .withMessage(
                        "images: cannot be read (java.io.IOException: disk on fire); check that the file may be read")
                .withCauseInstanceOf(IOException.class);
    }

    @Test
    void should_refuse_an_empty_file() throws IOException {
        assertThat(refusal(new byte[0])).isEqualTo("is empty (0 bytes); expected an IDX file" + AGAIN);
        assertThat(refusal(gzip(new byte[0]))).isEqualTo("is empty (0 bytes); expected an IDX file" + AGAIN);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void should_refuse_a_truncated_magic_number(int length) throws IOException {
        String message = "the header ends at byte " + length + ", inside the magic number; expected 4 bytes" + AGAIN;
        assertThat(refusal(Arrays.copyOf(IMAGES, length))).isEqualTo(message);
        assertThat(refusal(gzip(Arrays.copyOf(IMAGES, length)))).isEqualTo(message);
    }

    @ParameterizedTest
    @CsvSource({"4, 0", "7, 0", "8, 1", "11, 1", "12, 2", "15, 2"})
    void should_refuse_truncated_dimensions(int length, int dimension) throws IOException {
        assertThat(refusal(Arrays.copyOf(IMAGES, length)))
                .isEqualTo("the header ends at byte " + length + ", before the end of dimension " + dimension
                        + "; expected 16 bytes of header for rank 3" + AGAIN);
    }

    @Test
    void should_refuse_what_is_not_an_idx_file() throws IOException {
        assertThat(refusal(bytes(0x89, 'P', 'N', 'G', 0, 0)))
                .isEqualTo(
                        "not an IDX file: begins with 0x89 0x50 at byte 0; expected 0x00 0x00; check that this is the"
                                + " right file");
        assertThat(refusal(bytes(0, 1, UNSIGNED_BYTE, 1))).contains("0x00 0x01 at byte 0");
        assertThat(refusal(gzip(gzip(IMAGES)))).contains("begins with 0x1F 0x8B");
    }

    @ParameterizedTest
    @CsvSource({"0x09, signed byte", "0x0B, int16", "0x0C, int32", "0x00, unknown", "0x42, unknown", "0xFF, unknown"})
    void should_refuse_other_element_types_by_name(String code, String name) throws IOException {
        assertThat(refusal(join(header(Integer.decode(code), 1), bytes(1))))
                .isEqualTo("the element type at byte 2 is " + code + " (" + name + "), which is not read; expected 0x08"
                        + " (unsigned byte), 0x0D (float32) or 0x0E (float64); convert the file or check that it is the"
                        + " right one");
    }

    @Test
    void should_refuse_ranks_other_than_1_to_3() throws IOException {
        assertThat(refusal(join(header(UNSIGNED_BYTE), bytes(1))))
                .isEqualTo("the rank at byte 3 is 0; expected 1 to 3; check that this is the right file");
        assertThat(refusal(join(header(UNSIGNED_BYTE, 1, 1, 1, 1), bytes(1)))).startsWith("the rank at byte 3 is 4;");
        assertThat(refusal(bytes(0, 0, UNSIGNED_BYTE, 255))).startsWith("the rank at byte 3 is 255;");
    }

    @Test
    void should_refuse_a_file_without_content() throws IOException {
        assertThat(refusal(header(UNSIGNED_BYTE, 0, 28, 28)))
                .isEqualTo("holds no images: dimension 0 at byte 4 is 0; expected at least 1; check that this is the"
                        + " right file");
        assertThat(refusal(header(UNSIGNED_BYTE, 0))).startsWith("holds no items: dimension 0 at byte 4 is 0;");
        assertThat(refusal(header(UNSIGNED_BYTE, 5, 0, 28)))
                .isEqualTo("dimension 1 at byte 8 is 0; expected at least 1" + AGAIN);
        assertThat(refusal(header(UNSIGNED_BYTE, 5, 28, 0))).startsWith("dimension 2 at byte 12 is 0;");
    }

    @Test
    void should_refuse_negative_dimensions() throws IOException {
        assertThat(refusal(header(UNSIGNED_BYTE, -1)))
                .isEqualTo("dimension 0 at byte 4 is -1; expected at least 1" + AGAIN);
        assertThat(refusal(header(FLOAT32, 2, -5, -5))).startsWith("dimension 1 at byte 8 is -5;");
    }

    @Test
    void should_refuse_dimensions_whose_product_overflows() throws IOException {
        String end = " at byte 4 announce too many values; expected at most 2147483639" + AGAIN;
        assertThat(refusal(header(UNSIGNED_BYTE, 65536, 65536, 1))).isEqualTo("the dimensions 65536 x 65536 x 1" + end);
        int max = Integer.MAX_VALUE;
        assertThat(refusal(header(UNSIGNED_BYTE, max, max, max)))
                .isEqualTo("the dimensions " + max + " x " + max + " x " + max + end);
        // 2^32 x 2^32 would be 0 in a long.
        assertThat(refusal(header(UNSIGNED_BYTE, 1 << 30, 1 << 30, 16))).endsWith(end);
    }

    @Test
    void should_refuse_data_shorter_than_announced() throws IOException {
        assertThat(refusal(Arrays.copyOf(IMAGES, 20)))
                .isEqualTo("the data ends at byte 20 with 4 bytes present; expected 12 bytes (2 x 2 x 3 values of type"
                        + " unsigned byte) as the header announces" + AGAIN);
        assertThat(refusal(header(FLOAT64, 2)))
                .isEqualTo("the data ends at byte 8 with 0 bytes present; expected 16 bytes (2 values of type float64)"
                        + " as the header announces" + AGAIN);
        assertThat(refusal(join(header(UNSIGNED_BYTE, 200_000), new byte[150_000])))
                .startsWith("the data ends at byte 150008 with 150000 bytes present;");
    }

    @Test
    void should_not_take_the_memory_a_hostile_header_announces() throws IOException {
        // 2147483639 float64 values would take 8 GB as floats: no test is given that much.
        String message = "the data ends at byte 18 with 10 bytes present; expected 17179869112 bytes (2147483639 values"
                + " of type float64) as the header announces" + AGAIN;
        byte[] hostile = join(header(FLOAT64, Integer.MAX_VALUE - 8), new byte[10]);
        assertThat(refusal(hostile)).isEqualTo(message);
        assertThat(refusal(gzip(hostile))).isEqualTo(message);
    }

    @Test
    void should_refuse_bytes_after_the_end() throws IOException {
        String message =
                "bytes follow the end of the data at byte 28; expected none after 12 bytes (2 x 2 x 3 values of"
                        + " type unsigned byte)" + AGAIN;
        assertThat(refusal(join(IMAGES, bytes(0)))).isEqualTo(message);
        assertThat(refusal(gzip(join(IMAGES, bytes(0))))).isEqualTo(message);
        assertThat(refusal(join(gzip(IMAGES), gzip(bytes(7))))).isEqualTo(message);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8, 17, 18, 19, 100})
    void should_refuse_bytes_after_the_gzip_data(int count) throws IOException {
        byte[] zipped = gzip(IMAGES);
        assertThat(refusal(Arrays.copyOf(zipped, zipped.length + count)))
                .isEqualTo(count + " bytes follow the end of the gzip data at byte " + zipped.length
                        + " of the compressed file; expected none" + AGAIN);
    }

    @Test
    void should_refuse_gzip_data_cut_at_any_place() throws IOException {
        byte[] zipped = gzip(IMAGES);
        for (int length = 2; length < zipped.length; length++) {
            assertThat(refusal(Arrays.copyOf(zipped, length)))
                    .startsWith("the gzip data is damaged or cut short (")
                    .endsWith(", " + length + " compressed bytes); expected one whole gzip file" + AGAIN);
        }
    }

    @Test
    void should_refuse_gzip_data_with_a_wrong_checksum() throws IOException {
        byte[] zipped = gzip(IMAGES);
        zipped[zipped.length - 8] ^= 1;
        assertThat(refusal(zipped))
                .isEqualTo("the gzip data is damaged or cut short (Corrupt GZIP trailer, " + zipped.length
                        + " compressed bytes); expected one whole gzip file" + AGAIN);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void should_refuse_values_that_are_not_finite(float bad) throws IOException {
        String end = ") is " + bad + "; expected a finite number within the range of float32; mend or remove the item";
        float[] values = new float[24];
        values[23] = bad;
        assertThat(refusal(join(header(FLOAT32, 2, 3, 4), floats(values))))
                .isEqualTo("the value at item 1, row 2, column 3 (byte 108" + end);
        assertThat(refusal(join(header(FLOAT32, 4, 6), floats(values))))
                .isEqualTo("the value at item 3, column 5 (byte 104" + end);
        assertThat(refusal(join(header(FLOAT32, 24), floats(values))))
                .isEqualTo("the value at item 23 (byte 100" + end);
        assertThat(refusal(join(header(FLOAT64, 1, 2, 1), doubles(0, bad))))
                .isEqualTo("the value at item 0, row 1, column 0 (byte 24" + end);
    }

    @Test
    void should_refuse_float64_beyond_the_range_of_float() throws IOException {
        assertThat(refusal(join(header(FLOAT64, 1), doubles(-1e300))))
                .startsWith("the value at item 0 (byte 8) is -1.0E300;");
    }

    @Test
    void should_answer_random_damage_with_one_line_or_a_file() {
        byte[] floats = join(header(FLOAT32, 3, 2, 2), floats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
        byte[][] valid = {IMAGES, gzip(IMAGES), floats, gzip(floats)};
        Random random = new Random(20_240_601);
        int refused = 0;
        for (int trial = 0; trial < 2000; trial++) {
            byte[] damaged = valid[trial % valid.length].clone();
            for (int flips = random.nextInt(4); flips > 0; flips--) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            if (random.nextInt(3) == 0) {
                damaged = Arrays.copyOf(damaged, random.nextInt(damaged.length));
            }
            try {
                IdxFile file = read(damaged);
                assertThat(file.size()).isPositive();
            } catch (DataException e) {
                refused++;
                assertThat(e.getMessage()).startsWith("images: ").doesNotContainPattern("\\R");
            }
        }
        assertThat(refused).isBetween(1000, 1999);
    }

    private static IdxFile read(byte[] content) {
        return IdxFile.read(new ByteArrayInputStream(content), "images");
    }

    /** What is said of a file with this content, without the name of the file. */
    private String refusal(byte[] content) throws IOException {
        Path file = Files.write(directory.resolve("bad"), content);
        DataException refusal = catchThrowableOfType(DataException.class, () -> IdxFile.read(file));
        assertThat(refusal).as("a refusal").isNotNull();
        String message = String.valueOf(refusal.getMessage());
        assertThat(message).startsWith(file + ": ").doesNotContainPattern("\\R");
        return message.substring((file + ": ").length());
    }
}
