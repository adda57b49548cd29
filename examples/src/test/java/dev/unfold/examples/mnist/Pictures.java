package dev.unfold.examples.mnist;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Digits as pictures that a user could have. */
final class Pictures {
    private Pictures() {}

    /** Returns a digit on a page: each pixel so many times as wide and high, ink and paper of any colour, mixed where it is grey. */
    static BufferedImage page(
            float[] digit, int magnified, int top, int left, int bottom, int right, Color ink, Color paper) {
        int size = DigitPicture.SIZE * magnified;
        BufferedImage page = new BufferedImage(left + size + right, top + size + bottom, BufferedImage.TYPE_INT_ARGB);
        for (int y = 0; y < page.getHeight(); y++) {
            for (int x = 0; x < page.getWidth(); x++) {
                boolean inside = y >= top && y < top + size && x >= left && x < left + size;
                float share = inside ? digit[(y - top) / magnified * DigitPicture.SIZE + (x - left) / magnified] : 0;
                page.setRGB(x, y, mix(ink, paper, share));
            }
        }
        return page;
    }

    private static int mix(Color ink, Color paper, float share) {
        int red = Math.round(share * ink.getRed() + (1 - share) * paper.getRed());
        int green = Math.round(share * ink.getGreen() + (1 - share) * paper.getGreen());
        int blue = Math.round(share * ink.getBlue() + (1 - share) * paper.getBlue());
        int alpha = Math.round(share * ink.getAlpha() + (1 - share) * paper.getAlpha());
        return new Color(red, green, blue, alpha).getRGB();
    }

    /** Writes a picture as PNG. */
    static Path write(BufferedImage picture, Path file) throws IOException {
        ImageIO.write(picture, "png", file.toFile());
        return file;
    }

    /** Returns the pixels of an image. */
    static float[] digit(Digits digits, int number) {
        float[] pixels = new float[DigitPicture.SIZE * DigitPicture.SIZE];
        digits.copyImage(number, pixels, 0);
        return pixels;
    }
}
