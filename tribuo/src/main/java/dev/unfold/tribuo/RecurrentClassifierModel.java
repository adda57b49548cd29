package dev.unfold.tribuo;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.oracle.labs.mlrg.olcut.util.Pair;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.model.Weights;
import dev.unfold.tribuo.onnx.OnnxExport;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tribuo.Example;
import org.tribuo.Excuse;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.impl.ModelDataCarrier;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.provenance.ModelProvenance;

/**
 * A recurrent network that classifies examples whose features lie on a grid, with the probabilities of all labels.
 *
 * <p>Any number of threads may predict at once. It is written by {@link #serializeToFile} and read by {@link
 * Model#deserializeFromFile}, which refuses what is damaged.
 */
public final class RecurrentClassifierModel extends Model<Label> {
    private static final long serialVersionUID = 1;

    /** The version of the files that are written. */
    public static final int CURRENT_VERSION = 0;

    private final transient Architecture architecture;
    private final transient GridShape grid;
    private final transient GridNetwork network;
    private final transient LabelTable labels;

    RecurrentClassifierModel(
            String name,
            ModelProvenance provenance,
            ImmutableFeatureMap features,
            ImmutableOutputInfo<Label> domain,
            Architecture architecture,
            GridShape grid,
            GridNetwork network) {
        super(name, provenance, features, domain, true);
        this.architecture = architecture;
        this.grid = grid;
        this.network = network;
        this.labels = new LabelTable(domain);
    }

    /**
     * Makes a model of what {@link #serialize} has written; called by Tribuo.
     *
     * @throws InvalidProtocolBufferException for what is no protobuf message of the expected type
     * @throws IllegalArgumentException for a file that is damaged, or holds what does not go together
     */
    public static RecurrentClassifierModel deserializeFromProto(int version, String className, Any message)
            throws InvalidProtocolBufferException {
        ModelReader reader = new ModelReader(version, CURRENT_VERSION, message);
        ModelDataCarrier<Label> metadata = reader.metadata();
        Architecture architecture = Architecture.read(reader);
        GridShape grid = new GridShape(reader.number(), architecture.inputSize(), reader.number());
        grid.check(metadata.featureDomain());
        GridNetwork network = GridNetwork.of(
                reader.room("model", architecture.type()),
                architecture,
                metadata.outputDomain().size(),
                new RecurrentOptions());
        reader.fill(network.parameters());
        return new RecurrentClassifierModel(
                metadata.name(),
                metadata.provenance(),
                metadata.featureDomain(),
                metadata.outputDomain(),
                architecture,
                grid,
                network);
    }

    @Override
    public ModelProto serialize() {
        ModelWriter writer = new ModelWriter(createDataCarrier().serialize());
        architecture.write(writer);
        writer.number(grid.rows());
        writer.number(grid.first());
        return ModelProto.newBuilder()
                .setVersion(CURRENT_VERSION)
                .setClassName(RecurrentClassifierModel.class.getName())
                .setSerializedData(writer.finish(network.parameters()))
                .build();
    }

    /** Returns the number of numbers that were learned. */
    public long parameterCount() {
        return Weights.count(network.parameters());
    }

    /** Returns the SHA-256 of the bits of all weights: see {@link Weights#sha256}. */
    public String weightsSha256() {
        return Weights.sha256(network.parameters());
    }

    /**
     * Begins to write this as a model of ONNX, every step of which counts. It takes in {@code input}, float32 {@code [rows, N, columns]}: the
     * value of the feature at place p goes to row p / columns and column p % columns, features that this model does not know are left
     * out, and all else is 0. It gives out {@code logits} {@code [N, K]}, of which a softmax makes the probabilities.
     *
     * <p>The metadata hold {@code tribuo.grid}, a list of rows, columns and the number of the first place; {@code tribuo.features}, the names
     * of the features that are known; {@code tribuo.labels}, those of the K labels in their order; all of it as JSON, and the provenance
     * where Tribuo's own models have it.
     */
    public OnnxExport onnx() {
        OnnxExport export = OnnxExport.of(network.classifier()).withoutLengths();
        return OnnxMetadata.of(OnnxMetadata.of(export, grid), provenance, featureIDMap, labels);
    }

    @Override
    public Prediction<Label> predict(Example<Label> example) {
        return innerPredict(List.of(example)).get(0);
    }

    @Override
    protected List<Prediction<Label>> innerPredict(Iterable<Example<Label>> examples) {
        List<Example<Label>> all = new ArrayList<>();
        examples.forEach(all::add);
        Grids grids = new Grids(all, featureIDMap, grid, labels, architecture.type());
        for (int i = 0; i < all.size(); i++) {
            if (grids.features(i) == 0) {
                throw new IllegalArgumentException("predict: example " + i + " of " + all.size()
                        + " has no feature that the model knows; expected at least one");
            }
        }
        List<Prediction<Label>> predictions = new ArrayList<>(Collections.nCopies(all.size(), null));
        Network.visit(grids, (samples, graph, batch) -> {
            Tensor probabilities = Ops.softmax(network.logits(graph, batch)).value();
            for (int row = 0; row < samples.rows(); row++) {
                int number = samples.sequences().get(row);
                predictions.set(
                        number, labels.prediction(probabilities.at(row), grids.features(number), all.get(number)));
            }
        });
        return predictions;
    }

    /** Returns an empty map: a recurrent network has no weights of single features. */
    @Override
    public Map<String, List<Pair<String, Double>>> getTopFeatures(int n) {
        return Map.of();
    }

    /** Returns nothing: a recurrent network has no reasons to give. */
    @Override
    public Optional<Excuse<Label>> getExcuse(Example<Label> example) {
        return Optional.empty();
    }

    @Override
    protected RecurrentClassifierModel copy(String newName, ModelProvenance newProvenance) {
        // The network never changes, so copies share it.
        return new RecurrentClassifierModel(
                newName, newProvenance, featureIDMap, outputIDInfo, architecture, grid, network);
    }

    private Object writeReplace() {
        return new SerializedModel(false, serialize().toByteArray());
    }

    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw SerializedModel.refuse();
    }
}
