package dev.unfold.examples.mnist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import dev.unfold.examples.data.DataException;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigitPictureTest {
    private static final Digits DIGITS = MnistData.embedded().test();

    @TempDir
    private Path folder;

    /** MNIST's own pictures have been made in this way, so they must come out as they are, however they are shown. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void should_find_the_digits_of_mnist_again(int seed) throws IOException {
        Random random = new Random(seed);
        int number = random.nextInt(DIGITS.count());
        boolean isDark = random.nextBoolean();
        Color ink = shade(random, isDark ? 0 : 175, 80);
        Color paper = shade(random, isDark ? 175 : 0, 80);
        float[] digit = Pictures.digit(DIGITS, number);
        BufferedImage page = Pictures.page(
                digit,
                1 + random.nextInt(9),
                random.nextInt(100),
                random.nextInt(100),
                random.nextInt(100),
                random.nextInt(100),
                ink,
                paper);
        assertSame(digit, DigitPicture.read(Pictures.write(page, folder.resolve("page.png"))), 0.03, "seed " + seed);
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                BufferedImage.TYPE_BYTE_GRAY,
                BufferedImage.TYPE_USHORT_GRAY,
                BufferedImage.TYPE_BYTE_INDEXED,
                BufferedImage.TYPE_INT_RGB
            })
    void should_find_the_digits_of_mnist_again_in_every_kind_of_picture(int type) throws IOException {
        for (int seed = 1; seed <= 4; seed++) {
            float[] digit = Pictures.digit(DIGITS, new Random(seed).nextInt(DIGITS.count()));
            BufferedImage page = ofType(type, digit, seed % 2 == 0);
            float[] seen = DigitPicture.read(Pictures.write(page, folder.resolve("page.png")));
            assertSame(digit, seen, 0.03, "type " + type + ", seed " + seed);
        }
    }

    /** Returns a digit whose shades are stored as they are, and are exact in each type. */
    private static BufferedImage ofType(int type, float[] digit, boolean isDark) {
        byte[] shades = new byte[256];
        for (int i = 0; i < 256; i++) {
            shades[i] = (byte) i;
        }
        BufferedImage page = type == BufferedImage.TYPE_BYTE_INDEXED
                ? new BufferedImage(68, 68, type, new IndexColorModel(8, 256, shades, shades, shades))
                : new BufferedImage(68, 68, type);
        for (int i = 0; i < 68 * 68; i++) {
            int y = i / 68 - 20;
            int x = i % 68 - 20;
            float ink = y >= 0 && y < 28 && x >= 0 && x < 28 ? digit[y * 28 + x] : 0;
            int shade = Math.round(255 * (isDark ? 1 - ink : ink));
            for (int band = 0; band < page.getRaster().getNumBands(); band++) {
                page.getRaster()
                        .setSample(i % 68, i / 68, band, type == BufferedImage.TYPE_USHORT_GRAY ? 257 * shade : shade);
            }
        }
        return page;
    }

    @Test
    void should_read_a_large_picture_in_little_memory() throws IOException {
        BufferedImage sheet = new BufferedImage(4990, 4990, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < 3000 * 500; i++) {
            sheet.getRaster().setSample(2000 + i % 500, 900 + i / 500, 0, 255);
        }
        Path file = Pictures.write(sheet, folder.resolve("large.png"));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        float[] seen = DigitPicture.read(file);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(400_000_000);
        assertThat(inked(seen, true)).hasSize(20);
        assertThat(inked(seen, false)).hasSizeBetween(3, 4);
    }

    private static Color shade(Random random, int least, int range) {
        return new Color(least + random.nextInt(range), least + random.nextInt(range), least + random.nextInt(range));
    }

    @Test
    void should_see_ink_of_either_kind_on_clear_paper() throws IOException {
        float[] digit = Pictures.digit(DIGITS, 3);
        for (int shade : new int[] {0, 255}) {
            Color ink = new Color(shade, shade, shade, 255);
            BufferedImage page = Pictures.page(digit, 4, 9, 9, 9, 9, ink, new Color(shade, shade, shade, 0));
            assertSame(
                    digit, DigitPicture.read(Pictures.write(page, folder.resolve("page.png"))), 0.03, "ink " + shade);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void should_not_take_noise_of_the_paper_for_ink(int seed) throws IOException {
        Random random = new Random(seed);
        float[] digit = Pictures.digit(DIGITS, random.nextInt(DIGITS.count()));
        BufferedImage page = Pictures.page(digit, 6, 120, 40, 30, 90, new Color(30, 40, 140), new Color(240, 232, 200));
        for (int y = 0; y < page.getHeight(); y++) {
            for (int x = 0; x < page.getWidth(); x++) {
                Color was = new Color(page.getRGB(x, y));
                int more = (int) Math.round(4 * random.nextGaussian());
                page.setRGB(
                        x,
                        y,
                        new Color(near(was.getRed(), more), near(was.getGreen(), more), near(was.getBlue(), more))
                                .getRGB());
            }
        }
        float[] seen = DigitPicture.read(Pictures.write(page, folder.resolve("page.png")));
        double difference = IntStream.range(0, seen.length)
                .mapToDouble(i -> Math.abs(seen[i] - digit[i]))
                .sum();
        double inked =
                IntStream.range(0, digit.length).mapToDouble(i -> digit[i]).sum();
        assertThat(difference / inked).as("seed %d", seed).isLessThan(0.1);
    }

    private static int near(int value, int more) {
        return Math.max(0, Math.min(255, value + more));
    }

    /** A thin pen on a large sheet: the longer side of the box is 20 pixels, the centre of mass in the middle. */
    @Test
    void should_make_of_a_drawing_what_mnist_would() throws IOException {
        BufferedImage sheet = new BufferedImage(900, 600, BufferedImage.TYPE_BYTE_GRAY);
        Graphics2D pen = sheet.createGraphics();
        pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        pen.setColor(Color.WHITE);
        pen.fillRect(0, 0, 900, 600);
        pen.setColor(Color.BLACK);
        pen.setStroke(new BasicStroke(14));
        pen.drawLine(100, 60, 260, 60);
        pen.drawLine(260, 60, 180, 420);
        pen.dispose();
        float[] seen = DigitPicture.read(Pictures.write(sheet, folder.resolve("seven.png")));
        int[] rows = inked(seen, true);
        int[] columns = inked(seen, false);
        assertThat(rows).hasSize(20);
        assertThat(columns).hasSizeBetween(8, 10);
        assertThat(mean(seen, true)).isCloseTo(14, within(0.5));
        assertThat(mean(seen, false)).isCloseTo(14, within(0.5));
        assertThat(max(seen)).isOne();
    }

    @Test
    void should_keep_what_is_far_from_its_centre_of_mass_inside() throws IOException {
        BufferedImage sheet = new BufferedImage(100, 100, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 10; i < 90; i++) {
            sheet.getRaster().setSample(80, i, 0, 255);
            for (int j = 60; j < 80; j++) {
                sheet.getRaster().setSample(j, Math.min(i, 20), 0, 255);
            }
            sheet.getRaster().setSample(i, 89, 0, 255);
        }
        float[] seen = DigitPicture.read(Pictures.write(sheet, folder.resolve("corner.png")));
        assertThat(inked(seen, true)).hasSize(20);
        assertThat(inked(seen, false)).hasSize(20);
    }

    @Test
    void should_read_a_single_dot_and_a_picture_of_one_row() throws IOException {
        BufferedImage dot = new BufferedImage(3, 3, BufferedImage.TYPE_BYTE_GRAY);
        dot.getRaster().setSample(1, 1, 0, 255);
        assertThat(inked(DigitPicture.read(Pictures.write(dot, folder.resolve("dot.png"))), true))
                .hasSize(20);
        BufferedImage row = new BufferedImage(90, 1, BufferedImage.TYPE_BYTE_GRAY);
        row.getRaster().setSample(40, 0, 0, 255);
        row.getRaster().setSample(41, 0, 0, 255);
        assertThat(inked(DigitPicture.read(Pictures.write(row, folder.resolve("row.png"))), true))
                .hasSize(10);
    }

    @Test
    void should_refuse_paper_without_ink() throws IOException {
        Random random = new Random(1);
        BufferedImage noise = new BufferedImage(60, 60, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < 3600; i++) {
            noise.getRaster().setSample(i % 60, i / 60, 0, 235 + random.nextInt(15));
        }
        assertRefused(Pictures.write(noise, folder.resolve("noise.png")), ": shows no ink; expected one digit, ");
        BufferedImage clear = new BufferedImage(60, 60, BufferedImage.TYPE_INT_ARGB);
        assertRefused(Pictures.write(clear, folder.resolve("clear.png")), ": shows no ink; expected one digit, ");
        BufferedImage pixel = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_GRAY);
        assertRefused(Pictures.write(pixel, folder.resolve("pixel.png")), ": shows no ink; expected one digit, ");
    }

    @Test
    void should_refuse_what_is_no_picture() throws IOException {
        assertRefused(folder.resolve("none.png"), ": is not there; expected a picture of a digit");
        assertRefused(folder, ": is not there; expected a picture of a digit");
        assertRefused(
                Files.writeString(folder.resolve("text.png"), "seven"),
                ": is no picture of a known form; expected PNG, JPEG, GIF or BMP");
        assertRefused(Files.createFile(folder.resolve("empty.png")), ": is no picture of a known form; ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "bmp"})
    void should_read_or_refuse_whatever_damage_there_is(String form) throws IOException {
        BufferedImage page = new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB);
        page.createGraphics().fillRect(10, 10, 6, 20);
        Path file = folder.resolve("page." + form);
        assertThat(ImageIO.write(page, form, file.toFile())).isTrue();
        byte[] whole = Files.readAllBytes(file);
        DigitPicture.read(file);
        for (int seed = 1; seed <= 60; seed++) {
            Random random = new Random(seed);
            byte[] damaged = seed % 2 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
            for (int i = 0; i < 3 && damaged.length > 0 && seed % 2 == 1; i++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            Files.write(file, damaged);
            try {
                assertThat(DigitPicture.read(file)).hasSize(784);
            } catch (DataException exception) {
                assertThat(exception).as("seed %d", seed).hasMessageStartingWith(file + ": ");
            }
        }
    }

    private static void assertRefused(Path file, String complaint) {
        assertThatThrownBy(() -> DigitPicture.read(file))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(file + complaint);
    }

    private static void assertSame(float[] expected, float[] seen, double tolerance, String what) {
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) seen[i]).as("%s, pixel %d", what, i).isCloseTo(expected[i], within(tolerance));
        }
    }

    private static int[] inked(float[] pixels, boolean rows) {
        return IntStream.range(0, 28)
                .filter(line -> IntStream.range(0, 28).anyMatch(i -> pixels[rows ? line * 28 + i : i * 28 + line] > 0))
                .toArray();
    }

    private static double mean(float[] pixels, boolean rows) {
        double mass = 0;
        double moment = 0;
        for (int i = 0; i < pixels.length; i++) {
            mass += pixels[i];
            moment += pixels[i] * (rows ? i / 28 : i % 28);
        }
        return moment / mass;
    }

    private static float max(float[] pixels) {
        float max = 0;
        for (float pixel : pixels) {
            max = Math.max(max, pixel);
        }
        return max;
    }
}
