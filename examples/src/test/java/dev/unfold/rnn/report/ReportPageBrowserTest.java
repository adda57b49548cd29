package dev.unfold.rnn.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reports in a real browser: Chromium, which {@code apt-get install chromium} installs on Debian, or {@code -Dunfold.chromium=FILE} names.
 * Skipped where there is none.
 */
class ReportPageBrowserTest {
    private static final int STEPS = 784;
    private static final int MOST_ELEMENTS = 30_000;
    private static final int MOST_BYTES = 2_000_000;

    @TempDir
    private static Path folder;

    private static Browser browser;
    private static Path file;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        browser = Browser.start();
        file = folder.resolve("it's a \"report\" & <b>.html");
        SamplePages.all(STEPS).write(file);
    }

    @AfterAll
    static void stop() throws IOException {
        if (browser != null) {
            browser.close();
        }
    }

    @Test
    void should_load_without_errors_or_requests() throws InterruptedException {
        load(1_400, false);
        assertQuiet();
        assertThat(text("document.title")).isEqualTo("Digits read row by row");
    }

    private static void assertQuiet() throws InterruptedException {
        assertQuiet(browser);
    }

    /** Fails where the page that a browser shows has thrown, logged, or asked for anything but itself. */
    static void assertQuiet(Browser browser) throws InterruptedException {
        assertThat(browser.events("Runtime.exceptionThrown")).isEmpty();
        assertThat(browser.events("Log.entryAdded")).isEmpty();
        assertThat(browser.events("Runtime.consoleAPICalled")).isEmpty();
        List<String> requests = browser.events("Network.requestWillBeSent").stream()
                .map(each -> each.getAsJsonObject("request").get("url").getAsString())
                .filter(each -> !each.startsWith("data:"))
                .toList();
        assertThat(requests).containsExactly(browser.evaluate("location.href").getAsString());
    }

    /** What decides how long it takes is counted; the time itself, which is to be below 2 seconds, is told and not judged. */
    @Test
    void should_be_light_enough_to_be_there_at_once(TestReporter reporter) throws InterruptedException, IOException {
        browser.look(1_400, false);
        double milliseconds = browser.load(file.toUri());
        int elements = number("document.querySelectorAll('*').length");
        reporter.publishEntry(
                "all blocks, " + STEPS + " steps",
                Math.round(milliseconds) + " ms, " + elements + " elements, " + Files.size(file) + " bytes");
        assertThat(elements).isLessThan(MOST_ELEMENTS);
        assertThat(Files.size(file)).isLessThan(MOST_BYTES);
    }

    @Test
    void should_forbid_what_the_page_does_not_hold() throws InterruptedException {
        load(1_400, false);
        String outcome = text("fetch('data:,x').then(() => 'fetched', () => 'refused')");
        assertThat(outcome).isEqualTo("refused");
        browser.evaluate(
                "{ const s = document.createElement('script'); s.textContent = 'window.harmed = 1'; document.body.append(s); }");
        assertThat(text("String(window.harmed)")).isEqualTo("undefined");
        assertThat(browser.events("Log.entryAdded"))
                .extracting(each -> each.getAsJsonObject("entry").get("text").getAsString())
                .allSatisfy(each -> assertThat(each).contains("Content Security Policy"))
                .isNotEmpty();
    }

    @Test
    void should_have_the_right_number_of_marks() throws InterruptedException {
        load(1_400, false);
        assertThat(marks("Loss by epoch")).isEqualTo(12);
        assertThat(marks("Gradient by lag")).isEqualTo(240);
        assertThat(marks("Confusion matrix")).isEqualTo(100);
        assertThat(marks("Precision and recall by class")).isEqualTo(20);
        assertThat(marks("Memory over a training step: static")).isEqualTo(240);
        assertThat(marks("LSTM over 3 steps")).isEqualTo(42);
        assertThat(marks("LSTM over 24 steps")).isEqualTo(315);
        assertThat(number("document.querySelectorAll('.picture img').length")).isEqualTo(9);
        assertThat(text("String([...document.images].every(each => each.naturalWidth === 28))"))
                .isEqualTo("true");
    }

    private static int marks(String chart) throws InterruptedException {
        return number("document.querySelectorAll('svg[aria-label=\"" + chart + "\"] .mark').length");
    }

    @Test
    void should_tell_values_where_the_pointer_is() throws InterruptedException {
        load(1_400, false);
        assertThat(tip()).isEmpty();
        browser.hover("svg[aria-label='Loss by epoch'] .mark:nth-last-of-type(10) .hit");
        assertThat(tip()).matches("epoch 3\ntraining: 1\\.257\ndevelopment: 1\\.454");
        browser.hover("svg[aria-label='Confusion matrix'] .mark .cell");
        assertThat(tip()).isEqualTo("true 0, predicted 0: 985");
        browser.hover("svg[aria-label='Precision and recall by class'] .mark .bar");
        assertThat(tip()).isEqualTo("0\nprecision: 0.99");
        browser.hover("svg[aria-label='Memory over a training step: static'] .mark .hit");
        assertThat(tip()).startsWith("static, event ").contains("in all: ");
        browser.hover("h1");
        assertThat(tip()).isEmpty();
        assertQuiet();
    }

    @Test
    void should_show_what_a_node_reads_and_who_reads_it() throws InterruptedException {
        load(1_400, false);
        String node = "svg[aria-label='LSTM over 3 steps'] .mark[data-node='" + (3 + 13 + 3) + "']";
        browser.hover(node + " .node");
        assertThat(tip()).as("the fourth node of the second step").isEqualTo("sum of step 2\n8,192 bytes");
        assertThat(number("document.querySelectorAll('.edge.on.in').length"))
                .as("both products and the bias")
                .isEqualTo(3);
        assertThat(number("document.querySelectorAll('.edge.on:not(.in)').length"))
                .as("four gates")
                .isEqualTo(4);
        assertThat(number("document.querySelectorAll('.mark.near').length")).isEqualTo(7);
        browser.hover("h1");
        assertThat(number("document.querySelectorAll('.on, .near, .reading').length"))
                .isZero();
    }

    @Test
    void should_be_reached_and_read_by_keys() throws InterruptedException {
        load(1_400, false);
        for (int i = 0;
                i < 40
                        && !text("document.activeElement.getAttribute('aria-label') || ''")
                                .equals("Loss by epoch");
                i++) {
            browser.press("Tab");
        }
        assertThat(text("document.activeElement.getAttribute('aria-label') || ''"))
                .isEqualTo("Loss by epoch");
        browser.press("ArrowRight");
        assertThat(tip()).startsWith("epoch 1\n");
        browser.press("ArrowRight");
        assertThat(tip()).startsWith("epoch 2\n");
        browser.press("Escape");
        assertThat(tip()).isEmpty();
        browser.evaluate("document.querySelector('svg[aria-label=\"Confusion matrix\"]').focus()");
        browser.press("ArrowRight");
        browser.press("ArrowDown");
        assertThat(tip()).isEqualTo("true 1, predicted 0: 1");
        browser.press("Tab");
        assertThat(tip()).isEmpty();
    }

    @Test
    void should_go_by_the_scheme_of_the_reader() throws InterruptedException {
        load(1_400, false);
        assertThat(text("getComputedStyle(document.documentElement).backgroundColor"))
                .isEqualTo("rgb(255, 255, 255)");
        browser.look(1_400, true);
        assertThat(text("getComputedStyle(document.documentElement).backgroundColor"))
                .isEqualTo("rgb(20, 24, 29)");
    }

    @Test
    void should_fit_a_narrow_window() throws InterruptedException {
        for (int width : new int[] {320, 400, 768, 1_400}) {
            load(width, false);
            assertThat(number("document.documentElement.scrollWidth")).isLessThanOrEqualTo(width);
        }
    }

    @Test
    void should_do_no_harm_with_hostile_names() throws InterruptedException, IOException {
        for (String hostile : HostilePageTest.hostile()) {
            Path page = folder.resolve("hostile.html");
            HostilePageTest.page(hostile).write(page);
            browser.look(1_400, false);
            browser.load(page.toUri());
            assertThat(text("String(window.harmed)")).as(hostile).isEqualTo("undefined");
            assertThat(number("document.scripts.length")).as(hostile).isEqualTo(1);
            browser.hover(".frame .mark .hit");
            assertThat(tip()).contains(hostile.replaceAll("[\\x00\\x1b]", "\uFFFD"));
            assertQuiet();
        }
    }

    /** With {@code -Dunfold.pictures=FOLDER}, leaves pictures of the page there, and how long it took to load. */
    @Test
    void should_be_looked_at() throws IOException, InterruptedException {
        String named = System.getProperty("unfold.pictures", "");
        Assumptions.assumeFalse(named.isEmpty(), "no folder for pictures; name one by -Dunfold.pictures=FOLDER");
        Path pictures = Files.createDirectories(Path.of(named));
        List<String> times = new ArrayList<>();
        for (int width : new int[] {400, 1_400}) {
            for (boolean dark : new boolean[] {false, true}) {
                browser.look(width, dark);
                String name = (dark ? "dark-" : "light-") + width;
                times.add(name + ": drawn after " + Math.round(browser.load(file.toUri())) + " ms");
                Files.write(pictures.resolve(name + ".png"), browser.picture());
            }
        }
        Files.write(pictures.resolve("printed.pdf"), browser.print());
        times.add("size of the file: " + Files.size(file) + " bytes");
        Files.write(pictures.resolve("times.txt"), times);
        assertThat(times).hasSize(5);
    }

    private static void load(int width, boolean dark) throws InterruptedException {
        browser.look(width, dark);
        browser.load(file.toUri());
    }

    private static String tip() throws InterruptedException {
        return text("document.getElementById('tip').textContent");
    }

    private static String text(String expression) throws InterruptedException {
        return browser.evaluate(expression).getAsString();
    }

    private static int number(String expression) throws InterruptedException {
        return browser.evaluate(expression).getAsInt();
    }
}
