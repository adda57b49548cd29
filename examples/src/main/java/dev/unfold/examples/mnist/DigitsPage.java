package dev.unfold.examples.mnist;

import dev.unfold.examples.report.Pictures;
import dev.unfold.examples.report.Pictures.Picture;
import dev.unfold.rnn.report.Block;
import dev.unfold.rnn.report.DataTable;
import dev.unfold.rnn.report.HeatMap;
import dev.unfold.rnn.report.LineChart;
import dev.unfold.rnn.report.ReportPage;
import dev.unfold.rnn.report.RunReport;
import dev.unfold.rnn.report.Scale;
import dev.unfold.rnn.report.Text;
import dev.unfold.rnn.train.Epoch;
import dev.unfold.rnn.train.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.tribuo.classification.Label;
import org.tribuo.classification.evaluation.LabelEvaluation;

/**
 * Trained classifiers of digits, as sections of a page.
 *
 * @param parts what they were trained and evaluated on
 * @param results of each cell
 */
record DigitsPage(MnistParts parts, List<MnistResult> results) {
    private static final int MOST_MISREAD = 60;
    private static final int IMAGES = 8;

    /** Appends the sections. */
    void add(ReportPage page) {
        page.section(
                "Training",
                curves("Loss behind each epoch", "mean cross entropy", Score::loss),
                curves("Accuracy behind each epoch", "share of digits read rightly", Score::accuracy),
                summary());
        List<Block> evaluations = new ArrayList<>();
        List<Block> misread = new ArrayList<>();
        for (MnistResult result : results) {
            evaluations.add(HeatMap.confusion("Test digits, " + result.cell() + " cell", labels(), result.confusion()));
            evaluations.add(classes(result));
            misread.add(misread(result));
        }
        page.section("Evaluation", evaluations).section("Misread digits", misread);
        results.forEach(result -> addNetwork(page, result));
    }

    private LineChart curves(String title, String quantity, ToDoubleFunction<Score> figure) {
        return new LineChart(
                title,
                "epoch",
                quantity,
                Scale.LINEAR,
                results.stream()
                        .flatMap(each -> List.of(
                                MnistReport.line(each, "training", Epoch::training, figure),
                                MnistReport.line(each, "validation", Epoch::validation, figure))
                                .stream())
                        .toList());
    }

    private DataTable summary() {
        return new DataTable(
                "What was trained",
                List.of("cell", "parameters", "test accuracy", "kept epoch", "seconds of training"),
                results.stream()
                        .map(each -> List.of(
                                each.cell().toString(),
                                each.parameters(),
                                each.evaluation().accuracy(),
                                each.history().keptEpoch(),
                                each.trainSeconds()))
                        .toList());
    }

    private static List<String> labels() {
        return IntStream.range(0, Digits.CLASSES).mapToObj(Integer::toString).toList();
    }

    private static DataTable classes(MnistResult result) {
        LabelEvaluation evaluation = result.evaluation();
        List<List<?>> rows = new ArrayList<>();
        for (String digit : labels()) {
            Label label = new Label(digit);
            rows.add(List.of(digit, evaluation.precision(label), evaluation.recall(label), evaluation.f1(label)));
        }
        return new DataTable(
                "Evaluation by Tribuo, " + result.cell() + " cell",
                List.of("class", "precision", "recall", "F1"),
                rows);
    }

    private Block misread(MnistResult result) {
        Digits test = parts.test();
        List<String> predicted = result.evaluation().getPredictions().stream()
                .map(each -> each.getOutput().getLabel())
                .toList();
        int[] wrong = IntStream.range(0, test.count())
                .filter(i -> !predicted.get(i).equals(Integer.toString(test.label(i))))
                .toArray();
        if (wrong.length == 0) {
            return Text.paragraphs(
                    "The " + result.cell() + " cell has read all " + test.count() + " test digits rightly.");
        }
        List<Picture> pictures = new ArrayList<>();
        for (int i : IntStream.of(wrong).limit(MOST_MISREAD).toArray()) {
            float[] pixels = new float[test.rows() * test.columns()];
            test.copyImage(i, pixels, 0);
            pictures.add(Picture.of(test.label(i) + ", read as " + predicted.get(i), test.columns(), pixels));
        }
        String title = result.cell() + " cell: " + pictures.size() + " of " + wrong.length + " misread, of "
                + test.count() + " test digits";
        return new Pictures(title, pictures);
    }

    private void addNetwork(ReportPage page, MnistResult result) {
        DigitNetwork network = result.network();
        int images = Math.min(IMAGES, parts.train().count());
        DigitBatch batch =
                network.batch(parts.train(), IntStream.range(0, images).toArray());
        String name = result.cell() + " cell";
        RunReport.of(
                        name,
                        network.classifier().unroll(),
                        (graph, unroll) ->
                                network.classifier().unrolled(unroll).loss(graph, batch.inputs(), batch.labels()))
                .addTo(page);
    }
}
