package dev.unfold.examples.mnist;

import com.google.common.collect.ImmutableMap;
import dev.unfold.rnn.model.Weights;
import dev.unfold.rnn.train.Epoch;
import dev.unfold.rnn.train.History;
import dev.unfold.rnn.train.Score;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tribuo.classification.Label;
import org.tribuo.classification.evaluation.LabelEvaluation;

/**
 * What training a classifier of digits gave.
 *
 * @param settings of the training
 * @param network what was trained
 * @param history the epochs
 * @param evaluation Tribuo's, on the test images
 * @param weightsSha256 over all parameters' bits
 */
record MnistResult(
        MnistSettings settings,
        DigitNetwork network,
        History history,
        LabelEvaluation evaluation,
        String weightsSha256) {
    static Label label(int digit) {
        return new Label(Integer.toString(digit));
    }

    /** Returns how often a true digit was taken for a digit, by the true one, then by the predicted one. */
    int[][] confusion() {
        int[][] counts = new int[Digits.CLASSES][Digits.CLASSES];
        for (int truth = 0; truth < Digits.CLASSES; truth++) {
            for (int predicted = 0; predicted < Digits.CLASSES; predicted++) {
                // Tribuo names the predicted label first.
                counts[truth][predicted] = (int) evaluation.confusion(label(predicted), label(truth));
            }
        }
        return counts;
    }

    CellKind cell() {
        return settings.network().cell();
    }

    /** Returns the number of learned numbers. */
    long parameters() {
        return Weights.count(network.parameters());
    }

    /** Returns the wall time of training, measuring behind epochs included. */
    double trainSeconds() {
        return history.seconds();
    }

    /** Returns what was measured on validation images with the weights that were kept, if that was done. */
    Optional<Score> kept() {
        return history.epochs().stream()
                .filter(epoch -> epoch.number() == history.keptEpoch())
                .findFirst()
                .map(Epoch::validation);
    }

    /** Returns all figures, as {@code --json} has them. */
    Map<String, Object> figures() {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("cell", cell().toString());
        figures.put("test_accuracy", evaluation.accuracy());
        kept().ifPresent(score -> {
            figures.put("dev_accuracy", score.accuracy());
            figures.put("dev_hits", score.hits());
        });
        figures.put("kept_epoch", history.keptEpoch());
        figures.put(
                "epochs", history.epochs().stream().map(MnistResult::figures).toList());
        figures.put("train_seconds", trainSeconds());
        figures.put("parameters", parameters());
        figures.put("weights_sha256", weightsSha256);
        List<Map<String, Object>> classes = new ArrayList<>();
        for (int digit = 0; digit < Digits.CLASSES; digit++) {
            classes.add(ImmutableMap.of(
                    "class", Integer.toString(digit),
                    "precision", evaluation.precision(label(digit)),
                    "recall", evaluation.recall(label(digit)),
                    "f1", evaluation.f1(label(digit))));
        }
        figures.put("classes", classes);
        figures.put("confusion", confusion());
        return figures;
    }

    /** The figures of an epoch; those of measurements where there were any. */
    private static Map<String, Object> figures(Epoch epoch) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("epoch", epoch.number());
        figures.put("learning_rate", epoch.learningRate());
        figures.put("train_loss", epoch.trainLoss());
        Score training = epoch.training();
        if (training != null) {
            figures.put("measured_train_loss", training.loss());
            figures.put("train_accuracy", training.accuracy());
        }
        Score validation = epoch.validation();
        if (validation != null) {
            figures.put("dev_loss", validation.loss());
            figures.put("dev_accuracy", validation.accuracy());
            figures.put("dev_hits", validation.hits());
        }
        figures.put("seconds", epoch.seconds());
        return figures;
    }
}
