package dev.unfold.examples.pos;

import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.cli.ReportOption;
import dev.unfold.examples.corpus.Corpus;
import dev.unfold.examples.corpus.Sentence;
import dev.unfold.examples.pos.TagsPage.Tagger;
import dev.unfold.examples.report.JsonReport;
import dev.unfold.examples.report.OutputFiles;
import dev.unfold.examples.report.Plots;
import dev.unfold.rnn.report.Curve;
import dev.unfold.rnn.report.RunReport;
import dev.unfold.rnn.report.TaggedText.Word;
import dev.unfold.tribuo.EpochResult;
import dev.unfold.tribuo.RecurrentSequenceModel;
import dev.unfold.tribuo.RecurrentSequenceTrainer;
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
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.sequence.LabelSequenceEvaluator;
import org.tribuo.classification.sgd.crf.CRFTrainer;
import org.tribuo.math.optimisers.AdaGrad;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.sequence.MutableSequenceDataset;
import org.tribuo.sequence.SequenceDataset;
import org.tribuo.sequence.SequenceExample;
import org.tribuo.sequence.SequenceModel;

/** Trains the recurrent tagger, and Tribuo's conditional random field beside it, under the eyes of a user. */
final class TaggerReport {
    private static final int CRF_EPOCHS = 5;
    private static final double CRF_RATE = 0.2;
    /** So many sentences a page shows the network on. */
    private static final int FEW = 8;

    private static final double NANOS = 1e9;

    private final CommonOptions common;
    private final TaggerOptions options;
    private final int epochs;
    private final ReportOption report;
    private final PrintWriter out;
    private final List<EpochResult> results = new ArrayList<>();
    private final List<Double> seconds = new ArrayList<>();
    private final List<Line> table = new ArrayList<>();
    private long latest;

    /** How a model did. */
    private record Line(String model, Score dev, Optional<Score> test, double seconds) {
        Tagger onPage() {
            return new Tagger(model, dev.accuracy(), test.map(Score::accuracy), seconds);
        }
    }

    private record Score(long hits, long words) {
        double accuracy() {
            return (double) hits / words;
        }
    }

    TaggerReport(CommonOptions common, TaggerOptions options, int epochs, ReportOption report) {
        this.common = common;
        this.options = options;
        this.epochs = epochs;
        this.report = report;
        this.out = common.out();
    }

    private static SequenceDataset<Label> dataset(Corpus corpus, WordFeatures features) {
        LabelFactory labels = new LabelFactory();
        MutableSequenceDataset<Label> dataset =
                new MutableSequenceDataset<>(new SimpleDataSourceProvenance(corpus.name(), labels), labels);
        for (Sentence sentence : corpus.sentences()) {
            dataset.add(features.of(sentence));
        }
        return dataset;
    }

    /** Trains, measures, and writes what the options ask for. */
    void run(TagData source, TagData.Parts parts, Map<String, Object> settings) {
        tell(source, parts);
        WordFeatures features = new WordFeatures(false);
        SequenceDataset<Label> train = dataset(parts.train(), features);
        SequenceDataset<Label> dev = dataset(parts.dev(), features);
        Optional<SequenceDataset<Label>> test = parts.test().map(corpus -> dataset(corpus, features));
        int embedding = options.embedding();
        Optional<WordVectors> vectors = options.embeddings().map(file -> vectors(file, parts.train()));
        if (vectors.isPresent()) {
            embedding = vectors.get().size();
        }
        RecurrentSequenceTrainer trainer = new RecurrentSequenceTrainer(
                options.recurrent(common, epochs), embedding, options.wordDropout(), common.seed());
        vectors.ifPresent(each -> trainer.setInitialVectors(each.vectors().entrySet().stream()
                .collect(Collectors.toMap(entry -> WordFeatures.WORD + entry.getKey(), Map.Entry::getValue))));
        settings.put("embedding", embedding);
        trainer.setOnEpoch(this::tell);
        if (!common.quiet()) {
            print("epoch  train loss  dev hits  dev accuracy  seconds%n");
        }
        latest = System.nanoTime();
        long start = latest;
        RecurrentSequenceModel model = trainer.train(train, dev, Map.of());
        double trained = (System.nanoTime() - start) / NANOS;
        table.add(new Line("recurrent", score(model, dev), test.map(each -> score(model, each)), trained));
        options.save().ifPresent(file -> save(model, file));
        if (options.hasBaseline()) {
            addBaseline(parts);
        }
        tellTable();
        write(settings, model);
        report.write(common, "pos", settings, page -> {
            Optional<List<List<Word>>> testTagged =
                    parts.test().map(corpus -> tagged(corpus, model.predict(dataset(corpus, features))));
            List<Tagger> taggers = table.stream().map(Line::onPage).toList();
            new TagsPage(losses(), accuracy(), taggers, tagged(parts.dev(), model.predict(dev)), testTagged).add(page);
            List<SequenceExample<Label>> few = train.getData().subList(0, Math.min(FEW, train.size()));
            RunReport.of("tagger", model.unroll(), (graph, unroll) -> model.loss(graph, unroll, few))
                    .addTo(page);
        });
    }

