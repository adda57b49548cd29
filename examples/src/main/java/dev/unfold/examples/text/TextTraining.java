package dev.unfold.examples.text;

import dev.unfold.examples.cli.CheckpointOption;
import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.report.JsonReport;
import dev.unfold.examples.report.OutputFiles;
import dev.unfold.examples.report.Plots;
import dev.unfold.rnn.model.LanguageModel;
import dev.unfold.rnn.model.Weights;
import dev.unfold.rnn.optim.Adam;
import dev.unfold.rnn.optim.Optimizer;
import dev.unfold.rnn.report.Curve;
import dev.unfold.rnn.report.LineChart;
import dev.unfold.rnn.report.ReportPage;
import dev.unfold.rnn.report.RunReport;
import dev.unfold.rnn.report.Scale;
import dev.unfold.rnn.report.Settings;
import dev.unfold.rnn.report.Text;
import dev.unfold.rnn.train.Epoch;
import dev.unfold.rnn.train.History;
import dev.unfold.rnn.train.Score;
import dev.unfold.rnn.train.StreamLearner;
import dev.unfold.rnn.train.Streams;
import dev.unfold.rnn.train.TrainStep;
import dev.unfold.rnn.train.TrainingListener;
import dev.unfold.rnn.train.TrainingLoop;
import dev.unfold.rnn.train.TrainingOptions;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/** Trains a language model under the eyes of a user. */
final class TextTraining {
    private static final String PERPLEXITY = "Perplexity behind each epoch";
    private static final String ACCURACY = "Accuracy behind each epoch";

    private final CommonOptions common;
    private final TextOptions options;
    private final TextParts parts;
    private final TextModel text;
    private final PrintWriter out;
    private final double unigram;
    private History history = new History(List.of(), 0, 0);

    TextTraining(CommonOptions common, TextOptions options, TextParts parts, TextModel text) {
        this.common = common;
        this.options = options;
        this.parts = parts;
        this.text = text;
        this.out = common.out();
        this.unigram = parts.unigramPerplexity();
    }

    /**
     * Trains and tells how it goes.
     *
     * @param settings that a training to go on with has to have
     * @throws dev.unfold.rnn.train.DivergedException where a loss is not a finite number
     */
    void run(CheckpointOption checkpoints, Map<String, Object> settings) {
        common.tellEnvironment();
        tellText();
        LanguageModel model = text.model();
        Optimizer optimizer = new Adam(model.parameters(), options.learningRate());
        Streams measured = parts.measured(options.steps());
        Streams learned = parts.trainedMeasured(options.steps());
        TrainingOptions how = TrainingOptions.epochs(options.epochs())
                .schedule(options.schedule())
                .patience(options.patience());
        history = checkpoints.run(
                new TrainingLoop<>(optimizer, parts.training(options.batch(), options.steps()), learner(optimizer), how)
                        .validation(() -> measured.score(model))
                        .training(() -> learned.score(model))
                        .listener(listener()),
                settings);
        tellResult();
    }

    private StreamLearner learner(Optimizer optimizer) {
        TrainStep step = new TrainStep(optimizer, options.clipNorm(), common.seed());
        StreamLearner learner = common.isStatic()
                ? StreamLearner.planned(
                        text.fixed(options.steps(), options.batch()), step, options.steps(), options.batch())
                : StreamLearner.recording(text.model(), step, options.batch());
        return learner.threads(common.threads());
    }

    private TrainingListener listener() {
        return new TrainingListener() {
            @Override
            public void resumed(History before) {
                if (!common.quiet()) {
                    print(
                            "going on behind epoch %d (update %d)%n",
                            before.epochs().size(), before.updates());
                }
            }

            @Override
            public void finished(Epoch epoch) {
                if (!common.quiet()) {
                    Score score = validation(epoch);
                    print(
                            "%5d  %10.4f  %16.2f  %15.4f  %21.2f  %8.4f  %7.2f%n",
                            epoch.number(),
                            epoch.trainLoss(),
                            StrictMath.exp(epoch.trainLoss()),
                            score.loss(),
                            score.perplexity(),
                            score.accuracy(),
                            epoch.seconds());
                }
            }
        };
    }

    private void tellText() {
        if (common.quiet()) {
            return;
        }
        String kind = text.tokens().one();
        print(
                "%,d %ss to train on, %,d to measure on; %,d different ones are known, the others are %s: %.2f%% and %.2f%%%n",
                parts.trained(),
                kind,
                parts.measured(options.steps()).batches().stream()
                        .mapToInt(Streams.Batch::count)
                        .sum(),
                parts.vocabulary().size() - 1,
                Vocabulary.UNKNOWN,
                100 * parts.trainedUnknown(),
                100 * parts.measuredUnknown());
        print("%,d parameters%n%n", Weights.count(text.model().parameters()));
        print("epoch  train loss  train perplexity  validation loss  validation perplexity  accuracy  seconds%n");
    }

    private void tellResult() {
        Score kept = kept();
        print(
                "validation perplexity %.2f (of frequencies alone %.2f), accuracy %.4f (%,d of %,d %ss)%n%n",
                kept.perplexity(),
                unigram,
                kept.accuracy(),
                kept.hits(),
                kept.count(),
                text.tokens().one());
    }

