package dev.unfold.tribuo;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.oracle.labs.mlrg.olcut.util.Pair;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.model.Weights;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.tribuo.onnx.OnnxExport;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.impl.ModelDataCarrier;
import org.tribuo.protos.core.SequenceModelProto;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.sequence.SequenceDataset;
import org.tribuo.sequence.SequenceExample;
import org.tribuo.sequence.SequenceModel;

/**
 * A recurrent network that gives every example of a sequence a label, with the probabilities of all. Examples whose features are all
 * unknown, or that have none, get labels too, from those around them. What a sequence gets does not depend on those that are predicted
 * with it.
 *
 * <p>Any number of threads may predict at once. It is written by {@link #serializeToFile} and read by {@link
 * SequenceModel#deserializeFromFile}, which refuses what is damaged.
 */
public final class RecurrentSequenceModel extends SequenceModel<Label> {
    private static final long serialVersionUID = 1;

    /** The version of the files that are written. */
    public static final int CURRENT_VERSION = 0;

    private final transient Architecture architecture;
    private final transient SequenceNetwork network;
    private final transient LabelTable labels;

    RecurrentSequenceModel(
            String name,
            ModelProvenance provenance,
            ImmutableFeatureMap features,
            ImmutableOutputInfo<Label> domain,
            Architecture architecture,
            SequenceNetwork network) {
        super(name, provenance, features, domain);
        this.architecture = architecture;
        this.network = network;
        this.labels = new LabelTable(domain);
    }

    /**
     * Makes a model of what {@link #serialize} has written; called by Tribuo.
     *
     * @throws InvalidProtocolBufferException for what is no protobuf message of the expected type
     * @throws IllegalArgumentException for a file that is damaged, or holds what does not go together
     */
    public static RecurrentSequenceModel deserializeFromProto(int version, String className, Any message)
            throws InvalidProtocolBufferException {
        ModelReader reader = new ModelReader(version, CURRENT_VERSION, message);
        ModelDataCarrier<Label> metadata = reader.metadata();
        Architecture architecture = Architecture.read(reader);
        SequenceNetwork network = SequenceNetwork.of(
                reader.room("model", architecture.type()),
                architecture,
                metadata.featureDomain().size(),
                metadata.outputDomain().size(),
                new RecurrentOptions());
        reader.fill(network.parameters());
        return new RecurrentSequenceModel(
                metadata.name(),
                metadata.provenance(),
                metadata.featureDomain(),
                metadata.outputDomain(),
                architecture,
                network);
    }

    @Override
    public SequenceModelProto serialize() {
        ModelWriter writer = new ModelWriter(createDataCarrier().serialize());
        architecture.write(writer);
        return SequenceModelProto.newBuilder()
                .setVersion(CURRENT_VERSION)
                .setClassName(RecurrentSequenceModel.class.getName())
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

    /** Returns what goes over the vectors of a sequence, all layers and both ways where there are two, unrolled dynamically. */
    public Unroll unroll() {
        return network.cells().unroll(Unroll::dynamic);
    }

    /**
     * Begins to write this as a model of ONNX. It takes in {@code indices}, int32 {@code [T, N, F]}, the numbers of the features of each
     * step, {@code values}, float32 {@code [T, N, F]}, theirs, 0 where a step has fewer than F, and {@code lengths}, int32 {@code [N]}.
     * Features that this model does not know are left out; F is at least 1. It gives out {@code logits} {@code [T, N, K]}, of which a softmax
     * makes the probabilities.
     *
     * <p>The metadata hold {@code tribuo.features}, the names of the features in the order of their numbers, and {@code tribuo.labels},
     * those of the K labels in their order, as JSON, and the provenance where Tribuo's own models have it.
     */
    public OnnxExport onnx() {
        OnnxExport export = OnnxExport.of(network.tagger()).readingBags(featureIDMap.size(), network.features()::sum);
        return OnnxMetadata.of(export, getProvenance(), featureIDMap, labels);
    }

    /**
     * Records the mean cross entropy of the labels of some sequences, to look at what is recorded and at its gradients.
     *
     * @param unroll what {@link #unroll} returns, or with the same cells in another mode
     * @param examples at least one that is not empty, with labels that the model knows
     * @throws IllegalArgumentException where the unroll has other parameters, or there is no example to record
     */
    public Node loss(Graph graph, Unroll unroll, List<SequenceExample<Label>> examples) {
        Sequences sequences = Sequences.of(examples, featureIDMap, labels, architecture.type());
        if (Arrays.stream(sequences.lengths()).sum() == 0) {
            throw new IllegalArgumentException("loss of '" + name + "': " + examples.size()
                    + " sequences without examples; expected at least one with some, since there is nothing to record");
        }
        List<Integer> all = IntStream.range(0, examples.size()).boxed().toList();
        return network.unrolled(unroll).loss(graph, List.of(sequences.batch(all, 0)));
    }

    @Override
    public List<Prediction<Label>> predict(SequenceExample<Label> example) {
        return predictAll(List.of(example)).get(0);
    }

    @Override
    public List<List<Prediction<Label>>> predict(Iterable<SequenceExample<Label>> examples) {
        List<SequenceExample<Label>> all = new ArrayList<>();
        examples.forEach(all::add);
        return predictAll(all);
    }

    @Override
    public List<List<Prediction<Label>>> predict(SequenceDataset<Label> examples) {
        return predictAll(examples.getData());
    }

    private List<List<Prediction<Label>>> predictAll(List<SequenceExample<Label>> examples) {
        Sequences sequences = Sequences.of(examples, featureIDMap, labels, architecture.type());
        List<List<Prediction<Label>>> predictions = new ArrayList<>(Collections.nCopies(examples.size(), List.of()));
        Network.visit(sequences, (samples, graph, batch) -> {
            Tensor probabilities = Ops.softmax(network.logits(graph, batch)).value();
            for (int row = 0; row < samples.rows(); row++) {
                int number = samples.sequences().get(row);
                SequenceExample<Label> example = examples.get(number);
                List<Prediction<Label>> own = new ArrayList<>(example.size());
                for (int step = 0; step < example.size(); step++) {
                    own.add(labels.prediction(
                            probabilities.at(step).at(row), sequences.features(number, step), example.get(step)));
                }
                predictions.set(number, own);
            }
        });
        return predictions;
    }

    /** Returns an empty map: a recurrent network has no weights of single features. */
    @Override
    public Map<String, List<Pair<String, Double>>> getTopFeatures(int n) {
        return Map.of();
    }

    private Object writeReplace() {
        return new SerializedModel(true, serialize().toByteArray());
    }

    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw SerializedModel.refuse();
    }
}
