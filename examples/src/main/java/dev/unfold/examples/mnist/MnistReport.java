package dev.unfold.examples.mnist;

import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.mnist.MnistResult.Epoch;
import dev.unfold.examples.report.JsonReport;
import dev.unfold.examples.report.OutputFiles;
import dev.unfold.examples.report.Plots;
import dev.unfold.examples.report.Plots.Curve;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import picocli.CommandLine.Help.Ansi;

/** Trains under the eyes of a user: progress bar, tables, plots, JSON. */
final class MnistReport {
    private final CommonOptions common;
    private final PrintWriter out;

    MnistReport(CommonOptions common) {
        this.common = common;
        this.out = common.out();
    }

    /** Trains and prints the epochs, then Tribuo's evaluation; with {@code --quiet} the accuracy alone. */
    MnistResult train(MnistSettings settings, MnistData data) {
        MnistTraining training = new MnistTraining(settings, data);
        MnistResult result = withProgress(settings, training);
        if (common.quiet()) {
            print(
                    "%s test accuracy %.4f%n",
                    settings.cell(), result.evaluation().accuracy());
            return result;
        }
        print("%n%s, hidden size %d, %,d parameters%n%n", settings.cell(), settings.hidden(), result.parameters());
        print("epoch  train loss  dev loss  dev accuracy  seconds%n");
        for (Epoch epoch : result.epochs()) {
            print(
                    "%5d  %10.4g  %8.4g  %12.4f  %7.2f%n",
                    epoch.epoch(), epoch.trainLoss(), epoch.devLoss(), epoch.devAccuracy(), epoch.seconds());
        }
        printEvaluation(result);
        return result;
    }

    private MnistResult withProgress(MnistSettings settings, MnistTraining training) {
        if (common.quiet() || !Ansi.AUTO.enabled()) {
            return training.run(loss -> {}, epoch -> {});
        }
        try (ProgressBar bar = new ProgressBarBuilder()
                .setTaskName(settings.cell().toString())
                .setInitialMax((long) settings.epochs() * training.batches())
                .build()) {
            return training.run(
                    loss -> {
                        bar.step();
                        bar.setExtraMessage(String.format(Locale.ROOT, "loss %.3f", loss));
                    },
                    epoch -> {});
        }
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
                result.evaluation().accuracy(), result.keptEpoch(), result.trainSeconds());
    }

    /** Writes what {@code --plots} and {@code --json} ask for. */
    void write(String command, Map<String, Object> settings, List<MnistResult> results) {
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

    /** The figures of the first cell, as if it were alone, and those of all under {@code runs}. */
    private static Map<String, Object> byCell(List<MnistResult> results) {
        Map<String, Object> figures = new LinkedHashMap<>(results.get(0).figures());
        figures.put("runs", results.stream().map(MnistResult::figures).toList());
        return figures;
    }

    private static void plot(Path folder, List<MnistResult> results) {
        OutputFiles.makeFolder(folder);
        Plots.curves(
                folder.resolve("loss.png"),
                "Loss on training and validation digits",
                "mean cross entropy",
                results.stream()
                        .flatMap(result -> List.of(
                                curve(
                                        result,
                                        " training",
                                        result.epochs().stream()
                                                .map(Epoch::trainLoss)
                                                .toList()),
                                curve(
                                        result,
                                        " validation",
                                        result.epochs().stream()
                                                .map(Epoch::devLoss)
                                                .toList()))
                                .stream())
                        .toList());
        Plots.curves(
                folder.resolve("accuracy.png"),
                "Accuracy on validation digits",
                "share of digits read rightly",
                results.stream()
                        .map(result -> curve(
                                result,
                                "",
                                result.epochs().stream().map(Epoch::devAccuracy).toList()))
                        .toList());
        List<String> labels =
                IntStream.range(0, Digits.CLASSES).mapToObj(Integer::toString).toList();
        for (MnistResult result : results) {
            String name = results.size() == 1 ? "confusion.png" : "confusion-" + result.cell() + ".png";
            Plots.confusion(
                    folder.resolve(name), "Test digits, " + result.cell() + " cell", labels, result.confusion());
        }
    }

    private static Curve curve(MnistResult result, String what, List<Double> values) {
        return new Curve(result.cell() + what, values);
    }

    private void print(String format, Object... values) {
        out.printf(Locale.ROOT, format, values);
        out.flush();
    }
}
