package dev.unfold.examples.report;

import com.google.common.primitives.Floats;
import dev.unfold.rnn.report.Block;
import dev.unfold.rnn.report.Tag;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * Small grey pictures with a line below each. At most 120 are shown, and it says so.
 *
 * @param title what they are
 * @param pictures in the order to show
 */
public record Pictures(String title, List<Picture> pictures) implements Block {
    private static final int MOST = 120;
    private static final int SHOWN = 84;
    private static final int WHITE = 255;

    /**
     * A picture.
     *
     * @param caption what it shows, such as "5, read as 6"
     * @param width in pixels
     * @param pixels row by row: 0 is paper, 1 is ink
     */
    public record Picture(String caption, int width, List<Float> pixels) {
        /**
         * Copies the pixels.
         *
         * @throws IllegalArgumentException where they do not fill rows of that width
         */
        public Picture {
            pixels = List.copyOf(pixels);
            if (width < 1 || pixels.isEmpty() || pixels.size() % width != 0) {
                throw new IllegalArgumentException("picture '" + caption + "': " + pixels.size() + " pixels in rows of "
                        + width + "; expected whole rows, at least one");
            }
        }

        /** Returns a picture of a copy of the pixels. */
        public static Picture of(String caption, int width, float... pixels) {
            return new Picture(caption, width, Floats.asList(pixels));
        }

        private String png() {
            BufferedImage image = new BufferedImage(width, pixels.size() / width, BufferedImage.TYPE_BYTE_GRAY);
            for (int i = 0; i < pixels.size(); i++) {
                float ink = Math.min(1, Math.max(0, pixels.get(i)));
                image.getRaster().setSample(i % width, i / width, 0, Math.round((1 - ink) * WHITE));
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try {
                ImageIO.write(image, "png", out);
            } catch (IOException exception) {
                throw new UncheckedIOException(exception);
            }
            return "data:image/png;base64," + Base64.getEncoder().encodeToString(out.toByteArray());
        }

        private Tag html() {
            int rows = pixels.size() / width;
            return Tag.of("figure", "picture")
                    .add(
                            Tag.of("img")
                                    .set("src", png())
                                    .set("alt", caption)
                                    .set("width", Integer.toString(SHOWN))
                                    .set("height", Integer.toString(Math.max(1, SHOWN * rows / width))),
                            Tag.of("figcaption").text(caption));
        }
    }

    /** Copies the list. */
    public Pictures {
        pictures = List.copyOf(pictures);
    }

    @Override
    public Tag html() {
        Tag shown = Tag.of("div", "pictures");
        pictures.stream().limit(MOST).forEach(each -> shown.add(each.html()));
        Tag block = Tag.of("div", "block wide").add(Tag.of("h3").text(title), shown);
        return pictures.size() <= MOST
                ? block
                : block.add(Tag.of("p", "note")
                        .text(String.format(Locale.ROOT, "The first %d of %,d.", MOST, pictures.size())));
    }
}
