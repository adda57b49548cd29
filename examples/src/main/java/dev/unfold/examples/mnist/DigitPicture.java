package dev.unfold.examples.mnist;

import dev.unfold.examples.data.DataException;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Iterator;
import java.util.stream.DoubleStream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * A picture of one handwritten digit, made to look like those of MNIST: light ink on black, cut out, scaled into 20 x 20 pixels with its
 * aspect kept, and laid into 28 x 28 so that its centre of mass is in the middle (Y. LeCun et al. 1998).
 */
final class DigitPicture {
    /** The height and the width of what is made. */
    static final int SIZE = 28;

    private static final int BOX = 20;
    /** The pixel on which MNIST's makers put the centre of mass. */
    private static final int CENTRE = 14;

    private static final int MOST_PIXELS = 25_000_000;
    /** Of larger pictures squares are taken together until they are, at the mean of height and width, less than twice this. */
    private static final int ENOUGH = 1_000;

    private static final int BYTE = 255;
    /** What is nearer than this to the paper is no ink, nor anything in a picture in which nothing is as far as {@link #CONTRAST}. */
    private static final double LEAST_INK = 0.02;

    private static final double CONTRAST = 0.1;
    /** So many times as far from the paper as nine tenths of the border are is ink. */
    private static final double ABOVE_NOISE = 2;

    private static final double DARK = 0.5;
    private static final double NOISE_PART = 0.9;

    private DigitPicture() {}

    /**
     * Reads a picture in any form that Java reads: PNG, JPEG, GIF, BMP, ...
     *
     * @return {@link #SIZE} times as many pixels, row by row, 0 for paper to 1 for ink
     * @throws DataException for a file that is no picture, or one without ink
     */
    static float[] read(Path file) {
        double[][] ink = withoutSpecks(ink(grey(image(file))));
        int[] rows = range(ink, true);
        int[] columns = range(ink, false);
        if (rows[1] <= rows[0]) {
            throw new DataException(file
                    + ": shows no ink; expected one digit, dark on light or light on dark; draw it with more contrast");
        }
        int height = rows[1] - rows[0];
        int width = columns[1] - columns[0];
        double scale = (double) BOX / Math.max(height, width);
        double[][] cut = Arrays.stream(ink, rows[0], rows[1])
                .map(row -> Arrays.copyOfRange(row, columns[0], columns[1]))
                .toArray(double[][]::new);
        double[][] narrow = Arrays.stream(cut)
                .map(row -> scaled(row, scaledSize(width, scale)))
                .toArray(double[][]::new);
        double[][] small = turned(Arrays.stream(turned(narrow))
                .map(column -> scaled(column, scaledSize(height, scale)))
                .toArray(double[][]::new));
        return centred(small);
    }

