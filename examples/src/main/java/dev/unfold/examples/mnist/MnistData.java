package dev.unfold.examples.mnist;

import dev.unfold.examples.data.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The MNIST handwritten digits, or a set of the same form.
 *
 * @param train images to learn from
 * @param test images of the same size to measure on
 */
public record MnistData(Digits train, Digits test) {
    static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
    static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
    static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
    static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

    /** What the names of the embedded files begin with; they go on like those of the full set. */
    static final String SAMPLE = "sample-";

    /**
     * Joins the two sets.
     *
     * @throws IllegalArgumentException if their images differ in size
     */
    public MnistData {
        if (train.rows() != test.rows() || train.columns() != test.columns()) {
            throw new IllegalArgumentException("the training images are " + train.rows() + " x " + train.columns()
                    + " pixels, the test images " + test.rows() + " x " + test.columns()
                    + "; expected one size; check that the files belong together");
        }
    }

    /**
     * The embedded sample: 600 training and 100 test images of each digit, 28 x 28 pixels.
     *
     * @return the sample
     */
    public static MnistData embedded() {
        return new MnistData(
                Digits.of(resource(TRAIN_IMAGES), resource(TRAIN_LABELS)),
                Digits.of(resource(TEST_IMAGES), resource(TEST_LABELS)));
    }

    /**
     * Reads the four standard files, {@code train-images-idx3-ubyte}, {@code train-labels-idx1-ubyte},
     * {@code t10k-images-idx3-ubyte} and {@code t10k-labels-idx1-ubyte}, each alone or with {@code .gz} appended; the
     * plain one is taken where both are there.
     *
     * @param directory where the files are
     * @return the data
     * @throws DataException if the directory or a file is missing, a file is bad, or they do not belong together
     */
    public static MnistData read(Path directory) {
        Digits train = Digits.of(file(directory, TRAIN_IMAGES), file(directory, TRAIN_LABELS));
        Digits test = Digits.of(file(directory, TEST_IMAGES), file(directory, TEST_LABELS));
        try {
            return new MnistData(train, test);
        } catch (IllegalArgumentException e) {
            throw new DataException(directory + ": " + e.getMessage(), e);
        }
    }

    /** Reads one of the standard files. */
    static IdxFile file(Path directory, String name) {
        if (!Files.isDirectory(directory)) {
            throw new DataException(directory + ": there is no such directory; expected the four MNIST files in it;"
                    + " check the path");
        }
        Path plain = directory.resolve(name);
        Path gzipped = directory.resolve(name + ".gz");
        if (Files.exists(plain)) {
            return IdxFile.read(plain);
        }
        if (Files.exists(gzipped)) {
            return IdxFile.read(gzipped);
        }
        throw new DataException(directory + ": holds neither " + name + " nor " + name
                + ".gz; expected one of them; put the file there or name another directory");
    }

    private static IdxFile resource(String name) {
        String file = SAMPLE + name + ".gz";
        try (InputStream in = MnistData.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("the resource " + file + " is missing beside " + MnistData.class);
            }
            return IdxFile.read(in, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
