package dev.unfold.examples.mnist;

import dev.unfold.examples.data.DataException;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Makes the sample that {@link MnistData#embedded()} reads from the full data: the first 600 training images and the
 * first 100 test images of each digit, in the order of the file.
 */
public final class MnistSample {
    private static final int TRAIN_PER_CLASS = 600;
    private static final int TEST_PER_CLASS = 100;

    private MnistSample() {}

    /**
     * Runs the tool. Ends the program with status 0 if the sample is written, 1 if the data cannot be read or written,
     * 2 if the arguments are wrong.
     *
     * @param args the directory of the full data and the directory to write to, which is made if it is not there
     */
    public static void main(String[] args) {
        System.exit(run(System.out, System.err, args));
    }

    static int run(PrintStream out, PrintStream err, String... args) {
        if (args.length != 2) {
            err.println("usage: MnistSample INPUT_DIRECTORY OUTPUT_DIRECTORY");
            return 2;
        }
        try {
            Path from = Path.of(args[0]);
            Path to = Path.of(args[1]);
            write(from, MnistData.TRAIN_IMAGES, MnistData.TRAIN_LABELS, TRAIN_PER_CLASS, to, out);
            write(from, MnistData.TEST_IMAGES, MnistData.TEST_LABELS, TEST_PER_CLASS, to, out);
            return 0;
        } catch (InvalidPathException e) {
            return fail(err, 2, new DataException("not the path of a directory: " + e.getMessage(), e));
        } catch (DataException e) {
            return fail(err, 1, e);
        } catch (IOException e) {
            return fail(
                    err,
                    1,
                    new DataException(args[1] + ": cannot be written (" + e + "); check the output directory", e));
        }
    }

    private static int fail(PrintStream err, int status, DataException problem) {
        err.println(problem.getMessage());
        return status;
    }

    private static void write(Path from, String imageName, String labelName, int perClass, Path to, PrintStream out)
            throws IOException {
        IdxFile images = MnistData.file(from, imageName);
        IdxFile labels = MnistData.file(from, labelName);
        if (images.elementType() != IdxFile.ElementType.UNSIGNED_BYTE) {
            throw new DataException(images.name() + ": the element type at byte 2 is " + images.elementType()
                    + "; expected images as unsigned bytes; name the directory of the original data");
        }
        int[] chosen = firstOfEachClass(Digits.of(images, labels), perClass, labels.name());
        Files.createDirectories(to);
        write(images, chosen, to.resolve(MnistData.SAMPLE + imageName + ".gz"), out);
        write(labels, chosen, to.resolve(MnistData.SAMPLE + labelName + ".gz"), out);
    }

    private static int[] firstOfEachClass(Digits digits, int perClass, String name) {
        int[] chosen = new int[Digits.CLASSES * perClass];
        int[] taken = new int[Digits.CLASSES];
        int count = 0;
        for (int i = 0; i < digits.count(); i++) {
            if (taken[digits.label(i)] < perClass) {
                taken[digits.label(i)]++;
                chosen[count++] = i;
            }
        }
        for (int digit = 0; digit < taken.length; digit++) {
            if (taken[digit] < perClass) {
                throw new DataException(name + ": holds only " + taken[digit] + " labels of the digit " + digit
                        + "; expected at least " + perClass + "; name the directory of the full data");
            }
        }
        return chosen;
    }

    private static void write(IdxFile file, int[] items, Path target, PrintStream out) throws IOException {
        int[] dimensions = file.dimensions();
        int itemSize = file.size() / dimensions[0];
        dimensions[0] = items.length;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream data = new DataOutputStream(new BestGzip(bytes))) {
            data.writeShort(0);
            data.writeByte(0x08);
            data.writeByte(dimensions.length);
            for (int dimension : dimensions) {
                data.writeInt(dimension);
            }
            for (int item : items) {
                for (int k = 0; k < itemSize; k++) {
                    data.writeByte((int) file.value(item * itemSize + k));
                }
            }
        }
        Files.write(target, bytes.toByteArray());
        out.println(target + ": " + Arrays.toString(dimensions) + ", " + bytes.size() + " bytes");
    }

    /** Gzip at its best compression; like its parent it writes neither name nor time, so equal data gives equal bytes. */
    private static final class BestGzip extends GZIPOutputStream {
        BestGzip(OutputStream out) throws IOException {
            super(out);
            def.setLevel(Deflater.BEST_COMPRESSION);
        }
    }
}
