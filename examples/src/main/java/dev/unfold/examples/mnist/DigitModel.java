package dev.unfold.examples.mnist;

import com.oracle.labs.mlrg.olcut.util.Pair;
import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.model.SequenceClassifier;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tribuo.Example;
import org.tribuo.Excuse;
import org.tribuo.Feature;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.Model;
import org.tribuo.MutableFeatureMap;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.evaluation.LabelEvaluation;
import org.tribuo.classification.evaluation.LabelEvaluator;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.provenance.impl.EmptyDatasetProvenance;
import org.tribuo.provenance.impl.EmptyTrainerProvenance;

/**
 * A trained classifier as Tribuo sees it: examples of pixels, named by their place in the image, go in; labels with
 * probabilities come out. It exists to be evaluated and is not serialised.
 */
final class DigitModel extends Model<Label> {
    private static final long serialVersionUID = 1;
    private static final int ROWS_AT_ONCE = 100;

    private final transient SequenceClassifier classifier;
    private final transient DType dtype;
    private final int steps;
    private final int pixels;

    DigitModel(SequenceClassifier classifier, DType dtype, int steps, int pixels) {
        this(classifier, dtype, steps, pixels, "recurrent-digits", provenance());
    }

    private DigitModel(
            SequenceClassifier classifier,
            DType dtype,
            int steps,
            int pixels,
            String name,
            ModelProvenance provenance) {
        super(
                name,
                provenance,
                features(steps, pixels),
                new LabelFactory().constructInfoForExternalModel(labels()),
                true);
        this.classifier = classifier;
        this.dtype = dtype;
        this.steps = steps;
        this.pixels = pixels;
    }

    private static ModelProvenance provenance() {
        return new ModelProvenance(
                DigitModel.class.getName(),
                OffsetDateTime.now(ZoneOffset.UTC),
                new EmptyDatasetProvenance(),
                new EmptyTrainerProvenance());
    }

    private static ImmutableFeatureMap features(int steps, int pixels) {
        MutableFeatureMap map = new MutableFeatureMap();
        for (String name : pixelNames(steps, pixels)) {
            map.add(name, 1);
        }
        return new ImmutableFeatureMap(map);
    }

    private static Map<Label, Integer> labels() {
        Map<Label, Integer> labels = new LinkedHashMap<>();
        for (int digit = 0; digit < Digits.CLASSES; digit++) {
            labels.put(MnistResult.label(digit), digit);
        }
        return labels;
    }

    /** Names of the pixels, row by row, in an order that Tribuo's sorting keeps. */
    private static String[] pixelNames(int steps, int pixels) {
        String[] names = new String[steps * pixels];
        int digits = Integer.toString(names.length).length();
        for (int i = 0; i < names.length; i++) {
            names[i] = "pixel" + "0".repeat(digits - Integer.toString(i).length()) + i;
        }
        return names;
    }

    /** Evaluates the model with Tribuo: accuracy, precision, recall, F1, confusion matrix. */
    LabelEvaluation evaluate(Digits digits, String description) {
        String[] names = pixelNames(steps, pixels);
        float[] image = new float[names.length];
        List<Example<Label>> examples = new ArrayList<>(digits.count());
        for (int i = 0; i < digits.count(); i++) {
            digits.copyImage(i, image, 0);
            double[] values = new double[image.length];
            for (int j = 0; j < image.length; j++) {
                values[j] = image[j];
            }
            examples.add(new ArrayExample<>(MnistResult.label(digits.label(i)), names, values));
        }
        return new LabelEvaluator()
                .evaluate(this, predict(examples), new SimpleDataSourceProvenance(description, new LabelFactory()));
    }

    @Override
    public Prediction<Label> predict(Example<Label> example) {
        return predictRows(List.of(example)).get(0);
    }

    @Override
    protected List<Prediction<Label>> innerPredict(Iterable<Example<Label>> examples) {
        List<Prediction<Label>> predictions = new ArrayList<>();
        List<Example<Label>> waiting = new ArrayList<>(ROWS_AT_ONCE);
        for (Example<Label> example : examples) {
            waiting.add(example);
            if (waiting.size() == ROWS_AT_ONCE) {
                predictions.addAll(predictRows(waiting));
                waiting.clear();
            }
        }
        if (!waiting.isEmpty()) {
            predictions.addAll(predictRows(waiting));
        }
        return predictions;
    }

    private List<Prediction<Label>> predictRows(List<Example<Label>> examples) {
        int n = examples.size();
        Tensor inputs = Tensor.zeros(dtype, steps, n, pixels);
        for (int i = 0; i < n; i++) {
            for (Feature feature : examples.get(i)) {
                int pixel = featureIDMap.getID(feature.getName());
                if (pixel >= 0) {
                    inputs.set(feature.getValue(), pixel / pixels, i, pixel % pixels);
                }
            }
        }
        Tensor probabilities = classifier.probabilities(inputs);
        List<Prediction<Label>> predictions = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            predictions.add(prediction(examples.get(i), probabilities.at(i)));
        }
        return predictions;
    }

    private static Prediction<Label> prediction(Example<Label> example, Tensor probabilities) {
        Map<String, Label> scores = new LinkedHashMap<>();
        Label best = new Label("0", probabilities.getFlat(0));
        for (int digit = 0; digit < probabilities.size(); digit++) {
            Label label = new Label(Integer.toString(digit), probabilities.getFlat(digit));
            scores.put(label.getLabel(), label);
            best = label.getScore() > best.getScore() ? label : best;
        }
        return new Prediction<>(best, scores, example.size(), example, true);
    }

    @Override
    public Map<String, List<Pair<String, Double>>> getTopFeatures(int n) {
        return Map.of();
    }

    @Override
    public Optional<Excuse<Label>> getExcuse(Example<Label> example) {
        return Optional.empty();
    }

    @Override
    protected Model<Label> copy(String newName, ModelProvenance newProvenance) {
        return new DigitModel(classifier, dtype, steps, pixels, newName, newProvenance);
    }
}
