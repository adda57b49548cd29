package dev.unfold.examples.mnist;

import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.report.JsonReport;
import dev.unfold.examples.report.OutputFiles;
import dev.unfold.examples.report.Plots;
import dev.unfold.rnn.report.Line;
import dev.unfold.rnn.train.Epoch;
import dev.unfold.rnn.train.History;
import dev.unfold.rnn.train.Score;
import dev.unfold.rnn.train.TrainingListener;
import dev.unfold.rnn.train.TrainingLoop;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi;

/** Trains under the eyes of a user: progress bar, tables, plots, JSON. */
final class MnistReport {
    private static final String ABSENT = "-";

    private final CommonOptions common;
    private final PrintWriter out;
    private final int reportEvery;

    /**
     * Makes a report.
     *
     * @param reportEvery epochs between printed lines; the last has one in any case
     */
    MnistReport(CommonOptions common, int reportEvery) {
        this.common = common;
        this.out = common.out();
        this.reportEvery = reportEvery;
    }

    /** Trains and prints epochs as they end, then Tribuo's evaluation; with {@code --quiet} the accuracy alone. */
    MnistResult train(MnistSettings settings, MnistParts parts) {
        return train(settings, parts, TrainingLoop::run);
    }

    /** The same, with what runs the training loop. */
    MnistResult train(MnistSettings settings, MnistParts parts, Function<TrainingLoop<DigitBatch>, History> running) {
        MnistTraining training = new MnistTraining(settings, parts);
        NetworkSettings network = settings.network();
        if (common.quiet()) {
            MnistResult result = training.run(new TrainingListener() {}, running);
            print("%s test accuracy %.4f%n", result.cell(), result.evaluation().accuracy());
            return result;
        }
        print(
                "%n%s, hidden size %d, %,d parameters, %d steps of %d pixels%n%n",
                network.cell(), network.hidden(), training.parameters(), network.steps(), network.pixels());
        print("       while      training             validation%n");
        print("epoch  learning   loss       accuracy  loss       accuracy  seconds%n");
        MnistResult result;
        try (Lines lines = new Lines(settings, training.batches())) {
            result = training.run(lines, running);
            lines.end(result.history().epochs());
        }
        printEvaluation(result);
        return result;
    }

    /** Prints epochs; on a terminal a bar shows how far it is to the next line. */
    private final class Lines implements TrainingListener, AutoCloseable {
        private final String name;
        private final int epochs;
        private final int batches;
        private int printed;
        private @Nullable ProgressBar bar;

        Lines(MnistSettings settings, int batches) {
            this.name = settings.network().cell().toString();
            this.epochs = settings.training().epochs();
            this.batches = batches;
        }

        @Override
        public void resumed(History before) {
            MnistReport.this.print(
                    "going on behind epoch %d (update %d)%n", before.epochs().size(), before.updates());
            printed = before.epochs().size();
        }

        @Override
        public void updated(int epoch, int batch, double loss) {
            if (Ansi.AUTO.enabled()) {
                ProgressBar shown = bar == null ? start(Math.min(reportEvery, epochs - printed)) : bar;
                bar = shown;
                shown.step();
                shown.setExtraMessage(String.format(Locale.ROOT, "loss %.3f", loss));
            }
        }

        private ProgressBar start(int epochsToGo) {
            return new ProgressBarBuilder()
                    .setTaskName(name)
                    .setInitialMax((long) epochsToGo * batches)
                    .build();
        }

        @Override
        public void finished(Epoch epoch) {
            if (epoch.number() % reportEvery == 0) {
                print(epoch);
            }
        }

        /** Prints the last epoch, unless that has been done. */
        void end(List<Epoch> all) {
            if (printed < all.size()) {
                print(all.get(all.size() - 1));
            }
        }

        private void print(Epoch epoch) {
            close();
            printed = epoch.number();
            MnistReport.this.print(
                    "%5d  %-9s  %s  %s  %7.2f%n",
                    epoch.number(),
                    number(epoch.trainLoss()),
                    figures(epoch.training()),
                    figures(epoch.validation()),
                    epoch.seconds());
        }

        @Override
        public void close() {
            if (bar != null) {
                bar.close();
                bar = null;
            }
        }
    }

    private static String figures(@Nullable Score score) {
        return score == null
                ? String.format("%-9s  %-8s", ABSENT, ABSENT)
                : String.format(Locale.ROOT, "%-9s  %-8.4f", number(score.loss()), score.accuracy());
    }

    private static String number(double loss) {
        return String.format(Locale.ROOT, "%.4g", loss);
    }

