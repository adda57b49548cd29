package dev.unfold.rnn.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.primitives.Bytes;
import com.google.gson.JsonParser;
import com.sun.management.ThreadMXBean;
import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.StackedCell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.io.ModelFile;
import dev.unfold.rnn.io.WeightsFileException;
import dev.unfold.rnn.unroll.Unroll;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImportRefusalTest {
    private static final NumpyRandom RANDOM = new NumpyRandom(3);
    private static final Network LSTM =
            new Network(RecurrentKind.LSTM, true, true, 2, List.of(new Network.Size(3, 0), new Network.Size(3, 0)));
    private static final long MOST_BYTES = 100_000_000;
    private static final String EMPTY = "{\"dtype\":\"F32\",\"shape\":[0,4],\"data_offsets\":[0,0]}";
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    private Path folder;

    private final Unroll unroll = Networks.of(LSTM, RANDOM, DType.FLOAT64);
    private final Map<String, Tensor> tensors = new LinkedHashMap<>(WeightLayout.PYTORCH_LSTM.write(unroll));

    private Import file() {
        return Import.of(Networks.write(folder.resolve("w"), tensors));
    }

    private static Tensor zeros(int... dims) {
        return Tensor.zeros(DType.FLOAT64, dims);
    }

    private static void assertRefused(Import from, String... why) {
        assertThatExceptionOfType(WeightsFileException.class)
                .isThrownBy(from::read)
                .satisfies(refused -> assertThat(refused.getMessage())
                        .contains(why)
                        .doesNotContain("null")
                        .matches("\\P{Cntrl}{40,4000}"));
    }

    private Tensor at(String name) {
        return Objects.requireNonNull(tensors.get(name));
    }

    @Test
    void a_layout_should_be_found_where_names_and_shapes_are_of_one_only() {
        assertThat(file().read().layout()).isEqualTo(WeightLayout.PYTORCH_LSTM);
        for (WeightLayout layout : WeightLayout.values()) {
            boolean isOneOnly = layout.kind() == RecurrentKind.LSTM
                    || layout == WeightLayout.PYTORCH_GRU
                    || layout.name().startsWith("KERAS_GRU");
            tensors.clear();
            Network network = new Network(layout.kind(), true, false, 2, List.of(new Network.Size(3, 0)));
            tensors.putAll(layout.write(Networks.of(network, RANDOM, DType.FLOAT32)));
            if (isOneOnly) {
                assertThat(file().read().layout()).isEqualTo(layout);
            } else {
                assertRefused(file(), layout.name(), "which compute different things; say which it is");
            }
            assertThat(file().layout(layout).read().layout()).isEqualTo(layout);
        }
    }

    @Test
    void tensors_of_no_layout_should_be_listed_with_what_was_expected() {
        tensors.clear();
        tensors.put("lstm/kernel", zeros(5, 12));
        tensors.put("lstm/bias", zeros(12));
        assertRefused(
                file(),
                "is of no known layout: there are 'lstm/kernel'; 'lstm/bias'",
                "PYTORCH=weights: 'weight_ih_l0' is not there",
                "KERAS=weights: 'kernel' is not there",
                "ONNX=weights: 'W' is not there",
                "PYTORCH_LSTM");
        assertRefused(file().prefix("lstm/"), "under 'lstm/'", "'recurrent_kernel' is not there");
        tensors.clear();
        assertRefused(file(), "there are none");
    }

    @Test
    void tensors_left_over_should_be_refused_by_name() {
        tensors.put("head.weight", zeros(2, 2));
        assertRefused(file(), "'head.weight' [2, 2] would not be used");
        assertRefused(file().layout(WeightLayout.PYTORCH_LSTM), "'head.weight' [2, 2] would not be used");
        assertRefused(file().ignoring("head.wait"), "there is no 'head.wait' to be ignored; there are 'weight_ih_l0'");
        Imported imported = file().ignoring("head.weight").read();
        assertThat(imported.became())
                .containsEntry("head.weight", "left out")
                .containsEntry("weight_hh_l1_reverse", "rnn.layer1.backward.u")
                .containsEntry("bias_hh_l0", "added to rnn.layer0.forward.b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"weight_hh_l1", "bias_hh_l0_reverse", "weight_ih_l1_reverse", "bias_ih_l0", "weight_ih_l0"})
    void a_tensor_that_is_missing_should_be_named(String name) {
        tensors.remove(name);
        assertRefused(file().layout(WeightLayout.PYTORCH_LSTM), name);
    }

    @ParameterizedTest
    @CsvSource({
        "weight_ih_l0, 12, 3",
        "weight_hh_l0, 13, 3",
        "weight_hh_l0, 12, 4",
        "weight_ih_l1, 12, 3",
        "weight_hh_l0, 0, 3",
        "weight_ih_l0, 12, 0"
    })
    void a_shape_that_does_not_fit_should_be_refused(String name, int rows, int columns) {
        tensors.put(name, zeros(rows, columns));
        assertRefused(file().layout(WeightLayout.PYTORCH_LSTM), "is not of the layout PYTORCH_LSTM");
    }

    @Test
    void only_what_is_under_the_prefix_should_be_taken() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        all.put("head.weight", zeros(2, 2));
        all.put("epochs", Tensor.zeros(DType.INT32, 1));
        tensors.forEach((name, tensor) -> all.put("encoder." + name, tensor));
        tensors.clear();
        tensors.putAll(all);
        Imported imported =
                file().prefix("encoder.").named("enc").precision(DType.FLOAT32).read();
        assertThat(imported.became()).containsEntry("head.weight", "left out");
        assertThat(imported.unroll().parameters().get(0))
                .hasToString("parameter 'enc.layer0.forward.w' float32 [2, 12]");
        assertRefused(file().prefix("decoder."), "under 'decoder.'", "there are none");
        tensors.put("encoder.weight_ih_l0", Tensor.zeros(DType.INT32, 12, 2));
        assertRefused(file().prefix("encoder."), "is I32; expected floating-point weights");
    }

    @Test
    void weights_that_are_not_finite_should_be_refused() {
        at("weight_hh_l0").setFlat(3, 1e300);
        assertThat(file().read().unroll().outputSize()).isEqualTo(6);
        assertRefused(file().precision(DType.FLOAT32), "'rnn.layer0.forward.u'", "would hold NaN or infinity");
        at("bias_hh_l1").setFlat(0, Double.NaN);
        assertRefused(file(), "'rnn.layer1.forward.b'");
    }

    @Test
    void layers_that_share_weights_should_not_take_two() {
        VanillaCell cell = new VanillaCell(new Parameters("net", DType.FLOAT64, RANDOM), 3, 3);
        Unroll shared = Unroll.dynamic(StackedCell.shared(2, cell));
        tensors.clear();
        tensors.putAll(WeightLayout.PYTORCH_RNN.write(shared));
        Import two = file().layout(WeightLayout.PYTORCH_RNN);
        Tensor input = Networks.tensor(RANDOM, 3, 1, 3);
        assertThat(Networks.outputs(two.read().unroll(), input).sameBits(Networks.outputs(shared, input)))
                .isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> two.into(shared))
                .withMessage("weights: layers of the unroll share weights; expected each to have its own");
    }

    @ParameterizedTest
    @ValueSource(strings = {"BF16", "F16"})
    void weights_of_half_precision_should_be_widened(String type) throws IOException {
        Network network = new Network(RecurrentKind.GRU, true, false, 2, List.of(new Network.Size(3, 0)));
        Unroll small = Networks.of(network, RANDOM, DType.FLOAT32);
        // Numbers that either type holds: quarters.
        small.parameters().forEach(each -> {
            for (int i = 0; i < each.value().size(); i++) {
                each.value().setFlat(i, Math.rint(4 * each.value().getFlat(i)) / 4);
            }
        });
        Tensor input = Networks.tensor(RANDOM, 3, 2, 2);
        Map<String, Tensor> all = new LinkedHashMap<>(WeightLayout.PYTORCH_GRU.write(small));
        all.put("replay.input", input.to(DType.FLOAT32));
        all.put("replay.output", Networks.outputs(small, input.to(DType.FLOAT32)));
        Path path = Files.write(folder.resolve("half"), half(all, type));

        Imported imported = Import.of(path).read();
        List<Parameter> parameters = imported.unroll().parameters();
        for (int i = 0; i < parameters.size(); i++) {
            Tensor expected = small.parameters().get(i).value();
            assertThat(parameters.get(i).value().dtype()).isEqualTo(DType.FLOAT32);
            assertThat(parameters.get(i).value().toDoubles()).containsExactly(expected.toDoubles());
        }
        assertThat(Objects.requireNonNull(imported.proof()).difference())
                .isLessThan(Objects.requireNonNull(imported.proof()).tolerance());
        all.put("replay.output", zeros(3, 2, 3).fill(0.5).to(DType.FLOAT32));
        Files.write(path, half(all, type));
        assertRefused(Import.of(path), "2e-02 of the greatest number");
    }

    /** Returns a file that holds tensors, cut off or rounded to 16 bits. */
    private static byte[] half(Map<String, Tensor> tensors, String type) {
        List<String> entries = new ArrayList<>();
        ByteBuffer data = ByteBuffer.allocate(10_000).order(ByteOrder.LITTLE_ENDIAN);
        tensors.forEach((name, tensor) -> {
            int begin = data.position();
            for (int i = 0; i < tensor.size(); i++) {
                float value = (float) tensor.getFlat(i);
                data.putShort(type.equals("BF16") ? (short) (Float.floatToIntBits(value) >>> 16) : half(value));
            }
            entries.add(String.format(
                    Locale.ROOT,
                    "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}",
                    name,
                    type,
                    tensor.shape(),
                    begin,
                    data.position()));
        });
        return Bytes.concat(file("{" + String.join(",", entries) + "}"), Arrays.copyOf(data.array(), data.position()));
    }

    /** Half precision of a number, which is at least 2^-14 or becomes zero. */
    private static short half(float value) {
        int bits = Float.floatToIntBits(value);
        int exponent = ((bits >>> 23) & 0xFF) - 112;
        return (short) (((bits >>> 16) & 0x8000) | (exponent <= 0 ? 0 : (exponent << 10) | ((bits >>> 13) & 0x3FF)));
    }

    private void replay(int steps) {
        Tensor input = Networks.tensor(RANDOM, steps, 2, 2);
        tensors.put("replay.input", input);
        tensors.put("replay.output", Networks.outputs(unroll, input));
    }

    @Test
    void a_replay_should_prove_from_either_file() {
        replay(4);
        assertThat(file().read().proven()).isTrue();
        Path whole = folder.resolve("w");
        tensors.keySet().removeIf(name -> name.startsWith("replay."));
        Path weights = Networks.write(folder.resolve("v"), tensors);
        assertThat(Import.of(weights).read().proven()).isFalse();
        assertThat(Import.of(weights).replay(whole).read().proven()).isTrue();
        assertRefused(Import.of(weights).replay(weights), "holds no replay");
    }

    @Test
    void the_place_of_the_greatest_difference_should_be_told() {
        replay(4);
        at("replay.output").set(at("replay.output").get(2, 1, 5) + 0.25, 2, 1, 5);
        assertRefused(
                file(),
                "'replay.output' differs most at [step, row, feature] [2, 1, 5]",
                "0.250 apart",
                "usual causes");
        tensors.put("replay.lengths", Tensor.of(new int[] {4, 2}, 2));
        assertRefused(file(), "'replay.output' differs most at [step, row, feature]");
        tensors.put("replay.lengths", Tensor.of(new int[] {4, 5}, 2));
        assertRefused(file(), "'replay.lengths'", "row 1 has length 5");
    }

    @Test
    void a_replay_that_cannot_be_right_should_be_refused() {
        replay(4);
        Map<String, Tensor> right = Map.copyOf(tensors);
        List<Map.Entry<String, Tensor>> wrong = List.of(
                Map.entry("replay.input", zeros(4, 2, 3)),
                Map.entry("replay.input", zeros(4, 2)),
                Map.entry("replay.input", zeros(0, 2, 2)),
                Map.entry("replay.output", zeros(4, 2, 3)),
                Map.entry("replay.output", zeros(4, 2, 6)),
                Map.entry("replay.lengths", zeros(2)),
                Map.entry("replay.h_0", zeros(2, 2, 3)),
                Map.entry("replay.c_n", zeros(4, 2, 3)),
                Map.entry("replay.outputs", zeros(4, 2, 6)));
        for (Map.Entry<String, Tensor> each : wrong) {
            tensors.putAll(right);
            tensors.keySet().retainAll(right.keySet());
            tensors.put(each.getKey(), each.getValue());
            assertRefused(file(), "'" + each.getKey() + "'");
        }
        tensors.putAll(right);
        tensors.keySet().retainAll(right.keySet());
        at("replay.output").setFlat(0, Double.NaN);
        assertRefused(file(), "'replay.output' holds NaN or infinity");
        tensors.remove("replay.output");
        assertRefused(file(), "a replay needs 'replay.input' and 'replay.output'");
    }

    @Test
    void a_pair_that_tells_nothing_should_be_refused() {
        Network gru = new Network(RecurrentKind.GRU, true, false, 2, List.of(new Network.Size(3, 0)));
        Unroll small = Networks.of(gru, RANDOM, DType.FLOAT64);
        small.parameters().get(3).value().fill(0); // bun, without which one step from zero is the same in both variants
        tensors.clear();
        tensors.putAll(WeightLayout.PYTORCH_GRU.write(small));
        Tensor input = Networks.tensor(RANDOM, 1, 2, 2);
        tensors.put("replay.input", input);
        tensors.put("replay.output", Networks.outputs(small, input));
        assertRefused(
                file(),
                "the replay proves nothing: besides GRU with gates in the order rzn it is met by [GRU_RESET_BEFORE");
    }

    @Test
    @Timeout(60)
    void hostile_files_should_be_refused_before_they_cost_anything() throws IOException {
        String huge = "{\"weight_ih_l0\":{\"dtype\":\"F64\",\"shape\":[2000000000],\"data_offsets\":[0,16000000000]}}";
        List<byte[]> hostile = new ArrayList<>(List.of(
                file(10_000_000_000L, "{}"),
                file(Long.MIN_VALUE, "{}"),
                file("{\"weight_ih_l0\":" + "{\"a\":".repeat(1_000_000)),
                file("{\"weight_ih_l0\":{\"shape\":" + "[".repeat(1_000_000)),
                file(huge),
                file(tensors(19_000)),
                file(tensors(100_000)),
                file("{\"__metadata__\":{" + names(100_000, "\"\"") + "}}"),
                file(huge.replace("2000000000", "4294967296,4294967297"))));
        byte[] whole = Files.readAllBytes(Networks.write(folder.resolve("whole"), tensors));
        for (int cut = 1; cut < whole.length; cut += whole.length / 40) {
            hostile.add(Arrays.copyOf(whole, cut));
        }
        String longest = "n".repeat(9_900_000);
        hostile.add(file("{\"" + longest + "\":" + EMPTY + "}"));
        hostile.add(file("{\"" + longest + longest + "\":" + EMPTY + "}"));
        hostile.add(file("{\"__metadata__\":{\"json\":\"" + longest + "\"}}"));
        hostile.add(
                file("{\"__metadata__\":{\"format\":\"unfold-recurrent\",\"version\":\"1\",\"sha256\":\"\",\"json\":\"["
                        + "1,".repeat(4_900_000) + "1]\"}}"));
        hostile.add(file("{\"x\":{\"dtype\":\"" + longest + "\"}}"));
        hostile.add(file(tensors(19_000).replace("\"weight", "\"" + "n".repeat(400) + "weight")));
        for (byte[] content : hostile) {
            Path path = Files.write(folder.resolve("hostile"), content);
            assertCheap(file -> Import.of(file).read(), path);
            assertCheap(file -> Import.of(file).prefix("encoder.").read(), path);
            assertCheap(file -> Import.of(file).replay(file).read(), path);
            assertCheap(RecurrentFile::read, path);
        }
    }

    /** A file of zeros and one 1, the last number, that takes little place on a disk. */
    private Path sparse(Map<String, int[]> shapes) throws IOException {
        StringBuilder header = new StringBuilder("{");
        long end = 0;
        for (Map.Entry<String, int[]> each : shapes.entrySet()) {
            long begin = end;
            end += 4 * Arrays.stream(each.getValue()).asLongStream().reduce(1, (a, b) -> a * b);
            header.append(header.length() == 1 ? "" : ",").append('"').append(each.getKey());
            header.append("\":{\"dtype\":\"F32\",\"shape\":").append(Arrays.toString(each.getValue()));
            header.append(",\"data_offsets\":[")
                    .append(begin)
                    .append(',')
                    .append(end)
                    .append("]}");
        }
        Path path = folder.resolve("sparse");
        Files.deleteIfExists(path);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            byte[] bytes = file(header.append('}').toString());
            file.write(bytes);
            file.seek(bytes.length + end - 2);
            file.write(new byte[] {(byte) 0x80, 0x3F});
        }
        return path;
    }

    private static Map<String, int[]> shapes(int layers, int inputSize, int hidden) {
        Map<String, int[]> shapes = new LinkedHashMap<>();
        for (int layer = 0; layer < layers; layer++) {
            shapes.put("weight_ih_l" + layer, new int[] {4 * hidden, layer == 0 ? inputSize : hidden});
            shapes.put("weight_hh_l" + layer, new int[] {4 * hidden, hidden});
        }
        return shapes;
    }

    private static void replayed(Map<String, int[]> shapes, int steps, int rows, int inputSize, int hidden) {
        shapes.put("replay.input", new int[] {steps, rows, inputSize});
        shapes.put("replay.output", new int[] {steps, rows, hidden});
    }

    /** Steps, rows, inputs, units and layers. */
    @ParameterizedTest
    @CsvSource({
        "20000, 1, 1, 1, 1, store a shorter replay",
        "1000000, 1, 1, 1, 1, store a shorter replay",
        "1, 8000000, 1, 1, 1, store a shorter replay",
        "100000000, 1, 1, 1, 1, store a shorter replay",
        "1000, 10, 500, 500, 1, store a shorter replay",
        "11, 1, 1, 1, 100, store a shorter replay",
        "1000, 1, 1, 1, 1, do not give out what is stored",
        "10, 1, 1, 1, 100, do not give out what is stored",
        "1, 100000, 1, 1, 1, do not give out what is stored",
        "25, 20, 300, 100, 1, do not give out what is stored",
        "50, 10, 200, 200, 1, do not give out what is stored",
        "2, 1, 1, 1, 101, there are more than 100 layers",
        "2, 1, 1, 1, 400, there are more than 100 layers",
        "2, 1, 1, 1, 1000, has 2000 tensors; expected at most 1000"
    })
    @Timeout(60)
    void long_replays_and_many_layers_should_be_refused_before_they_cost_anything(
            int steps, int rows, int inputSize, int hidden, int layers, String why) throws IOException {
        Map<String, int[]> shapes = shapes(layers, inputSize, hidden);
        replayed(shapes, steps, rows, inputSize, hidden);
        Path path = sparse(shapes);
        assertCheap(file -> Import.of(file).read(), path);
        assertRefused(Import.of(path), why);
        if (layers <= 100) {
            Path pair = Files.move(path, folder.resolve("pair"));
            Path weights = sparse(shapes(layers, inputSize, hidden));
            assertCheap(file -> Import.of(weights).replay(file).read(), pair);
        }
    }

    @Test
    @Timeout(60)
    void the_longest_replay_should_be_cheap() {
        Network network = new Network(RecurrentKind.LSTM, true, true, 10, List.of(new Network.Size(50, 0)));
        Unroll one = Networks.of(network, RANDOM, DType.FLOAT64);
        tensors.clear();
        tensors.putAll(WeightLayout.PYTORCH_LSTM.write(one));
        for (int[] dims : new int[][] {{500, 2, 10}, {30, 60, 10}}) {
            Tensor input = Networks.tensor(RANDOM, dims);
            tensors.put("replay.input", input);
            tensors.put("replay.output", Networks.outputs(one, input));
            assertThat(file().read().proven()).isTrue();
            at("replay.output").setFlat(7, 2);
            assertCheap(file -> Import.of(file).read(), Networks.write(folder.resolve("w"), tensors));
        }
    }

    @Test
    void what_a_replay_cannot_be_should_be_told_before_it_is_read() throws IOException {
        Map<String, int[]> shapes = shapes(1, 2, 3);
        shapes.put("replay.input", new int[] {500_000_000});
        shapes.put("replay.output", new int[] {4, 2, 3});
        Path path = sparse(shapes);
        assertCheap(file -> Import.of(file).read(), path);
        assertRefused(Import.of(path), "'replay.input' is float32 [500000000]; expected [time, batch, 2]");
        Path weights = Networks.write(folder.resolve("w"), tensors);
        assertCheap(file -> Import.of(weights).replay(file).read(), path);
    }

    @Test
    void a_small_part_of_a_large_file_should_be_read_alone() throws IOException {
        Map<String, int[]> shapes = new LinkedHashMap<>();
        shapes.put("head.weight", new int[] {1_000_000, 2500});
        shapes(2, 2, 3).forEach((name, shape) -> shapes.put("encoder." + name, shape));
        shapes.put("conv.weight", new int[] {10, 3, 5, 5});
        Path path = sparse(shapes);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        Imported imported = Import.of(path).prefix("encoder.").read();
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(MOST_BYTES);
        assertThat(imported.became())
                .containsOnlyKeys(shapes.keySet())
                .containsEntry("head.weight", "left out")
                .containsEntry("conv.weight", "left out")
                .containsEntry("encoder.weight_hh_l1", "rnn.layer1.u");
        assertRefused(Import.of(path), "'head.weight' has the shape [1000000, 2500], more than");
        assertRefused(Import.of(path).prefix("encoder.").ignoring("none"), "there are 'encoder.weight_ih_l0'");
        shapes.remove("head.weight");
        shapes.keySet().removeIf(name -> name.startsWith("encoder."));
        shapes.putAll(shapes(1, 2, 3));
        Path beside = sparse(shapes);
        assertRefused(Import.of(beside), "'conv.weight' has more than 3 numbers as 'shape'");
        assertThat(Import.of(beside).ignoring("conv.weight").read().became()).containsEntry("conv.weight", "left out");
    }

    @Test
    void the_weights_should_say_what_their_precision_is() {
        replay(4);
        Map<String, Tensor> pair = new LinkedHashMap<>(tensors);
        pair.keySet().removeIf(name -> !name.startsWith("replay."));
        tensors.replaceAll((name, tensor) -> name.startsWith("replay.") ? tensor : tensor.to(DType.FLOAT32));
        Imported imported = file().read();
        assertThat(imported.unroll().parameters().get(0).dtype()).isEqualTo(DType.FLOAT32);
        double allowed = Objects.requireNonNull(imported.proof()).tolerance();

        // What else is in the file of the replay does not make it coarser.
        tensors.keySet().removeIf(pair::containsKey);
        Map<String, Tensor> other = new LinkedHashMap<>(pair);
        other.put("note", Tensor.zeros(DType.FLOAT32, 1));
        tensors.putAll(WeightLayout.PYTORCH_LSTM.write(unroll));
        Path path = Networks.write(folder.resolve("pair"), other);
        assertThat(Objects.requireNonNull(file().replay(path).read().proof()).tolerance())
                .isLessThan(allowed / 1000);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> file().precision(DType.INT32))
                .withMessage("weights: the precision of parameters is int32; expected float32 or float64");
    }

    @Test
    @Timeout(120)
    void any_damage_should_be_refused_or_leave_a_network() throws IOException {
        replay(2);
        byte[] whole = Files.readAllBytes(Networks.write(folder.resolve("whole"), tensors));
        int header = (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong();
        int refused = 0;
        for (int seed = 0; seed < 400; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] damaged =
                    random.nextInt(5) == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
            for (int count = random.nextInt(3); count >= 0 && damaged.length > 0; count--) {
                // The header is the more interesting part.
                damaged[random.nextInt(random.nextBoolean() ? damaged.length : Math.min(damaged.length, header))] =
                        random.nextBoolean() ? (byte) ('0' + random.nextInt(10)) : (byte) random.nextInt(256);
            }
            Path path = Files.write(folder.resolve("damaged"), damaged);
            try {
                assertThat(Import.of(path).read().unroll().inputSize()).isPositive();
            } catch (WeightsFileException exception) {
                assertThat(exception.getMessage()).as("seed " + seed).startsWith(path + ": ");
                refused++;
            } catch (RuntimeException exception) {
                throw new AssertionError("seed " + seed, exception);
            }
        }
        assertThat(refused).isGreaterThan(300);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'cell':'LSTM','bias':true,'bidirectional':false,'input':2,'hidden':[],'projection':[]}",
                "{'cell':'LSTM','bias':true,'bidirectional':false,'input':2,'hidden':[2000000000],'projection':[0]}",
                "{'cell':'LSTM','bias':true,'bidirectional':false,'input':2,'hidden':[16000000],'projection':[0]}",
                "{'cell':'LSTM','bias':true,'bidirectional':false,'input':2,'hidden':[3],'projection':[3]}",
                "{'cell':'LSTM','bias':true,'bidirectional':false,'input':2,'hidden':[3],'projection':[-1]}",
                "{'cell':'LSTM','bias':true,'bidirectional':true,'input':2,'hidden':[3],'projection':[0]}",
                "{'cell':'GRU','bias':true,'bidirectional':false,'input':2,'hidden':[3],'projection':[0]}",
                "{'cell':'WHAT','bias':true,'bidirectional':false,'input':2,'hidden':[3],'projection':[0]}",
                "{'cell':'LSTM','bias':true,'bidirectional':false,'input':2,'projection':[0]}",
                "{'cell':'LSTM','bias':true,'bidirectional':false,'input':2,'hidden':null,'projection':[0]}",
                "{'cell':'LSTM','bias':true,'bidirectional':false,'input':2,'hidden':[null],'projection':[0]}",
                "{'cell':'LSTM','bias':true,'bidirectional':false,'input':2,'hidden':{},'projection':[0]}",
                "{'bias':true,'bidirectional':false,'input':2,'hidden':[3],'projection':[0]}",
                "{'cell':[],'bias':{},'bidirectional':1,'input':'x','hidden':3,'projection':null}"
            })
    @Timeout(60)
    void a_model_file_that_lies_about_itself_should_be_refused(String json) {
        Path path = model(json);
        assertCheap(RecurrentFile::read, path);
        assertThatExceptionOfType(WeightsFileException.class)
                .isThrownBy(() -> RecurrentFile.read(path))
                .satisfies(refused -> assertThat(refused.getMessage()).doesNotContain("null", "Cannot invoke"));
    }

    @Test
    @Timeout(60)
    void a_model_file_of_many_layers_should_be_refused() {
        for (int layers : new int[] {101, 150, 1_000, 900_000}) {
            String three = "3" + ",3".repeat(layers - 1);
            Path path = model("{'cell':'LSTM','bias':true,'bidirectional':false,'input':2,'hidden':[" + three
                    + "],'projection':[" + three.replace('3', '0') + "]}");
            assertCheap(RecurrentFile::read, path);
            assertThatExceptionOfType(WeightsFileException.class)
                    .isThrownBy(() -> RecurrentFile.read(path))
                    .withMessageContaining(layers < 200 ? "more than 100 layers" : "has at most 2200");
        }
    }

    private Path model(String json) {
        Path path = folder.resolve("model");
        Network network = new Network(RecurrentKind.LSTM, true, false, 2, List.of(new Network.Size(3, 0)));
        Map<String, Tensor> weights = new LinkedHashMap<>();
        ModelFile.put(weights, "", Networks.of(network, RANDOM, DType.FLOAT32).parameters());
        ModelFile.write(
                path,
                "unfold-recurrent",
                JsonParser.parseString(json.replace('\'', '"')).getAsJsonObject(),
                weights);
        return path;
    }

    private static String tensors(int count) {
        return "{" + names(count, EMPTY) + "}";
    }

    private static String names(int count, String of) {
        return IntStream.range(0, count)
                .mapToObj(i -> "\"weight_ih_l" + i + "\":" + of)
                .collect(Collectors.joining(","));
    }

    private static byte[] file(String header) {
        return file(header.length(), header);
    }

    private static byte[] file(long length, String header) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Long.BYTES + text.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .put(text)
                .array();
    }

    /** A refusal takes little memory, and little time: the second time at the latest, since classes are loaded at first. */
    private static void assertCheap(Consumer<Path> reading, Path path) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        assertThatExceptionOfType(WeightsFileException.class)
                .isThrownBy(() -> reading.accept(path))
                .satisfies(refused -> assertThat(refused.getMessage()).startsWith(path + ": "));
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(MOST_BYTES);
        long start = THREADS.getCurrentThreadCpuTime();
        assertThatExceptionOfType(WeightsFileException.class).isThrownBy(() -> reading.accept(path));
        long nanos = THREADS.getCurrentThreadCpuTime() - start;
        assertThat(nanos).isLessThan(1_000_000_000);
    }
}
