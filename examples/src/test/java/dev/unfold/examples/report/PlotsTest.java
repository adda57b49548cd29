package dev.unfold.examples.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.unfold.examples.data.DataException;
import dev.unfold.rnn.report.Curve;
import dev.unfold.rnn.report.Line;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlotsTest {
    private static final List<String> LABELS = List.of("no", "yes");

    @TempDir
    private Path folder;

    @Test
    void should_draw_curves() throws IOException {
        BufferedImage falling = curves(new Curve("a", List.of(2.0, 1.0, 0.5)), new Curve("b", List.of(2.1, 1.4, 1.2)));
        BufferedImage rising = curves(new Curve("a", List.of(0.5, 1.0, 2.0)), new Curve("b", List.of(1.2, 1.4, 2.1)));
        assertThat(falling.getWidth()).isEqualTo(800);
        assertThat(falling.getHeight()).isEqualTo(500);
        assertThat(differingPixels(falling, rising)).isGreaterThan(100);
    }

    @Test
    void should_draw_a_single_epoch() throws IOException {
        BufferedImage low = curves(new Curve("a", List.of(0.25)));
        BufferedImage high = curves(new Curve("a", List.of(0.75)));
        assertThat(differingPixels(low, high)).isGreaterThan(10);
    }

    @Test
    void should_draw_lines_through_points() throws IOException {
        BufferedImage one = lines(new Line("a", List.of(28.0, 56.0, 112.0), List.of(1.0, 2.0, 4.0)));
        BufferedImage other = lines(new Line("a", List.of(28.0, 84.0, 112.0), List.of(1.0, 2.0, 4.0)));
        assertThat(differingPixels(one, other))
                .as("pixels that depend on where points lie")
                .isGreaterThan(100);
    }

    @Test
    void should_draw_bars() throws IOException {
        BufferedImage one = bars(List.of(1.0, 2.0));
        assertThat(differingPixels(one, bars(List.of(2.0, 1.0)))).isGreaterThan(1_000);
    }

    @Test
    void should_draw_powers_evenly_apart() throws IOException {
        Line line = new Line("a", List.of(0.0, 1.0, 2.0), List.of(1e-9, 1e-6, 1e-3));
        Line bent = new Line("a", List.of(0.0, 1.0, 2.0), List.of(1e-9, 1e-8, 1e-3));
        BufferedImage straight = logarithmic(List.of(line), List.of());
        assertThat(differingPixels(straight, logarithmic(List.of(bent), List.of())))
                .isGreaterThan(100);
        assertThat(differingPixels(straight, logarithmic(List.of(), List.of(line))))
                .as("pixels between dashes")
                .isGreaterThan(100);
    }

    @Test
    void should_draw_a_tangent() throws IOException {
        Line curve = new Line("loss", List.of(0.0, 1.0, 2.0), List.of(4.0, 1.0, 4.0));
        Line point = new Line("weight", List.of(1.0), List.of(1.0));
        Path file = folder.resolve("tangent.png");
        Plots.tangent(
                file, "title", "w", "loss", curve, new Line("tangent", List.of(0.0, 2.0), List.of(1.0, 1.0)), point);
        BufferedImage flat = read(file);
        Plots.tangent(
                file, "title", "w", "loss", curve, new Line("tangent", List.of(0.0, 2.0), List.of(2.0, 0.0)), point);
        assertThat(differingPixels(flat, read(file))).isGreaterThan(100);
    }

    private BufferedImage logarithmic(List<Line> solid, List<Line> dashed) throws IOException {
        Path file = folder.resolve("logarithmic.png");
        Plots.logarithmic(file, "title", "lag", "norm", solid, dashed);
        return read(file);
    }

    private BufferedImage lines(Line... lines) throws IOException {
        Path file = folder.resolve("lines.png");
        Plots.lines(file, "title", "steps", "bytes", List.of(lines));
        return read(file);
    }

    private BufferedImage bars(List<Double> values) throws IOException {
        Path file = folder.resolve("bars.png");
        Plots.bars(file, "title", "lengths", "bytes", LABELS, List.of(new Curve("a", values)));
        return read(file);
    }

    @Test
    void should_draw_a_confusion_matrix_with_its_labels() throws IOException {
        BufferedImage matrix = confusion(LABELS, new int[][] {{9, 1}, {0, 5}});
        assertThat(matrix.getWidth()).isEqualTo(650);
        assertThat(matrix.getHeight()).isEqualTo(550);
        assertThat(differingPixels(matrix, confusion(LABELS, new int[][] {{9, 0}, {1, 5}})))
                .isGreaterThan(100);
        assertThat(differingPixels(matrix, confusion(List.of("0", "1"), new int[][] {{9, 1}, {0, 5}})))
                .as("pixels that depend on the labels")
                .isGreaterThan(10);
    }

    @Test
    void should_draw_the_first_class_on_top() throws IOException {
        BufferedImage matrix = confusion(LABELS, new int[][] {{9, 0}, {0, 0}});
        assertThat(colour(matrix, 0.3, 0.3)).isNotEqualTo(colour(matrix, 0.7, 0.7));
        assertThat(colour(matrix, 0.3, 0.7)).isEqualTo(colour(matrix, 0.7, 0.7));
    }

    @Test
    void should_draw_a_matrix_of_zeros() throws IOException {
        confusion(LABELS, new int[2][2]);
    }

    @Test
    void should_replace_an_older_plot() throws IOException {
        Path file = Files.writeString(folder.resolve("plot.png"), "older");
        Plots.curves(file, "title", "loss", List.of(new Curve("a", List.of(1.0, 2.0))));
        assertThat(read(file).getWidth()).isEqualTo(800);
        assertThat(folder.toFile().list()).containsExactly("plot.png");
    }

    @Test
    void should_say_where_a_plot_cannot_be_written() {
        Path file = folder.resolve("missing/plot.png");
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> Plots.confusion(file, "title", LABELS, new int[2][2]))
                .withMessageStartingWith(file + ": cannot be written");
    }

    private BufferedImage curves(Curve... curves) throws IOException {
        Path file = folder.resolve("curves.png");
        Plots.curves(file, "title", "loss", List.of(curves));
        return read(file);
    }

    private BufferedImage confusion(List<String> labels, int[][] counts) throws IOException {
        Path file = folder.resolve("confusion.png");
        Plots.confusion(file, "title", labels, counts);
        return read(file);
    }

    private static BufferedImage read(Path file) throws IOException {
        BufferedImage image = ImageIO.read(file.toFile());
        assertThat(image).isNotNull();
        return image;
    }

    /** Returns a colour of the matrix, off its middle, where the numbers stand. */
    private static int colour(BufferedImage matrix, double x, double y) {
        int left = 60;
        int top = 40;
        int width = 480;
        int height = 450;
        return matrix.getRGB(left + (int) (x * width) - 40, top + (int) (y * height) - 40);
    }

    private static int differingPixels(BufferedImage a, BufferedImage b) {
        int differing = 0;
        for (int y = 0; y < a.getHeight(); y++) {
            for (int x = 0; x < a.getWidth(); x++) {
                differing += a.getRGB(x, y) == b.getRGB(x, y) ? 0 : 1;
            }
        }
        return differing;
    }
}
