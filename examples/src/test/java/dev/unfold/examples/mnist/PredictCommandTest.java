package dev.unfold.examples.mnist;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.unfold.examples.CommandRun;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.io.ModelFile;
import dev.unfold.rnn.model.Weights;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PredictCommandTest {
    private static final Digits DIGITS = MnistData.embedded().test();

    @TempDir
    private static Path shared;

    @TempDir
    private Path folder;

    private static Path model = Path.of("");

    @BeforeAll
    static void train() {
        model = shared.resolve("small.model");
        CommandRun run = train(model, "--fraction 0.3 --epochs 4 --hidden 32 --cell gru");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void should_read_pictures_as_the_network_reads_the_digits() throws IOException {
        DigitNetwork network = DigitFile.read(model);
        List<String> args = new ArrayList<>(List.of("mnist", "predict", "--model", model.toString()));
        List<String> expected = new ArrayList<>();
        for (int number = 0; number < 30; number++) {
            float[] digit = Pictures.digit(DIGITS, number);
            Path file = folder.resolve(number + ".png");
            Pictures.write(Pictures.page(digit, 1 + number % 5, 40, 7, 2, 19, Color.BLUE, Color.WHITE), file);
            args.add(file.toString());
            Tensor probabilities = network.classifier().probabilities(Tensor.of(digit, 28, 1, 28));
            int best = 0;
            for (int i = 1; i < 10; i++) {
                best = probabilities.getFlat(i) > probabilities.getFlat(best) ? i : best;
            }
            expected.add(file + ": " + best + " with probability ");
        }
        CommandRun run = CommandRun.of(args.toArray(String[]::new));
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        List<String> lines = run.out().lines().toList();
        assertThat(lines)
                .hasSize(30)
                .allMatch(line -> line.matches(".*: \\d with probability [01]\\.\\d{4}, then \\d with 0\\.\\d{4}"));
        for (int i = 0; i < 30; i++) {
            assertThat(lines.get(i)).startsWith(expected.get(i));
        }
    }

    @Test
    void should_show_what_the_network_saw() throws IOException {
        float[] digit = Pictures.digit(DIGITS, 5);
        Path file = Pictures.write(
                Pictures.page(digit, 3, 40, 7, 2, 19, Color.BLACK, Color.WHITE), folder.resolve("five.png"));
        Path plots = folder.resolve("new/plots");
        CommandRun run = predict("--plots", plots.toString(), file.toString(), file.toString());
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).endsWith("what the network saw in " + plots + System.lineSeparator());
        assertThat(plots.toFile().list()).containsExactlyInAnyOrder("1-five.png", "2-five.png");
        BufferedImage seen = ImageIO.read(plots.resolve("2-five.png").toFile());
        assertThat(seen.getWidth()).isEqualTo(280);
        for (int i = 0; i < 784; i++) {
            int shown = seen.getRaster().getSample(i % 28 * 10 + 5, i / 28 * 10 + 5, 0);
            assertThat(shown).isBetween(Math.round(255 * digit[i]) - 6, Math.round(255 * digit[i]) + 2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--steps 784 --hidden 3",
                "--pixels 56 --hidden 4 --cell lstm-peephole --layers 2",
                "--hidden 4 --bidirectional --cell mgu --keep-probability 0.5 --precision float64",
                "--hidden 4 --layers 2 --bidirectional --cell gru-after --patience 1"
            })
    void should_save_models_of_every_shape(String options) throws IOException {
        Path file = folder.resolve("some.model");
        Path json = folder.resolve("some.json");
        assertThat(train(file, options + " --fraction 0.004 --epochs 2 --json " + json)
                        .err())
                .isEmpty();
        JsonObject results =
                JsonParser.parseString(Files.readString(json)).getAsJsonObject().getAsJsonObject("results");
        assertThat(Weights.sha256(DigitFile.read(file).parameters()))
                .isEqualTo(results.get("weights_sha256").getAsString());
        Path digit = Pictures.write(
                Pictures.page(Pictures.digit(DIGITS, 5), 1, 0, 0, 0, 0, Color.WHITE, Color.BLACK),
                folder.resolve("five.png"));
        CommandRun run = CommandRun.of("mnist", "predict", "--model", file.toString(), digit.toString());
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).startsWith(digit + ": ");
    }

    @Test
    void should_report_what_it_read() throws IOException {
        Path file = Pictures.write(
                Pictures.page(Pictures.digit(DIGITS, 5), 3, 9, 9, 9, 9, Color.BLACK, Color.WHITE),
                folder.resolve("five.png"));
        Path json = folder.resolve("read.json");
        CommandRun run = predict(
                "--quiet", "--json", json.toString(), "--plots", folder.toString(), file.toString(), file.toString());
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        JsonObject report = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
        assertThat(report.get("command").getAsString()).isEqualTo("mnist predict");
        JsonObject picture = report.getAsJsonObject("results")
                .getAsJsonArray("pictures")
                .get(1)
                .getAsJsonObject();
        assertThat(picture.keySet())
                .containsExactly("file", "digit", "probability", "runner_up", "runner_up_probability");
        String line = String.format(
                Locale.ROOT,
                "%s: %d with probability %.4f, then %d with %.4f",
                picture.get("file").getAsString(),
                picture.get("digit").getAsInt(),
                picture.get("probability").getAsDouble(),
                picture.get("runner_up").getAsInt(),
                picture.get("runner_up_probability").getAsDouble());
        assertThat(run.out().lines()).containsExactly(line, line);
    }

    @Test
    void should_print_nothing_where_one_of_several_pictures_is_bad() throws IOException {
        Path good = Pictures.write(
                Pictures.page(Pictures.digit(DIGITS, 5), 1, 0, 0, 0, 0, Color.WHITE, Color.BLACK),
                folder.resolve("five.png"));
        Path bad = Files.writeString(folder.resolve("bad.png"), "bad");
        CommandRun run = predict(good.toString(), bad.toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.errLines())
                .containsExactly("unfold mnist predict: " + bad
                        + ": is no picture of a known form; expected PNG, JPEG, GIF or BMP");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            mnist predict five.png                    | mnist predict: Missing required option: '--model=FILE'
            mnist predict --model m                   | mnist predict: Missing required parameter: 'IMAGE'
            mnist --hidden 3 predict --model m a.png  | mnist predict: --hidden has no effect on mnist predict; leave it out
            mnist predict --model m --plots pom.xml a | mnist predict: --plots: ROOT/pom.xml is a file; expected a folder
            mnist predict --model m --json target/no/such/file a | mnist predict: --json: the folder of target/no/such/file does not
            mnist predict --model target/m --json target/m a | mnist predict: --json is target/m; expected a name that no other
            mnist --patience 3 --epochs 5 --evaluate 2 | mnist: --patience is 3, but there are only 3 measurements; expected less
            mnist --save target/no/such/file          | mnist: --save: the folder of target/no/such/file does not exist; make it first
            mnist --save target/a --json target/a     | mnist: --save is target/a; expected a name that no other option has
            mnist --save target/a --compare gru,mgu   | mnist: --save takes one model; leave out --compare or it
            """)
    void should_refuse_what_has_no_effect(String line, String complaint) {
        CommandRun run = CommandRun.of(line.split(" ", -1));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.errLines())
                .singleElement()
                .asString()
                .startsWith("unfold "
                        + complaint.replace("ROOT", Path.of("").toAbsolutePath().toString()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                     | cell null, precision null; expected one of each
            {"cell": "ELMAN", "dtype": "FLOAT32"}  | cell null, precision float32; expected one of each
            {"cell": "GRU", "dtype": "INT32"}      | cell gru, precision int32; expected one of each
            {"cell": "GRU", "dtype": "FLOAT32"}    | 0 steps, 0 pixels, hidden size 0, 0 layers; expected at least 1 of each
            {"cell": "GRU", "dtype": "FLOAT32", "steps": 28, "pixels": 28, "hidden": 20000, "layers": 2, "keep_probability": 1} | [28, 60000]
            {"cell": "GRU", "dtype": "FLOAT32", "steps": 28, "pixels": 28, "hidden": 3, "layers": 1, "keep_probability": 7} | keep probability 7.0
            {"cell": "GRU", "dtype": "FLOAT32", "steps": "many"} | many
            """)
    void should_refuse_settings_that_no_network_has(String settings, String complaint) {
        Path file = folder.resolve("bad.model");
        ModelFile.write(file, "unfold-mnist", JsonParser.parseString(settings).getAsJsonObject(), Map.of());
        CommandRun run = CommandRun.of("mnist", "predict", "--model", file.toString(), "five.png");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.errLines())
                .singleElement()
                .asString()
                .startsWith(
                        "unfold mnist predict: " + file + ": its settings are not those of a model of mnist --save: ")
                .contains(complaint);
    }

    @Test
    void should_refuse_files_that_hold_no_such_model() throws IOException {
        Path missing = folder.resolve("missing.model");
        assertFails(missing, missing.toString());
        Path text = Files.writeString(folder.resolve("text.model"), "no model at all, but text");
        assertFails(text, text.toString());
        Path other = folder.resolve("other.model");
        ModelFile.write(other, "unfold-other", new JsonObject(), Map.of());
        assertFails(other, other + ": is of the kind 'unfold-other'; expected a file of the kind 'unfold-mnist'");
        Path few = folder.resolve("few.model");
        ModelFile whole = ModelFile.read(model, "unfold-mnist");
        Map<String, Tensor> tensors = new LinkedHashMap<>(whole.tensors());
        tensors.put("mnist.output.w2", Tensor.of(new float[1000], 1000));
        ModelFile.write(few, "unfold-mnist", whole.json(), tensors);
        assertFails(few, few + ": its weights are not those of the model: 'mnist.output.w2': expected nothing");
    }

    @Test
    void should_refuse_a_model_of_other_images() throws IOException {
        Path file = folder.resolve("tiny.model");
        DigitFolder.write(folder, 12, 4);
        assertThat(train(file, "--hidden 2 --epochs 1 --data " + folder).err()).isEmpty();
        assertFails(file, file + ": is a model of images of 12 pixels; expected one of 28 x 28");
    }

    private static void assertFails(Path file, String complaint) {
        CommandRun run = CommandRun.of("mnist", "predict", "--model", file.toString(), "five.png");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.errLines()).singleElement().asString().startsWith("unfold mnist predict: " + complaint);
    }

    private static CommandRun predict(String... args) {
        List<String> all = new ArrayList<>(List.of("mnist", "predict", "--model", model.toString()));
        all.addAll(List.of(args));
        return CommandRun.of(all.toArray(String[]::new));
    }

    private static CommandRun train(Path file, String options) {
        return CommandRun.of(("mnist --quiet --save " + file + " " + options).split(" ", -1));
    }
}
