package dev.unfold.tribuo;

import static org.assertj.core.api.Assertions.assertThat;

import com.oracle.labs.mlrg.olcut.config.ConfigurationManager;
import com.oracle.labs.mlrg.olcut.provenance.PrimitiveProvenance;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.classification.evaluation.LabelEvaluator;
import org.tribuo.classification.sequence.LabelSequenceEvaluation;
import org.tribuo.classification.sequence.LabelSequenceEvaluator;
import org.tribuo.sequence.SequenceDataset;
import org.tribuo.sequence.SequenceModel;

/** The code that docs/tribuo.md shows, compiled and run. */
class TribuoDocsTest {
    @Test
    void a_tagger_should_be_trained_stored_and_trained_again(@TempDir Path folder) throws IOException {
        SequenceDataset<Label> train = Sentences.dataset(1, 300);
        SequenceDataset<Label> test = Sentences.dataset(2, 20);
        Path file = folder.resolve("tagger.tribuo");
        // tag::tagger[]
        RecurrentOptions options = new RecurrentOptions()
                .cell(CellKind.LSTM)
                .hiddenSize(32)
                .bidirectional(true)
                .dropout(0.3)
                .epochs(10);
        RecurrentSequenceTrainer trainer = new RecurrentSequenceTrainer(options, 64, 1); // embedding size, seed
        RecurrentSequenceModel model = trainer.train(train);
        LabelSequenceEvaluation evaluation = new LabelSequenceEvaluator().evaluate(model, test);
        System.out.println(evaluation.accuracy());

        model.serializeToFile(file);
        SequenceModel<Label> loaded = SequenceModel.deserializeFromFile(file).castModel(Label.class);
        List<Prediction<Label>> tags = loaded.predict(test.getExample(0)); // with the scores of all labels
        // end::tagger[]
        assertThat(evaluation.accuracy()).isGreaterThan(0.95);
        assertThat(tags).hasSameSizeAs(test.getExample(0));
        // tag::again[]
        ConfigurationManager manager = new ConfigurationManager();
        manager.addConfiguration(ProvenanceUtil.extractConfiguration(loaded.getProvenance()));
        RecurrentSequenceTrainer again =
                manager.lookupAll(RecurrentSequenceTrainer.class).get(0);
        Map<String, PrimitiveProvenance<?>> told =
                loaded.getProvenance().getTrainerProvenance().getInstanceValues();
        int count =
                (int) Objects.requireNonNull(told.get("train-invocation-count")).getValue();
        RecurrentSequenceModel same = again.train(train, Map.of(), count);
        System.out.println(same.weightsSha256().equals(model.weightsSha256())); // true
        // end::again[]
        assertThat(same.weightsSha256()).isEqualTo(model.weightsSha256());
    }

    @Test
    void images_should_be_classified_by_rows() {
        Dataset<Label> train = Images.dataset(1, 1000);
        Dataset<Label> test = Images.dataset(2, 20);
        // tag::classifier[]
        RecurrentOptions options =
                new RecurrentOptions().cell(CellKind.GRU).hiddenSize(32).patience(3);
        RecurrentClassifierTrainer trainer =
                new RecurrentClassifierTrainer(options.validationShare(0.1), 5, 4, 1); // rows, columns, seed
        Model<Label> model = trainer.train(train);
        System.out.println(new LabelEvaluator().evaluate(model, test).accuracy());
        // end::classifier[]
        assertThat(new LabelEvaluator().evaluate(model, test).accuracy()).isGreaterThan(0.9);
    }
}
