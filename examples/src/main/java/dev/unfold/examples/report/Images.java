package dev.unfold.examples.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/** Matrices as images: a square for each number, blue below 0, white at 0, red above, grey where it is NaN. */
public final class Images {
    private static final Color BLUE = new Color(0x2166ac);
    private static final Color RED = new Color(0xb2182b);
    private static final Color FRAME = Color.GRAY;
    /** The longer side of a matrix, at most. */
    private static final int SIDE = 300;

    private static final int PANEL = SIDE + 90;
    private static final int SCALE = 240;
    private static final int TOP = 80;
    private static final int BELOW = 80;
    private static final int LARGE = 16;
    private static final int MIDDLE = 14;
    private static final int SMALL = 12;

    private Images() {}

    /** A matrix to draw. */
    public static final class Panel {
        private final String name;
        private final double[][] values;
        private final double limit;

        /**
         * Makes a panel.
         *
         * @param values [rows][columns], at most 300 of either; read when it is drawn
         * @param limit the size at which colours are at their strongest
         */
        public Panel(String name, double[][] values, double limit) {
            this.name = name;
            this.values = values;
            this.limit = limit;
        }
    }

    /**
     * Draws matrices of the same size side by side as a PNG file.
     *
     * @throws dev.unfold.examples.data.DataException where the file cannot be written
     */
    public static void write(Path file, String title, List<Panel> panels) {
        double[][] first = panels.get(0).values;
        int cell = SIDE / Math.max(first.length, first[0].length);
        int height = TOP + cell * first.length + BELOW;
        BufferedImage image = new BufferedImage(PANEL * panels.size(), height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, image.getWidth(), height);
        text(graphics, title, image.getWidth() / 2, 28, LARGE, Font.BOLD);
        for (int i = 0; i < panels.size(); i++) {
            draw(graphics, panels.get(i), i * PANEL + PANEL / 2, cell);
        }
        graphics.dispose();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", bytes);
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
        OutputFiles.write(file, bytes.toByteArray());
    }

    private static void draw(Graphics2D graphics, Panel panel, int centre, int cell) {
        int rows = panel.values.length;
        int columns = panel.values[0].length;
        int width = columns * cell;
        int left = centre - width / 2;
        int bottom = TOP + rows * cell;
        text(graphics, panel.name, centre, TOP - 12, MIDDLE, Font.BOLD);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                double value = panel.values[row][column];
                // Where all are 0, so is the limit.
                graphics.setColor(colour(value == 0 ? 0 : value / panel.limit));
                graphics.fillRect(left + column * cell, TOP + row * cell, cell, cell);
            }
        }
        frame(graphics, left, TOP, width, rows * cell);
        label(graphics, "0", left - 16, TOP + cell / 2 + 5);
        label(graphics, "0", left + cell / 2, bottom + 16);
        if (rows > 1) {
            label(graphics, String.valueOf(rows - 1), left - 16, bottom - cell / 2 + 5);
        }
        if (width > 2 * SMALL) {
            label(graphics, String.valueOf(columns - 1), left + width - cell / 2, bottom + 16);
        }
        scale(graphics, panel.limit, centre - SCALE / 2, bottom + 32);
    }

    /** Draws what colours mean. */
    private static void scale(Graphics2D graphics, double limit, int left, int top) {
        for (int x = 0; x < SCALE; x++) {
            graphics.setColor(colour(2.0 * x / (SCALE - 1) - 1));
            graphics.fillRect(left + x, top, 1, 12);
        }
        frame(graphics, left, top, SCALE, 12);
        String end = String.format(Locale.ROOT, "%.1e", limit);
        label(graphics, "-" + end, left + 12, top + 28);
        label(graphics, "0", left + SCALE / 2, top + 28);
        label(graphics, end, left + SCALE - 12, top + 28);
    }

    private static void frame(Graphics2D graphics, int left, int top, int width, int height) {
        graphics.setColor(FRAME);
        graphics.drawRect(left - 1, top - 1, width + 1, height + 1);
    }

    private static void label(Graphics2D graphics, String text, int centre, int baseline) {
        text(graphics, text, centre, baseline, SMALL, Font.PLAIN);
    }

    private static void text(Graphics2D graphics, String text, int centre, int baseline, int size, int style) {
        graphics.setColor(Color.BLACK);
        graphics.setFont(new Font(Font.SANS_SERIF, style, size));
        graphics.drawString(text, centre - graphics.getFontMetrics().stringWidth(text) / 2, baseline);
    }

    /** Returns the colour of a share of the limit. */
    private static Color colour(double share) {
        if (Double.isNaN(share)) {
            return FRAME;
        }
        Color strong = share < 0 ? BLUE : RED;
        double strength = Math.min(1, Math.abs(share));
        return new Color(
                faded(strong.getRed(), strength),
                faded(strong.getGreen(), strength),
                faded(strong.getBlue(), strength));
    }

    private static int faded(int strong, double strength) {
        return (int) Math.round(255 + (strong - 255) * strength);
    }
}
