package dev.unfold.examples.pos;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.unfold.examples.CommandRun;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaggerCommandTest {
    private static final String SMALL =
            "--hidden 6 --embedding 8 --learning-rate 0.02 --dropout 0.1 --batch 4 --patience 0 ";
    private static final String TRAIN = "the_D dog_N runs_V\na_D cat_N sleeps_V\nthe_D cat_N runs_V ._P\n".repeat(8);

    @TempDir
    private Path folder;

    private static CommandRun run(String options) {
        return CommandRun.of(("pos " + options).trim().split(" +"));
    }

    private String files(String train, String dev) throws IOException {
        return "--train " + Files.writeString(folder.resolve("train.txt"), train) + " --dev "
                + Files.writeString(folder.resolve("dev.txt"), dev) + " ";
    }

    private Path trained() throws IOException {
        Path model = folder.resolve("model");
        CommandRun run =
                run(files(TRAIN, "a_D dog_N sleeps_V\n") + SMALL + "--epochs 8 --baseline none --save " + model);
        assertThat(run.exitCode()).as(run.err()).isZero();
        return model;
    }

    @Test
    void should_train_on_the_embedded_sample_and_say_that_it_is_tiny() throws IOException {
        Path json = folder.resolve("pos.json");
        Path plots = folder.resolve("plots");
        CommandRun run = run(SMALL + "--epochs 2 --json " + json + " --plots " + plots);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .startsWith("The embedded sample is tiny")
                .contains("training: 96 sentences", "epoch  train loss")
                .containsPattern("(?m)^recurrent +0\\.\\d{4} +- ")
                .containsPattern("(?m)^Tribuo CRF +0\\.\\d{4} +- ");
        assertThat(plots.resolve("loss.png")).isNotEmptyFile();
        assertThat(plots.resolve("accuracy.png")).isNotEmptyFile();
        JsonObject report = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
        JsonObject results = report.getAsJsonObject("results");
        assertThat(report.getAsJsonObject("settings").get("hidden").getAsInt()).isEqualTo(6);
        assertThat(results.getAsJsonArray("taggers")).hasSize(2);
        assertThat(results.getAsJsonArray("epochs")).hasSize(2);
        assertThat(results.get("weights_sha256").getAsString()).hasSize(64);
        assertThat(results.get("parameters").getAsLong()).isPositive();
        assertThat(results.get("dev_hits").getAsDouble()
                        / results.get("dev_tokens").getAsInt())
                .isEqualTo(results.get("dev_accuracy").getAsDouble());
    }

    @Test
    void should_learn_measure_and_have_the_same_bits_in_both_modes() throws IOException {
        String files = files(TRAIN, "a_D dog_N sleeps_V\n");
        List<String> weights = new ArrayList<>();
        for (String mode : List.of("--unroll dynamic", "--unroll static", "--threads 2")) {
            Path json = folder.resolve("pos.json");
            Path test = Files.writeString(folder.resolve("test"), "the_D dog_N sleeps_V\n");
            CommandRun run =
                    run(files + SMALL + "--epochs 12 --baseline none " + mode + " --test " + test + " --json " + json);
            assertThat(run.exitCode()).as(run.err()).isZero();
            assertThat(run.out()).containsPattern("(?m)^recurrent +1\\.0000 +1\\.0000 ");
            weights.add(JsonParser.parseString(Files.readString(json))
                    .getAsJsonObject()
                    .getAsJsonObject("results")
                    .get("weights_sha256")
                    .getAsString());
        }
        assertThat(weights).containsOnly(weights.get(0));
    }

    @Test
    void tags_that_training_has_not_should_be_named_and_missed() throws IOException {
        CommandRun run = run(files(TRAIN, "a_D dog_N sleeps_NEW\n") + SMALL + "--epochs 12");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .startsWith("tags of the dev sentences that training has not, which are missed: {NEW=1}")
                .containsPattern("(?m)^recurrent +0\\.6667 ")
                .containsPattern("(?m)^Tribuo CRF +0\\.6667 ");
    }

    @Test
    void a_saved_model_should_tag_files_and_standard_input() throws IOException {
        Path model = trained();
        Path text = Files.writeString(folder.resolve("text"), "the dog sleeps\n\na zebra runs .\n");
        CommandRun words = run("tag --model " + model + " " + text);
        assertThat(words.exitCode()).as(words.err()).isZero();
        assertThat(words.out().lines()).hasSize(2).first().isEqualTo("the_D dog_N sleeps_V");
        assertThat(words.out().lines().skip(1).findFirst().orElseThrow()).matches("a_D zebra_\\S runs_V \\._P");
        CommandRun rows = run("tag --output conllu --model " + model + " " + text);
        assertThat(rows.out())
                .startsWith("1\tthe\t_\tD\t_\t_\t_\t_\t_\t_\n2\tdog\t_\tN")
                .contains("_\n\n1\ta\t_\tD");
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream("the cat runs".getBytes(StandardCharsets.UTF_8)));
            assertThat(run("tag --model " + model).out().lines()).containsExactly("the_D cat_N runs_V");
            System.setIn(new ByteArrayInputStream(new byte[0]));
            assertThat(run("tag --model " + model).err()).contains("standard input: holds no sentence");
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void what_is_no_model_should_be_refused_in_a_line() throws IOException {
        Path model = trained();
        byte[] bytes = Files.readAllBytes(model);
        bytes[bytes.length / 2] ^= 0x55;
        Path broken = Files.write(folder.resolve("broken"), bytes);
        for (Path each : List.of(broken, folder.resolve("missing"), folder.resolve("train.txt"))) {
            CommandRun run = run("tag --model " + each + " " + folder.resolve("train.txt"));
            assertThat(run.exitCode()).isNotZero();
            assertThat(run.errLines()).hasSize(1).first().asString().contains(each.toString());
        }
    }

    @Test
    void words_should_begin_with_vectors_from_a_file() throws IOException {
        Path vectors = Files.writeString(folder.resolve("vectors"), "the 0.1 0.2 0.3\ndog 1 2 3\nzebra 4 5 6\n");
        String options = "--hidden 6 --epochs 1 --baseline none --embeddings " + vectors;
        CommandRun run = run(files(TRAIN, "a_D dog_N\n") + options);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains(": vectors of 3 numbers for 2 of 7 words, 5 missing");
    }

    @ParameterizedTest
    @CsvSource({
        "--course --hidden 5, --hidden has no effect on the course's tagger",
        "--course --save model, --save has no effect on the course's tagger",
        "--from-primitives, --from-primitives has no effect without --course",
        "--embedding 5 --embeddings x, --embedding has no effect with --embeddings",
        "--dropout 1, --dropout is 1.0; expected at least 0 and below 1",
        "--word-dropout 1, --word-dropout is 1.0; expected at least 0 and below 1",
        "--save same --json same, --save is same; expected a name that no other option has",
        "--epochs 3 tag --model m, --epochs has no effect on pos tag; leave it out",
        "--hidden 0, --hidden is 0; expected 1 to 65536",
        "--patience -1, --patience is -1; expected at least 0",
        "tag, Missing required option: '--model=FILE'"
    })
    void what_cannot_take_effect_should_be_refused(String options, String message) {
        CommandRun run = run(options);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(message);
    }
}
