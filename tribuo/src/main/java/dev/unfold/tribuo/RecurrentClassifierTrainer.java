package dev.unfold.tribuo;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Trainer;
import org.tribuo.classification.Label;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.provenance.TrainerProvenance;
import org.tribuo.provenance.impl.TrainerProvenanceImpl;

/**
 * Trains a recurrent network that classifies examples whose features lie on a grid, such as the pixels of an image or the measurements of
 * a series: the rows are the steps of a sequence, and the output behind the last goes through a dense layer. The number that a feature's
 * name ends with is its place, counted row by row; features that an example lacks are 0.
 *
 * <p>Seed and count of invocations determine all that is random, as in {@link RecurrentSequenceTrainer}.
 */
public final class RecurrentClassifierTrainer extends RecurrentTrainer implements Trainer<Label> {
    @Config(mandatory = true, description = "Rows of the grid, the steps of a sequence.")
    private int rows;

    @Config(mandatory = true, description = "Columns of the grid, the numbers of a step.")
    private int columns;

    @Config(description = "The number of the first place on the grid: 0, or 1 in some LibSVM files.")
    private int firstFeature = 0;

    /** For OLCUT. */
    private RecurrentClassifierTrainer() {}

    /**
     * Makes a trainer for features that are numbered from 0.
     *
     * @param options the network and its training
     * @param rows of the grid, the steps of a sequence
     * @param columns of the grid, the numbers of a step
     * @param seed of all that is random
     */
    public RecurrentClassifierTrainer(RecurrentOptions options, int rows, int columns, long seed) {
        this(options, rows, columns, 0, seed);
    }

    /**
     * Makes a trainer.
     *
     * @param options the network and its training
     * @param rows of the grid, the steps of a sequence
     * @param columns of the grid, the numbers of a step
     * @param firstFeature the number of the first place on the grid
     * @param seed of all that is random
     */
    public RecurrentClassifierTrainer(RecurrentOptions options, int rows, int columns, int firstFeature, long seed) {
        super(options, seed);
        this.rows = rows;
        this.columns = columns;
        this.firstFeature = firstFeature;
        postConfig();
    }

    /** Checks the values; called by OLCUT. */
    @Override
    public void postConfig() {
        grid();
    }

    private GridShape grid() {
        return new GridShape(rows, columns, firstFeature);
    }

    @Override
    public RecurrentClassifierModel train(Dataset<Label> examples) {
        return train(examples, Map.of());
    }

    @Override
    public RecurrentClassifierModel train(Dataset<Label> examples, Map<String, Provenance> runProvenance) {
        return train(examples, runProvenance, INCREMENT_INVOCATION_COUNT);
    }

    @Override
    public RecurrentClassifierModel train(
            Dataset<Label> examples, Map<String, Provenance> runProvenance, int invocationCount) {
        return train(examples, null, runProvenance, invocationCount);
    }

    /**
     * Trains, validates behind every epoch and keeps the weights that validate best.
     *
     * @param examples to train on
     * @param validation to validate on
     * @param runProvenance what is to be remembered of this training
     */
    public RecurrentClassifierModel train(
            Dataset<Label> examples, Dataset<Label> validation, Map<String, Provenance> runProvenance) {
        return train(examples, validation, runProvenance, INCREMENT_INVOCATION_COUNT);
    }

    private RecurrentClassifierModel train(
            Dataset<Label> examples,
            @Nullable Dataset<Label> validation,
            Map<String, Provenance> runProvenance,
            int invocationCount) {
        check(examples.size(), examples.getOutputInfo(), validation == null ? null : validation.size(), runProvenance);
        GridShape grid = grid();
        ImmutableFeatureMap features = examples.getFeatureIDMap();
        grid.check(features);
        Invocation invocation = next(invocationCount);
        Split<Example<Label>> split =
                split(examples.getData(), validation == null ? null : validation.getData(), invocation.seed());
        ImmutableOutputInfo<Label> domain = examples.getOutputIDInfo();
        LabelTable labels = new LabelTable(domain);
        Architecture architecture = Architecture.of(options(), columns);
        GridNetwork network = GridNetwork.of(parameters(invocation.seed()), architecture, labels.size(), options());
        Map<String, Provenance> run = fit(
                invocation,
                network,
                new Grids(split.train(), features, grid, labels, architecture.type()),
                split.validation().isEmpty()
                        ? null
                        : new Grids(split.validation(), features, grid, labels, architecture.type()),
                validation == null ? null : validation.getProvenance(),
                features,
                labels.size(),
                runProvenance);
        ModelProvenance provenance =
                provenance(RecurrentClassifierModel.class, examples.getProvenance(), invocation, run);
        return new RecurrentClassifierModel(
                "recurrent-classifier-model", provenance, features, domain, architecture, grid, network);
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
