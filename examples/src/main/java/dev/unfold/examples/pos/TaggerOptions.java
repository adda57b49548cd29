package dev.unfold.examples.pos;

import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.report.OutputFiles;
import dev.unfold.tribuo.CellKind;
import dev.unfold.tribuo.Precision;
import dev.unfold.tribuo.RecurrentOptions;
import dev.unfold.tribuo.UnrollMode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of the tagger that is not the course's. */
final class TaggerOptions {
    private static final int MOST = 1 << 16;
    private static final int MOST_LAYERS = 64;
    private static final List<String> NAMES = List.of(
            "--hidden",
            "--layers",
            "--embedding",
            "--dropout",
            "--word-dropout",
            "--batch",
            "--learning-rate",
            "--patience",
            "--embeddings",
            "--save",
            "--baseline");

    @Option(
            names = "--hidden",
            defaultValue = "128",
            description = "Hidden size of each direction (default ${DEFAULT-VALUE}).")
    private int hidden;

    @Option(names = "--layers", defaultValue = "1", description = "Bidirectional layers (default ${DEFAULT-VALUE}).")
    private int layers;

    @Option(
            names = "--embedding",
            defaultValue = "128",
            description =
                    "Numbers that stand for a word, or for a part of one (default ${DEFAULT-VALUE}; with --embeddings as many"
                            + " as its vectors have).")
    private int embedding;

    @Option(
            names = "--dropout",
            defaultValue = "0.4",
            description =
                    "Share of inputs and outputs of the layers that is dropped in training (default ${DEFAULT-VALUE}).")
    private double dropout;

    @Option(
            names = "--word-dropout",
            defaultValue = "0.5",
            description =
                    "How often a word, or a part of one, that came once is unknown in training (default ${DEFAULT-VALUE}).")
    private double wordDropout;

    @Option(names = "--batch", defaultValue = "32", description = "Sentences in an update (default ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--learning-rate",
            defaultValue = "0.002",
            description = "The learning rate of Adam (default ${DEFAULT-VALUE}).")
    private double learningRate;

    @Option(
            names = "--patience",
            defaultValue = "3",
            description =
                    "Epochs without a better dev accuracy after which to stop; 0 for never (default ${DEFAULT-VALUE}).")
    private int patience;

    @Option(
            names = "--embeddings",
            paramLabel = "FILE",
            description = "Let words begin with the vectors of this text file, as GloVe and word2vec come.")
    private @Nullable Path embeddings;

    @Option(names = "--save", paramLabel = "FILE", description = "Write the model to this file, for pos tag.")
    private @Nullable Path save;

    @Option(
            names = "--baseline",
            defaultValue = "crf",
            description =
                    "crf, Tribuo's conditional random field on the same data, or none (default ${DEFAULT-VALUE}).")
    private Baseline baseline = Baseline.CRF;

    /** Refuses all of them where they cannot take effect. */
    void refuseAll(CommonOptions common) {
        for (String name : NAMES) {
            common.refuseIf(
                    common.isGiven(name), name + " has no effect on the course's tagger; leave out --course or it");
        }
    }

    /**
     * Refuses what cannot take effect.
     *
     * @param others files that are read or written besides
     */
    void check(CommonOptions common, List<Path> others) {
        common.require(hidden >= 1 && hidden <= MOST, "--hidden", hidden, "1 to " + MOST);
        common.require(layers >= 1 && layers <= MOST_LAYERS, "--layers", layers, "1 to " + MOST_LAYERS);
        common.require(embedding >= 1 && embedding <= MOST, "--embedding", embedding, "1 to " + MOST);
        common.require(dropout >= 0 && dropout < 1, "--dropout", dropout, "at least 0 and below 1");
        common.require(wordDropout >= 0 && wordDropout < 1, "--word-dropout", wordDropout, "at least 0 and below 1");
        common.require(batch >= 1 && batch <= MOST, "--batch", batch, "1 to " + MOST);
        common.require(learningRate > 0 && Double.isFinite(learningRate), "--learning-rate", learningRate, "above 0");
        common.require(patience >= 0, "--patience", patience, "at least 0");
        common.refuseIf(
                embeddings != null && common.isGiven("--embedding"),
                "--embedding has no effect with --embeddings, whose vectors say how long they are");
        if (save != null) {
            common.refuseIf("--save", OutputFiles.whyNoFile(save));
            Path file = save.toAbsolutePath().normalize();
            boolean taken = others.stream()
                    .anyMatch(other -> other.toAbsolutePath().normalize().equals(file));
            common.require(!taken && !save.equals(embeddings), "--save", save, "a name that no other option has");
        }
    }

    RecurrentOptions recurrent(CommonOptions common, int epochs) {
        return new RecurrentOptions()
                .cell(CellKind.LSTM)
                .hiddenSize(hidden)
                .layers(layers)
                .bidirectional(true)
                .precision(Precision.valueOf(common.dtype().name()))
                .inputDropout(dropout)
                .dropout(dropout)
                .epochs(epochs)
                .batchSize(batch)
                .learningRate(learningRate)
                .patience(patience)
                .unroll(common.isStatic() ? UnrollMode.STATIC : UnrollMode.DYNAMIC)
                .threads(common.threads());
    }

    int embedding() {
        return embedding;
    }

    double wordDropout() {
        return wordDropout;
    }

    Optional<Path> embeddings() {
        return Optional.ofNullable(embeddings);
    }

    Optional<Path> save() {
        return Optional.ofNullable(save);
    }

    boolean hasBaseline() {
        return baseline == Baseline.CRF;
    }

    /** Puts down what was given, for reports. */
    void settings(Map<String, Object> settings) {
        settings.put("hidden", hidden);
        settings.put("layers", layers);
        settings.put("dropout", dropout);
        settings.put("word_dropout", wordDropout);
        settings.put("batch", batch);
        settings.put("learning_rate", learningRate);
        settings.put("patience", patience);
        settings.put("embeddings", embeddings == null ? "none" : embeddings.toString());
        settings.put("baseline", baseline.name().toLowerCase(Locale.ROOT));
    }
}
