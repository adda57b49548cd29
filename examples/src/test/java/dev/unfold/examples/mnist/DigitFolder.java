package dev.unfold.examples.mnist;

import static dev.unfold.examples.mnist.IdxBytes.UNSIGNED_BYTE;
import static dev.unfold.examples.mnist.IdxBytes.header;
import static dev.unfold.examples.mnist.IdxBytes.join;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Folders with the four files of a tiny set: 3s, whose upper half is white, and 7s, whose lower half is, in turn. */
public final class DigitFolder {
    static final int ROWS = 4;
    static final int COLUMNS = 3;

    private DigitFolder() {}

    /** Writes a set and returns the folder. */
    public static Path write(Path folder, int train, int test) throws IOException {
        writeHalf(folder, MnistData.TRAIN_IMAGES, MnistData.TRAIN_LABELS, train);
        writeHalf(folder, MnistData.TEST_IMAGES, MnistData.TEST_LABELS, test);
        return folder;
    }

    private static void writeHalf(Path folder, String images, String labels, int count) throws IOException {
        Files.write(folder.resolve(images), images(count, ROWS, COLUMNS));
        Files.write(folder.resolve(labels), labels(count));
    }

    static byte[] images(int count, int rows, int columns) {
        byte[] pixels = new byte[count * rows * columns];
        for (int i = 0; i < pixels.length; i++) {
            int image = i / (rows * columns);
            boolean upper = i / columns % rows < rows / 2;
            pixels[i] = (byte) (upper == (image % 2 == 0) ? 255 - image % 5 : image % 7);
        }
        return join(header(UNSIGNED_BYTE, count, rows, columns), pixels);
    }

    static byte[] labels(int count) {
        byte[] labels = new byte[count];
        for (int i = 0; i < count; i++) {
            labels[i] = (byte) (i % 2 == 0 ? 3 : 7);
        }
        return join(header(UNSIGNED_BYTE, count), labels);
    }
}
