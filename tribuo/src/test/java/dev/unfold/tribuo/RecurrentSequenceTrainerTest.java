package dev.unfold.tribuo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.oracle.labs.mlrg.olcut.config.ConfigurationData;
import com.oracle.labs.mlrg.olcut.config.ConfigurationManager;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil;
import com.oracle.labs.mlrg.olcut.provenance.primitives.IntProvenance;
import dev.unfold.rnn.train.DivergedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.classification.sequence.LabelSequenceEvaluation;
import org.tribuo.classification.sequence.LabelSequenceEvaluator;
import org.tribuo.classification.sgd.crf.CRFTrainer;
import org.tribuo.math.optimisers.AdaGrad;
import org.tribuo.sequence.SequenceDataset;
import org.tribuo.sequence.SequenceExample;
import org.tribuo.sequence.SequenceModel;

class RecurrentSequenceTrainerTest {
    private static final SequenceDataset<Label> TRAIN = Sentences.dataset(1, 60);
    private static final SequenceDataset<Label> TEST = Sentences.dataset(2, 40);

    private static RecurrentOptions small() {
        return new RecurrentOptions()
                .cell(CellKind.GRU)
                .hiddenSize(8)
                .bidirectional(true)
                .epochs(2)
                .batchSize(8)
                .learningRate(0.02);
    }

    private static RecurrentSequenceTrainer trainer(RecurrentOptions options) {
        return new RecurrentSequenceTrainer(options, 6, 0.5, 7);
    }

    private static double accuracy(SequenceModel<Label> model, SequenceDataset<Label> data) {
        return new LabelSequenceEvaluator().evaluate(model, data).accuracy();
    }

    @Test
    void a_user_of_tribuo_should_train_evaluate_store_load_and_predict(@TempDir Path folder) throws Exception {
        RecurrentSequenceModel model = trainer(small().epochs(8)).train(TRAIN);
        LabelSequenceEvaluation evaluation = new LabelSequenceEvaluator().evaluate(model, TEST);
        assertThat(evaluation.accuracy()).isEqualTo(1);
        assertThat(evaluation.f1(new Label("VERB"))).isEqualTo(1);

        Path file = folder.resolve("model.tribuo");
        model.serializeToFile(file);
        SequenceModel<Label> loaded = SequenceModel.deserializeFromFile(file).castModel(Label.class);
        assertThat(loaded.getName()).isEqualTo("recurrent-sequence-model");
        assertThat(loaded.getProvenance()).isEqualTo(model.getProvenance());
        assertThat(loaded)
                .isInstanceOfSatisfying(
                        RecurrentSequenceModel.class,
                        each -> assertThat(each.weightsSha256()).isEqualTo(model.weightsSha256()));

        List<List<Prediction<Label>>> predictions = loaded.predict(TEST);
        assertThat(scores(predictions)).isEqualTo(scores(model.predict(TEST)));
        Prediction<Label> can = predictions.get(0).get(1);
        assertThat(can.getOutput().getLabel()).isEqualTo("NOUN");
        assertThat(can.hasProbabilities()).isTrue();
        assertThat(can.getNumActiveFeatures()).isEqualTo(2);
        assertThat(can.getOutputScores().keySet()).containsExactly("DET", "NOUN", "VERB");
        assertThat(can.getOutputScores().values().stream()
                        .mapToDouble(Label::getScore)
                        .sum())
                .isEqualTo(1, within(1e-6));
    }

    /** Scores by sentence, word and label, as they are to the last bit. */
    private static List<List<Map<String, Label>>> scores(List<List<Prediction<Label>>> predictions) {
        return predictions.stream()
                .map(each -> each.stream().map(Prediction::getOutputScores).toList())
                .toList();
    }

