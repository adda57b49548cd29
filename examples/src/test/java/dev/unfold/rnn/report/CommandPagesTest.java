package dev.unfold.rnn.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import dev.unfold.examples.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

/** The pages that commands write by {@code --report}. */
class CommandPagesTest {
    private static final int MOST_BYTES = 2_000_000;
    private static final String SMALL = " --steps 4 --rows 2 --input 3 --hidden 4 --classes 3";
    /** As many as Chromium lays out in a fraction of a second. */
    private static final int MOST_ELEMENTS = 30_000;

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
                        "Memory and time by steps",
                        "Memory over a training step",
                        "What was measured",
                        "How the plan is run");
        assertThat(page.text()).contains("Bytes by use, steps 5", "stored for all steps", "loss bits");
        assertThat(page.marks())
                .anyMatch(each -> each.matches("steps 3\nstatic, measured: .*\nstatic, predicted: .*\n"
                        + "dynamic, measured: .*\ndynamic, predicted: .*"));
        assertThat(page.marks()).anyMatch(each -> each.matches("steps 5\nstatic: .*\ndynamic: .*"));
        assertThat(page.marks()).anyMatch(each -> each.startsWith("static, event 1\n"));
        assertThat(page.marks()).anyMatch(each -> each.startsWith("dynamic, event 10\n"));
    }

    @Test
    void should_show_what_budgets_and_lengths_come_to() throws IOException {
        String small = "memory --rows 4 --hidden 6 --input 3 --batches 2 --repetitions 1 --warmup-seconds 0 ";
        Markup budgets = run(small + "--values 300 --budget 3/4,75%,1/1000", "");
        assertThat(headings(budgets)).contains("Time against memory");
        assertThat(budgets.text()).contains("Budgets that are not workable", "Within budgets, steps 300");
        Markup lengths = run(small + "--sweep lengths --steps 6", "");
        assertThat(headings(lengths)).contains("Memory and time by lengths").doesNotContain("Time against memory");
        assertThat(lengths.marks()).anyMatch(each -> each.startsWith("long-tailed\nstatic, predicted: "));
    }

    @Test
    void should_show_the_gradient_exercises() throws IOException {
        Markup weight = run("gradients weight --points 21" + SMALL, "");
        assertThat(headings(weight)).containsExactly("Settings", "The loss against the weight");
        assertThat(weight.marks())
                .hasSizeBetween(21, 24)
                .anyMatch(each -> each.contains("tangent by backpropagation: "));
        assertThat(weight.marks()).anyMatch(each -> each.contains("present weight: "));

        Markup check = run("gradients check --cell lstm" + SMALL, "");
        assertThat(headings(check)).containsExactly("Settings", "Backpropagation against differences");
        assertThat(check.marks()).hasSize(5).allMatch(each -> each.matches("(rnn|output)\\..\ndigits: ([6-9]|1\\d).*"));
        assertThat(check.texts("words").stream().filter("ok"::equals)).hasSize(5);

        Markup compare = run("gradients compare" + SMALL, "");
        assertThat(headings(compare))
                .containsExactly(
                        "Settings",
                        "Both gradients",
                        "rnn.wx [3, 4]",
                        "rnn.wh [4, 4]",
                        "rnn.b [4]",
                        "output.w [4, 3]",
                        "output.b [3]");
        assertThat(compare.classed("heat")).hasSize(15);
        assertThat(compare.marks()).hasSize(3 * (12 + 16 + 4 + 12 + 3));

        Markup flow = run("gradients flow --steps 12 --hidden 6", "");
        assertThat(headings(flow))
                .containsExactly(
                        "Settings", "How far gradients flow back", "Vanishing and exploding", "What clipping does");
        assertThat(flow.marks()).hasSize(2 * 13).allMatch(each -> each.startsWith("lag k "));
        assertThat(flow.text()).contains("clipped as a whole", "cosine", "from k = ");
    }

    @Test
    void should_keep_a_page_of_large_gradients_small() throws IOException {
        Markup page = run("gradients compare --steps 2 --rows 1 --input 200 --hidden 90 --classes 3", "");
        assertThat(page.marks())
                .hasSizeLessThan(3 * 2 * 1_600 + 1_000)
                .anyMatch(each -> each.matches("row 0–4, column 0–2: .*"));
    }

    @Test
    void should_draw_a_loss_that_hardly_rises() throws IOException {
        Markup page = run("gradients weight --range 1e-13 --points 3" + SMALL, "");
        assertThat(page.marks()).hasSizeBetween(3, 6);
        CommandRun run = CommandRun.of(
                ("gradients weight --range 1e-30 --points 3 --report " + folder.resolve("a.html")).split(" "));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--range is 1.0E-30; expected enough for 3 weights about ");
    }

    @Test
    void should_lie_in_the_folder_that_plots_makes() {
        Path plots = folder.resolve("plots");
        CommandRun run = CommandRun.of(("gradients flow --steps 2 --hidden 2 --quiet --plots " + plots + " --report "
                        + plots.resolve("a.html"))
                .split(" "));
        assertThat(run.err()).isEmpty();
        assertThat(plots.resolve("a.html")).isRegularFile();
        assertThat(plots.resolve("cells.png")).isRegularFile();
    }

    @Test
    void should_show_failed_checks() throws IOException {
        CommandRun run =
                CommandRun.of(("gradients check --quiet" + SMALL.replace("--steps 4", "--steps 1") + " --report")
                        .concat(" " + folder.resolve("a.html"))
                        .split(" "));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(Markup.of(Files.readString(folder.resolve("a.html"))).text()).contains("vacuous: all zero");
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

    /** With {@code -Dunfold.pictures=FOLDER}, leaves pictures of the pages there. */
    @Test
    void should_be_shown_by_a_browser(TestReporter reporter) throws IOException, InterruptedException {
        String size = System.getProperty("unfold.pictures", "").isEmpty()
                ? "--fraction 0.05 --epochs 2 --hidden 8"
                : "--fraction 0.2 --epochs 4 --hidden 32";
        Map<String, String> commands = new LinkedHashMap<>();
        commands.put("digits", "mnist --cell lstm " + size);
        commands.put("digits-784", "mnist --fraction 0.005 --epochs 2 --hidden 4 --steps 784 --pixels 1");
        commands.put(
                "memory-784",
                "memory --values 392,784 --rows 4 --hidden 8 --batches 1 --repetitions 1 --warmup-seconds 0 --budget 1/2,1/4");
        List.of("weight", "check", "compare", "flow").forEach(each -> commands.put(each, "gradients " + each));
        try (Browser browser = Browser.start()) {
            for (Map.Entry<String, String> each : commands.entrySet()) {
                run(each.getValue(), "");
                look(browser, each.getKey(), reporter);
            }
        }
    }

    private void look(Browser browser, String name, TestReporter reporter) throws IOException, InterruptedException {
        String named = System.getProperty("unfold.pictures", "");
        for (int width : new int[] {1_400, 400}) {
            for (boolean dark : new boolean[] {false, true}) {
                browser.look(width, dark);
                double milliseconds = browser.load(page().toUri());
                assertThat(browser.events("Runtime.exceptionThrown")).as(name).isEmpty();
                assertThat(browser.events("Log.entryAdded")).as(name).isEmpty();
                assertThat(browser.events("Runtime.consoleAPICalled")).as(name).isEmpty();
                assertThat(browser.events("Network.requestWillBeSent").stream()
                                .map(each -> each.getAsJsonObject("request")
                                        .get("url")
                                        .getAsString())
                                .filter(each -> !each.startsWith("data:")))
                        .as(name)
                        .hasSize(1);
                assertThat(number(browser, "document.documentElement.scrollWidth"))
                        .as(name)
                        .isLessThanOrEqualTo(width);
                int elements = number(browser, "document.querySelectorAll('*').length");
                assertThat(elements).as(name).isLessThan(MOST_ELEMENTS);
                String how = name + (dark ? "-dark-" : "-light-") + width;
                reporter.publishEntry(
                        how,
                        Math.round(milliseconds) + " ms, " + elements + " elements, " + Files.size(page()) + " bytes");
                if (!named.isEmpty()) {
                    Path pictures = Files.createDirectories(Path.of(named));
                    Files.write(pictures.resolve(how + ".png"), browser.picture());
                }
            }
        }
        assertThat(text(browser, "String([...document.images].every(each => each.naturalWidth === 28))"))
                .isEqualTo("true");
        readByPointerAndKeys(browser, name);
        if (!named.isEmpty()) {
            Files.write(Path.of(named, name + ".pdf"), browser.print());
        }
    }

    private static void readByPointerAndKeys(Browser browser, String name) throws InterruptedException {
        String tip = "document.getElementById('tip').textContent";
        browser.hover("svg.chart .mark :is(.hit, .cell)");
        assertThat(text(browser, tip)).as(name).isNotEmpty();
        browser.evaluate("document.querySelector('svg.chart').focus()");
        browser.press("Escape");
        assertThat(text(browser, tip)).as(name).isEmpty();
        browser.press("ArrowRight");
        String first = text(browser, tip);
        browser.press("ArrowRight");
        assertThat(text(browser, tip)).as(name).isNotEmpty().isNotEqualTo(first);
    }

    private static String text(Browser browser, String expression) throws InterruptedException {
        return browser.evaluate(expression).getAsString();
    }

    private static int number(Browser browser, String expression) throws InterruptedException {
        return browser.evaluate(expression).getAsInt();
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
        return run(page(), command, last);
    }

    /**
     * Runs a command that writes a page.
     *
     * @param command with options between spaces
     * @param last a further argument, which may hold spaces; empty for none
     */
    static Markup run(Path file, String command, String last) throws IOException {
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

    static List<String> headings(Markup page) {
        return page.elements("h2").stream().map(Element::getTextContent).toList();
    }
}