    private void printEvaluation(MnistResult result) {
        print("%nclass  precision  recall      F1%n");
        for (int digit = 0; digit < Digits.CLASSES; digit++) {
            print(
                    "%5d  %9.4f  %6.4f  %6.4f%n",
                    digit,
                    result.evaluation().precision(MnistResult.label(digit)),
                    result.evaluation().recall(MnistResult.label(digit)),
                    result.evaluation().f1(MnistResult.label(digit)));
        }
        print("%nconfusion: true digit down, predicted digit across%n      ");
        IntStream.range(0, Digits.CLASSES).forEach(digit -> print("%6d", digit));
        print("%n");
        int[][] confusion = result.confusion();
        for (int truth = 0; truth < Digits.CLASSES; truth++) {
            print("%6d", truth);
            for (int count : confusion[truth]) {
                print("%6d", count);
            }
            print("%n");
        }
        print(
                "%ntest accuracy %.4f  (weights of epoch %d, %.1f s of training)%n",
                result.evaluation().accuracy(), result.history().keptEpoch(), result.trainSeconds());
    }

    /** Compares cells where there are several, and writes what {@code --plots} and {@code --json} ask for. */
    void write(String command, Map<String, Object> settings, List<MnistResult> results) {
        if (results.size() > 1 && !common.quiet()) {
            compare(results);
        }
        common.plots().ifPresent(folder -> plot(folder, results));
        Map<String, Object> all = new LinkedHashMap<>(common.settings());
        all.putAll(settings);
        Map<String, Object> figures = results.size() == 1 ? results.get(0).figures() : byCell(results);
        common.json().ifPresent(file -> JsonReport.write(file, command, all, common.threads(), figures));
        if (!common.quiet()) {
            common.plots().ifPresent(folder -> print("plots in %s%n", folder));
            common.json().ifPresent(file -> print("figures in %s%n", file));
        }
        out.flush();
    }

    private void compare(List<MnistResult> results) {
        print("%ncell            parameters  test accuracy  seconds%n");
        for (MnistResult result : results) {
            print(
                    "%-14s  %,10d  %13.4f  %7.1f%n",
                    result.cell(), result.parameters(), result.evaluation().accuracy(), result.trainSeconds());
        }
        print("%n");
    }

    /** The figures of the first cell, as if it were alone, and those of all under {@code runs}. */
    private static Map<String, Object> byCell(List<MnistResult> results) {
        Map<String, Object> figures = new LinkedHashMap<>(results.get(0).figures());
        figures.put("runs", results.stream().map(MnistResult::figures).toList());
        return figures;
    }

    private static void plot(Path folder, List<MnistResult> results) {
        OutputFiles.makeFolder(folder);
        pairs(folder.resolve("loss.png"), "Loss behind each epoch", "mean cross entropy", results, Score::loss);
        pairs(
                folder.resolve("accuracy.png"),
                "Accuracy behind each epoch",
                "share of digits read rightly",
                results,
                Score::accuracy);
        List<String> labels =
                IntStream.range(0, Digits.CLASSES).mapToObj(Integer::toString).toList();
        for (MnistResult result : results) {
            String name = results.size() == 1 ? "confusion.png" : "confusion-" + result.cell() + ".png";
            Plots.confusion(
                    folder.resolve(name), "Test digits, " + result.cell() + " cell", labels, result.confusion());
        }
    }

    /** Draws validation solid and training dashed, in one colour for each cell. */
    private static void pairs(
            Path file, String title, String quantity, List<MnistResult> results, ToDoubleFunction<Score> figure) {
        Plots.pairs(
                file,
                title,
                quantity,
                results.stream()
                        .map(each -> line(each, "validation", Epoch::validation, figure))
                        .toList(),
                results.stream()
                        .map(each -> line(each, "training", Epoch::training, figure))
                        .toList());
    }

    /** Returns a figure over the epochs at which it was measured. */
    static Line line(
            MnistResult result, String what, Function<Epoch, @Nullable Score> where, ToDoubleFunction<Score> figure) {
        List<Double> x = new ArrayList<>();
        List<Double> y = new ArrayList<>();
        for (Epoch epoch : result.history().epochs()) {
            Score score = where.apply(epoch);
            if (score != null) {
                x.add((double) epoch.number());
                y.add(figure.applyAsDouble(score));
            }
        }
        return new Line(result.cell() + ", " + what, x, y);
    }

    private void print(String format, Object... values) {
        out.printf(Locale.ROOT, format, values);
        out.flush();
    }
}
