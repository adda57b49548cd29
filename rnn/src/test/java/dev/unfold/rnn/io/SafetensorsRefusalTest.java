package dev.unfold.rnn.io;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.primitives.Bytes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsRefusalTest {
    private static final byte[] WHOLE =
            WeightBytes.file("{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}  ", "0000803f000000c0");

    @TempDir
    private Path folder;

    private static Stream<Arguments> headers() {
        String x = "\"x\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[0,4]}";
        return Stream.of(
                Arguments.of(" {" + x + "}", 4, "its header does not begin with '{'"),
                Arguments.of("\uFEFF{" + x + "}", 4, "its header does not begin with '{'"),
                Arguments.of("[" + x + "]", 4, "its header does not begin with '{'"),
                Arguments.of("", 4, "its header does not begin with '{'"),
                Arguments.of("{" + x + "}}", 4, "its header is no strict JSON"),
                Arguments.of("{" + x + "} {}", 4, "its header is no strict JSON"),
                Arguments.of("{" + x + "}\0", 4, "its header is no strict JSON"),
                Arguments.of("{" + x, 4, "its header is no strict JSON"),
                Arguments.of("{" + x + ",}", 4, "its header is no strict JSON"),
                Arguments.of("{" + x + "}//", 4, "its header is no strict JSON"),
                Arguments.of("{" + x.replace('"', '\'') + "}", 4, "its header is no strict JSON"),
                Arguments.of("{" + x.replace("\"x\"", "x") + "}", 4, "its header is no strict JSON"),
                Arguments.of("{" + x.replace("\"x\"", "\"a\nb\"") + "}", 4, "its header is no strict JSON"),
                Arguments.of("{" + x + "," + x + "}", 4, "two tensors are called 'x'"),
                Arguments.of("{" + x + ",\"\\u0078\"" + x.substring(3) + "}", 4, "two tensors are called 'x'"),
                Arguments.of("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "two tensors are called '__metadata__'"),
                Arguments.of("{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}", 0, "'__metadata__' has two texts under 'a'"),
                Arguments.of("{\"__metadata__\":[]}", 0, "'__metadata__' has BEGIN_ARRAY; expected an object of texts"),
                Arguments.of("{\"__metadata__\":{\"a\":1}}", 0, "'__metadata__' has NUMBER; expected a text under 'a'"),
                Arguments.of("{\"__metadata__\":{\"a\":{}}}", 0, "expected a text under 'a'"),
                Arguments.of("{\"__metadata__\":{\"a\":null}}", 0, "expected a text under 'a'"),
                Arguments.of("{\"\\ud800\":{}}", 0, "half a surrogate pair is in '\uD800'"),
                Arguments.of("{\"__metadata__\":{\"\\udc00\":\"\"}}", 0, "half a surrogate pair"),
                Arguments.of("{\"__metadata__\":{\"\":\"\\udc00\"}}", 0, "half a surrogate pair"),
                Arguments.of("{\"x\":[]}", 0, "'x' has BEGIN_ARRAY; expected an object"),
                Arguments.of("{\"x\":null}", 0, "'x' has NULL; expected an object"),
                Arguments.of("{\"x\":{}}", 0, "tensor 'x' has the fields []; expected [dtype, shape, data_offsets]"),
                changed(x, "\"shape\":[1],", "", "has the fields [dtype, data_offsets]; expected"),
                changed(x, "\"dtype\":\"I32\",", "", "has the fields [shape, data_offsets]; expected"),
                changed(x, ",\"data_offsets\":[0,4]", "", "has the fields [dtype, shape]; expected"),
                changed(x, "\"shape\":[1]", "\"shape\":[1],\"shape\":[1]", "tensor 'x' has the field 'shape' twice"),
                changed(x, "\"shape\":[1]", "\"shape\":[1],\"Shape\":[1]", "tensor 'x' has a field 'Shape'; expected"),
                changed(x, "I32", "I64", "tensor 'x' has the type 'I64'; expected one of [F32, F64, I32, F16, BF16]"),
                changed(x, "I32", "i32", "tensor 'x' has the type 'i32'"),
                changed(x, "\"I32\"", "4", "'x' has NUMBER; expected a text as 'dtype'"),
                changed(x, "[1]", "1", "'x' has NUMBER; expected an array as 'shape'"),
                changed(x, "[1]", "{}", "'x' has BEGIN_OBJECT; expected an array as 'shape'"),
                changed(x, "[1]", "[\"1\"]", "'x' has STRING; expected numbers as 'shape'"),
                changed(x, "[1]", "[[1]]", "'x' has BEGIN_ARRAY; expected numbers as 'shape'"),
                changed(x, "[1]", "[1.0]", "tensor 'x' has 1.0 as 'shape'; expected whole numbers"),
                changed(x, "[1]", "[1e0]", "tensor 'x' has 1e0 as 'shape'; expected whole numbers"),
                changed(x, "[1]", "[-1]", "tensor 'x' has -1 as 'shape'; expected whole numbers"),
                changed(x, "[1]", "[-0]", "tensor 'x' has -0 as 'shape'; expected whole numbers"),
                changed(x, "[1]", "[01]", "its header is no strict JSON"),
                changed(x, "[1]", "[NaN]", "its header is no strict JSON"),
                changed(x, "[1]", "[18446744073709551617]", "has 18446744073709551617 as 'shape'; expected whole"),
                changed(x, "[1]", "[1,1,1,1]", "tensor 'x' has more than 3 numbers as 'shape'"),
                changed(x, "[1]", "[2]", "tensor 'x' is I32 [2], 8 bytes; it has 4"),
                changed(x, "[1]", "[0]", "tensor 'x' is I32 [0], 0 bytes; it has 4"),
                changed(x, "[1]", "[4294967296,4294967297]", "more than the 2147483639 elements of a Java array"),
                changed(x, "[1]", "[65536,65536,4294967296]", "has the shape [65536, 65536, 4294967296], more than"),
                changed(x, "[1]", "[65536,65536,0]", "more than the 2147483639 elements of a Java array"),
                changed(x, "[1]", "[999999999999999999,999999999999999999,0]", "elements of a Java array"),
                changed(x, "[1]", "[2147483640]", "tensor 'x' has the shape [2147483640], more than"),
                changed(
                        x,
                        "[0,4]",
                        "[0]",
                        "tensor 'x' lies at [0]; expected a begin and an end within 4 bytes of data"),
                changed(x, "[0,4]", "[]", "tensor 'x' lies at []"),
                changed(x, "[0,4]", "[0,4,4]", "tensor 'x' has more than 2 numbers as 'data_offsets'"),
                changed(x, "[0,4]", "[4,0]", "tensor 'x' lies at [4, 0]"),
                changed(x, "[0,4]", "[0,5]", "tensor 'x' lies at [0, 5]"),
                changed(x, "[0,4]", "[1,5]", "tensor 'x' lies at [1, 5]"),
                changed(x, "[0,4]", "[999999999999999996,999999999999999999]", "tensor 'x' lies at [9"),
                Arguments.of("{" + x + "}", 5, "its tensors end at byte 4 of the data, which has 5 bytes"),
                Arguments.of("{}", 1, "its tensors end at byte 0 of the data, which has 1 bytes"),
                Arguments.of(two("0,4", "4,8"), 9, "its tensors end at byte 8 of the data, which has 9 bytes"),
                Arguments.of(
                        two("0,4", "0,4"), 4, "tensor 'y' begins at byte 0 of the data; the one before it ends at 4"),
                Arguments.of(
                        two("0,4", "2,6"), 6, "tensor 'y' begins at byte 2 of the data; the one before it ends at 4"),
                Arguments.of(
                        two("5,9", "0,4"), 9, "tensor 'x' begins at byte 5 of the data; the one before it ends at 4"),
                Arguments.of(
                        two("4,8", "8,12"),
                        12,
                        "tensor 'x' begins at byte 4 of the data; the one before it ends at 0"));
    }

    private static Arguments changed(String header, String from, String to, String complaint) {
        return Arguments.of("{" + header.replace(from, to) + "}", 4, complaint);
    }

    private static String two(String first, String second) {
        return "{\"x\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[" + first
                + "]},\"y\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[" + second + "]}}";
    }

    @ParameterizedTest
    @MethodSource("headers")
    void should_refuse_a_header(String header, int dataBytes, String complaint) throws IOException {
        assertRefused(WeightBytes.file(header.getBytes(UTF_8), new byte[dataBytes]), complaint);
    }

    @Test
    void should_refuse_what_is_not_utf_8() throws IOException {
        for (String name : new String[] {"\u00E9", "\u00C0\u0080", "\u00ED\u00A0\u0080", "\u00F5\u0080\u0080\u0080"}) {
            byte[] header = ("{\"" + name + "\":{\"dtype\":\"I32\",\"shape\":[0],\"data_offsets\":[0,0]}}")
                    .getBytes(ISO_8859_1);
            assertRefused(WeightBytes.file(header, new byte[0]), "its header is not UTF-8");
        }
        assertRefused(WeightBytes.file("{}\u00C3".getBytes(ISO_8859_1), new byte[0]), "its header is not UTF-8");
    }

    @Test
    void should_refuse_lengths_that_cannot_be() throws IOException {
        byte[] rest = Arrays.copyOfRange(WHOLE, Long.BYTES, WHOLE.length);
        for (long length : new long[] {10_000_001, 10_000_000_000L, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
            assertRefused(
                    Bytes.concat(WeightBytes.length(length), rest),
                    "its header should have " + Long.toUnsignedString(length) + " bytes; expected at most 10000000,");
        }
        for (long length : new long[] {rest.length + 1, 10_000_000}) {
            assertRefused(
                    Bytes.concat(WeightBytes.length(length), rest),
                    "its header should have " + length + " bytes; " + rest.length + " are left");
        }
    }

    @Test
    void should_refuse_a_file_cut_short_or_made_longer_anywhere() throws IOException {
        Path file = Files.write(folder.resolve("file"), WHOLE);
        assertThat(Safetensors.read(file).tensors()).hasToString("{x=float32 [2] {1.0, -2.0}}");
        for (int length = 0; length < WHOLE.length; length++) {
            assertRefused(Arrays.copyOf(WHOLE, length), "");
        }
        assertRefused(Arrays.copyOf(WHOLE, WHOLE.length + 1), "its tensors end at byte");
    }

    @Test
    void should_refuse_what_is_no_file() {
        assertThatExceptionOfType(WeightsFileException.class)
                .isThrownBy(() -> Safetensors.read(folder.resolve("lost")))
                .withMessage(
                        folder.resolve("lost") + ": there is no such file; expected weights in the safetensors format");
        assertThatExceptionOfType(WeightsFileException.class)
                .isThrownBy(() -> Safetensors.header(folder))
                .withMessage(folder + ": is no ordinary file; expected weights in the safetensors format");
        assertThatExceptionOfType(WeightsFileException.class)
                .isThrownBy(() -> new Safetensors(Map.of(), Map.of()).write(folder.resolve("a/b")))
                .withMessageStartingWith(folder.resolve("a/b") + ": cannot be written: ");
    }

    @Test
    void should_say_it_in_one_short_line_whatever_the_names() throws IOException {
        String name = "\\n\\u0007" + "\\u2028n".repeat(100_000);
        byte[] content = WeightBytes.file("{\"" + name + "\":{\"dtype\":\"X\"}}", "");
        WeightsFileException refused = assertRefused(content, "tensor ' n n n");
        assertThat(refused.getMessage()).matches("[^\\p{Cntrl}\\v]{20,400}").contains("...'");
    }

    @Test
    void should_take_no_more_memory_for_a_hostile_file_than_it_has_bytes() throws IOException {
        String deep = "[".repeat(1_000_000);
        String huge = "{\"x\":{\"dtype\":\"F64\",\"shape\":[2000000000],\"data_offsets\":[0,16000000000]}}";
        for (byte[] content : new byte[][] {
            Bytes.concat(WeightBytes.length(10_000_000_000L), "{}".getBytes(UTF_8)),
            Bytes.concat(WeightBytes.length(10_000_000), "{}".getBytes(UTF_8)),
            WeightBytes.file("{\"x\":" + deep, ""),
            WeightBytes.file("{\"x\":{\"shape\":" + deep, ""),
            WeightBytes.file("{\"__metadata__\":" + "{\"a\":".repeat(500_000), ""),
            WeightBytes.file("{\"x\":{\"shape\":[" + "1,".repeat(500_000), ""),
            WeightBytes.file("{\"x\":{\"shape\":[" + "1".repeat(1_000_000), ""),
            WeightBytes.file(huge, ""),
            WeightBytes.file(huge.replace("2000000000", "2305843009213693952,8"), ""),
        }) {
            assertThat(WeightBytes.allocated(() -> assertRefusedQuietly(content)))
                    .isLessThan(20_000_000);
        }
    }

    @Test
    void should_take_little_for_long_texts() throws IOException {
        String entry = "{\"dtype\":\"F32\",\"shape\":[0,4],\"data_offsets\":[0,0]}";
        String longest = "n".repeat(9_900_000);
        // The last letter has no place in one byte, so all before it take two.
        String wide = longest.substring(100) + "\u2028";
        String names = IntStream.range(0, 19_000)
                .mapToObj(i -> "\"" + i + "n".repeat(440) + "\":" + entry)
                .collect(Collectors.joining(","));
        for (String header : new String[] {
            "{\"" + longest + "\":" + entry + "}",
            "{\"" + wide + "\":" + entry + "}",
            "{\"__metadata__\":{\"" + longest + "\":\"\"}}",
            "{\"__metadata__\":{\"a\":\"" + wide + "\"}}",
            "{\"x\":{\"dtype\":\"" + wide + "\"}}",
            "{\"x\":{\"" + wide + "\":1}}",
            "{\"__metadata__\":{" + names.replace(entry, "\"\"") + "}}",
            "{" + names + "}"
        }) {
            // A byte too many, so that each is refused at the end.
            byte[] content = WeightBytes.file(header.getBytes(UTF_8), new byte[1]);
            WeightBytes.assertCheap(() -> assertRefusedQuietly(content));
        }
        assertRefused(
                WeightBytes.file(("{\"" + longest + longest + "\":" + entry + "}").getBytes(UTF_8), new byte[0]),
                "expected at most 10000000, since reading more would take much memory");
        assertThatExceptionOfType(WeightsFileException.class)
                .isThrownBy(() ->
                        new Safetensors(Map.of(), Map.of("a", longest, "b", longest)).write(folder.resolve("out")))
                .withMessageContaining("a file holds at most 10000000");
    }

    @Test
    void should_take_nothing_for_the_bytes_of_a_header_that_are_not_there() throws IOException {
        Path path = folder.resolve("sparse");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.write(WeightBytes.file("{", ""));
            file.seek(0);
            file.write(WeightBytes.length(10_000_000));
            file.setLength(20_000_000_000L);
        }
        assertThat(WeightBytes.allocated(() -> assertThatExceptionOfType(WeightsFileException.class)
                        .isThrownBy(() -> Safetensors.read(path))
                        .withMessageContaining("its header is no strict JSON")))
                .isLessThan(20_000_000);
    }

    private void assertRefusedQuietly(byte[] content) {
        try {
            assertRefused(content, "");
        } catch (IOException exception) {
            throw new AssertionError(exception);
        }
    }

    private WeightsFileException assertRefused(byte[] content, String complaint) throws IOException {
        Path file = Files.write(folder.resolve("file"), content);
        try {
            Safetensors read = Safetensors.read(file);
            throw new AssertionError("expected '" + complaint + "'; read " + read);
        } catch (WeightsFileException refused) {
            assertThat(refused).hasMessageStartingWith(file + ": ").hasMessageContaining(complaint);
            return refused;
        }
    }
}
