package dev.unfold.examples.mnist;

import com.google.common.io.MoreFiles;
import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.data.DataException;
import dev.unfold.examples.report.OutputFiles;
import dev.unfold.graph.Tensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mnist predict}: reads pictures of digits with a model that {@code mnist --save} has written. */
@Command(
        name = "predict",
        description = "Read pictures of one handwritten digit each, dark on light or light on dark, by a saved model.",
        mixinStandardHelpOptions = true,
        version = CommonOptions.VERSION)
final class PredictCommand implements Runnable {
    /** As many times as high and wide are the pictures of what the network saw. */
    private static final int MAGNIFIED = 10;

    private static final int WHITE = 255;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--model", required = true, paramLabel = "FILE", description = "The model.")
    private Path model = Path.of("");

    @Option(
            names = "--plots",
            paramLabel = "DIR",
            description =
                    "Write what the network saw as PNG into this folder: 1-NAME.png for the first picture, and so on.")
    private @Nullable Path plots;

    @Option(names = "--stacktrace", description = "After a failure, print where in the program it happened.")
    @SuppressWarnings("unused") // Main asks the parser for it, since it serves when a command has failed
    private boolean stacktrace;

    @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "Pictures: PNG, JPEG, GIF or BMP.")
    private List<Path> images = new ArrayList<>();

    @Override
    public void run() {
        CommonOptions.refuseBefore(spec);
        if (plots != null) {
            OutputFiles.whyNoFolder(plots).ifPresent(problem -> {
                throw new ParameterException(spec.commandLine(), "--plots: " + problem);
            });
        }
        DigitNetwork network = DigitFile.read(model);
        NetworkSettings settings = network.settings();
        long size = (long) settings.steps() * settings.pixels();
        if (size != DigitPicture.SIZE * DigitPicture.SIZE) {
            throw new DataException(model + ": is a model of images of " + size + " pixels; expected one of 28 x 28");
        }
        List<float[]> seen = images.stream().map(DigitPicture::read).toList();
        PrintWriter out = spec.commandLine().getOut();
        for (int i = 0; i < seen.size(); i++) {
            Tensor image = Tensor.of(seen.get(i), settings.steps(), 1, settings.pixels());
            print(out, images.get(i), network.classifier().probabilities(image.to(settings.dtype())));
        }
        if (plots != null) {
            write(plots, seen);
            out.println("what the network saw in " + plots);
        }
        out.flush();
    }

    private static void print(PrintWriter out, Path image, Tensor probabilities) {
        int best = 0;
        int second = 1;
        for (int digit = 1; digit < probabilities.size(); digit++) {
            if (probabilities.getFlat(digit) > probabilities.getFlat(best)) {
                second = best;
                best = digit;
            } else if (probabilities.getFlat(digit) > probabilities.getFlat(second)) {
                second = digit;
            }
        }
        out.printf(
                Locale.ROOT,
                "%s: %d with probability %.4f, then %d with %.4f%n",
                image,
                best,
                probabilities.getFlat(best),
                second,
                probabilities.getFlat(second));
    }

    private void write(Path folder, List<float[]> seen) {
        OutputFiles.makeFolder(folder);
        for (int i = 0; i < seen.size(); i++) {
            String name = (i + 1) + "-" + MoreFiles.getNameWithoutExtension(images.get(i)) + ".png";
            OutputFiles.write(folder.resolve(name), png(seen.get(i)));
        }
    }

    private static byte[] png(float[] pixels) {
        int size = DigitPicture.SIZE * MAGNIFIED;
        BufferedImage image = new BufferedImage(size, size, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                float ink = pixels[y / MAGNIFIED * DigitPicture.SIZE + x / MAGNIFIED];
                image.getRaster().setSample(x, y, 0, Math.round(ink * WHITE));
            }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", bytes);
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
        return bytes.toByteArray();
    }
}