    @Test
    void should_see_what_a_tagger_of_single_words_cannot() {
        SequenceModel<Label> recurrent = trainer(small().epochs(8)).train(TRAIN);
        SequenceModel<Label> crf = new CRFTrainer(new AdaGrad(0.5), 10, 1).train(TRAIN);
        assertThat(accuracy(recurrent, TEST)).isGreaterThanOrEqualTo(accuracy(crf, TEST));
        RecurrentSequenceModel oneWay =
                trainer(small().bidirectional(false).epochs(8)).train(TRAIN);
        assertThat(accuracy(oneWay, TEST)).as("the word before is enough").isEqualTo(1);
    }

    @Test
    void cross_validation_should_train_a_model_for_each_fold() {
        List<SequenceExample<Label>> all = new ArrayList<>(TRAIN.getData());
        Collections.shuffle(all, new Random(3));
        RecurrentSequenceTrainer trainer = trainer(small().epochs(8));
        int folds = 3;
        for (int fold = 0; fold < folds; fold++) {
            List<SequenceExample<Label>> in = new ArrayList<>();
            List<SequenceExample<Label>> out = new ArrayList<>();
            for (int i = 0; i < all.size(); i++) {
                (i % folds == fold ? out : in).add(all.get(i));
            }
            RecurrentSequenceModel model = trainer.train(
                    Sentences.dataset("fold " + fold, in), Map.of("fold", new IntProvenance("fold", fold)));
            assertThat(accuracy(model, Sentences.dataset("out " + fold, out))).isGreaterThan(0.9);
            assertThat(Told.of(model.getProvenance(), "fold")).isEqualTo(Integer.toString(fold));
        }
        assertThat(trainer.getInvocationCount()).isEqualTo(folds);
    }

    @Test
    void provenance_should_tell_options_seed_invocation_unroll_and_vocabulary() {
        RecurrentSequenceTrainer trainer = trainer(small().unroll(UnrollMode.STATIC));
        trainer.setInvocationCount(4);
        RecurrentSequenceModel model = trainer.train(TRAIN);
        String told = model.getProvenance().getTrainerProvenance().toString();
        assertThat(told).contains("seed=7", "train-invocation-count=4", "unroll=STATIC", "cell=GRU", "hiddenSize=8");
        assertThat(told).contains("embeddingSize=6", "rareFeatureDropout=0.5", "is-sequence=true");
        assertThat(Told.of(model.getProvenance(), "features"))
                .isEqualTo(Integer.toString(TRAIN.getFeatureMap().size()));
        assertThat(Told.of(model.getProvenance(), "features-sha256")).hasSize(64);
        assertThat(Told.of(model.getProvenance(), "weights-sha256")).isEqualTo(model.weightsSha256());
        assertThat(Told.of(model.getProvenance(), "epoch-of-weights")).isEqualTo("2");
    }

    @Test
    void retraining_from_provenance_should_give_the_same_bits() {
        RecurrentSequenceTrainer trainer = trainer(
                small().dropout(0.2).inputDropout(0.1).recurrentDropout(0.1).validationShare(0.2));
        RecurrentSequenceModel first = trainer.train(TRAIN);
        RecurrentSequenceModel second = trainer.train(TRAIN);
        assertThat(second.weightsSha256()).isNotEqualTo(first.weightsSha256());

        List<ConfigurationData> configuration = ProvenanceUtil.extractConfiguration(second.getProvenance());
        ConfigurationManager manager = new ConfigurationManager();
        manager.addConfiguration(configuration);
        RecurrentSequenceTrainer again =
                manager.lookupAll(RecurrentSequenceTrainer.class).get(0);
        again.setInvocationCount(Told.invocation(second.getProvenance()));
        assertThat(again.train(TRAIN).weightsSha256()).isEqualTo(second.weightsSha256());
        assertThat(again.train(TRAIN, Map.of(), 0).weightsSha256()).isEqualTo(first.weightsSha256());
    }

