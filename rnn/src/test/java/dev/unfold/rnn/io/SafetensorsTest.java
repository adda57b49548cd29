package dev.unfold.rnn.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.graph.DType;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.io.Safetensors.Entry;
import dev.unfold.rnn.io.Safetensors.Header;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
    /** What the reference implementation, 0.8.0, writes. */
    private static final byte[] REFERENCE = WeightBytes.file(
            "{\"__metadata__\":{\"k\":\"v\"},\"n\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]},"
                    + "\"b\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[8,16]},"
                    + "\"a\":{\"dtype\":\"I32\",\"shape\":[],\"data_offsets\":[16,20]},"
                    + "\"z\":{\"dtype\":\"I32\",\"shape\":[1,0,2],\"data_offsets\":[20,20]}}",
            "000000000000e0bf" + "0000803f000000c0" + "07000000");

    /** The same of types that are only read; three spaces make the header 112 bytes long. */
    private static final byte[] REFERENCE_HALVES = WeightBytes.file(
            "{\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]},"
                    + "\"h\":{\"dtype\":\"F16\",\"shape\":[3],\"data_offsets\":[4,10]}}   ",
            "803fc0ff" + "003efffb0002");

    @TempDir
    private Path folder;

    @Test
    void should_write_what_the_reference_implementation_writes() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("n", Tensor.of(new double[] {-0.5}, 1));
        tensors.put("b", Tensor.of(new float[] {1, -2}, 2, 1));
        tensors.put("a", Tensor.of(new int[] {7}));
        tensors.put("z", Tensor.zeros(DType.INT32, 1, 0, 2));
        Path file = folder.resolve("out");
        new Safetensors(tensors, Map.of("k", "v")).write(file);
        assertThat(file).hasBinaryContent(REFERENCE);
    }

    @Test
    void should_read_what_the_reference_implementation_writes() throws IOException {
        Safetensors read = Safetensors.read(file(REFERENCE));
        assertThat(read.metadata()).containsExactly(Map.entry("k", "v"));
        assertThat(read.tensors().keySet()).containsExactly("n", "b", "a", "z");
        assertThat(read.tensors().values())
                .hasToString("[float64 [1] {-0.5}, float32 [2, 1] {1.0, -2.0}, int32 [] {7}, int32 [1, 0, 2] {}]");
        assertThat(Safetensors.read(file(REFERENCE_HALVES)).tensors())
                .hasToString("{b=float32 [2] {1.0, NaN}, h=float32 [3] {1.5, -65504.0, 3.0517578125E-5}}");
    }

    @Test
    void should_read_a_header_alone() throws IOException {
        Header header = Safetensors.header(file(REFERENCE_HALVES));
        assertThat(header.metadata()).isEmpty();
        assertThat(header.entries())
                .containsExactly(
                        Map.entry("b", new Entry(StoredType.BF16, Shape.of(2), 120)),
                        Map.entry("h", new Entry(StoredType.F16, Shape.of(3), 124)));
    }

    @Test
    void should_keep_the_order_of_the_header_whatever_that_of_the_data() throws IOException {
        byte[] content = WeightBytes.file(
                "{\"y\":{\"data_offsets\":[4,8],\"shape\":[1],\"dtype\":\"I32\"}, \"x\" : "
                        + "{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[0,4]},\"__metadata__\":{}}\n\t ",
                "0100000002000000");
        assertThat(Safetensors.read(file(content)).tensors()).hasToString("{y=int32 [1] {2}, x=int32 [1] {1}}");
    }

    @Test
    void should_write_nothing_but_a_header_for_nothing() throws IOException {
        Path file = folder.resolve("out");
        new Safetensors(Map.of(), Map.of()).write(file);
        assertThat(file).hasBinaryContent(WeightBytes.file("{}      ", ""));
        assertThat(Safetensors.read(file).tensors()).isEmpty();
    }

    @Test
    void should_read_what_was_written_bit_for_bit() throws IOException {
        for (long seed = 0; seed < 150; seed++) {
            RandomTensors random = new RandomTensors(new SplittableRandom(seed));
            Safetensors written = new Safetensors(random.tensors(), random.texts());
            Path file = folder.resolve("out");
            written.write(file);
            Safetensors read = Safetensors.read(file, name -> true, header -> {}, 8 + (int) seed % 60);
            assertSame("seed " + seed, read, written);
            byte[] bytes = Files.readAllBytes(file);
            read.write(file);
            assertThat(file).as("seed " + seed).hasBinaryContent(bytes);
            assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8)
                    .as("seed " + seed)
                    .isZero();
        }
    }

    @Test
    void should_read_only_what_is_kept() throws IOException {
        for (long seed = 0; seed < 100; seed++) {
            SplittableRandom chosen = new SplittableRandom(1000 + seed);
            Safetensors written = new Safetensors(new RandomTensors(new SplittableRandom(seed)).tensors(), Map.of());
            Map<String, Tensor> kept = new LinkedHashMap<>(written.tensors());
            kept.keySet().removeIf(name -> chosen.nextBoolean());
            Path file = folder.resolve("out");
            written.write(file);
            List<String> others = new ArrayList<>(written.tensors().keySet());
            others.removeAll(kept.keySet());
            Safetensors read = Safetensors.read(
                    file,
                    kept::containsKey,
                    header -> assertThat(List.copyOf(header.others())).isEqualTo(others),
                    16);
            assertSame("seed " + seed, read, new Safetensors(kept, Map.of()));
        }
    }

    @Test
    void should_leave_out_what_it_has_no_type_or_axes_for() throws IOException {
        Path file = file(WeightBytes.file(
                "{\"steps\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]},"
                        + "\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[12,16]},"
                        + "\"kernel\":{\"dtype\":\"F8_E4M3\",\"shape\":[1,2,2,1],\"data_offsets\":[8,12]},"
                        + "\"wide\":{\"dtype\":\"U8\",\"shape\":[99999999999,0],\"data_offsets\":[16,16]}}",
                "0000000000000000" + "00000000" + "0000803f"));
        assertThat(Safetensors.read(file, "x"::equals, header -> {}).tensors()).hasToString("{x=float32 [1] {1.0}}");
        for (String name : List.of("steps", "kernel", "wide")) {
            assertThatExceptionOfType(WeightsFileException.class)
                    .isThrownBy(() -> Safetensors.read(file, name::equals, header -> {}))
                    .withMessageContaining("tensor '" + name + "' has ");
        }
    }

    private static void assertSame(String what, Safetensors read, Safetensors written) {
        assertThat(read.metadata()).as(what).isEqualTo(written.metadata());
        assertThat(List.copyOf(read.tensors().keySet()))
                .as(what)
                .isEqualTo(List.copyOf(written.tensors().keySet()));
        written.tensors()
                .forEach((name, tensor) -> assertThat(WeightBytes.at(name, read.tensors()))
                        .as(what + ", " + name)
                        .satisfies(each -> assertThat(each.dtype()).isEqualTo(tensor.dtype()))
                        .satisfies(each -> assertThat(each.shape()).isEqualTo(tensor.shape()))
                        .satisfies(each -> assertThat(WeightBytes.bits(each)).isEqualTo(WeightBytes.bits(tensor))));
    }

    @Test
    void should_write_and_read_a_tensor_of_many_pieces() {
        float[] values = new float[200_003];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        Path file = folder.resolve("out");
        new Safetensors(Map.of("x", Tensor.of(values, values.length)), Map.of()).write(file);
        assertThat(WeightBytes.at("x", Safetensors.read(file).tensors()).floats())
                .isEqualTo(values);
        assertThat(WeightBytes.at(
                                "x",
                                Safetensors.read(file, name -> true, header -> {}, 10_001)
                                        .tensors())
                        .floats())
                .isEqualTo(values);
    }

    @Test
    void should_read_every_half() throws IOException {
        float[] read = all("F16");
        for (int bits = 0; bits < 1 << 16; bits++) {
            int exponent = bits / 1024 % 32;
            int fraction = bits % 1024;
            double magnitude;
            if (exponent == 31) {
                magnitude = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
            } else if (exponent == 0) {
                magnitude = fraction / 1024.0 * Math.pow(2, -14);
            } else {
                magnitude = (1 + fraction / 1024.0) * Math.pow(2, exponent - 15);
            }
            assertBits(bits, read[bits], bits < 1 << 15 ? magnitude : -magnitude);
        }
    }

    @Test
    void should_read_every_bfloat16() throws IOException {
        float[] read = all("BF16");
        for (int bits = 0; bits < 1 << 16; bits++) {
            int exponent = bits / 128 % 256;
            int fraction = bits % 128;
            double magnitude;
            if (exponent == 255) {
                magnitude = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
            } else if (exponent == 0) {
                magnitude = fraction / 128.0 * Math.pow(2, -126);
            } else {
                magnitude = (1 + fraction / 128.0) * Math.pow(2, exponent - 127);
            }
            assertBits(bits, read[bits], bits < 1 << 15 ? magnitude : -magnitude);
        }
    }

    /** Every one of these is a float32: no rounding hides a difference. */
    private static void assertBits(int bits, float read, double expected) {
        if (Double.doubleToLongBits(read) != Double.doubleToLongBits(expected)) {
            throw new AssertionError("bits " + Integer.toHexString(bits) + ": read " + read + ", expected " + expected);
        }
    }

    private float[] all(String type) throws IOException {
        ByteBuffer data = ByteBuffer.allocate(2 << 16).order(ByteOrder.LITTLE_ENDIAN);
        for (int bits = 0; bits < 1 << 16; bits++) {
            data.putShort((short) bits);
        }
        String header = "{\"x\":{\"dtype\":\"" + type + "\",\"shape\":[65536],\"data_offsets\":[0,131072]}}";
        Path file = file(WeightBytes.file(header.getBytes(UTF_8), data.array()));
        return WeightBytes.at("x", Safetensors.read(file).tensors()).floats();
    }

    @Test
    void should_reach_behind_four_gigabytes() throws IOException {
        long behind = 5_000_000_000L;
        String header = "{\"big\":{\"dtype\":\"F64\",\"shape\":[25000,25000],\"data_offsets\":[0," + behind + "]},"
                + "\"x\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[" + behind + "," + (behind + 8) + "]}}";
        byte[] beginning = WeightBytes.file(header, "");
        Path path = folder.resolve("sparse");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.write(beginning);
            file.seek(beginning.length + behind);
            file.write(new byte[] {1, 0, 0, 0, 2, 0, 0, 0});
        }
        Entry entry = WeightBytes.at("x", Safetensors.header(path).entries());
        assertThat(entry).isEqualTo(new Entry(StoredType.I32, Shape.of(2), beginning.length + behind));
        try (FileChannel channel = FileChannel.open(path)) {
            Window window = new Window(channel, entry.end(), 1 << 20);
            assertThat(window.at(beginning.length, 8).remaining()).isEqualTo(1 << 20);
            assertThat(Safetensors.load(entry, window)).hasToString("int32 [2] {1, 2}");
        }
    }

    @Test
    void should_refuse_names_that_no_file_can_hold() {
        Tensor one = Tensor.of(new int[] {1});
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Safetensors(Map.of("__metadata__", one), Map.of()))
                .withMessageContaining("'__metadata__'");
        for (Map<String, String> texts : List.of(Map.of("\uD800", ""), Map.of("", "x\uDC00"))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Safetensors(Map.of(), texts))
                    .withMessageContaining("half a surrogate pair");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Safetensors(Map.of("\uD800", one), Map.of()))
                .withMessageContaining("half a surrogate pair");
    }

    private Path file(byte[] content) throws IOException {
        return Files.write(folder.resolve("file"), content);
    }
}
