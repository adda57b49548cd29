package dev.unfold.rnn.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.opentest4j.TestAbortedException;

/** Takes the pictures of pages that the documentation shows, for {@code docs/pictures.sh}. */
@EnabledIfSystemProperty(
        named = "unfold.docs",
        matches = ".+",
        disabledReason = "names the folder to leave pictures in")
class DocsPicturesTest {
    private static final int WIDTH = 1_280;

    @TempDir
    private Path folder;

    static List<Arguments> pages() {
        return List.of(
                Arguments.of(
                        "mnist --cell vanilla --hidden 64 --steps 4 --pixels 196 --fraction 0.2 --epochs 2",
                        Map.of(
                                "All 4 steps, as they are recorded", "unrolled.png",
                                "One step, as the plan replays it", "step.png")),
                Arguments.of(
                        "mnist --cell lstm --hidden 64 --epochs 4",
                        Map.of(
                                "Gradient of L(t) by 0.c of each step", "flow-by-step.png",
                                "Test digits, lstm cell", "confusion.png")),
                Arguments.of(
                        "gradients flow",
                        Map.of(
                                "Vanilla at rest (inputs 0, so tanh' = 1), by spectral radius of wh",
                                "flow-by-lag.png")));
    }

    @ParameterizedTest
    @MethodSource("pages")
    void should_take_pictures(String command, Map<String, String> pictures) throws IOException, InterruptedException {
        Path page = folder.resolve("page.html");
        CommandPagesTest.run(page, command, "");
        try (Browser browser = browser()) {
            browser.look(WIDTH, false);
            browser.load(page.toUri());
            for (Map.Entry<String, String> each : pictures.entrySet()) {
                Files.write(
                        Path.of(System.getProperty("unfold.docs"), each.getValue()), browser.picture(each.getKey()));
            }
        }
    }

    /** Fails where others are skipped: pictures that were asked for would be left as they are. */
    private static Browser browser() throws IOException, InterruptedException {
        try {
            return Browser.start();
        } catch (TestAbortedException none) {
            throw new AssertionError(none.getMessage(), none);
        }
    }
}
