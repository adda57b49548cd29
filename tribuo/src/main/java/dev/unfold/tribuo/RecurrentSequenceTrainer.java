package dev.unfold.tribuo;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Trainer;
import org.tribuo.classification.Label;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.provenance.TrainerProvenance;
import org.tribuo.provenance.impl.TrainerProvenanceImpl;
import org.tribuo.sequence.SequenceDataset;
import org.tribuo.sequence.SequenceExample;
import org.tribuo.sequence.SequenceTrainer;

/**
 * Trains a recurrent network that gives every example of a sequence a label: a tagger of words, for instance. The input of a step is the
 * sum of the vectors of the example's features, each times its value, so that words are embedded, and dense numbers go through a linear
 * layer; above it lie recurrent cells, in one or both ways, and a softmax. It learns by Adam on the mean cross entropy of the labels of a
 * batch.
 *
 * <p>Seed and count of invocations determine all that is random: a trainer made from the {@linkplain #getProvenance provenance} of a model,
 * with the count that stands there, and the same data make the same weights to the last bit. The weights of examples are not looked at.
 */
public final class RecurrentSequenceTrainer extends RecurrentTrainer implements SequenceTrainer<Label> {
    @Config(description = "The length of a feature's vector.")
    private int embeddingSize = 64;

    @Config(
            description =
                    "Probability, in each epoch, that a feature which one training example alone has is left out.")
    private double rareFeatureDropout = 0;

    private InitialVectors vectors = new InitialVectors(Map.of(), 0);

    /** For OLCUT. */
    private RecurrentSequenceTrainer() {}

    /**
     * Makes a trainer.
     *
     * @param options the network and its training
     * @param embeddingSize the length of a feature's vector
     * @param seed of all that is random
     */
    public RecurrentSequenceTrainer(RecurrentOptions options, int embeddingSize, long seed) {
        this(options, embeddingSize, 0, seed);
    }

    /**
     * Makes a trainer.
     *
     * @param options the network and its training
     * @param embeddingSize the length of a feature's vector
     * @param rareFeatureDropout the probability, in each epoch, that a feature which one training example alone has is left out, so that
     *     the network sees examples with features that it does not know, as it will later
     * @param seed of all that is random
     */
    public RecurrentSequenceTrainer(RecurrentOptions options, int embeddingSize, double rareFeatureDropout, long seed) {
        super(options, seed);
        this.embeddingSize = embeddingSize;
        this.rareFeatureDropout = rareFeatureDropout;
        postConfig();
    }

    /** Checks the values; called by OLCUT. */
    @Override
    public void postConfig() {
        RecurrentOptions.atLeast("embeddingSize", embeddingSize, 1);
        RecurrentOptions.share("rareFeatureDropout", rareFeatureDropout);
    }

    /**
     * Lets features begin with vectors, such as those of words that were trained on large texts, in the trainings to come. Features that a
     * dataset does not have are passed over. A model's provenance holds how many there were and their hash, not the vectors: who trains
     * again from it sets them again.
     *
     * @param initial by the name of the feature, each as long as a feature's vector
     * @throws IllegalArgumentException for another length or what is not finite
     */
    public synchronized void setInitialVectors(Map<String, float[]> initial) {
        vectors = new InitialVectors(initial, embeddingSize);
    }

    @Override
    public RecurrentSequenceModel train(SequenceDataset<Label> examples) {
        return train(examples, Map.of());
    }

    @Override
    public RecurrentSequenceModel train(SequenceDataset<Label> examples, Map<String, Provenance> runProvenance) {
        return train(examples, runProvenance, Trainer.INCREMENT_INVOCATION_COUNT);
    }

    /**
     * Trains as in the invocation of a number, of which there may have been one before.
     *
     * @param examples to train on
     * @param runProvenance what is to be remembered of this training
     * @param invocationCount the trainings before; {@link Trainer#INCREMENT_INVOCATION_COUNT} to go on counting
     */
    public RecurrentSequenceModel train(
            SequenceDataset<Label> examples, Map<String, Provenance> runProvenance, int invocationCount) {
        return train(examples, null, runProvenance, invocationCount);
    }

    /**
     * Trains, validates behind every epoch and keeps the weights that validate best.
     *
     * @param examples to train on
     * @param validation to validate on
     * @param runProvenance what is to be remembered of this training
     */
    public RecurrentSequenceModel train(
            SequenceDataset<Label> examples, SequenceDataset<Label> validation, Map<String, Provenance> runProvenance) {
        return train(examples, validation, runProvenance, Trainer.INCREMENT_INVOCATION_COUNT);
    }

    private RecurrentSequenceModel train(
            SequenceDataset<Label> examples,
            @Nullable SequenceDataset<Label> validation,
            Map<String, Provenance> runProvenance,
            int invocationCount) {
        check(examples.size(), examples.getOutputInfo(), validation == null ? null : validation.size(), runProvenance);
        Invocation invocation = next(invocationCount);
        Split<SequenceExample<Label>> split =
                split(examples.getData(), validation == null ? null : validation.getData(), invocation.seed());
        ImmutableFeatureMap features = examples.getFeatureIDMap();
        ImmutableOutputInfo<Label> domain = examples.getOutputIDInfo();
        LabelTable labels = new LabelTable(domain);
        Architecture architecture = Architecture.of(options(), embeddingSize);
        SequenceNetwork network = SequenceNetwork.of(
                parameters(invocation.seed()), architecture, features.size(), labels.size(), options());
        Map<String, Provenance> known = new LinkedHashMap<>(runProvenance);
        known.putAll(initialVectors().copyTo(network.features().table().value(), features));
        Map<String, Provenance> run = fit(
                invocation,
                network,
                Sequences.of(split.train(), features, labels, architecture.type())
                        .dropping(rareFeatureDropout),
                split.validation().isEmpty()
                        ? null
                        : Sequences.of(split.validation(), features, labels, architecture.type()),
                validation == null ? null : validation.getProvenance(),
                features,
                labels.size(),
                known);
        ModelProvenance provenance =
                provenance(RecurrentSequenceModel.class, examples.getProvenance(), invocation, run);
        return new RecurrentSequenceModel(
                "recurrent-sequence-model", provenance, features, domain, architecture, network);
    }

    private synchronized InitialVectors initialVectors() {
        return vectors;
    }

    @Override
    public TrainerProvenance getProvenance() {
        return new TrainerProvenanceImpl(this);
    }

    /** Describes the trainer by its provenance. */
    @Override
    public String toString() {
        return getProvenance().toString();
    }
}