    private static BufferedImage image(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new DataException(file + ": is not there; expected a picture of a digit");
        }
        // Broken files make readers throw more than IOException.
        try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new DataException(file + ": is no picture of a known form; expected PNG, JPEG, GIF or BMP");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in);
                long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
                if (pixels > MOST_PIXELS) {
                    throw new DataException(file + ": has " + pixels + " pixels; expected at most " + MOST_PIXELS
                            + "; make it smaller");
                }
                return reader.read(0);
            } finally {
                reader.dispose();
            }
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException exception) {
            throw new DataException(file + ": cannot be read as a picture: " + exception.getMessage(), exception);
        } catch (OutOfMemoryError error) {
            throw new DataException(file + ": is too large a picture for the memory there is; make it smaller", error);
        }
    }

    /**
     * Returns brightness from 0 to 1; what is clear has that of the end which is farther from what is not. A large picture is made smaller
     * by a whole factor: each element is the mean of a square of pixels.
     */
    private static double[][] grey(BufferedImage image) {
        int factor = Math.max(1, (int) (Math.sqrt((double) image.getWidth() * image.getHeight()) / ENOUGH));
        double[][] grey = new double[(image.getHeight() - 1) / factor + 1][(image.getWidth() - 1) / factor + 1];
        double[][] cover = new double[grey.length][grey[0].length];
        double covered = 0;
        double bright = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            int height = Math.min(factor, image.getHeight() - y / factor * factor);
            for (int x = 0; x < image.getWidth(); x++) {
                int width = Math.min(factor, image.getWidth() - x / factor * factor);
                double opaque = opaque(image, x, y);
                double light = opaque * brightness(image, x, y);
                cover[y / factor][x / factor] += opaque / (height * width);
                grey[y / factor][x / factor] += light / (height * width);
                covered += opaque;
                bright += light;
            }
        }
        double paper = bright > covered / 2 ? 0 : 1;
        for (int y = 0; y < grey.length; y++) {
            for (int x = 0; x < grey[y].length; x++) {
                grey[y][x] += (1 - cover[y][x]) * paper;
            }
        }
        return grey;
    }

    private static double opaque(BufferedImage image, int x, int y) {
        return image.getColorModel().hasAlpha() ? (double) (image.getRGB(x, y) >>> 24) / BYTE : 1;
    }

    private static double brightness(BufferedImage image, int x, int y) {
        ColorModel model = image.getColorModel();
        int type = model.getTransferType();
        if (model.getColorSpace().getType() == ColorSpace.TYPE_GRAY
                && (type == DataBuffer.TYPE_BYTE || type == DataBuffer.TYPE_USHORT)) {
            // Java takes grey for linear, and as RGB it would be brighter than it is shown elsewhere.
            return image.getRaster().getSample(x, y, 0) / (double) ((1 << model.getComponentSize(0)) - 1);
        }
        int rgb = image.getRGB(x, y);
        // The weights of ITU-R BT.601, as in television.
        return (0.299 * (rgb >> 16 & BYTE) + 0.587 * (rgb >> 8 & BYTE) + 0.114 * (rgb & BYTE)) / BYTE;
    }

    /** Returns how much ink there is, 0 to 1: how far from the paper, which the border shows, towards the other end. */
    private static double[][] ink(double[][] grey) {
        double[] border = border(grey);
        double paper = border[border.length / 2];
        double lightest =
                Arrays.stream(grey).flatMapToDouble(Arrays::stream).max().orElseThrow();
        double darkest =
                Arrays.stream(grey).flatMapToDouble(Arrays::stream).min().orElseThrow();
        double end = lightest - paper > paper - darkest ? lightest : darkest;
        double[] noise = Arrays.stream(border)
                .map(each -> Math.abs(each - paper))
                .sorted()
                .toArray();
        double threshold = Math.max(
                LEAST_INK, ABOVE_NOISE * noise[(int) (NOISE_PART * (noise.length - 1))] / Math.abs(end - paper));
        boolean blank = Math.abs(end - paper) < CONTRAST;
        return Arrays.stream(grey)
                .map(row -> Arrays.stream(row)
                        .map(each -> (each - paper) / (end - paper))
                        .map(each -> blank || each < threshold ? 0 : each)
                        .toArray())
                .toArray(double[][]::new);
    }

    private static double[] border(double[][] grey) {
        int last = grey.length - 1;
        int right = grey[0].length - 1;
        return DoubleStream.concat(
                        DoubleStream.concat(Arrays.stream(grey[0]), Arrays.stream(grey[last])),
                        Arrays.stream(grey).flatMapToDouble(row -> DoubleStream.of(row[0], row[right])))
                .sorted()
                .toArray();
    }

    /** Returns the ink that hangs together with something dark, corners included, and no other. */
    private static double[][] withoutSpecks(double[][] ink) {
        int columns = ink[0].length;
        double[][] kept = new double[ink.length][columns];
        // Each place comes onto the stack once.
        int[] open = new int[ink.length * columns];
        BitSet seen = new BitSet(open.length);
        int size = 0;
        for (int place = 0; place < open.length; place++) {
            if (ink[place / columns][place % columns] >= DARK) {
                open[size++] = place;
                seen.set(place);
            }
        }
        while (size > 0) {
            int place = open[--size];
            int row = place / columns;
            int column = place % columns;
            kept[row][column] = ink[row][column];
            for (int y = Math.max(0, row - 1); y <= Math.min(ink.length - 1, row + 1); y++) {
                for (int x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) {
                    if (ink[y][x] > 0 && !seen.get(y * columns + x)) {
                        open[size++] = y * columns + x;
                        seen.set(y * columns + x);
                    }
                }
            }
        }
        return kept;
    }

    /** Returns from where to before where there is ink, among rows or columns. */
    private static int[] range(double[][] ink, boolean ofRows) {
        double[][] lines = ofRows ? ink : turned(ink);
        int from = 0;
        while (from < lines.length && isBlank(lines[from])) {
            from++;
        }
        int to = lines.length;
        while (to > from && isBlank(lines[to - 1])) {
            to--;
        }
        return new int[] {from, to};
    }

    private static boolean isBlank(double[] line) {
        return Arrays.stream(line).allMatch(each -> each == 0);
    }

    private static double[][] turned(double[][] rows) {
        double[][] columns = new double[rows[0].length][rows.length];
        for (int y = 0; y < rows.length; y++) {
            for (int x = 0; x < rows[y].length; x++) {
                columns[x][y] = rows[y][x];
            }
        }
        return columns;
    }

    private static int scaledSize(int size, double scale) {
        return Math.max(1, (int) Math.round(size * scale));
    }

    /** Returns a line of another size, each element the mean over the part of the line that it covers. */
    private static double[] scaled(double[] line, int size) {
        double[] scaled = new double[size];
        double step = (double) line.length / size;
        for (int i = 0; i < size; i++) {
            double from = i * step;
            double to = Math.min(line.length, from + step);
            for (int k = (int) from; k < to; k++) {
                scaled[i] += line[k] * (Math.min(to, k + 1) - Math.max(from, k)) / step;
            }
        }
        return scaled;
    }

    /** Lays a cut out digit into the picture. */
    private static float[] centred(double[][] small) {
        int top = offset(small);
        int left = offset(turned(small));
        double most = Arrays.stream(small).flatMapToDouble(Arrays::stream).max().orElseThrow();
        float[] pixels = new float[SIZE * SIZE];
        for (int y = 0; y < small.length; y++) {
            for (int x = 0; x < small[y].length; x++) {
                // As dark as MNIST's, whose darkest pixels are 255 or 254: thin lines have become pale.
                pixels[(top + y) * SIZE + left + x] = (float) Math.min(1, small[y][x] / most);
            }
        }
        return pixels;
    }

    /** Returns where the first line goes so that the centre of mass comes to the middle, or as near as there is room. */
    private static int offset(double[][] lines) {
        double mass = 0;
        double moment = 0;
        for (int i = 0; i < lines.length; i++) {
            double line = Arrays.stream(lines[i]).sum();
            mass += line;
            moment += i * line;
        }
        return Math.max(0, Math.min(SIZE - lines.length, (int) Math.round(CENTRE - moment / mass)));
    }
}
