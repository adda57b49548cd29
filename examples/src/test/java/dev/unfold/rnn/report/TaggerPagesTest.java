package dev.unfold.rnn.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import dev.unfold.examples.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The pages of {@code pos} and {@code text}. */
class TaggerPagesTest {
    private static final String SMALL =
            "--hidden 6 --embedding 8 --learning-rate 0.02 --dropout 0.1 --batch 4 --patience 0 ";
    private static final String TRAIN = "the_D dog_N runs_V\na_D cat_N sleeps_V\nthe_D cat_N runs_V ._P\n".repeat(8);
    /** The second sentence has tags that are wrong on purpose, and one that training has not. */
    private static final String DEV = "a_D dog_N sleeps_V\nthe_N dog_V runs_NEW\nthe_D cat_N runs_X\n";

    private static final String TRAINED = "What was trained";

    @TempDir
    private Path folder;

    private Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    private String files() throws IOException {
        return "--train " + file("train", TRAIN) + " --dev " + file("dev", DEV) + " --test " + file("test", DEV) + " ";
    }

    private Path page() {
        return folder.resolve("it's <b>.html");
    }

    private Markup run(String command) throws IOException {
        return CommandPagesTest.run(page(), command, "");
    }

    /** Returns the rows of a table, its head left out. */
    private static List<List<String>> rows(Markup page, String title) {
        Element table = page.classed("scroll").stream()
                .filter(each -> each.getAttribute("aria-label").equals("table: " + title))
                .findFirst()
                .orElseThrow();
        NodeList rows = table.getElementsByTagName("tr");
        return IntStream.range(1, rows.getLength())
                .mapToObj(row -> ((Element) rows.item(row)).getElementsByTagName("td"))
                .map(cells -> IntStream.range(0, cells.getLength())
                        .mapToObj(i -> cells.item(i).getTextContent())
                        .toList())
                .toList();
    }

    @Test
    void should_show_how_a_tagger_was_trained() throws IOException {
        Markup page = run("pos " + SMALL + "--epochs 3");
        assertThat(CommandPagesTest.headings(page))
                .containsExactly(
                        "Settings",
                        "Training",
                        "Evaluation",
                        "Mistagged sentences",
                        "tagger: graph",
                        "tagger: memory",
                        "tagger: gradient flow");
        assertThat(page.marks().stream().filter(each -> each.startsWith("epoch 3\n")))
                .satisfiesExactlyInAnyOrder(
                        loss -> assertThat(loss).contains("training: ", "dev: "),
                        accuracy -> assertThat(accuracy).contains("dev: 0."));
        assertThat(rows(page, TRAINED)).extracting(each -> each.get(0)).containsExactly("recurrent", "Tribuo CRF");
        assertThat(page.text()).contains("mistagged, of 24 dev sentences");
        assertThat(page.classed("wrong")).isNotEmpty();
    }

    @Test
    void should_show_how_the_tagger_of_the_course_was_trained() throws IOException {
        Markup page = run("pos " + files() + "--course --epochs 2");
        assertThat(CommandPagesTest.headings(page))
                .containsExactly(
                        "Settings",
                        "Training",
                        "Evaluation",
                        "Mistagged sentences",
                        "course tagger: graph",
                        "course tagger: memory",
                        "course tagger: gradient flow");
        assertThat(page.elements("h1").get(0).getTextContent()).isEqualTo("unfold pos --course");
        List<String> row = rows(page, TRAINED).get(0);
        assertThat(row.get(0)).isEqualTo("course");
        assertThat(row.get(1)).as("the test part is the dev part").isEqualTo(row.get(2));
        assertThat(rows(page, "Evaluation by Tribuo, dev words"))
                .isEqualTo(rows(page, "Evaluation by Tribuo, test words"));
        int wrong = page.classed("wrong").size();
        assertThat(row.get(1)).isEqualTo(Numbers.text((9 - wrong) / 9.0));
        assertThat(page.texts("word")).anySatisfy(word -> assertThat(word).endsWith(", right is  ✓ new"));
    }

    /** The figures are counted here from what {@code pos tag} says of the same words. */
    @Test
    void should_tell_what_a_saved_model_does() throws IOException {
        Path model = folder.resolve("model");
        Markup page = run("pos " + files() + SMALL + "--epochs 12 --baseline none --save " + model);
        Path words = file("words", DEV.replaceAll("_[A-Z]+", ""));
        CommandRun tagged = CommandRun.of("pos", "tag", "--model", model.toString(), words.toString());
        List<String> given = tags(tagged.out());
        List<String> right = tags(DEV);
        List<List<String>> expected = new ArrayList<>();
        for (String tag :
                new TreeSet<>(Stream.concat(given.stream(), right.stream()).toList())) {
            double hits = IntStream.range(0, right.size())
                    .filter(i -> given.get(i).equals(tag) && right.get(i).equals(tag))
                    .count();
            double said = given.stream().filter(tag::equals).count();
            double are = right.stream().filter(tag::equals).count();
            expected.add(Stream.of(are, said == 0 ? 0 : hits / said, are == 0 ? 0 : hits / are, 2 * hits / (said + are))
                    .map(Numbers::text)
                    .toList());
            expected.set(
                    expected.size() - 1,
                    Stream.concat(Stream.of(tag), expected.get(expected.size() - 1).stream())
                            .toList());
            for (String other : new TreeSet<>(right)) {
                long count = IntStream.range(0, right.size())
                        .filter(i -> given.get(i).equals(tag) && right.get(i).equals(other))
                        .count();
                assertThat(page.marks()).contains("true " + other + ", predicted " + tag + ": " + count);
            }
        }
        assertThat(rows(page, "Evaluation by Tribuo, dev words")).isEqualTo(expected);
        List<String> crossed =
                page.elements("del").stream().map(Element::getTextContent).toList();
        List<String> ticked =
                page.elements("ins").stream().map(Element::getTextContent).toList();
        assertThat(crossed).contains("D", "N", "V").hasSameSizeAs(ticked);
        assertThat(ticked).containsExactly("✓ N", "✓ V", "✓ NEW", "✓ X");
    }

