package dev.unfold.examples.pos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.google.common.base.Splitter;
import com.google.common.collect.Iterables;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.unfold.examples.CommandRun;
import dev.unfold.examples.corpus.Corpus;
import dev.unfold.examples.corpus.TagColumn;
import dev.unfold.graph.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PosCommandTest {
    private static final Path SHARED = Path.of(System.getProperty("unfold.shared", "../shared"));
    private static final Path TREEBANK = SHARED.resolve("data/ud-english-ewt");
    private static final String TRAIN = "a_X b_Y\n";
    private static final int EXACT_EPOCHS = 5;
    private static final int MOST_HITS_OFF = 3;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"", "--from-primitives"})
    void should_print_the_numbers_of_the_course(String option) throws IOException {
        JsonObject golden = golden();
        Path json = folder.resolve("pos.json");
        CommandRun run = run("--train " + TREEBANK.resolve("train.conllu.gz") + " --dev "
                + TREEBANK.resolve("dev.conllu.gz") + " --epochs 20 --json " + json + " " + option);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("training: 1,000 sentences of 8,613 words", "dev: 1,000 sentences of 7,180 words")
                .contains("3,881 different words, 17 tags", "no test accuracy");
        JsonObject results = read(json).getAsJsonObject("results");
        JsonArray epochs = results.getAsJsonArray("epochs");
        JsonArray expected = golden.getAsJsonArray("epochs");
        assertThat(epochs).hasSize(20);
        assertThat(results.getAsJsonArray("tags")).isEqualTo(golden.get("tag_order"));
        for (int i = 0; i < epochs.size(); i++) {
            int hits = epochs.get(i).getAsJsonObject().get("dev_hits").getAsInt();
            assertThat(hits)
                    .as("dev hits of epoch %d", i + 1)
                    .isCloseTo(
                            expected.get(i).getAsJsonObject().get("dev_hits").getAsInt(),
                            within(i < EXACT_EPOCHS ? 0 : MOST_HITS_OFF));
            assertThat(run.out()).containsPattern("(?m)^ +" + (i + 1) + " .* " + hits + " ");
        }
    }

    @Test
    void should_begin_with_the_weights_and_the_loss_of_the_course() throws IOException {
        JsonObject golden = golden();
        JsonObject initial = golden.getAsJsonObject("initial");
        CourseData data = CourseData.of(ewt("train"), ewt("dev"), Optional.empty());
        CourseTagger tagger = new CourseTagger(new CourseTagger.Settings(
                1234, DType.FLOAT64, false, false, 1, data.words(), data.tags().size()));
        assertThat(tagger.parameters().get(3).value().get(0, 0))
                .isEqualTo(initial.get("initial_weight_Wy_0_0").getAsDouble());
        assertThat(tagger.train(data.train().subList(0, 1)))
                .isCloseTo(initial.get("initial_loss_first_sentence").getAsDouble(), within(1e-12));
        assertThat(tagger.parameters().get(3).gradient().get(0, 0))
                .isCloseTo(initial.get("initial_gradient_Wy_0_0").getAsDouble(), within(1e-12));
    }

    private static Corpus ewt(String part) {
        return Corpus.read(TREEBANK.resolve(part + ".conllu.gz"), TagColumn.UPOS, Optional.empty());
    }

    private static JsonObject golden() throws IOException {
        Path file = SHARED.resolve("golden/lxmls_course_ud_ewt.json");
        assumeThat(file).as("the course's figures").isRegularFile();
        assumeThat(TREEBANK).as("the treebank").isDirectory();
        return read(file).getAsJsonObject("config");
    }

    private static JsonObject read(Path file) throws IOException {
        return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    }

    @Test
    void should_train_on_the_embedded_sample_and_say_that_it_is_tiny() throws IOException {
        Path json = folder.resolve("pos.json");
        Path plots = folder.resolve("plots");
        CommandRun run = run("--epochs 2 --json " + json + " --plots " + plots);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .startsWith("The embedded sample is tiny")
                .contains("12 tags", "dev accuracy 0.", "no test accuracy");
        assertThat(plots.resolve("loss.png")).isNotEmptyFile();
        assertThat(plots.resolve("accuracy.png")).isNotEmptyFile();
        JsonObject report = read(json);
        assertThat(report.get("command").getAsString()).isEqualTo("pos");
        JsonObject settings = report.getAsJsonObject("settings");
        assertThat(settings.get("train").getAsString()).isEqualTo("embedded");
        assertThat(settings.get("tags").getAsString()).isEqualTo("universal");
        assertThat(settings.get("seed").getAsInt()).isEqualTo(1234);
        assertThat(settings.get("precision").getAsString()).isEqualTo("float64");
        assertThat(settings.get("unroll").getAsString()).isEqualTo("static");
        JsonObject results = report.getAsJsonObject("results");
        assertThat(results.get("test_accuracy")).isNull();
        assertThat(results.get("dev_hits").getAsDouble()
                        / results.get("dev_tokens").getAsInt())
                .isEqualTo(results.get("dev_accuracy").getAsDouble());
    }

    @Test
    void should_heed_seed_precision_and_unrolling_that_are_given() throws IOException {
        String dynamic = sha256("--unroll dynamic");
        assertThat(sha256("--unroll static")).isEqualTo(dynamic).isEqualTo(sha256(""));
        assertThat(sha256("--seed 1")).isNotEqualTo(dynamic);
        assertThat(sha256("--precision float32")).isNotEqualTo(dynamic);
    }

    private String sha256(String options) throws IOException {
        Path json = folder.resolve("pos.json");
        assertThat(run("--epochs 1 --json " + json + " " + options).exitCode()).isZero();
        return read(json).getAsJsonObject("results").get("weights_sha256").getAsString();
    }

    @Test
    void should_measure_on_test_sentences_at_the_end() throws IOException {
        String files = files(TRAIN.repeat(50), "a_X b_Y c_Z\n");
        Path test = Files.writeString(folder.resolve("test"), "a_X b_Y\nb_Y b_NEW\n");
        CommandRun run = run(files + " --epochs 50 --quiet --test " + test);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out().lines())
                .containsExactly("dev accuracy 0.6667 (2 of 3 words)", "test accuracy 0.7500 (3 of 4 words)");
    }

    @Test
    void should_list_tags_that_it_takes_for_nouns_or_refuse_them() throws IOException {
        String files = files("a_DT -_HYPH b_NN\n-_HYPH b_NFP\n", "a_DT -_HYPH\n");
        CommandRun run = run(files + " --tags universal --epochs 1");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out().lines())
                .first()
                .isEqualTo("tags that have no universal one, taken for nouns: HYPH (3), NFP (1)");
        CommandRun strict = run(files + " --tags universal --epochs 1 --strict");
        assertThat(strict.exitCode()).isEqualTo(1);
        assertThat(strict.errLines())
                .containsExactly("unfold pos: " + folder.resolve("train")
                        + ": tags that have no universal one: HYPH (2), NFP (1); expected those of the Penn treebank; without --strict"
                        + " they count as nouns");
    }

    @Test
    void should_complain_of_a_bad_file_in_one_line() throws IOException {
        CommandRun run = run(files(TRAIN, "a_X b\n"));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.errLines())
                .containsExactly(
                        "unfold pos: " + folder.resolve("dev")
                                + ": line 1 has no tag at 'b', word 2; expected word_TAG, or rows of CoNLL-U, CoNLL-X or CoNLL-2008");
        assertThat(run.out()).isEmpty();
        CommandRun other = run(files(TRAIN, TRAIN) + " --format conllu");
        assertThat(other.errLines())
                .singleElement()
                .asString()
                .contains("train: line 1 begins with 'a_X b_Y'; expected 1, ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --course --train a           | --train needs --dev, a file to measure every epoch on
            --course --dev a             | --dev needs --train, a file to learn from
            --course --test a            | --test needs --train, a file to learn from
            --course --format conllu     | --format needs --train; the sample's is known
            --course --train a --dev a --format text | --format is text; expected a format that has tags
            --course --train a --dev a --strict | --strict needs --tags universal
            --course --epochs 0          | --epochs is 0; expected at least 1
            --course --tags penn         | Invalid value for option '--tags': 'penn' is none of upos, xpos, universal
            """)
    void should_name_a_bad_option_and_what_was_expected(String options, String complaint) {
        CommandRun run = CommandRun.of(args("pos " + options));
        assertThat(run.errLines()).containsExactly("unfold pos: " + complaint + " (see unfold pos --help)");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
    }

    private String files(String train, String dev) throws IOException {
        return "--train " + Files.writeString(folder.resolve("train"), train) + " --dev "
                + Files.writeString(folder.resolve("dev"), dev);
    }

    private static CommandRun run(String options) {
        return CommandRun.of(args("pos --course " + options));
    }

    private static String[] args(String line) {
        return Iterables.toArray(Splitter.on(' ').omitEmptyStrings().split(line), String.class);
    }
}
