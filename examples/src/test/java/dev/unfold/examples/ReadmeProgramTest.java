package dev.unfold.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadmeProgramTest {
    @Test
    void should_learn() {
        List<Double> losses = printed()
                .lines()
                .map(ReadmeProgramTest::loss)
                .map(Double::valueOf)
                .toList();
        assertThat(losses).hasSize(6);
        assertThat(losses.get(0)).isGreaterThan(0.4);
        // Each is the loss of one batch of 32 rows, and now and then one of them is a surprise.
        assertThat(losses.subList(2, 6)).anyMatch(loss -> loss < 0.1).allMatch(loss -> loss < 0.3);
    }

    @Test
    void should_print_the_same_every_time() {
        assertThat(printed()).isEqualTo(printed());
    }

    private static String loss(String line) {
        assertThat(line).matches("update \\d+: loss \\d\\.\\d{4}");
        return line.substring(line.lastIndexOf(' ') + 1);
    }

    private static String printed() {
        PrintStream console = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, UTF_8));
        try {
            ReadmeProgram.main(new String[0]);
        } finally {
            System.setOut(console);
        }
        return printed.toString(UTF_8);
    }
}
