package dev.unfold.examples.mnist;

import com.google.common.collect.ImmutableMap;
import com.google.common.io.MoreFiles;
import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.data.DataException;
import dev.unfold.examples.report.JsonReport;
import dev.unfold.examples.report.OutputFiles;
import dev.unfold.graph.Tensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Write what was read, with probabilities, to this file.")
    private @Nullable Path json;

    @Option(names = "--quiet", description = "Print the result alone.")
    private boolean quiet;

    @Option(names = "--stacktrace", description = "After a failure, print where in the program it happened.")
    @SuppressWarnings("unused") // Main asks the parser for it, since it serves when a command has failed
    private boolean stacktrace;

    @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "Pictures: PNG, JPEG, GIF or BMP.")
    private List<Path> images = new ArrayList<>();

    @Override
    public void run() {
        CommonOptions.refuseBefore(spec);
        refuseIf("--plots", Optional.ofNullable(plots).flatMap(OutputFiles::whyNoFolder));
        refuseIf("--json", Optional.ofNullable(json).flatMap(OutputFiles::whyNoFile));
        if (json != null
                && (normal(json).equals(normal(model))
                        || (plots != null && normal(json).equals(normal(plots))))) {
            throw new ParameterException(
                    spec.commandLine(), "--json is " + json + "; expected a name that no other option has");
        }
        DigitNetwork network = DigitFile.read(model);
        NetworkSettings settings = network.settings();
        long size = (long) settings.steps() * settings.pixels();
        if (size != DigitPicture.SIZE * DigitPicture.SIZE) {
            throw new DataException(model + ": is a model of images of " + size + " pixels; expected one of 28 x 28");
        }
        List<float[]> seen = images.stream().map(DigitPicture::read).toList();
        PrintWriter out = spec.commandLine().getOut();
        List<Map<String, Object>> pictures = new ArrayList<>();
        for (int i = 0; i < seen.size(); i++) {
            Tensor image = Tensor.of(seen.get(i), settings.steps(), 1, settings.pixels());
            pictures.add(print(out, images.get(i), network.classifier().probabilities(image.to(settings.dtype()))));
        }
        if (plots != null) {
            write(plots, seen);
            tell(out, "what the network saw in " + plots);
        }
        if (json != null) {
            JsonReport.write(
                    json,
                    "mnist predict",
                    ImmutableMap.of("model", model.toString()),
                    1,
                    ImmutableMap.of("pictures", pictures));
            tell(out, "figures in " + json);
        }
        out.flush();
    }

    private void tell(PrintWriter out, String line) {
        if (!quiet) {
            out.println(line);
        }
    }

    private void refuseIf(String option, Optional<String> whyNot) {
        whyNot.ifPresent(problem -> {
            throw new ParameterException(spec.commandLine(), option + ": " + problem);
        });
    }

    private static Path normal(Path path) {
        return path.toAbsolutePath().normalize();
    }

    /** Prints what a picture shows, and returns it for a report. */
    private static Map<String, Object> print(PrintWriter out, Path image, Tensor probabilities) {
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
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("file", image.toString());
        figures.put("digit", best);
        figures.put("probability", probabilities.getFlat(best));
        figures.put("runner_up", second);
        figures.put("runner_up_probability", probabilities.getFlat(second));
        return figures;
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
