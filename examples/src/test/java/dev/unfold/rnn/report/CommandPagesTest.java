package dev.unfold.rnn.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import dev.unfold.examples.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

/** The pages that commands write by {@code --report}. */
class CommandPagesTest {
    private static final int MOST_BYTES = 2_000_000;
    private static final int TEST_IMAGES = 1_000;
    private static final int MOST_MISREAD = 60;

    @TempDir
    private Path folder;

    @Test
    void should_show_what_memory_measured() throws IOException {
        Markup page = run(
                "memory --values 3,5 --rows 4 --hidden 6 --input 3 --batches 2 --repetitions 2 --warmup-seconds 0", "");
        assertThat(headings(page))
                .containsExactly(
                        "Settings",
                        "Recommendation",
                        "Memory over a training step",
                        "What was measured",
                        "How the plan is run");
        assertThat(page.text()).contains("Bytes by use, steps 5", "stored for all steps", "loss bits");
        assertThat(page.marks()).anyMatch(each -> each.startsWith("static, event 1\n"));
        assertThat(page.marks()).anyMatch(each -> each.startsWith("dynamic, event 10\n"));
    }

    @Test
    void should_show_how_digits_were_learned() throws IOException {
        Markup page = run(
                "mnist --fraction 0.05 --epochs 2 --hidden 8 --cell lstm --save",
                folder.resolve("m").toString());
        assertThat(headings(page))
                .containsExactly(
                        "Settings",
                        "Training",
                        "Evaluation",
                        "Misread digits",
                        "lstm cell: graph",
                        "lstm cell: memory",
                        "lstm cell: gradient flow");
        List<String> marks = page.marks();
        assertThat(marks.stream().filter(each -> each.matches("true \\d, predicted \\d: [\\d,]+")))
                .hasSize(100);
        assertThat(marks.stream().filter(each -> each.startsWith("epoch "))).hasSize(4);
        assertThat(marks.stream().filter(each -> each.contains("norm of the gradient: ")))
                .hasSizeGreaterThan(50);
        assertThat(page.classed("warm")).hasSizeGreaterThan(50);
        List<Element> pictures = page.elements("img");
        assertThat(pictures).hasSize(MOST_MISREAD).allSatisfy(each -> {
            String caption = each.getAttribute("alt");
            assertThat(caption).matches("\\d, read as \\d");
            assertThat(caption.charAt(0)).isNotEqualTo(caption.charAt(caption.length() - 1));
        });
        int rightly = marks.stream()
                .filter(each -> each.matches("true (\\d), predicted \\1: \\d+"))
                .mapToInt(each -> Integer.parseInt(each.replaceAll(".*: ", "")))
                .sum();
        assertThat(page.text()).contains("60 of " + (TEST_IMAGES - rightly) + " misread, of 1000 test digits");
    }

    @Test
    void should_fold_the_graph_of_a_long_sequence() throws IOException {
        Markup page = run("mnist --fraction 0.005 --epochs 1 --hidden 4 --steps 784 --pixels 1", "");
        assertThat(page.text()).contains("To save room: ", "steps ");
        assertThat(page.classed("mark")).hasSizeLessThan(4_000);
    }

    @Test
    void should_escape_the_name_of_a_file() throws IOException {
        Path data = folder.resolve("it's \"<b>data<script>");
        Assumptions.assumeTrue(data.toFile().mkdir(), "no such names here");
        for (String name : List.of("train", "t10k")) {
            Files.write(data.resolve(name + "-images-idx3-ubyte"), images());
            Files.write(data.resolve(name + "-labels-idx1-ubyte"), labels());
        }
        Markup page = run("mnist --epochs 1 --hidden 2 --steps 2 --pixels 2 --data", data.toString());
        assertThat(page.text()).contains(data.toString());
        assertThat(page.elements("script")).hasSize(1);
        assertThat(page.elements("b")).isEmpty();
    }

    /** With {@code -Dunfold.pictures=FOLDER}, leaves pictures of the page there. */
    @Test
    void should_be_shown_by_a_browser() throws IOException, InterruptedException {
        String named = System.getProperty("unfold.pictures", "");
        String size =
                named.isEmpty() ? "--fraction 0.05 --epochs 2 --hidden 8" : "--fraction 0.2 --epochs 4 --hidden 32";
        run("mnist --cell lstm " + size, "");
        try (Browser browser = Browser.start()) {
            for (boolean dark : new boolean[] {false, true}) {
                browser.look(1_400, dark);
                browser.load(page().toUri());
                assertThat(browser.events("Runtime.exceptionThrown")).isEmpty();
                assertThat(browser.events("Log.entryAdded")).isEmpty();
                assertThat(browser.evaluate("String([...document.images].every(each => each.naturalWidth === 28))")
                                .getAsString())
                        .isEqualTo("true");
                if (!named.isEmpty()) {
                    Path pictures = Files.createDirectories(Path.of(named));
                    Files.write(pictures.resolve(dark ? "digits-dark.png" : "digits-light.png"), browser.picture());
                }
            }
        }
    }

    private Path page() {
        return folder.resolve("it's <b>.html");
    }

    /** Three images of 2 x 2 pixels. */
    private static byte[] images() {
        return new byte[] {0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2, 9, 0, 0, 9, 0, 9, 9, 0, 9, 9, 0, 0};
    }

    private static byte[] labels() {
        return new byte[] {0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3};
    }

    private Markup run(String command, String last) throws IOException {
        Path file = page();
        List<String> args = new ArrayList<>(Splitter.on(' ').splitToList(command));
        if (!last.isEmpty()) {
            args.add(last);
        }
        args.addAll(List.of("--report", file.toString()));
        CommandRun run = CommandRun.of(args.toArray(String[]::new));
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("report in " + file);
        assertThat(Files.size(file)).isLessThan(MOST_BYTES);
        return Markup.of(Files.readString(file));
    }

    private static List<String> headings(Markup page) {
        return page.elements("h2").stream().map(Element::getTextContent).toList();
    }
}