    private static List<List<Word>> tagged(Corpus corpus, List<List<Prediction<Label>>> predictions) {
        List<Sentence> sentences = corpus.sentences();
        return IntStream.range(0, sentences.size())
                .mapToObj(i -> TagsPage.sentence(
                        sentences.get(i).forms(),
                        predictions.get(i).stream()
                                .map(each -> each.getOutput().getLabel())
                                .toList(),
                        sentences.get(i).tags()))
                .toList();
    }

    /** Tribuo's own tagger looks at a word at a time, so it is told its neighbours. */
    private void addBaseline(TagData.Parts parts) {
        WordFeatures features = new WordFeatures(true);
        long start = System.nanoTime();
        SequenceModel<Label> model = new CRFTrainer(new AdaGrad(CRF_RATE), CRF_EPOCHS, common.seed())
                .train(dataset(parts.train(), features), Map.of());
        double trained = (System.nanoTime() - start) / NANOS;
        table.add(new Line(
                "Tribuo CRF",
                score(model, dataset(parts.dev(), features)),
                parts.test().map(corpus -> score(model, dataset(corpus, features))),
                trained));
    }

    private WordVectors vectors(Path file, Corpus corpus) {
        TreeSet<String> words = new TreeSet<>();
        corpus.sentences().forEach(sentence -> words.addAll(sentence.forms()));
        WordVectors vectors = WordVectors.read(file, words);
        if (!common.quiet()) {
            print(
                    "%s: vectors of %,d numbers for %,d of %,d words, %,d missing%n",
                    file, vectors.size(), vectors.vectors().size(), words.size(), vectors.missing());
        }
        return vectors;
    }

    /** Tags that the model has never seen are missed, whatever it says; Tribuo does not take them. */
    private static Score score(SequenceModel<Label> model, SequenceDataset<Label> dataset) {
        List<List<Prediction<Label>>> known = new ArrayList<>();
        long words = 0;
        for (List<Prediction<Label>> sentence : model.predict(dataset)) {
            words += sentence.size();
            known.add(sentence.stream()
                    .filter(word ->
                            model.getOutputIDInfo().getID(word.getExample().getOutput()) >= 0)
                    .toList());
        }
        double hits = new LabelSequenceEvaluator()
                .evaluate(model, known, dataset.getProvenance())
                .tp();
        return new Score(Math.round(hits), words);
    }

    private void tell(TagData source, TagData.Parts parts) {
        if (common.quiet()) {
            return;
        }
        if (!source.unknown().isEmpty()) {
            print("tags that have no universal one, taken for nouns: %s%n", source.unknown());
        }
        unseen("dev", parts.train(), parts.dev());
        parts.test().ifPresent(corpus -> unseen("test", parts.train(), corpus));
        if (source.isSample()) {
            print(
                    "The embedded sample is tiny: this shows how a tagger is trained, not what it can do. Give it a treebank by"
                            + " --train and --dev.%n");
        }
        tell("training", parts.train());
        tell("dev", parts.dev());
        parts.test().ifPresent(corpus -> tell("test", corpus));
    }

