package dev.unfold.examples.pos;

import dev.unfold.rnn.report.Block;
import dev.unfold.rnn.report.Curve;
import dev.unfold.rnn.report.DataTable;
import dev.unfold.rnn.report.HeatMap;
import dev.unfold.rnn.report.LineChart;
import dev.unfold.rnn.report.ReportPage;
import dev.unfold.rnn.report.Scale;
import dev.unfold.rnn.report.TaggedText;
import dev.unfold.rnn.report.TaggedText.Word;
import dev.unfold.rnn.report.Text;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.evaluation.ConfusionMatrix;
import org.tribuo.classification.evaluation.ConfusionMetrics;
import org.tribuo.classification.evaluation.LabelConfusionMatrix;
import org.tribuo.evaluation.metrics.MetricTarget;
import org.tribuo.impl.ArrayExample;

/**
 * A trained tagger, as sections of a page.
 *
 * @param losses over the epochs
 * @param accuracy of dev words over the epochs
 * @param taggers how it did, and others beside it
 * @param dev the dev sentences as it tags them
 * @param test the test sentences likewise, where there are any
 */
record TagsPage(
        List<Curve> losses,
        Curve accuracy,
        List<Tagger> taggers,
        List<List<Word>> dev,
        Optional<List<List<Word>>> test) {
    private static final int MOST_MISTAGGED = 40;
    private static final String ABSENT = "-";

    /**
     * How a tagger did.
     *
     * @param dev its accuracy on dev words
     * @param test likewise, where there are test sentences
     * @param seconds of training
     */
    record Tagger(String name, double dev, Optional<Double> test, double seconds) {}

    /** Returns a sentence with tags as they were given and as they should be, one of each for each word. */
    static List<Word> sentence(List<String> forms, List<String> given, List<String> right) {
        return IntStream.range(0, forms.size())
                .mapToObj(i -> new Word(forms.get(i), given.get(i), right.get(i)))
                .toList();
    }

    /** Appends the sections. */
    void add(ReportPage page) {
        List<Block> evaluation = new ArrayList<>();
        evaluation.add(confusion());
        evaluation.add(tags("dev", dev));
        test.ifPresent(sentences -> evaluation.add(tags("test", sentences)));
        page.section(
                        "Training",
                        LineChart.epochs("Loss of each epoch", "mean cross entropy", Scale.LINEAR, losses),
                        LineChart.epochs(
                                "Accuracy behind each epoch",
                                "share of words tagged rightly",
                                Scale.LINEAR,
                                List.of(accuracy)),
                        compared())
                .section("Evaluation", evaluation)
                .section("Mistagged sentences", mistagged());
    }

    private DataTable compared() {
        return new DataTable(
                "What was trained",
                List.of("tagger", "dev accuracy", "test accuracy", "seconds of training"),
                taggers.stream()
                        .map(each -> List.of(
                                each.name(),
                                each.dev(),
                                each.test().map(Object.class::cast).orElse(ABSENT),
                                each.seconds()))
                        .toList());
    }

    private HeatMap confusion() {
        ConfusionMatrix<Label> matrix = matrix(dev);
        List<String> labels = labels(dev);
        int[][] counts = new int[labels.size()][labels.size()];
        for (int truth = 0; truth < counts.length; truth++) {
            for (int given = 0; given < counts.length; given++) {
                // Tribuo names the given label first.
                counts[truth][given] =
                        (int) matrix.confusion(new Label(labels.get(given)), new Label(labels.get(truth)));
            }
        }
        return HeatMap.confusion("Tags of dev words", labels, counts);
    }

    private static DataTable tags(String part, List<List<Word>> sentences) {
        ConfusionMatrix<Label> matrix = matrix(sentences);
        List<List<?>> rows = new ArrayList<>();
        for (String tag : labels(sentences)) {
            Label label = new Label(tag);
            MetricTarget<Label> target = new MetricTarget<>(label);
            rows.add(List.of(
                    tag,
                    matrix.support(label),
                    ConfusionMetrics.precision(target, matrix),
                    ConfusionMetrics.recall(target, matrix),
                    ConfusionMetrics.f1(target, matrix)));
        }
        return new DataTable(
                "Evaluation by Tribuo, " + part + " words", List.of("tag", "words", "precision", "recall", "F1"), rows);
    }

    /** Tribuo's evaluators take no tags that training has not; its matrix does, so that they count as missed. */
    private static ConfusionMatrix<Label> matrix(List<List<Word>> sentences) {
        List<String> labels = labels(sentences);
        List<Prediction<Label>> predictions = sentences.stream()
                .flatMap(List::stream)
                .map(word -> new Prediction<>(new Label(word.tag()), 0, new ArrayExample<>(new Label(word.right()))))
                .toList();
        return new LabelConfusionMatrix(
                new LabelFactory()
                        .constructInfoForExternalModel(IntStream.range(0, labels.size())
                                .boxed()
                                .collect(Collectors.toMap(i -> new Label(labels.get(i)), i -> i))),
                predictions);
    }

    /** Returns the tags that sentences have or were given, in alphabetical order. */
    private static List<String> labels(List<List<Word>> sentences) {
        return sentences.stream()
                .flatMap(List::stream)
                .flatMap(word -> Stream.of(word.tag(), word.right()))
                .distinct()
                .sorted()
                .toList();
    }

    private Block mistagged() {
        List<List<Word>> mistagged = dev.stream()
                .filter(sentence -> wrong(sentence) > 0)
                .sorted(Comparator.comparingLong(TagsPage::wrong).reversed())
                .toList();
        if (mistagged.isEmpty()) {
            return Text.paragraphs("All words of all dev sentences are tagged rightly.");
        }
        List<List<Word>> shown = mistagged.subList(0, Math.min(MOST_MISTAGGED, mistagged.size()));
        return new TaggedText(
                shown.size() + " of " + mistagged.size() + " mistagged, of " + dev.size()
                        + " dev sentences; those with the most wrong tags first",
                shown);
    }

    private static long wrong(List<Word> sentence) {
        return sentence.stream()
                .filter(word -> !word.tag().equals(word.right()))
                .count();
    }
}
