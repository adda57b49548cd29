package dev.unfold.examples.mnist;

import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.data.DataException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code mnist}: a recurrent classifier of handwritten digits, rows of pixels as steps. */
@Command(
        name = "mnist",
        description = "Train a recurrent classifier of handwritten digits, rows of pixels as steps.",
        mixinStandardHelpOptions = true,
        version = CommonOptions.VERSION)
public final class MnistCommand implements Runnable {
    private static final int MOST_HIDDEN = 4_096;
    private static final int MOST_LAYERS = 64;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Folder with the four IDX files of MNIST, gzipped or not (default: an embedded sample of 6,000"
                            + " training and 1,000 test images).")
    private @Nullable Path data;

    @Option(
            names = "--cell",
            defaultValue = "vanilla",
            description =
                    "The recurrent cell: vanilla, gru (resets before the product), gru-after, lstm, lstm-peephole, lstm-layernorm or mgu"
                            + " (default ${DEFAULT-VALUE}).")
    private CellKind cell = CellKind.VANILLA;

    @Option(names = "--hidden", defaultValue = "128", description = "Hidden size (default ${DEFAULT-VALUE}).")
    private int hidden;

    @Option(names = "--layers", defaultValue = "1", description = "Recurrent layers (default ${DEFAULT-VALUE}).")
    private int layers;

    @Option(names = "--bidirectional", description = "Let every layer go both ways, with a cell for each.")
    private boolean bidirectional;

    @Option(names = "--epochs", defaultValue = "5", description = "Epochs at most (default ${DEFAULT-VALUE}).")
    private int epochs;

    @Option(names = "--batch", defaultValue = "32", description = "Images in an update (default ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--dropout",
            defaultValue = "0",
            description = "Share of every layer's outputs to drop in training (default ${DEFAULT-VALUE}).")
    private double dropout;

    @Option(
            names = "--learning-rate",
            description = "Adam's (default: 0.002 for the vanilla cell, 0.006 for the others).")
    private @Nullable Double givenLearningRate;

    @Option(
            names = "--constant-rate",
            description = "Keep the learning rate as it is (default: it falls in a straight line to 0 at the end).")
    private boolean constantRate;

    @Option(
            names = "--fraction",
            defaultValue = "1",
            description = "Share of the training images to use (default ${DEFAULT-VALUE}).")
    private double fraction;

    @Option(
            names = "--l2",
            defaultValue = "0",
            description = "Strength of the L2 penalty on the output weights (default ${DEFAULT-VALUE}).")
    private double l2;

    @Option(
            names = "--clip-norm",
            defaultValue = "Infinity",
            description = "Global norm to clip gradients to (default: they are not clipped).")
    private double clipNorm;

    @Option(
            names = "--patience",
            defaultValue = "0",
            description =
                    "Stop after this many epochs without a better validation loss and keep the best weights (default"
                            + " ${DEFAULT-VALUE}: never).")
    private int patience;

    @Override
    public void run() {
        common.check();
        double learningRate = givenLearningRate == null ? cell.learningRate() : givenLearningRate;
        check(learningRate);
        MnistData digits = data == null ? MnistData.embedded() : MnistData.read(data);
        int there = digits.train().count();
        if (there < 2) {
            throw new DataException(data + ": holds " + there
                    + " training image; expected at least 2, one to learn from and" + " one to validate with");
        }
        int used = (int) Math.round(fraction * there);
        common.require(used >= 2, "--fraction", fraction, "a share that leaves at least 2 of " + there + " images");
        MnistData some = new MnistData(digits.train().first(used), digits.test());
        MnistSettings settings = new MnistSettings(
                cell,
                hidden,
                layers,
                bidirectional,
                dropout,
                epochs,
                batch,
                learningRate,
                !constantRate,
                l2,
                clipNorm,
                patience,
                common.seed(),
                common.dtype(),
                common.isStatic(),
                common.threads());
        MnistReport report = new MnistReport(common);
        report.write("mnist", settings(settings), List.of(report.train(settings, some)));
    }

    private void check(double learningRate) {
        common.require(hidden >= 1 && hidden <= MOST_HIDDEN, "--hidden", hidden, "1 to " + MOST_HIDDEN);
        common.require(layers >= 1 && layers <= MOST_LAYERS, "--layers", layers, "1 to " + MOST_LAYERS);
        common.require(dropout >= 0 && dropout < 1, "--dropout", dropout, "a share of at least 0 and below 1");
        common.require(epochs >= 1, "--epochs", epochs, "at least 1");
        common.require(batch >= 1, "--batch", batch, "at least 1");
        common.require(positive(learningRate), "--learning-rate", learningRate, "a finite number above 0");
        common.require(fraction > 0 && fraction <= 1, "--fraction", fraction, "a number above 0 and at most 1");
        common.require(l2 >= 0 && l2 < Double.POSITIVE_INFINITY, "--l2", l2, "a finite number of at least 0");
        common.require(clipNorm > 0, "--clip-norm", clipNorm, "a number above 0");
        common.require(patience >= 0, "--patience", patience, "at least 0");
    }

    private static boolean positive(double number) {
        return number > 0 && number < Double.POSITIVE_INFINITY;
    }

    private Map<String, Object> settings(MnistSettings used) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("data", data == null ? "embedded" : data.toString());
        settings.put("cell", used.cell().toString());
        settings.put("hidden", used.hidden());
        settings.put("layers", used.layers());
        settings.put("bidirectional", used.bidirectional());
        settings.put("dropout", used.dropout());
        settings.put("epochs", used.epochs());
        settings.put("batch", used.batch());
        settings.put("learning_rate", used.learningRate());
        settings.put("constant_rate", !used.decay());
        settings.put("fraction", fraction);
        settings.put("l2", used.l2());
        settings.put("clip_norm", used.clipNorm() < Double.POSITIVE_INFINITY ? (Object) used.clipNorm() : "none");
        settings.put("patience", used.patience());
        return settings;
    }
}
