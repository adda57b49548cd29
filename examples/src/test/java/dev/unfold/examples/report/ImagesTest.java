package dev.unfold.examples.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.examples.report.Images.Panel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImagesTest {
    private static final int WHITE = 0xffffffff;
    private static final int BLUE = 0xff2166ac;
    private static final int RED = 0xffb2182b;
    private static final int GREY = 0xff808080;

    @TempDir
    private Path folder;

    private BufferedImage image(double[][] values, double limit) throws IOException {
        Path file = folder.resolve("image.png");
        Images.write(file, "title", List.of(new Panel("a", values, limit), new Panel("b", new double[4][3], 0)));
        return ImageIO.read(file.toFile());
    }

    @Test
    void should_draw_each_number_at_its_place_in_its_colour() throws IOException {
        double[][] values = {{-2, 0, 2}, {1, Double.NaN, -9}, {0, 0, 0}, {0, 0, 9}};
        BufferedImage image = image(values, 2);
        assertThat(image.getWidth()).isEqualTo(780);
        assertThat(image.getHeight()).isEqualTo(460);
        assertThat(middle(image, 0, 0)).isEqualTo(BLUE);
        assertThat(middle(image, 0, 1)).isEqualTo(WHITE);
        assertThat(middle(image, 0, 2)).isEqualTo(RED);
        assertThat(middle(image, 1, 0)).isEqualTo(0xffd98c95);
        assertThat(middle(image, 1, 1)).isEqualTo(GREY);
        assertThat(middle(image, 1, 2)).isEqualTo(BLUE);
        assertThat(middle(image, 3, 2)).isEqualTo(RED);
    }

    @Test
    void a_matrix_of_zeros_should_be_white() throws IOException {
        BufferedImage image = image(new double[4][3], 0);
        for (int row = 0; row < 4; row++) {
            for (int column = 0; column < 3; column++) {
                assertThat(middle(image, row, column)).isEqualTo(WHITE);
            }
        }
    }

    @Test
    void a_single_row_should_be_a_strip() throws IOException {
        Path file = folder.resolve("strip.png");
        Images.write(file, "title", List.of(new Panel("a", new double[][] {new double[30]}, 1)));
        assertThat(ImageIO.read(file.toFile()).getHeight()).isEqualTo(170);
    }

    private static int middle(BufferedImage image, int row, int column) {
        return image.getRGB(83 + column * 75 + 37, 80 + row * 75 + 37);
    }
}
