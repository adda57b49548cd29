package dev.unfold.examples.mnist;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tribuo.classification.Label;
import org.tribuo.classification.evaluation.LabelEvaluation;

/**
 * What training a classifier of digits gave.
 *
 * @param cell the cell
 * @param epochs one entry for each
 * @param keptEpoch the epoch whose weights were kept, counted from 1
 * @param evaluation Tribuo's, on the test images
 * @param trainSeconds wall time of training, evaluation of epochs included
 * @param parameters the number of learned numbers
 * @param weightsSha256 over all parameters' bits
 */
record MnistResult(
        CellKind cell,
        List<Epoch> epochs,
        int keptEpoch,
        LabelEvaluation evaluation,
        double trainSeconds,
        long parameters,
        String weightsSha256) {
    /**
     * One pass through the training images.
     *
     * @param epoch counted from 1
     * @param trainLoss the mean over its batches, while it learned
     * @param devLoss the mean over the validation images, after it
     * @param devHits validation images that were read rightly
     * @param devAccuracy their share, 0 to 1
     * @param seconds wall time
     */
    record Epoch(int epoch, double trainLoss, double devLoss, int devHits, double devAccuracy, double seconds) {}

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

    /** Returns all figures, as {@code --json} has them. */
    Map<String, Object> figures() {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("cell", cell.toString());
        figures.put("test_accuracy", evaluation.accuracy());
        figures.put("dev_accuracy", epochs.get(keptEpoch - 1).devAccuracy());
        figures.put("dev_hits", epochs.get(keptEpoch - 1).devHits());
        figures.put("epochs", epochs.stream().map(MnistResult::figures).toList());
        figures.put("train_seconds", trainSeconds);
        figures.put("parameters", parameters);
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

    private static Map<String, Object> figures(Epoch epoch) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("epoch", epoch.epoch());
        figures.put("train_loss", epoch.trainLoss());
        figures.put("dev_loss", epoch.devLoss());
        figures.put("dev_accuracy", epoch.devAccuracy());
        figures.put("dev_hits", epoch.devHits());
        figures.put("seconds", epoch.seconds());
        return figures;
    }
}