    private void unseen(String part, Corpus train, Corpus other) {
        TreeSet<String> known = new TreeSet<>();
        train.sentences().forEach(sentence -> known.addAll(sentence.tags()));
        Map<String, Integer> unseen = new TreeMap<>();
        other.sentences()
                .forEach(sentence -> sentence.tags().stream()
                        .filter(tag -> !known.contains(tag))
                        .forEach(tag -> unseen.merge(tag, 1, Integer::sum)));
        if (!unseen.isEmpty()) {
            print("tags of the %s sentences that training has not, which are missed: %s%n", part, unseen);
        }
    }

    private void tell(String part, Corpus corpus) {
        print("%s: %,d sentences of %,d words%n", part, corpus.sentences().size(), corpus.words());
    }

    private void tell(EpochResult result) {
        long now = System.nanoTime();
        results.add(result);
        seconds.add((now - latest) / NANOS);
        latest = now;
        if (!common.quiet()) {
            print(
                    "%5d  %10.4f  %8d  %12.4f  %7.2f%n",
                    result.epoch(),
                    result.trainLoss(),
                    result.validationHits(),
                    accuracy(result),
                    seconds.get(seconds.size() - 1));
        }
    }

    private static double accuracy(EpochResult result) {
        return (double) result.validationHits() / result.validationLabels();
    }

    private void tellTable() {
        print("%-12s  %12s  %13s  %16s%n", "tagger", "dev accuracy", "test accuracy", "training seconds");
        for (Line line : table) {
            print(
                    "%-12s  %12.4f  %13s  %16.1f%n",
                    line.model(),
                    line.dev().accuracy(),
                    line.test()
                            .map(score -> String.format(Locale.ROOT, "%.4f", score.accuracy()))
                            .orElse("-"),
                    line.seconds());
        }
    }

    private void save(RecurrentSequenceModel model, Path file) {
        try {
            model.serializeToFile(file);
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
        if (!common.quiet()) {
            print("model in %s%n", file);
        }
    }

    private void write(Map<String, Object> settings, RecurrentSequenceModel model) {
        common.plots().ifPresent(this::plot);
        common.json().ifPresent(file -> JsonReport.write(file, "pos", settings, common.threads(), figures(model)));
    }

    private void plot(Path folder) {
        OutputFiles.makeFolder(folder);
        Plots.curves(folder.resolve("loss.png"), "Loss", "mean cross entropy", losses());
        Plots.curves(
                folder.resolve("accuracy.png"),
                "Accuracy on dev sentences",
                "share of words tagged rightly",
                List.of(accuracy()));
    }

    private List<Curve> losses() {
        return List.of(curve("training", EpochResult::trainLoss), curve("dev", EpochResult::validationLoss));
    }

    private Curve accuracy() {
        return curve("dev", TaggerReport::accuracy);
    }

    private Curve curve(String name, Function<EpochResult, Double> value) {
        return new Curve(name, results.stream().map(value).toList());
    }

    private Map<String, Object> figures(RecurrentSequenceModel model) {
        Map<String, Object> figures = figures(table.get(0));
        figures.put("taggers", table.stream().map(TaggerReport::figures).toList());
        List<Map<String, Object>> all = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            Map<String, Object> epoch = new LinkedHashMap<>();
            epoch.put("epoch", results.get(i).epoch());
            epoch.put("train_loss", results.get(i).trainLoss());
            epoch.put("dev_loss", results.get(i).validationLoss());
            epoch.put("dev_accuracy", accuracy(results.get(i)));
            epoch.put("dev_hits", results.get(i).validationHits());
            epoch.put("seconds", seconds.get(i));
            all.add(epoch);
        }
        figures.put("epochs", all);
        figures.put("parameters", model.parameterCount());
        figures.put("weights_sha256", model.weightsSha256());
        return figures;
    }

    private static Map<String, Object> figures(Line line) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("tagger", line.model());
        figures.put("dev_accuracy", line.dev().accuracy());
        figures.put("dev_hits", line.dev().hits());
        figures.put("dev_tokens", line.dev().words());
        line.test().ifPresent(score -> figures.put("test_accuracy", score.accuracy()));
        figures.put("train_seconds", line.seconds());
        return figures;
    }

    private void print(String format, Object... values) {
        out.printf(Locale.ROOT, format, values);
        out.flush();
    }
}