    private static Score training(Epoch epoch) {
        return Objects.requireNonNull(epoch.training(), "every epoch is measured");
    }

    private static Score validation(Epoch epoch) {
        return Objects.requireNonNull(epoch.validation(), "every epoch is measured");
    }

    /** Returns the epoch whose weights the model has. */
    private Epoch keptEpoch() {
        return history.epochs().get(history.keptEpoch() - 1);
    }

    /** Returns what was measured with the weights that the model has. */
    private Score kept() {
        return validation(keptEpoch());
    }

    /** Writes what the options ask for. */
    void write(Map<String, Object> settings, List<String> samples) {
        common.plots().ifPresent(this::plot);
        common.json().ifPresent(file -> JsonReport.write(file, "text", settings, common.threads(), figures(samples)));
    }

    private void plot(Path folder) {
        OutputFiles.makeFolder(folder);
        Plots.curves(folder.resolve("perplexity.png"), PERPLEXITY, "perplexity", perplexities());
        Plots.curves(folder.resolve("accuracy.png"), ACCURACY, shareTold(), accuracies());
    }

    private List<Curve> perplexities() {
        return List.of(
                curve("training", epoch -> training(epoch).perplexity()),
                curve("validation", epoch -> validation(epoch).perplexity()),
                curve("frequencies", epoch -> unigram));
    }

    private List<Curve> accuracies() {
        return List.of(
                curve("training", epoch -> training(epoch).accuracy()),
                curve("validation", epoch -> validation(epoch).accuracy()));
    }

    private String shareTold() {
        return "share of " + text.tokens().one() + "s told rightly";
    }

    /** Appends the sections of a page. */
    void add(ReportPage page, List<String> samples) {
        page.section(
                        "Training",
                        LineChart.epochs(PERPLEXITY, "perplexity", Scale.LINEAR, perplexities()),
                        LineChart.epochs(ACCURACY, shareTold(), Scale.LINEAR, accuracies()),
                        new Settings("What was trained", summary()))
                .section("Samples", samples.stream().map(Text::lines).toList());
        LanguageModel model = text.model();
        Streams.Batch first =
                parts.training(options.batch(), options.steps()).batches().get(0);
        RunReport.of(
                        "language model",
                        model.unroll(),
                        (graph, unroll) -> model.unrolled(unroll).loss(graph, first.tokens(), first.next()))
                .addTo(page);
    }

    private Map<String, Object> summary() {
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("validation perplexity", kept().perplexity());
        summary.put("perplexity of frequencies alone", unigram);
        summary.put("validation accuracy", kept().accuracy());
        summary.put("vocabulary", parts.vocabulary().size());
        summary.put("unknown share, training", parts.trainedUnknown());
        summary.put("unknown share, validation", parts.measuredUnknown());
        summary.put("kept epoch", history.keptEpoch());
        summary.put("parameters", Weights.count(text.model().parameters()));
        summary.put("seconds of training", history.seconds());
        return summary;
    }

    private Curve curve(String name, ToDoubleFunction<Epoch> value) {
        return new Curve(
                name, history.epochs().stream().map(value::applyAsDouble).toList());
    }

    private Map<String, Object> figures(List<String> samples) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("perplexity", kept().perplexity());
        figures.put("unigram_perplexity", unigram);
        figures.put("train_accuracy", training(keptEpoch()).accuracy());
        figures.put("dev_accuracy", kept().accuracy());
        figures.put("dev_hits", kept().hits());
        figures.put("dev_tokens", kept().count());
        figures.put("vocabulary", parts.vocabulary().size());
        figures.put("train_tokens", parts.trained());
        figures.put("train_unknown_share", parts.trainedUnknown());
        figures.put("dev_unknown_share", parts.measuredUnknown());
        figures.put("kept_epoch", history.keptEpoch());
        figures.put("train_seconds", history.seconds());
        figures.put(
                "epochs", history.epochs().stream().map(TextTraining::figures).toList());
        figures.put("parameters", Weights.count(text.model().parameters()));
        figures.put("weights_sha256", Weights.sha256(text.model().parameters()));
        figures.put("samples", samples);
        return figures;
    }

    private static Map<String, Object> figures(Epoch epoch) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("epoch", epoch.number());
        figures.put("train_loss", epoch.trainLoss());
        figures.put("train_perplexity", StrictMath.exp(epoch.trainLoss()));
        figures.put("measured_train_loss", training(epoch).loss());
        figures.put("train_accuracy", training(epoch).accuracy());
        figures.put("dev_loss", validation(epoch).loss());
        figures.put("dev_perplexity", validation(epoch).perplexity());
        figures.put("dev_accuracy", validation(epoch).accuracy());
        figures.put("dev_hits", validation(epoch).hits());
        figures.put("learning_rate", epoch.learningRate());
        figures.put("seconds", epoch.seconds());
        return figures;
    }

    private void print(String format, Object... values) {
        out.printf(Locale.ROOT, format, values);
        out.flush();
    }
}