    private static List<String> tags(String sentences) {
        return Splitter.onPattern("\\s+")
                .omitEmptyStrings()
                .splitToStream(sentences)
                .map(each -> each.substring(each.lastIndexOf('_') + 1))
                .toList();
    }

    @Test
    void should_say_where_all_is_tagged_rightly() throws IOException {
        Markup page = run("pos --train " + file("train", TRAIN) + " --dev " + file("dev", TRAIN) + " " + SMALL
                + "--epochs 12 --baseline none");
        assertThat(page.text()).contains("All words of all dev sentences are tagged rightly.");
        assertThat(page.classed("wrong")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--course --epochs 2 ", SMALL + "--epochs 2 --baseline none "})
    void should_show_hostile_words_and_tags_as_text(String options) throws IOException {
        String word = "</title><img/src='x'/onerror='window.harmed=1'>";
        String tag = "<script>window.harmed=1</script>";
        String train = (word + "_" + tag + " b_\"onfocus='x' c_]]>--><!--\n").repeat(8);
        Markup page = run("pos " + options + "--train " + file("<b>train", train) + " --dev "
                + file("<script>", train + word + "_\"onfocus='x' " + word + "_" + tag + "\n"));
        assertThat(page.elements("script")).hasSize(1);
        assertThat(page.elements("img")).isEmpty();
        assertThat(page.elements("b")).isEmpty();
        assertThat(page.text()).contains(word);
        assertThat(page.marks()).anyMatch(each -> each.startsWith("true " + tag + ", predicted "));
        assertThat(page.elements("*")).noneMatch(each -> each.hasAttribute("onfocus"));
    }

    @Test
    void should_show_how_a_language_model_was_trained() throws IOException {
        String rhyme = "the <b>cat</b> sat on the <script> mat , the dog sat on the log .\n".repeat(30);
        Markup page = run("text --embedding 6 --hidden 10 --batch 4 --steps 5 --epochs 3 --samples 2 --length 7 --file "
                + file("<script>", rhyme));
        assertThat(CommandPagesTest.headings(page))
                .containsExactly(
                        "Settings",
                        "Training",
                        "Samples",
                        "language model: graph",
                        "language model: memory",
                        "language model: gradient flow");
        assertThat(page.marks().stream().filter(each -> each.startsWith("epoch 3\n")))
                .satisfiesExactlyInAnyOrder(
                        perplexity -> assertThat(perplexity).contains("training: ", "validation: ", "frequencies: "),
                        accuracy -> assertThat(accuracy).contains("training: ", "validation: "));
        assertThat(page.elements("pre"))
                .hasSize(2)
                .allSatisfy(each -> assertThat(each.getTextContent()).startsWith("the "));
        assertThat(page.text())
                .contains("vocabulary", "unknown share, validation", "kept epoch", folder.resolve("<script>") + "");
        assertThat(page.elements("script")).hasSize(1);
        assertThat(page.elements("b")).isEmpty();
    }

    @Test
    void should_refuse_a_name_that_is_taken() throws IOException {
        String text = file("text.html", TRAIN).toString();
        for (String command : List.of(
                "pos --save same.html --report same.html",
                "pos --train " + text + " --dev " + file("dev", DEV) + " --report " + text,
                "pos --course --train " + text + " --dev " + file("dev", DEV) + " --report " + text,
                "text --save same.html --report same.html",
                "text --file " + text + " --report " + text)) {
            CommandRun run = CommandRun.of(command.split(" "));
            assertThat(run.exitCode()).as(command).isEqualTo(2);
            assertThat(run.err()).contains("--report is ", "expected a name that no other option has");
        }
        assertThat(Files.readString(Path.of(text))).isEqualTo(TRAIN);
    }

    /** With {@code -Dunfold.pictures=FOLDER}, leaves pictures of the page there. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "pos " + SMALL + "--epochs 8",
                "pos --course --epochs 8",
                "text --epochs 2 --samples 2 --min-count 20 --batch 40 --hidden 16"
            })
    void should_be_shown_by_a_browser(String command) throws IOException, InterruptedException {
        run(command);
        String named = System.getProperty("unfold.pictures", "");
        try (Browser browser = Browser.start()) {
            for (int width : new int[] {400, 1_400}) {
                for (boolean dark : new boolean[] {false, true}) {
                    browser.look(width, dark);
                    browser.load(page().toUri());
                    ReportPageBrowserTest.assertQuiet(browser);
                    assertThat(browser.evaluate("document.documentElement.scrollWidth")
                                    .getAsInt())
                            .isLessThanOrEqualTo(width);
                    if (!named.isEmpty()) {
                        Path pictures = Files.createDirectories(Path.of(named));
                        String name = command.replaceAll(" --[a-bd-z].*", "") + (dark ? "-dark-" : "-light-") + width;
                        Files.write(pictures.resolve(name.replace(' ', '-') + ".png"), browser.picture());
                    }
                }
            }
        }
    }
}
