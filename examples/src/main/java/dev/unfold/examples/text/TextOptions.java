package dev.unfold.examples.text;

import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.cli.ScheduleKind;
import dev.unfold.examples.mnist.CellKind;
import dev.unfold.rnn.train.Schedule;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What to train on, and how. */
final class TextOptions {
    /** The setting that names the text. */
    static final String FILE = "file";

    private static final int MOST = 1 << 16;
    private static final int MOST_LAYERS = 64;

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "A text in UTF-8, gzipped or not (default: the first 32 chapters of Moby-Dick).")
    private @Nullable Path file;

    @Option(
            names = "--tokens",
            defaultValue = "course",
            description =
                    "What to tell: course (lower case, split at spaces, as the assignment does), words (words and punctuation"
                            + " by themselves) or characters (default ${DEFAULT-VALUE}).")
    private Tokens tokens = Tokens.COURSE;

    @Option(
            names = "--vocabulary",
            defaultValue = "10000",
            description = "Keep so many of the most frequent words; the others are <unk> (default ${DEFAULT-VALUE}).")
    private int vocabulary;

    @Option(
            names = "--min-count",
            defaultValue = "2",
            description = "Words that come less often in training are <unk> (default ${DEFAULT-VALUE}).")
    private int minCount;

    @Option(
            names = "--cell",
            defaultValue = "lstm",
            description =
                    "The recurrent cell: vanilla, gru (resets before the product), gru-after, lstm, lstm-peephole, lstm-layernorm or mgu"
                            + " (default ${DEFAULT-VALUE}).")
    private CellKind cell = CellKind.LSTM;

    @Option(
            names = "--embedding",
            defaultValue = "64",
            description = "Numbers that stand for a word (default ${DEFAULT-VALUE}).")
    private int embedding;

    @Option(names = "--hidden", defaultValue = "64", description = "Hidden size (default ${DEFAULT-VALUE}).")
    private int hidden;

    @Option(names = "--layers", defaultValue = "1", description = "Recurrent layers (default ${DEFAULT-VALUE}).")
    private int layers;

    @Option(
            names = "--keep-probability",
            defaultValue = "1",
            description = "Of an output between two layers, in training (default ${DEFAULT-VALUE}).")
    private double keep;

    @Option(
            names = "--batch",
            defaultValue = "4",
            description = "Streams that the training text is cut into, read side by side (default ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--steps",
            defaultValue = "20",
            description = "Steps of an update, over which gradients flow (default ${DEFAULT-VALUE}).")
    private int steps;

    @Option(
            names = "--epochs",
            defaultValue = "12",
            description = "Epochs, at most where --patience ends training before (default ${DEFAULT-VALUE}).")
    private int epochs;

    @Option(
            names = "--learning-rate",
            defaultValue = "5e-4",
            description = "Adam's (default ${DEFAULT-VALUE}, the assignment's).")
    private double learningRate;

    @Option(
            names = "--schedule",
            defaultValue = "constant",
            description =
                    "How the rate changes: constant, linear or cosine (to 0 at the end), step (to a tenth behind each third of the"
                            + " epochs), exponential (to 0.7 behind each), or plateau (to half whenever validation has not become"
                            + " better) (default ${DEFAULT-VALUE}).")
    private ScheduleKind schedule = ScheduleKind.CONSTANT;

    @Option(
            names = "--clip-norm",
            defaultValue = "5",
            description = "Global norm to clip gradients to; Infinity for none (default ${DEFAULT-VALUE}).")
    private double clipNorm;

    @Option(
            names = "--patience",
            defaultValue = "2",
            description =
                    "Epochs without a better validation loss after which to stop; 0 for never (default ${DEFAULT-VALUE}). The weights"
                            + " of the best are kept in any case.")
    private int patience;

    @Option(names = "--save", paramLabel = "FILE", description = "Write the model to this file, for text sample.")
    private @Nullable Path save;

    /** Refuses what cannot take effect. */
    void check(CommonOptions common) {
        common.require(vocabulary >= 1, "--vocabulary", vocabulary, "at least 1");
        common.require(minCount >= 1, "--min-count", minCount, "at least 1");
        common.require(embedding >= 1 && embedding <= MOST, "--embedding", embedding, "1 to " + MOST);
        common.require(hidden >= 1 && hidden <= MOST, "--hidden", hidden, "1 to " + MOST);
        common.require(layers >= 1 && layers <= MOST_LAYERS, "--layers", layers, "1 to " + MOST_LAYERS);
        common.require(keep > 0 && keep <= 1, "--keep-probability", keep, "above 0 and at most 1");
        common.refuseIf(
                keep < 1 && layers == 1,
                "--keep-probability has no effect on one layer, with nothing above it; give --layers 2 or more");
        common.require(batch >= 1 && batch <= MOST, "--batch", batch, "1 to " + MOST);
        common.require(steps >= 1 && steps <= MOST, "--steps", steps, "1 to " + MOST);
        common.require(epochs >= 1, "--epochs", epochs, "at least 1");
        common.require(learningRate > 0 && Double.isFinite(learningRate), "--learning-rate", learningRate, "above 0");
        common.require(clipNorm > 0, "--clip-norm", clipNorm, "a number above 0");
        common.require(patience >= 0, "--patience", patience, "at least 0");
        // The first epoch is the best at least until the second.
        common.refuseIf(
                common.isGiven("--patience") && patience > 0 && patience >= epochs - 1,
                "--patience is " + patience + ", which never stops " + epochs
                        + " epochs before their end; give a smaller one, or leave it out");
        schedule.check(common, epochs, 1);
        common.checkFile("--save", save(), Stream.ofNullable(file).toArray(Path[]::new));
    }

    PlainText read() {
        return file == null ? PlainText.embedded() : PlainText.read(file);
    }

    Tokens tokens() {
        return tokens;
    }

    int vocabulary() {
        return vocabulary;
    }

    int minCount() {
        return minCount;
    }

    TextModel.Shape shape(CommonOptions common) {
        return new TextModel.Shape(tokens, cell, embedding, hidden, layers, keep, common.dtype());
    }

    int batch() {
        return batch;
    }

    int steps() {
        return steps;
    }

    int epochs() {
        return epochs;
    }

    double learningRate() {
        return learningRate;
    }

    Schedule schedule() {
        return schedule.make(epochs, schedule.usualFactor());
    }

    double clipNorm() {
        return clipNorm;
    }

    int patience() {
        return patience;
    }

    /** Returns the files that are read or written. */
    List<Path> files() {
        return Stream.of(file, save).flatMap(Stream::ofNullable).toList();
    }

    Optional<Path> save() {
        return Optional.ofNullable(save);
    }

    /** Puts down what was given, for reports. */
    void settings(Map<String, Object> settings) {
        settings.put(FILE, file == null ? "embedded" : file.toString());
        settings.put("tokens", tokens.toString());
        settings.put("vocabulary", vocabulary);
        settings.put("min_count", minCount);
        settings.put("cell", cell.toString());
        settings.put("embedding", embedding);
        settings.put("hidden", hidden);
        settings.put("layers", layers);
        settings.put("keep_probability", keep);
        settings.put("batch", batch);
        settings.put("steps", steps);
        settings.put("epochs", epochs);
        settings.put("learning_rate", learningRate);
        settings.put("schedule", schedule.toString());
        settings.put("clip_norm", clipNorm < Double.POSITIVE_INFINITY ? (Object) clipNorm : "none");
        settings.put("patience", patience);
    }
}