    @ParameterizedTest
    @EnumSource(CellKind.class)
    void both_modes_and_any_number_of_threads_should_give_the_same_bits(CellKind cell) {
        RecurrentOptions options = small().cell(cell)
                .dropout(0.3)
                .inputDropout(0.2)
                .recurrentDropout(0.1)
                .layers(2);
        String expected = trainer(options).train(TRAIN).weightsSha256();
        assertThat(trainer(options).train(TRAIN).weightsSha256()).isEqualTo(expected);
        assertThat(trainer(options.unroll(UnrollMode.STATIC)).train(TRAIN).weightsSha256())
                .isEqualTo(expected);
        assertThat(trainer(options.unroll(UnrollMode.STATIC).threads(2))
                        .train(TRAIN)
                        .weightsSha256())
                .isEqualTo(expected);
        assertThat(trainer(options.threads(2)).train(TRAIN).weightsSha256()).isEqualTo(expected);
    }

    @Test
    void a_sequence_should_get_the_same_scores_whatever_is_predicted_with_it() {
        RecurrentSequenceModel model =
                trainer(small().precision(Precision.FLOAT64)).train(TRAIN);
        List<List<Prediction<Label>>> together = model.predict(TEST);
        for (int i = 0; i < TEST.size(); i++) {
            assertThat(scores(List.of(model.predict(TEST.getExample(i)))))
                    .as("sentence " + i)
                    .isEqualTo(scores(List.of(together.get(i))));
        }
        assertThat(scores(model.predict(TEST.getData()))).isEqualTo(scores(together));
    }

    @Test
    void many_threads_should_get_the_scores_that_one_gets() {
        RecurrentSequenceModel model = trainer(small()).train(TRAIN);
        List<List<Prediction<Label>>> predictions =
                TEST.getData().parallelStream().map(model::predict).toList();
        assertThat(scores(predictions)).isEqualTo(scores(model.predict(TEST)));
    }

    @Test
    void unknown_features_and_empty_examples_should_get_labels() {
        RecurrentSequenceModel model = trainer(small().epochs(8)).train(TRAIN);
        SequenceExample<Label> sentence = new SequenceExample<>(
                List.of(Sentences.word("the", "DET"), Sentences.blank("NOUN"), Sentences.example("VERB", "zyx", 1)));
        List<Prediction<Label>> predictions = model.predict(sentence);
        assertThat(predictions).hasSize(3);
        assertThat(predictions.get(1).getNumActiveFeatures()).isZero();
        assertThat(predictions.get(2).getNumActiveFeatures()).isZero();
        assertThat(predictions.get(1).getOutput().getLabel()).as("behind 'the'").isEqualTo("NOUN");
        assertThat(model.predict(new SequenceExample<>(List.of(Sentences.blank("X"), Sentences.blank("X")))))
                .as("nothing is known of any word")
                .hasSize(2);
        assertThat(model.predict(new SequenceExample<>())).isEmpty();
        assertThat(model.predict(List.of(new SequenceExample<>(), sentence))).hasSize(2);
        assertThat(model.predict(List.<SequenceExample<Label>>of())).isEmpty();
        assertThat(model.getTopFeatures(3)).isEmpty();
    }

    @Test
    void early_stopping_should_keep_the_weights_of_the_best_epoch() {
        List<EpochResult> results = new ArrayList<>();
        RecurrentSequenceTrainer trainer = trainer(small().epochs(20).patience(2));
        trainer.setOnEpoch(results::add);
        RecurrentSequenceModel model = trainer.train(TRAIN, TEST, Map.of());
        int best = Integer.parseInt(Told.of(model.getProvenance(), "epoch-of-weights"));
        assertThat(results).hasSize(Math.min(20, best + 2));
        EpochResult kept = results.get(best - 1);
        assertThat(results)
                .noneMatch(each -> each.validationHits() > kept.validationHits()
                        || (each.validationHits() == kept.validationHits()
                                && each.validationLoss() < kept.validationLoss()));
        assertThat(kept.validationHits() / (double) kept.validationLabels()).isEqualTo(accuracy(model, TEST));
        assertThat(model.getProvenance().toString()).contains("sentences 2");

        RecurrentSequenceModel shorter = trainer(small().epochs(best)).train(TRAIN);
        assertThat(shorter.weightsSha256()).as("validation changes no bit").isEqualTo(model.weightsSha256());
    }

