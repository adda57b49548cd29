package dev.unfold.examples.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.base.Splitter;
import com.google.common.collect.Iterables;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.unfold.examples.CommandRun;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.io.ModelFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextCommandTest {
    private static final String RHYME = "The cat sat on the mat. The dog sat on the log; a cow stood by the door.\n";
    private static final String SMALL = " --embedding 6 --hidden 10 --batch 4 --steps 5";

    @TempDir
    private Path folder;

    private String rhyme() throws IOException {
        return " --file " + Files.writeString(folder.resolve("rhyme.txt"), RHYME.repeat(30));
    }

    @ParameterizedTest
    @ValueSource(strings = {"course", "words", "characters"})
    void should_learn_a_rhyme_better_than_its_frequencies(String tokens) throws IOException {
        JsonObject results = results(rhyme() + SMALL + " --learning-rate 0.02 --epochs 6 --tokens " + tokens);
        double perplexity = results.get("perplexity").getAsDouble();
        assertThat(perplexity)
                .isLessThan(0.5 * results.get("unigram_perplexity").getAsDouble());
        JsonArray epochs = results.getAsJsonArray("epochs");
        JsonObject kept = epochs.get(results.get("kept_epoch").getAsInt() - 1).getAsJsonObject();
        assertThat(kept.get("dev_perplexity").getAsDouble()).isEqualTo(perplexity);
        assertThat(Math.exp(kept.get("dev_loss").getAsDouble())).isEqualTo(perplexity, within(1e-9));
        assertThat(results.get("dev_hits").getAsDouble()
                        / results.get("dev_tokens").getAsInt())
                .isEqualTo(results.get("dev_accuracy").getAsDouble());
        assertThat(results.getAsJsonArray("samples")).hasSize(1);
    }

    @Test
    void static_and_any_threads_should_give_the_bits_of_dynamic() throws IOException {
        String options = rhyme() + SMALL + " --layers 2 --keep-probability 0.7 --epochs 2 --cell gru --schedule cosine";
        JsonObject expected = results(options);
        for (String way : List.of(" --unroll static", " --threads 2", " --unroll static --threads 2")) {
            JsonObject results = results(options + way);
            assertThat(results.get("weights_sha256")).as(way).isEqualTo(expected.get("weights_sha256"));
            assertThat(results.get("perplexity")).as(way).isEqualTo(expected.get("perplexity"));
            assertThat(results.get("samples")).as(way).isEqualTo(expected.get("samples"));
        }
        assertThat(results(options + " --seed 2").get("weights_sha256")).isNotEqualTo(expected.get("weights_sha256"));
    }

    @Test
    void a_training_should_go_on_from_its_folder_to_the_same_bits() throws IOException {
        String options = rhyme() + SMALL + " --epochs ";
        String folderOption = " --checkpoints " + folder.resolve("checkpoints");
        results(options + 1 + folderOption);
        CommandRun inside =
                run(options + 2 + folderOption + " --save " + folder.resolve("checkpoints/last.safetensors"));
        assertThat(inside.exitCode()).isEqualTo(2);
        assertThat(inside.err()).contains("expected a folder into which no other option writes");
        assertThat(run(options + 2 + folderOption).out()).contains("going on behind epoch 1 (update ");
        assertThat(results(options + 3 + folderOption + " --unroll static").get("weights_sha256"))
                .isEqualTo(results(options + 3).get("weights_sha256"));
    }

    @Test
    void a_training_should_go_on_whatever_is_sampled_behind_it() throws IOException {
        String options = rhyme() + SMALL + " --checkpoints " + folder.resolve("checkpoints");
        results(options + " --epochs 1");
        for (String sampling :
                List.of("--length 3 --prompt the --samples 2 --top-k 3 --temperature 2", "--start cat --greedy")) {
            CommandRun run = run(options + " --epochs 2 " + sampling);
            assertThat(run.exitCode()).as(run.err()).isZero();
        }
    }

    @Test
    void a_training_should_go_on_with_the_same_text_wherever_it_is() throws IOException {
        String options = SMALL + " --checkpoints " + folder.resolve("checkpoints") + " --epochs ";
        String file = rhyme();
        results(file + options + 1);
        Path moved = Files.move(folder.resolve("rhyme.txt"), folder.resolve("moved.txt"));
        assertThat(run(" --file " + moved + options + 2).out()).contains("going on behind epoch 1 (update ");
        // As long, and of as many different words.
        for (String other : List.of(RHYME.replace("cat", "cow"), RHYME.replace("dog", "pig"))) {
            Files.writeString(folder.resolve("rhyme.txt"), other.repeat(30));
            CommandRun run = run(file + options + 3);
            assertThat(run.exitCode()).isNotZero();
            assertThat(run.errLines()).singleElement().asString().contains("setting text");
        }
    }

    @Test
    void the_seconds_of_a_training_should_be_those_of_all_its_parts() throws IOException {
        String options = rhyme() + SMALL + " --checkpoints " + folder.resolve("checkpoints") + " --epochs ";
        results(options + 2);
        JsonObject results = results(options + 3);
        double seconds = 0;
        for (JsonElement epoch : results.getAsJsonArray("epochs")) {
            seconds += epoch.getAsJsonObject().get("seconds").getAsDouble();
        }
        assertThat(results.get("train_seconds").getAsDouble()).isCloseTo(seconds, within(1e-9));
    }

    @Test
    void should_measure_on_training_text_behind_each_epoch() throws IOException {
        JsonObject results = results(rhyme() + SMALL + " --learning-rate 0.02 --epochs 3 --patience 0");
        JsonArray epochs = results.getAsJsonArray("epochs");
        for (JsonElement each : epochs) {
            JsonObject epoch = each.getAsJsonObject();
            assertThat(epoch.get("measured_train_loss").getAsDouble())
                    .as("behind an epoch, better than while learning")
                    .isPositive()
                    .isLessThan(epoch.get("train_loss").getAsDouble());
            double hits = epoch.get("train_accuracy").getAsDouble()
                    * results.get("dev_tokens").getAsInt();
            assertThat(hits).as("of as many as for validation").isCloseTo(Math.rint(hits), within(1e-9));
        }
        JsonObject kept = epochs.get(results.get("kept_epoch").getAsInt() - 1).getAsJsonObject();
        assertThat(results.get("train_accuracy")).isEqualTo(kept.get("train_accuracy"));
    }

    @Test
    void a_saved_model_should_write_the_text_that_it_wrote_when_it_was_trained() throws IOException {
        Path model = folder.resolve("model");
        String sampling = " --prompt the --samples 2 --length 12 --temperature 1.5 --top-k 4 --seed 6";
        JsonArray samples = results(
                        rhyme() + SMALL + " --epochs 1 --layers 2 --keep-probability 0.9 --precision float64" + sampling
                                + " --save " + model)
                .getAsJsonArray("samples");
        CommandRun run = run("sample --model " + model + sampling);
        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines())
                .containsExactly(
                        samples.get(0).getAsString(), "", samples.get(1).getAsString());
        assertThat(run("sample --model " + model).out())
                .as("begins as the text begins")
                .startsWith("the ");
        assertThat(run("sample --model " + model + " --start dog --greedy --length 3")
                        .out())
                .startsWith("dog ")
                .isEqualTo(run("sample --model " + model + " --start Dog --top-k 1 --length 3")
                        .out());
    }

    @Test
    void sampling_should_write_settings_and_samples() throws IOException {
        Path model = folder.resolve("model");
        Path json = folder.resolve("samples.json");
        results(rhyme() + SMALL + " --epochs 1 --save " + model);
        String options = "sample --model " + model + " --samples 2 --length 3 --seed 4 --json " + json;
        CommandRun quiet = run(options + " --quiet");
        JsonObject report = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
        assertThat(report.keySet()).containsExactly("command", "settings", "environment", "results");
        assertThat(report.get("command").getAsString()).isEqualTo("text sample");
        JsonObject settings = report.getAsJsonObject("settings");
        assertThat(settings.get("seed").getAsInt()).isEqualTo(4);
        assertThat(settings.get("length").getAsInt()).isEqualTo(3);
        JsonArray samples = report.getAsJsonObject("results").getAsJsonArray("samples");
        assertThat(quiet.out().lines())
                .containsExactly(
                        samples.get(0).getAsString(), "", samples.get(1).getAsString());
        assertThat(run(options).out().lines()).last().asString().isEqualTo("figures in " + json);
        assertThat(run("sample --model " + model + " --json " + model).err())
                .startsWith("unfold text sample: --json is " + model + "; expected another name than that of --model");
        assertThat(run("sample --model " + model + " --json " + folder).err())
                .startsWith("unfold text sample: --json: " + folder + " is a folder");
    }

    @Test
    void words_that_training_has_not_should_be_measured_as_unknown() throws IOException {
        Path file = Files.writeString(folder.resolve("new"), "a b ".repeat(45) + "x y z x y z q r s t");
        JsonObject results = results(" --file " + file + SMALL + " --epochs 2");
        assertThat(results.get("dev_unknown_share").getAsDouble()).isEqualTo(1);
        assertThat(results.get("train_unknown_share").getAsDouble()).isZero();
        assertThat(results.get("perplexity").getAsDouble()).isFinite();
    }

    @Test
    void should_read_gzip_and_bytes_marks_as_the_plain_text() throws IOException {
        String options = SMALL + " --epochs 1";
        JsonObject expected = results(rhyme() + options);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            out.write(("\uFEFF" + RHYME.repeat(30).replace("\n", "\r\n")).getBytes(StandardCharsets.UTF_8));
        }
        Path file = Files.write(folder.resolve("packed"), packed.toByteArray());
        assertThat(results(" --file " + file + options).get("weights_sha256"))
                .isEqualTo(expected.get("weights_sha256"));
    }

    @Test
    void should_draw_perplexity_and_accuracy() throws IOException {
        Path plots = folder.resolve("plots");
        assertThat(run(rhyme() + SMALL + " --epochs 3 --learning-rate 0.02 --plots " + plots)
                        .exitCode())
                .isZero();
        for (String name : List.of("perplexity.png", "accuracy.png")) {
            assertThat(ImageIO.read(plots.resolve(name).toFile())).as(name).satisfies(image -> {
                assertThat(image.getWidth()).isEqualTo(800);
                assertThat(image.getHeight()).isEqualTo(500);
            });
        }
    }

    @Test
    void should_train_on_the_embedded_text_and_tell_how_it_goes() {
        CommandRun run = run("--embedding 4 --hidden 4 --batch 64 --steps 10 --epochs 1 --min-count 20 --length 5");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("47,361 words to train on, 5,261 to measure on;")
                .contains("epoch  train loss  train perplexity  validation loss  validation perplexity  accuracy")
                .containsPattern("validation perplexity [0-9.]+ \\(of frequencies alone [0-9.]+\\), accuracy 0\\.");
        assertThat(run.out().lines().reduce((a, b) -> b)).get().asString().doesNotContain("<unk>");
    }

    @Test
    void quiet_should_print_the_result_and_the_sample_alone() throws IOException {
        CommandRun run = run(rhyme() + SMALL + " --epochs 2 --quiet --start cat --length 3");
        assertThat(run.out().lines()).hasSize(3);
        assertThat(run.out().lines().findFirst()).get().asString().startsWith("validation perplexity ");
        assertThat(run.out().lines().skip(2)).singleElement().asString().startsWith("cat ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --start catt            | --start: the model does not know the word 'catt'; it knows cat
            --start zebra           | --start: the model does not know the word 'zebra', or one like it
            --prompt the~moon       | --prompt: the model does not know the word 'moon', or one like it
            --start the~cat         | --start is 'the cat', 2 words; expected one; give several by --prompt
            --start ~               | --start is ' '; expected at least one word
            --start <unk>           | --start: the model does not know the word '<unk>', or one like it
            --tokens characters --start z | --start: the model does not know the character 'z', or one like it
            --start a --prompt b    | --start and --prompt say the same; give one of them
            --greedy --top-k 2      | --top-k has no effect with --greedy; give one of them
            --greedy --temperature 1 | --temperature has no effect with --greedy; give one of them
            --greedy --samples 2    | --samples is 2; with --greedy all are the same; leave it out
            --temperature 0         | --temperature is 0.0; expected a finite number above 0; for the likeliest give --greedy
            --temperature NaN       | --temperature is NaN; expected a finite number above 0; for the likeliest give --greedy
            --top-k 0               | --top-k is 0; expected at least 1
            --length 0              | --length is 0; expected at least 1
            --samples 0             | --samples is 0; expected 1 to 1000
            --keep-probability 0.5  | --keep-probability has no effect on one layer, with nothing above it; give --layers 2 or more
            --keep-probability 0 --layers 2 | --keep-probability is 0.0; expected above 0 and at most 1
            --tokens letters        | Invalid value for option '--tokens': 'letters' is none of course, words, characters
            --schedule steps        | Invalid value for option '--schedule': 'steps' is none of linear, constant, cosine, step, exponential, plateau
            --vocabulary 0          | --vocabulary is 0; expected at least 1
            --epochs 0              | --epochs is 0; expected at least 1
            --clip-norm 0           | --clip-norm is 0.0; expected a number above 0
            --patience 4 --epochs 5 | --patience is 4, which never stops 5 epochs before their end; give a smaller one, or leave it out
            --patience 12           | --patience is 12, which never stops 12 epochs before their end; give a smaller one, or leave it out
            --learning-rate -1      | --learning-rate is -1.0; expected above 0
            """)
    void should_name_a_bad_option_and_what_was_expected(String options, String complaint) throws IOException {
        CommandRun run = CommandRun.of(args(rhyme() + SMALL + " " + options).stream()
                .map(each -> each.replace('~', ' '))
                .toArray(String[]::new));
        assertThat(run.errLines()).containsExactly("unfold text: " + complaint + " (see unfold text --help)");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void should_refuse_to_save_over_what_it_reads_or_writes_besides() throws IOException {
        String file = rhyme();
        Path json = folder.resolve("report.json");
        for (String options : List.of(
                file + " --save " + folder.resolve("rhyme.txt"), file + " --json " + json + " --save " + json)) {
            CommandRun run = run(options);
            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.err()).contains("expected a name that no other option has");
        }
    }

    @Test
    void should_complain_of_a_bad_file_in_one_line() throws IOException {
        Path file = folder.resolve("bad");
        assertFails(file, "cannot be read: ");
        Files.createDirectory(file);
        assertFails(file, "is a directory; expected a file");
        Files.delete(file);
        Files.write(file, new byte[] {'a', '\n', 'b', (byte) 0xE9, '\n'});
        assertFails(file, "line 2 is no text in UTF-8; expected UTF-8, gzipped or not; convert the file");
        Files.writeString(file, "");
        assertFails(file, "holds no text; expected at least some words");
        Files.writeString(file, " \n\n\t");
        assertFails(file, "holds no text; expected at least some words");
        Files.writeString(file, "one two three");
        assertFails(
                file,
                "holds 3 words; expected at least 20, and in the first nine tenths more than --batch, which is 4");
        Files.writeString(file, "one two three four five six seven eight nine ten ".repeat(2));
        assertFails(
                file, "no word comes as often as --min-count says, 3 times; give a smaller one", "--min-count", "3");
        assertFails(file, "holds 20 words; expected at least 20, and in", "--batch", "18");
    }

    private static void assertFails(Path file, String complaint, String... options) {
        String[] all = Iterables.toArray(
                Iterables.concat(List.of("text", "--file", file.toString()), List.of(options)), String.class);
        CommandRun run = CommandRun.of(all);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
        assertThat(run.errLines()).singleElement().asString().startsWith("unfold text: " + file + ": " + complaint);
    }

    @Test
    void sampling_should_complain_of_its_options_and_of_a_file_that_is_no_model() throws IOException {
        Path file = Files.writeString(folder.resolve("none"), "no model");
        CommandRun run = run("sample --model " + file);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.errLines()).singleElement().asString().startsWith("unfold text sample: " + file + ": ");
        assertThat(run("sample").err()).contains("Missing required option: '--model=FILE'");
        assertThat(run("sample --seed -1 --model " + file).err())
                .startsWith("unfold text sample: --seed is -1; expected at least 0");
        assertThat(run("--epochs 2 sample --model " + file).err())
                .startsWith("unfold text sample: --epochs has no effect on text sample; leave it out");
        assertThat(run("--length 2 sample --model " + file).err())
                .startsWith("unfold text sample: --length has no effect before sample; give it behind");
        Path model = folder.resolve("model");
        assertThat(run(rhyme() + SMALL + " --epochs 1 --save " + model).exitCode())
                .isZero();
        CommandRun unknown = run("sample --model " + model + " --start doog");
        assertThat(unknown.exitCode()).isEqualTo(2);
        assertThat(unknown.errLines())
                .containsExactly("unfold text sample: --start: the model does not know the word 'doog'; it knows dog"
                        + " (see unfold text sample --help)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'shape': 3}",
                "{'start': 'a', 'vocabulary': ['<unk>', 'a']}",
                "{'shape': {'tokens': 'LETTERS', 'cell': 'GRU', 'embedding': 1, 'hidden': 1, 'layers': 1, 'keep': 1, 'dtype': 'FLOAT32'},"
                        + " 'start': 'a', 'vocabulary': ['<unk>', 'a']}",
                "{'shape': {'tokens': 'COURSE', 'cell': 'GRU', 'embedding': 1, 'hidden': 1, 'layers': 1, 'keep': 1, 'dtype': 'FLOAT32'},"
                        + " 'vocabulary': ['<unk>', 'a']}",
                "{'shape': {'tokens': 'COURSE', 'cell': 'GRU', 'embedding': 1, 'hidden': 1, 'layers': 0, 'keep': 1, 'dtype': 'FLOAT32'},"
                        + " 'start': 'a', 'vocabulary': ['<unk>', 'a']}",
                "{'shape': {'tokens': 'COURSE', 'cell': 'GRU', 'embedding': 1, 'hidden': 2000000, 'layers': 1, 'keep': 1, 'dtype': 'FLOAT32'},"
                        + " 'start': 'a', 'vocabulary': ['<unk>', 'a']}"
            })
    void sampling_should_refuse_a_file_that_describes_no_model(String json) {
        Path file = folder.resolve("model");
        ModelFile.write(
                file,
                "unfold-text",
                JsonParser.parseString(json).getAsJsonObject(),
                Map.of("x", Tensor.of(new float[4], 4)));
        CommandRun run = run("sample --model " + file);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.errLines())
                .singleElement()
                .asString()
                .startsWith("unfold text sample: " + file + ": does not describe a model of text --save: ");
    }

    @Test
    void should_say_where_training_diverged() throws IOException {
        CommandRun run = run(rhyme() + SMALL + " --learning-rate 1e38");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.errLines()).singleElement().asString().startsWith("unfold text: training stopped in epoch 1");
    }

    private JsonObject results(String options) throws IOException {
        Path json = folder.resolve("report.json");
        CommandRun run = run(options + " --json " + json);
        assertThat(run.exitCode()).as(run.err()).isZero();
        return JsonParser.parseString(Files.readString(json)).getAsJsonObject().getAsJsonObject("results");
    }

    private static List<String> args(String options) {
        return Splitter.on(' ').omitEmptyStrings().splitToList("text " + options);
    }

    private static CommandRun run(String options) {
        return CommandRun.of(args(options).toArray(new String[0]));
    }
}
