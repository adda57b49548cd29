package dev.unfold.examples.mnist;

import com.google.common.hash.Hasher;
import dev.unfold.examples.data.DataException;
import java.util.Objects;
import java.util.stream.IntStream;

/** Labelled images of digits, all of one size; at least one. Immutable. */
public final class Digits {
    /** The number of classes: labels are 0 to 9. */
    public static final int CLASSES = 10;

    private final float[] pixels;
    private final int rows;
    private final int columns;
    private final int[] labels;

    private Digits(float[] pixels, int rows, int columns, int[] labels) {
        this.pixels = pixels;
        this.rows = rows;
        this.columns = columns;
        this.labels = labels;
    }

    /**
     * Joins images with their labels.
     *
     * @param images rank 3 (images, rows, columns); unsigned bytes are divided by 255, floats taken as they are
     * @param labels rank 1, unsigned bytes from 0 to 9, one for each image
     * @return the labelled images
     * @throws DataException if the files are not of this kind or do not belong together
     */
    public static Digits of(IdxFile images, IdxFile labels) {
        if (images.rank() != 3) {
            throw new DataException(images.name() + ": the rank at byte 3 is " + images.rank()
                    + "; expected images (rank 3: images, rows, columns); "
                    + (images.rank() == 1 ? "are images and labels swapped?" : "check that this is the right file"));
        }
        if (labels.rank() != 1) {
            throw new DataException(labels.name() + ": the rank at byte 3 is " + labels.rank()
                    + "; expected labels (rank 1); check that this is the right file");
        }
        if (labels.elementType() != IdxFile.ElementType.UNSIGNED_BYTE) {
            throw new DataException(labels.name() + ": the element type at byte 2 is " + labels.elementType()
                    + "; expected labels as unsigned bytes; check that this is the right file");
        }
        int[] dimensions = images.dimensions();
        if (dimensions[0] != labels.size()) {
            throw new DataException(images.name() + ": holds " + dimensions[0] + " images, but " + labels.name()
                    + " holds " + labels.size() + " labels (both at byte 4); expected as many labels as images;"
                    + " check that the two files belong together");
        }
        return new Digits(pixels(images), dimensions[1], dimensions[2], labels(labels));
    }

    private static float[] pixels(IdxFile images) {
        float[] pixels = images.values();
        if (images.elementType() == IdxFile.ElementType.UNSIGNED_BYTE) {
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] /= 255f;
            }
        }
        return pixels;
    }

    private static int[] labels(IdxFile file) {
        int[] labels = new int[file.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (int) file.value(i);
            if (labels[i] >= CLASSES) {
                throw new DataException(file.name() + ": the label of item " + i + " (byte " + file.byteOffset(i)
                        + ") is " + labels[i] + "; expected 0 to 9; mend or remove the item");
            }
        }
        return labels;
    }

    /**
     * The number of images.
     *
     * @return at least 1
     */
    public int count() {
        return labels.length;
    }

    /**
     * The height of every image.
     *
     * @return pixels, at least 1
     */
    public int rows() {
        return rows;
    }

    /**
     * The width of every image.
     *
     * @return pixels, at least 1
     */
    public int columns() {
        return columns;
    }

    /**
     * The digit an image shows.
     *
     * @param i image, 0 to {@link #count()} - 1
     * @return 0 to 9
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public int label(int i) {
        return labels[Objects.checkIndex(i, labels.length)];
    }

    /**
     * Copies the pixels of an image, row by row: {@link #rows()} times {@link #columns()} numbers; 0 is background and
     * 1 is ink where the file held bytes.
     *
     * @param i image, 0 to {@link #count()} - 1
     * @param target where to
     * @param offset where the first pixel goes in the target
     * @throws IndexOutOfBoundsException if there is no such image or no room for it
     */
    public void copyImage(int i, float[] target, int offset) {
        Objects.checkIndex(i, labels.length);
        int size = rows * columns;
        System.arraycopy(pixels, i * size, target, Objects.checkFromIndexSize(offset, size, target.length), size);
    }

    /** Puts sizes, labels and the bits of all pixels. */
    void put(Hasher hasher) {
        hasher.putInt(labels.length).putInt(rows).putInt(columns);
        for (int label : labels) {
            hasher.putInt(label);
        }
        for (float pixel : pixels) {
            hasher.putInt(Float.floatToRawIntBits(pixel));
        }
    }

    /**
     * The first images.
     *
     * @param n how many, 1 to {@link #count()}
     * @return a copy of images 0 to n - 1
     * @throws IllegalArgumentException if there are not that many, or none are asked for
     */
    public Digits first(int n) {
        if (n < 1 || n > labels.length) {
            throw new IllegalArgumentException("cannot take the first " + n + " of " + labels.length + " images");
        }
        return subset(IntStream.range(0, n).toArray());
    }

    /**
     * Chosen images in the order chosen; one may be chosen several times.
     *
     * @param indices images, each 0 to {@link #count()} - 1; at least one
     * @return a copy of them
     * @throws IllegalArgumentException if none is chosen
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public Digits subset(int[] indices) {
        if (indices.length == 0) {
            throw new IllegalArgumentException("a subset needs at least one image");
        }
        int size = rows * columns;
        float[] chosen = new float[Math.multiplyExact(indices.length, size)];
        int[] chosenLabels = new int[indices.length];
        for (int k = 0; k < indices.length; k++) {
            copyImage(indices[k], chosen, k * size);
            chosenLabels[k] = labels[indices[k]];
        }
        return new Digits(chosen, rows, columns, chosenLabels);
    }
}
