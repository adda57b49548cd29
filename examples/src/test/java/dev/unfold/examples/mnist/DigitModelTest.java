package dev.unfold.examples.mnist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.model.SequenceClassifier;
import dev.unfold.rnn.optim.Adam;
import dev.unfold.rnn.train.TrainStep;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.classification.evaluation.LabelEvaluation;

class DigitModelTest {
    @Test
    void should_be_evaluated_as_a_plain_recount_would() {
        // Not a multiple of the rows that are predicted at once; every fourth, to see all digits.
        Digits digits = MnistData.embedded()
                .test()
                .subset(IntStream.range(0, 230).map(i -> 4 * i).toArray());
        SequenceClassifier classifier = trained(digits, 5);
        int[][] counts = new int[Digits.CLASSES][Digits.CLASSES];
        int hits = 0;
        Tensor probabilities = classifier.probabilities(batch(digits).inputs());
        for (int i = 0; i < digits.count(); i++) {
            int best = argmax(probabilities.at(i).toDoubles());
            counts[digits.label(i)][best]++;
            hits += best == digits.label(i) ? 1 : 0;
        }
        LabelEvaluation evaluation = model(classifier, digits).evaluate(digits, "digits");
        assertThat(hits).isBetween(40, 220);
        assertThat(evaluation.accuracy()).isCloseTo(hits / 230.0, within(1e-12));
        for (int truth = 0; truth < Digits.CLASSES; truth++) {
            for (int predicted = 0; predicted < Digits.CLASSES; predicted++) {
                assertThat(evaluation.confusion(MnistResult.label(predicted), MnistResult.label(truth)))
                        .isEqualTo(counts[truth][predicted]);
            }
        }
    }

    @Test
    void should_predict_probabilities_of_all_digits_that_sum_to_1(@TempDir Path folder) throws IOException {
        Digits digits = MnistData.read(DigitFolder.write(folder, 2, 1)).train();
        DigitModel model = model(trained(digits, 1), digits);
        for (Prediction<Label> prediction : model.evaluate(digits, "digits").getPredictions()) {
            assertThat(prediction.hasProbabilities()).isTrue();
            assertThat(prediction.getOutputScores().keySet())
                    .containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
            assertThat(prediction.getOutputScores().values())
                    .allSatisfy(label -> assertThat(label.getScore()).isBetween(0.0, 1.0));
            assertThat(prediction.getOutputScores().values().stream()
                            .mapToDouble(Label::getScore)
                            .sum())
                    .isCloseTo(1, within(1e-6));
            assertThat(model.predict(prediction.getExample()).getOutput()).isEqualTo(prediction.getOutput());
        }
    }

    @Test
    void should_predict_the_digits_it_has_learned(@TempDir Path folder) throws IOException {
        Digits digits = MnistData.read(DigitFolder.write(folder, 20, 1)).train();
        LabelEvaluation evaluation = model(trained(digits, 60), digits).evaluate(digits, "threes and sevens");
        assertThat(evaluation.getPredictions())
                .extracting(prediction -> prediction.getOutput().getLabel())
                .containsExactlyElementsOf(IntStream.range(0, 20)
                        .mapToObj(i -> i % 2 == 0 ? "3" : "7")
                        .toList());
        assertThat(evaluation.accuracy()).isOne();
        for (int digit : new int[] {3, 7}) {
            assertThat(evaluation.confusion(MnistResult.label(digit), MnistResult.label(digit)))
                    .isEqualTo(10);
            assertThat(evaluation.precision(MnistResult.label(digit))).isOne();
            assertThat(evaluation.recall(MnistResult.label(digit))).isOne();
            assertThat(evaluation.f1(MnistResult.label(digit))).isOne();
        }
        assertThat(evaluation.recall(MnistResult.label(0))).isZero();
    }

    private static SequenceClassifier trained(Digits digits, int updates) {
        Parameters parameters = new Parameters("digits", DType.FLOAT32, new NumpyRandom(3));
        SequenceClassifier classifier = new SequenceClassifier(
                parameters.below("output"),
                new VanillaCell(parameters.below("rnn"), digits.columns(), 24),
                Digits.CLASSES);
        TrainStep step = new TrainStep(new Adam(classifier.parameters(), 0.02));
        DigitBatch batch = batch(digits);
        for (int update = 0; update < updates; update++) {
            step.run(graph -> classifier.loss(graph, batch.inputs(), batch.labels()));
        }
        return classifier;
    }

    private static DigitModel model(SequenceClassifier classifier, Digits digits) {
        return new DigitModel(classifier, DType.FLOAT32, digits.rows(), digits.columns());
    }

    private static DigitBatch batch(Digits digits) {
        int[] order = IntStream.range(0, digits.count()).toArray();
        return DigitBatch.of(digits, order, digits.rows(), DType.FLOAT32);
    }

    private static int argmax(double[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }
}
