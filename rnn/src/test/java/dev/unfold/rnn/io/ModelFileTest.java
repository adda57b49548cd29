package dev.unfold.rnn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFileTest {
    private static final String KIND = "unfold-test";

    @TempDir
    private Path folder;

    private static Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("model/w", Tensor.of(new float[] {1, -0f, Float.NaN, 0.5f}, 2, 2));
        tensors.put("model/b", Tensor.of(new double[] {2}, 1));
        tensors.put("steps", Tensor.of(new int[] {7}));
        return tensors;
    }

    private static JsonObject json() {
        return JsonParser.parseString("{\"a\":[1,2.50,1e400,null],\"\\u00e9\\\"\":{\"x\":\"\\ud83d\\ude00\"}}")
                .getAsJsonObject();
    }

    private Path written() {
        Path file = folder.resolve("file");
        ModelFile.write(file, KIND, json(), tensors());
        return file;
    }

    @Test
    void should_read_what_was_written() {
        for (long seed = 0; seed < 100; seed++) {
            RandomTensors random = new RandomTensors(new SplittableRandom(seed));
            Map<String, Tensor> tensors = random.tensors();
            JsonObject json = new JsonObject();
            random.texts().forEach(json::addProperty);
            String kind = random.text();
            Path file = folder.resolve("file");
            ModelFile.write(file, kind, json, tensors);
            ModelFile read = ModelFile.read(file, kind);
            assertThat(read.json()).as("seed " + seed).isEqualTo(json);
            assertThat(List.copyOf(read.tensors().keySet()))
                    .as("seed " + seed)
                    .isEqualTo(List.copyOf(tensors.keySet()));
            tensors.forEach((name, tensor) -> assertThat(WeightBytes.bits(WeightBytes.at(name, read.tensors())))
                    .isEqualTo(WeightBytes.bits(tensor)));
        }
    }

    @Test
    void should_be_a_file_of_a_fixed_form() {
        Safetensors content = Safetensors.read(written());
        assertThat(content.metadata())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "format",
                        KIND,
                        "version",
                        "1",
                        "json",
                        "{\"a\":[1,2.50,1e400,null],\"\u00E9\\\"\":{\"x\":\"\uD83D\uDE00\"}}",
                        "sha256",
                        "6e930376cf15b80a4acd9564bccc1f54cbb5900a524e4434dc8cc2ebebb8e35e"));
        assertThat(content.tensors().keySet()).containsExactly("model/w", "model/b", "steps");
    }

    @Test
    void should_give_away_json_as_a_copy() {
        ModelFile file = ModelFile.read(written(), KIND);
        file.json().addProperty("more", 1);
        assertThat(file.json()).isEqualTo(json());
    }

    @Test
    void should_refuse_every_flipped_bit() throws IOException {
        Path file = written();
        byte[] bytes = Files.readAllBytes(file);
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            for (int bit = 0; bit < bytes.length * 8; bit++) {
                access.seek(bit / 8);
                access.write(bytes[bit / 8] ^ (1 << bit % 8));
                assertRefused(file, "bit " + bit, "");
                access.seek(bit / 8);
                access.write(bytes[bit / 8]);
            }
        }
        assertThat(ModelFile.read(file, KIND).json()).isEqualTo(json());
    }

    @Test
    void should_refuse_a_file_cut_short_anywhere() throws IOException {
        Path file = written();
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            for (long length = access.length() - 1; length >= 0; length--) {
                access.setLength(length);
                assertRefused(file, "length " + length, "");
            }
        }
    }

    @Test
    void should_refuse_every_change_of_what_it_holds() {
        Path file = written();
        Safetensors whole = Safetensors.read(file);
        List<Map<String, Tensor>> others = new ArrayList<>();
        Map<String, Tensor> reordered = new LinkedHashMap<>();
        List.of("steps", "model/w", "model/b").forEach(name -> reordered.put(name, WeightBytes.at(name, tensors())));
        others.add(reordered);
        others.add(changed("model/w", Tensor.of(new float[] {1, -0f, Float.NaN, 0.5f}, 4)));
        others.add(changed("model/w", Tensor.of(new float[] {1, 0f, Float.NaN, 0.5f}, 2, 2)));
        others.add(changed("steps", Tensor.of(new float[] {Float.intBitsToFloat(7)})));
        others.add(changed("more", Tensor.zeros(DType.INT32, 0)));
        for (Map<String, Tensor> other : others) {
            new Safetensors(other, whole.metadata()).write(file);
            assertRefused(file, other.toString(), "the file is damaged: the SHA-256 of what it holds is ");
        }
        for (String key : List.of("json", "sha256")) {
            Map<String, String> texts = new TreeMap<>(whole.metadata());
            texts.put(key, WeightBytes.at(key, texts).toUpperCase(Locale.ROOT));
            new Safetensors(tensors(), texts).write(file);
            assertRefused(file, key, "the file is damaged: the SHA-256 of what it holds is ");
            texts.remove(key);
            new Safetensors(tensors(), texts).write(file);
            assertRefused(file, key, "the file is damaged: its metadata are called ");
        }
    }

    private static Map<String, Tensor> changed(String name, Tensor tensor) {
        Map<String, Tensor> tensors = tensors();
        tensors.put(name, tensor);
        return tensors;
    }

    @Test
    void should_refuse_another_kind_and_a_newer_version() {
        Path file = written();
        assertThatExceptionOfType(WeightsFileException.class)
                .isThrownBy(() -> ModelFile.read(file, "unfold-model"))
                .withMessage(file + ": is of the kind 'unfold-test'; expected a file of the kind 'unfold-model'");
        Safetensors whole = Safetensors.read(file);
        Map<String, String> newer = new TreeMap<>(whole.metadata());
        newer.put("version", "2");
        newer.put("more", "");
        new Safetensors(whole.tensors(), newer).write(file);
        assertThatExceptionOfType(WeightsFileException.class)
                .isThrownBy(() -> ModelFile.read(file, KIND))
                .withMessage(file + ": its version is '2'; this release reads version 1; use the release that wrote"
                        + " it, or a newer one");
        new Safetensors(whole.tensors(), Map.of()).write(file);
        assertThatExceptionOfType(WeightsFileException.class)
                .isThrownBy(() -> ModelFile.read(file, KIND))
                .withMessage(file + ": is of no kind; expected a file of the kind 'unfold-test'");
    }

    @Test
    void should_refuse_json_that_cannot_be_read_again() {
        JsonObject nan = new JsonObject();
        nan.addProperty("x", Double.NaN);
        JsonObject deep = new JsonObject();
        JsonArray innermost = new JsonArray();
        deep.add("x", innermost);
        for (int i = 0; i < 300; i++) {
            JsonArray inner = new JsonArray();
            innermost.add(inner);
            innermost = inner;
        }
        for (JsonObject json : List.of(nan, deep)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ModelFile.write(folder.resolve("file"), KIND, json, tensors()))
                    .withMessageStartingWith("model file: its JSON cannot be read again: ");
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void should_copy_to_parameters_and_back() {
        List<Parameter> parameters = List.of(
                new Parameter("b", Tensor.zeros(DType.FLOAT64, 1)),
                new Parameter("w", Tensor.zeros(DType.FLOAT32, 2, 2)));
        ModelFile.read(written(), KIND, parameters, "model/").copyTo(parameters, "model/");
        assertThat(parameters.get(0).value().sameBits(WeightBytes.at("model/b", tensors())))
                .isTrue();
        assertThat(parameters.get(1).value().sameBits(WeightBytes.at("model/w", tensors())))
                .isTrue();
        Map<String, Tensor> back = new LinkedHashMap<>();
        ModelFile.put(back, "x.", parameters);
        assertThat(back.keySet()).containsExactly("x.b", "x.w");
        assertThat(back).containsEntry("x.b", parameters.get(0).value());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelFile.put(
                        back, "x", List.of(parameters.get(0), new Parameter(".w", Tensor.of(new float[] {1})))))
                .withMessage(
                        "model file: two tensors would be called 'x.w'; give parameters different names or prefixes");
    }

    @Test
    void should_copy_to_tensors_that_are_no_parameters() {
        Tensor steps = Tensor.of(new int[] {0});
        ModelFile.read(written(), KIND).copyTo(Map.of("steps", steps), "s");
        assertThat(steps.item()).isEqualTo(7);
        assertThatExceptionOfType(WeightsFileException.class)
                .isThrownBy(() -> ModelFile.read(written(), KIND).copyTo(Map.of("steps", steps), ""))
                .withMessageContaining(
                        "'model/w': expected nothing, found float32 [2, 2]; 'model/b': expected nothing");
    }

    @Test
    void should_refuse_weights_of_another_model_and_change_nothing() {
        Path file = written();
        List<Parameter> parameters = List.of(
                new Parameter("b", Tensor.of(new double[] {9}, 1)),
                new Parameter("w", Tensor.of(new double[] {9, 9, 9, 9}, 2, 2)),
                new Parameter("u", Tensor.of(new float[] {9}, 1)));
        String complaint = file
                + ": its weights are not those of the model: 'model/w': expected float64 [2, 2], found float32 [2, 2];"
                + " 'model/u': expected float32 [1], found nothing; make the model with the settings that the file was written with";
        assertThatExceptionOfType(WeightsFileException.class)
                .isThrownBy(() -> ModelFile.read(file, KIND).copyTo(parameters, "model/"))
                .withMessage(complaint);
        assertThatExceptionOfType(WeightsFileException.class)
                .isThrownBy(() -> ModelFile.read(file, KIND, parameters, "model/"))
                .withMessage(complaint);
        parameters.forEach(each -> assertThat(each.value().getFlat(0)).isEqualTo(9));
        List<Parameter> fewer = List.of(new Parameter("w", Tensor.zeros(DType.FLOAT32, 4)));
        assertThatExceptionOfType(WeightsFileException.class)
                .isThrownBy(() -> ModelFile.read(file, KIND).copyTo(fewer, "model/"))
                .withMessageContaining(": 'model/w': expected float32 [4], found float32 [2, 2];"
                        + " 'model/b': expected nothing, found float64 [1]; make");
    }

    @Test
    void should_name_ten_that_differ_and_count_the_others() {
        List<Parameter> many = IntStream.range(0, 22)
                .mapToObj(i -> new Parameter("p" + i, Tensor.of(new float[] {1}, 1)))
                .toList();
        Path file = written();
        assertThatExceptionOfType(WeightsFileException.class)
                .isThrownBy(() -> ModelFile.read(file, KIND).copyTo(many, "model/"))
                .withMessageContaining("'model/p9': expected float32 [1], found nothing; and 14 more; make the model")
                .withMessageNotContaining("p10");
    }

    @Test
    void should_take_no_memory_for_weights_of_another_model() {
        Path file = folder.resolve("file");
        ModelFile.write(file, KIND, json(), Map.of("w", Tensor.zeros(DType.FLOAT32, 4_000_000)));
        List<Parameter> parameters = List.of(new Parameter("w", Tensor.zeros(DType.FLOAT32, 2)));
        assertThat(WeightBytes.allocated(() -> assertThatExceptionOfType(WeightsFileException.class)
                        .isThrownBy(() -> ModelFile.read(file, KIND, parameters, ""))
                        .withMessageContaining("found float32 [4000000]")))
                .isLessThan(4_000_000);
    }

    private static void assertRefused(Path file, String what, String complaint) {
        try {
            ModelFile.read(file, KIND);
        } catch (WeightsFileException refused) {
            assertThat(refused).as(what).hasMessageStartingWith(file + ": " + complaint);
            return;
        }
        throw new AssertionError(what + " is not refused");
    }
}
