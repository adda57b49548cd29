package dev.unfold.tribuo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.oracle.labs.mlrg.olcut.config.ConfigurationManager;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil;
import com.oracle.labs.mlrg.olcut.util.Pair;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.Feature;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.classification.evaluation.LabelEvaluation;
import org.tribuo.classification.evaluation.LabelEvaluator;
import org.tribuo.evaluation.CrossValidation;
import org.tribuo.impl.ArrayExample;

class RecurrentClassifierTrainerTest {
    private static final Dataset<Label> TRAIN = Images.dataset(1, 80);
    private static final Dataset<Label> TEST = Images.dataset(2, 40);

    private static RecurrentOptions small() {
        return new RecurrentOptions().hiddenSize(8).epochs(6).batchSize(8).learningRate(0.02);
    }

    private static RecurrentClassifierTrainer trainer(RecurrentOptions options) {
        return new RecurrentClassifierTrainer(options, Images.ROWS, Images.COLUMNS, 3);
    }

    @Test
    void a_user_of_tribuo_should_train_evaluate_store_load_and_predict(@TempDir Path folder) throws Exception {
        RecurrentClassifierModel model = trainer(small()).train(TRAIN);
        assertThat(new LabelEvaluator().evaluate(model, TEST).accuracy()).isEqualTo(1);

        Path file = folder.resolve("model.tribuo");
        model.serializeToFile(file);
        Model<Label> loaded = Model.deserializeFromFile(file).castModel(Label.class);
        assertThat(loaded.getProvenance()).isEqualTo(model.getProvenance());
        assertThat(loaded.generatesProbabilities()).isTrue();
        List<Prediction<Label>> predictions = loaded.predict(TEST);
        for (int i = 0; i < TEST.size(); i++) {
            Map<String, Label> scores = model.predict(TEST.getExample(i)).getOutputScores();
            assertThat(predictions.get(i).getOutputScores()).as("image " + i).isEqualTo(scores);
            assertThat(scores.values().stream().mapToDouble(Label::getScore).sum())
                    .isEqualTo(1, within(1e-6));
        }
        Model<Label> copy = model.copy();
        assertThat(copy.predict(TEST.getExample(0)).getOutputScores())
                .isEqualTo(predictions.get(0).getOutputScores());
        assertThat(copy.getTopFeatures(3)).isEmpty();
        assertThat(copy.getExcuse(TEST.getExample(0))).isEmpty();
    }

    @Test
    void tribuo_should_cross_validate() {
        CrossValidation<Label, LabelEvaluation> validation =
                new CrossValidation<>(trainer(small()), TRAIN, new LabelEvaluator(), 3, 5);
        for (Pair<LabelEvaluation, Model<Label>> fold : validation.evaluate()) {
            assertThat(fold.getA().accuracy()).isGreaterThan(0.9);
        }
    }

    @Test
    void retraining_from_provenance_should_give_the_same_bits() {
        RecurrentClassifierTrainer trainer =
                trainer(small().dropout(0.2).inputDropout(0.1).layers(2).bidirectional(true));
        trainer.train(TRAIN);
        RecurrentClassifierModel model = trainer.train(TRAIN);
        ConfigurationManager manager = new ConfigurationManager();
        manager.addConfiguration(ProvenanceUtil.extractConfiguration(model.getProvenance()));
        RecurrentClassifierTrainer again =
                manager.lookupAll(RecurrentClassifierTrainer.class).get(0);
        assertThat(again.train(TRAIN, Map.of(), 1).weightsSha256()).isEqualTo(model.weightsSha256());
        assertThat(again.getInvocationCount()).isEqualTo(2);
    }

    @Test
    void both_modes_should_give_the_same_bits() {
        RecurrentOptions options = small().dropout(0.3).inputDropout(0.2).batchSize(7);
        String expected = trainer(options).train(TRAIN).weightsSha256();
        assertThat(trainer(options.unroll(UnrollMode.STATIC).threads(2))
                        .train(TRAIN)
                        .weightsSha256())
                .isEqualTo(expected);
    }

    @Test
    void early_stopping_should_keep_the_weights_of_the_best_epoch() {
        RecurrentClassifierModel model = trainer(small().epochs(30).patience(1)).train(TRAIN, TEST, Map.of());
        int best = Integer.parseInt(Told.of(model.getProvenance(), "epoch-of-weights"));
        assertThat(trainer(small().epochs(best)).train(TRAIN).weightsSha256()).isEqualTo(model.weightsSha256());
    }

    @Test
    void missing_features_should_be_zeros_and_unknown_ones_nothing() {
        RecurrentClassifierModel model = trainer(small()).train(TRAIN);
        List<Feature> pixels = List.of(new Feature(Images.name(0), 0.7), new Feature(Images.name(4), 0.6));
        List<Feature> more = List.of(
                new Feature(Images.name(0), 0.7),
                new Feature(Images.name(4), 0.6),
                new Feature(Images.name(5), 0),
                new Feature("99", 4),
                new Feature("other", 4));
        Prediction<Label> prediction = model.predict(new ArrayExample<>(new Label("?"), more));
        assertThat(prediction.getOutputScores())
                .isEqualTo(model.predict(new ArrayExample<>(new Label("?"), pixels))
                        .getOutputScores());
        assertThat(prediction.getNumActiveFeatures()).isEqualTo(3);
        Example<Label> unknown = new ArrayExample<>(new Label("?"), List.of(new Feature("other", 1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.predict(unknown))
                .withMessageContaining("has no feature that the model knows");
    }

    @Test
    void should_refuse_features_that_are_not_on_the_grid() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RecurrentClassifierTrainer(small(), 4, 4, 1).train(TRAIN))
                .withMessageContaining("its name must end with a number from 0 to 15");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RecurrentClassifierTrainer(small(), 0, 4, 1))
                .withMessage("option rows is 0; expected 1 to 1048576");
    }
}