    @Test
    void a_share_kept_for_validation_should_not_be_trained_on() {
        List<EpochResult> results = new ArrayList<>();
        RecurrentSequenceTrainer trainer = trainer(small().validationShare(0.25));
        trainer.setOnEpoch(results::add);
        trainer.train(TRAIN);
        int words = TRAIN.getData().stream().mapToInt(SequenceExample::size).sum();
        assertThat(results.get(0).validationLabels()).isBetween(words / 8, words / 2);
    }

    @Test
    void initial_vectors_should_be_where_training_begins_and_stand_in_the_provenance() {
        RecurrentSequenceTrainer trainer = trainer(small());
        trainer.setInitialVectors(Map.of("word=dog", new float[] {9, 9, 9, 9, 9, 9}, "word=unheard", new float[6]));
        RecurrentSequenceModel model = trainer.train(TRAIN);
        assertThat(Told.of(model.getProvenance(), "initial-vectors")).isEqualTo("1");
        assertThat(Told.of(model.getProvenance(), "initial-vectors-sha256")).hasSize(64);
        assertThat(model.weightsSha256())
                .isNotEqualTo(trainer(small()).train(TRAIN).weightsSha256());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.setInitialVectors(Map.of("word=dog", new float[5])))
                .withMessage("initial vector of 'word=dog' has 5 numbers; expected 6, the embedding size");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.setInitialVectors(Map.of("word=dog", new float[] {0, 0, Float.NaN, 0, 0, 0})))
                .withMessage("initial vector of 'word=dog' holds NaN; expected finite numbers");
    }

    @Test
    void should_refuse_what_cannot_be_trained_on() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer(small()).train(Sentences.dataset("none", List.of())))
                .withMessage("train: the dataset is empty; expected at least one example");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer(small().patience(1)).train(TRAIN))
                .withMessageContaining("nothing is there to validate on");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer(small().validationShare(0.1)).train(TRAIN, TEST, Map.of()))
                .withMessageContaining("choose one of them");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer(small()).train(TRAIN, Map.of("labels", new IntProvenance("labels", 1))))
                .withMessageContaining("run provenance has a 'labels'");
        RecurrentSequenceTrainer refusing = trainer(small().patience(1));
        assertThatIllegalArgumentException().isThrownBy(() -> refusing.train(TRAIN));
        assertThat(refusing.getInvocationCount())
                .as("what was refused does not count")
                .isZero();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer(small()).train(TRAIN, Sentences.dataset("none", List.of()), Map.of()))
                .withMessageContaining("the validation set is empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer(small().validationShare(0.99)).train(Sentences.dataset(1, 3)))
                .withMessageContaining("leaves none to train on");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer(small()).setInvocationCount(-1))
                .withMessageContaining("invocation count is -1");
        SequenceDataset<Label> infinite = Sentences.dataset(
                "infinite", List.of(new SequenceExample<>(List.of(Sentences.example("X", "size", 1e300)))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer(small()).train(infinite))
                .withMessage(
                        "feature 'size' is 1.0E300; expected a finite number of float32; scale it, or leave it out");
        assertThatThrownBy(() -> trainer(small().learningRate(1e39).clipNorm(0)).train(TRAIN))
                .isInstanceOf(DivergedException.class)
                .hasMessageStartingWith("training stopped in epoch 1, batch ");
    }

    @Test
    void labels_that_training_has_not_seen_should_count_as_misses() {
        SequenceDataset<Label> other = Sentences.dataset(
                "other",
                List.of(new SequenceExample<>(List.of(Sentences.word("the", "DET"), Sentences.word("dog", "OTHER")))));
        List<EpochResult> results = new ArrayList<>();
        RecurrentSequenceTrainer trainer = trainer(small().epochs(8));
        trainer.setOnEpoch(results::add);
        trainer.train(TRAIN, other, Map.of());
        assertThat(results.get(7).validationLabels()).isEqualTo(2);
        assertThat(results.get(7).validationHits()).isEqualTo(1);
    }
}
