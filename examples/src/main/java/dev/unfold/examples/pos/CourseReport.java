package dev.unfold.examples.pos;

import com.google.common.math.Quantiles;
import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.cli.ReportOption;
import dev.unfold.examples.pos.CourseData.Indexed;
import dev.unfold.examples.pos.TagsPage.Tagger;
import dev.unfold.examples.report.JsonReport;
import dev.unfold.examples.report.OutputFiles;
import dev.unfold.examples.report.Plots;
import dev.unfold.rnn.model.Weights;
import dev.unfold.rnn.report.Curve;
import dev.unfold.rnn.report.TaggedText.Word;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Trains the course's tagger under the eyes of a user: a line for each epoch, plots, JSON. */
final class CourseReport {
    private final CommonOptions common;
    private final PrintWriter out;
    private final CourseTagger tagger;
    private final CourseData data;
    private final List<Epoch> epochs = new ArrayList<>();
    private double seconds;
    private Optional<Score> test = Optional.empty();

    /**
     * One pass through the training sentences.
     *
     * @param epoch counted from 1
     * @param trainLoss the mean over sentences, each before it was learned from
     * @param dev on the dev sentences, after it
     * @param seconds wall time, of learning and measuring
     */
    private record Epoch(int epoch, double trainLoss, Score dev, double seconds) {}

    private record Score(int hits, int tokens) {
        double accuracy() {
            return (double) hits / tokens;
        }
    }

    CourseReport(CommonOptions common, CourseTagger tagger, CourseData data) {
        this.common = common;
        this.out = common.out();
        this.tagger = tagger;
        this.data = data;
    }

    /** Prints what is learned from, and what was done to it. */
    void tell(TagData source) {
        if (common.quiet()) {
            return;
        }
        if (!source.unknown().isEmpty()) {
            print("tags that have no universal one, taken for nouns: %s%n", source.unknown());
        }
        if (source.isSample()) {
            print(
                    "The embedded sample is tiny: this shows how the tagger is trained, not what it can do. Give it a treebank by --train"
                            + " and --dev.%n");
        }
        tell("training", data.train());
        tell("dev", data.dev());
        data.test().ifPresent(sentences -> tell("test", sentences));
        print(
                "%,d different words, %d tags, %,d parameters%n%n",
                data.words(), data.tags().size(), Weights.count(tagger.parameters()));
        print("epoch  train loss  dev hits  dev accuracy  seconds%n");
    }

    private void tell(String part, List<Indexed> sentences) {
        print("%s: %,d sentences of %,d words%n", part, sentences.size(), CourseData.tokens(sentences));
    }

    /** Trains, then measures on the test sentences where there are any. */
    void train(int count) {
        long start = System.nanoTime();
        for (int epoch = 1; epoch <= count; epoch++) {
            long startOfEpoch = System.nanoTime();
            double loss = tagger.train(data.train());
            Epoch done = new Epoch(epoch, loss, measure(data.dev()), secondsSince(startOfEpoch));
            epochs.add(done);
            if (!common.quiet()) {
                print(
                        "%5d  %10.4f  %8d  %12.4f  %7.3f%n",
                        epoch, loss, done.dev().hits(), done.dev().accuracy(), done.seconds());
            }
        }
        seconds = secondsSince(start);
        if (!common.quiet()) {
            print("%.2f s of training, %.3f s an epoch (median)%n", seconds, medianSeconds());
        }
        tellEnd("dev accuracy", last());
        test = data.test().map(this::measure);
        test.ifPresent(score -> tellEnd("test accuracy", score));
        if (test.isEmpty() && !common.quiet()) {
            print("no test accuracy: no sentences were kept for it (--test)%n");
        }
    }

    private double medianSeconds() {
        return Quantiles.median().compute(epochs.stream().map(Epoch::seconds).toList());
    }

    private Score last() {
        return epochs.get(epochs.size() - 1).dev();
    }

    private Score measure(List<Indexed> sentences) {
        return new Score(tagger.hits(sentences), CourseData.tokens(sentences));
    }

    private void tellEnd(String what, Score score) {
        print("%s %.4f (%,d of %,d words)%n", what, score.accuracy(), score.hits(), score.tokens());
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    /** Writes what {@code --plots}, {@code --json} and {@code --report} ask for. */
    void write(Map<String, Object> settings, ReportOption report) {
        common.plots().ifPresent(this::plot);
        common.json().ifPresent(file -> JsonReport.write(file, "pos", settings, common.threads(), figures()));
        report.write(common, "pos --course", settings, page -> {
            page().add(page);
            tagger.report(data.train().get(0)).addTo(page);
        });
        if (!common.quiet()) {
            common.plots().ifPresent(folder -> print("plots in %s%n", folder));
            common.json().ifPresent(file -> print("figures in %s%n", file));
        }
    }

    private void plot(Path folder) {
        OutputFiles.makeFolder(folder);
        Plots.curves(folder.resolve("loss.png"), "Loss on training sentences", "mean cross entropy", losses());
        Plots.curves(
                folder.resolve("accuracy.png"),
                "Accuracy on dev sentences",
                "share of words tagged rightly",
                List.of(accuracy()));
    }

    private TagsPage page() {
        return new TagsPage(
                losses(),
                accuracy(),
                List.of(new Tagger("course", last().accuracy(), test.map(Score::accuracy), seconds)),
                tagged(data.dev()),
                data.test().map(this::tagged));
    }

    private List<List<Word>> tagged(List<Indexed> sentences) {
        List<int[]> given = tagger.tag(sentences);
        return IntStream.range(0, given.size())
                .mapToObj(i -> TagsPage.sentence(
                        sentences.get(i).forms(),
                        names(given.get(i)),
                        names(sentences.get(i).tags().ints())))
                .toList();
    }

    private List<String> names(int[] tags) {
        return Arrays.stream(tags).mapToObj(data.tags()::get).toList();
    }

    private List<Curve> losses() {
        return List.of(curve("training", Epoch::trainLoss));
    }

    private Curve accuracy() {
        return curve("dev", each -> each.dev().accuracy());
    }

    private Curve curve(String name, Function<Epoch, Double> value) {
        return new Curve(name, epochs.stream().map(value).toList());
    }

    private Map<String, Object> figures() {
        Map<String, Object> figures = new LinkedHashMap<>();
        test.ifPresent(score -> {
            figures.put("test_accuracy", score.accuracy());
            figures.put("test_hits", score.hits());
            figures.put("test_tokens", score.tokens());
        });
        figures.put("dev_accuracy", last().accuracy());
        figures.put("dev_hits", last().hits());
        figures.put("dev_tokens", last().tokens());
        figures.put("epochs", epochs.stream().map(CourseReport::figures).toList());
        figures.put("train_seconds", seconds);
        figures.put("median_epoch_seconds", medianSeconds());
        figures.put("words", data.words());
        figures.put("tags", data.tags());
        figures.put("parameters", Weights.count(tagger.parameters()));
        figures.put("weights_sha256", Weights.sha256(tagger.parameters()));
        return figures;
    }

    private static Map<String, Object> figures(Epoch epoch) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("epoch", epoch.epoch());
        figures.put("train_loss", epoch.trainLoss());
        figures.put("dev_accuracy", epoch.dev().accuracy());
        figures.put("dev_hits", epoch.dev().hits());
        figures.put("seconds", epoch.seconds());
        return figures;
    }

    private void print(String format, Object... values) {
        out.printf(Locale.ROOT, format, values);
        out.flush();
    }
}
