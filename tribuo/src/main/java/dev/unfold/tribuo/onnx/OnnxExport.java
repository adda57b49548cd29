package dev.unfold.tribuo.onnx;

import ai.onnx.proto.OnnxMl;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.unfold.graph.DType;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.io.AtomicFile;
import dev.unfold.rnn.model.LanguageModel;
import dev.unfold.rnn.model.SequenceClassifier;
import dev.unfold.rnn.model.SequenceTagger;
import dev.unfold.rnn.unroll.Structure;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.unroll.Unrolled;
import dev.unfold.tribuo.onnx.OnnxSource.Given;
import dev.unfold.tribuo.onnx.Recording.Axis;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Writes what goes over sequences, and models of it, as models of <a href="https://onnx.ai">ONNX</a>, as they are in inference:
 *
 * <pre>{@code
 * OnnxExport.of(classifier).write(Path.of("digits.onnx"));
 * }</pre>
 *
 * <p>Vanilla, GRU and LSTM cells become the operators RNN, GRU and LSTM. Any other, such as an LSTM with projection, layer normalisation or
 * a bound, and those of one's own, becomes a Scan over its step, which is recorded for batches of two sizes: a cell whose operations or
 * constants depend on values or on the size of the batch is refused.
 *
 * <p>What goes in, with T steps of N rows, both of any number:
 *
 * <ul>
 *   <li>{@code input}, float32 {@code [T, N, D]}, or int32 {@code [T, N]} where symbols are {@link #reading read}; {@code indices} and
 *       {@code values} where {@link #readingBags bags} are
 *   <li>{@code lengths}, int32 {@code [N]}, each from 0 to T, unless {@link #withoutLengths every step counts}: a choice made here, since
 *       ONNX has no default for what depends on N
 *   <li>{@code initial.} and the name of each field of the state, float32 {@code [N, size]}, if {@link #withInitialState asked for}
 * </ul>
 *
 * <p>What comes out, as {@link Unrolled} gives it: {@code logits} of a model, {@code [N, K]} or {@code [T, N, K]}; of an unroll {@code
 * output} and {@code last}, or where both ways are not merged {@code forward.output} and so on; and {@code final.} and the name of each
 * field. Past the end of a row outputs are 0, NaN in the padding goes nowhere, and a row of length 0 leaves its initial state. Rows that have
 * ended go on through a Scan and are put right behind it, so each row must stand for itself: of a cell that lets rows meet, export {@link
 * #withoutLengths}. Without steps at all, T = 0, runtimes differ: ONNX Runtime 1.20 refuses a Scan, and leaves garbage as states of LSTM.
 *
 * <p>Numbers are float32; weights of float64 are narrowed, since runtimes lack these operators in float64. The metadata hold versions,
 * cells and, as {@code unfold.parity.} and the name of each input and output, a small batch and what Unfold makes of it: its shape and
 * numbers. Those of more than 4096 numbers are left out.
 *
 * <p>Immutable; each setting returns a new object. The model itself is read when it is written.
 */
public final class OnnxExport {
    static final String INPUT = "input";
    static final String INDICES = "indices";
    static final String VALUES = "values";
    static final String LENGTHS = "lengths";
    static final String INITIAL = "initial.";
    static final String FINAL = "final.";
    static final String LOGITS = "logits";
    static final String OUTPUT = "output";
    static final String LAST = "last";
    static final String FORWARD = "forward.";
    static final String BACKWARD = "backward.";

    private static final int LEAST_OPSET = 14;
    private static final int MOST_OPSET = 21;
    private static final String TIME = "time";
    private static final String BATCH = "batch";
    /** Of axes of any length. */
    private static final Map<Axis, Object> NAMES =
            Map.of(Axis.TIME, TIME, Axis.BATCH, BATCH, Axis.FEATURES, "features");

    private final OnnxSource source;
    private int opset = 17;
    private String producer = "Unfold";
    private String documentation = "";
    private boolean lengths = true;
    private boolean initial;
    private Map<String, String> metadata = Map.of();
    private Map<String, OnnxOperation> operations = OnnxOps.all();

    private OnnxExport(OnnxSource source) {
        this.source = source;
    }

    /** Returns a copy with a change. */
    private OnnxExport changed(OnnxSource newSource, Consumer<OnnxExport> change) {
        OnnxExport copy = new OnnxExport(newSource);
        copy.opset = opset;
        copy.producer = producer;
        copy.documentation = documentation;
        copy.lengths = lengths;
        copy.initial = initial;
        copy.metadata = metadata;
        copy.operations = operations;
        change.accept(copy);
        return copy;
    }

    private OnnxExport changed(Consumer<OnnxExport> change) {
        return changed(source, change);
    }

    /**
     * Writes an unroll; how its steps come about, budgets and truncation are no part of it. One that begins {@link Unroll#from from} a state
     * is refused when it is written, since that has so many rows: see {@link #withInitialState}.
     */
    public static OnnxExport of(Unroll unroll) {
        return new OnnxExport(new OnnxSource(unroll, false, null));
    }

    /** Writes a classifier, whose logits are {@code [N, K]}. */
    public static OnnxExport of(SequenceClassifier classifier) {
        return new OnnxExport(new OnnxSource(classifier.unroll(), true, classifier.output()::of));
    }

    /** Writes a tagger, whose logits are {@code [T, N, K]}. */
    public static OnnxExport of(SequenceTagger tagger) {
        return new OnnxExport(new OnnxSource(tagger.unroll(), false, tagger.output()::of));
    }

    /** Writes a language model, which takes in symbols and whose logits are {@code [T, N, V]}. */
    public static OnnxExport of(LanguageModel model) {
        return new OnnxExport(new OnnxSource(model.unroll(), false, model.output()::of))
                .reading(model.vocabulary(), model.embedding()::of);
    }

    /**
     * Returns this, taking in symbols, int32 {@code [T, N]}.
     *
     * @param symbols how many there are, counted from 0
     * @param vectors records what is made of them, {@code [T, N, D]}: {@code embedding::of}, for example
     * @throws IllegalArgumentException for less than one symbol
     */
    public OnnxExport reading(int symbols, UnaryOperator<Node> vectors) {
        if (symbols < 1) {
            throw new IllegalArgumentException("onnx: there are " + symbols + " symbols to read; expected at least 1");
        }
        Given given = new Given(INPUT, DType.INT32, List.of(Axis.TIME, Axis.BATCH), symbols);
        return changed(
                source.reading(new OnnxSource.Reading(List.of(given), nodes -> List.of(vectors.apply(nodes.get(0))))),
                copy -> {});
    }

    /**
     * Returns this, taking in for each step a bag of any F features with values: {@code indices}, int32 {@code [T, N, F]}, and {@code
     * values}, float32 {@code [T, N, F]}, 0 for what fills a bag up.
     *
     * @param features how many there are, counted from 0
     * @param vectors records what is made of indices and values, {@code [T, N, D]}: {@code embedding::sum}, for example
     * @throws IllegalArgumentException for less than one feature
     */
    public OnnxExport readingBags(int features, BinaryOperator<Node> vectors) {
        if (features < 1) {
            throw new IllegalArgumentException(
                    "onnx: there are " + features + " features to read; expected at least 1");
        }
        List<Axis> axes = List.of(Axis.TIME, Axis.BATCH, Axis.FEATURES);
        Given indices = new Given(INDICES, DType.INT32, axes, features);
        Given values = new Given(VALUES, source.dtype(), axes, 0);
        return changed(
                source.reading(new OnnxSource.Reading(
                        List.of(indices, values), nodes -> List.of(vectors.apply(nodes.get(0), nodes.get(1))))),
                copy -> {});
    }

    /**
     * Returns this in another version of the set of operators than 17.
     *
     * @throws IllegalArgumentException for one below 14 or above 21
     */
    public OnnxExport opset(int version) {
        if (version < LEAST_OPSET || version > MOST_OPSET) {
            throw new IllegalArgumentException(
                    "onnx: opset is " + version + "; expected " + LEAST_OPSET + " to " + MOST_OPSET);
        }
        return changed(copy -> copy.opset = version);
    }

    /** Returns this with another name than Unfold's as that of the producer. */
    public OnnxExport producer(String name) {
        return changed(copy -> copy.producer = name);
    }

    /** Returns this with a text about the model. */
    public OnnxExport documentation(String text) {
        return changed(copy -> copy.documentation = text);
    }

    /**
     * Returns this with a text among the metadata, beside those that are named {@code unfold.}
     *
     * @throws IllegalArgumentException for a name that begins so
     */
    public OnnxExport metadata(String name, String text) {
        if (name.startsWith("unfold.")) {
            throw new IllegalArgumentException("onnx: metadata '" + name + "' would stand among those of Unfold;"
                    + " expected a name that does not begin with unfold.");
        }
        Map<String, String> more = new LinkedHashMap<>(metadata);
        more.put(name, text);
        return changed(copy -> copy.metadata = Collections.unmodifiableMap(more));
    }

    /** Returns this without lengths: every step of every row counts. */
    public OnnxExport withoutLengths() {
        return changed(copy -> copy.lengths = false);
    }

    /** Returns this beginning with a state that is given with each batch, for example the {@code final.} outputs of the one before. */
    public OnnxExport withInitialState() {
        return changed(copy -> copy.initial = true);
    }

    /**
     * Returns this with an operation of one's own, or another way of writing one of ours:
     *
     * <pre>{@code
     * OnnxExport.of(unroll).operation("cube", (graph, use) -> graph.node("Pow", use.input(0), graph.number(3)))
     * }</pre>
     *
     * @param name what the operation is called in recordings
     */
    public OnnxExport operation(String name, OnnxOperation operation) {
        Map<String, OnnxOperation> more = new HashMap<>(operations);
        more.put(name, operation);
        return changed(copy -> copy.operations = Map.copyOf(more));
    }

    /**
     * Writes a file, which is there whole or not at all.
     *
     * @throws IOException where that fails
     * @throws IllegalArgumentException as {@link #model}
     */
    public void write(Path file) throws IOException {
        OnnxMl.ModelProto model = model();
        AtomicFile.write(file, model::writeTo);
    }

    /**
     * Returns the model.
     *
     * @throws IllegalArgumentException where an operation is not known, what is recorded depends on the batch, or a run begins with a state
     *     whose rows are not alike
     */
    public OnnxMl.ModelProto model() {
        Map<String, Tensor> starts = source.starts(!initial);
        OnnxGraph graph = new OnnxGraph(opset);
        reserve(graph, starts);
        declareInputs(graph);
        List<String> names = source.reading().names();
        SequenceWriter writer =
                new SequenceWriter(graph, operations, source.dtype(), names.get(0), lengths ? LENGTHS : null);
        Map<String, String> begin = new LinkedHashMap<>();
        starts.forEach((field, row) -> begin.put(field, initial(graph, writer, field, row)));
        String sequence = writer.function(
                "the reading of " + String.join(" and ", names),
                source.reading().inputs(),
                source.reading().vectors(),
                names);
        SequenceWriter.Run run = writer.write(source.unroll().structure(), sequence, begin);
        declareOutputs(graph, writer, run);
        run.finals().forEach((field, value) -> {
            graph.name(value, FINAL + field);
            graph.output(FINAL + field, BATCH, size(starts, field));
        });
        Map<String, String> told = new LinkedHashMap<>(metadata);
        told.put("unfold.version", version());
        told.put("unfold.cells", String.join(", ", cells(source.unroll().structure())));
        told.put("unfold.precision", source.dtype() == DType.FLOAT64 ? "float64, narrowed to float32" : "float32");
        told.putAll(Parity.of(source, lengths, initial));
        return finished(graph, told);
    }

    private static int size(Map<String, Tensor> starts, String field) {
        return Objects.requireNonNull(starts.get(field)).shape().columns();
    }

    private static void reserve(OnnxGraph graph, Map<String, Tensor> starts) {
        List.of(INPUT, INDICES, VALUES, LENGTHS, LOGITS).forEach(graph::reserve);
        for (String prefix : List.of("", FORWARD, BACKWARD)) {
            graph.reserve(prefix + OUTPUT);
            graph.reserve(prefix + LAST);
        }
        for (String field : starts.keySet()) {
            graph.reserve(INITIAL + field);
            graph.reserve(FINAL + field);
        }
    }

    private void declareInputs(OnnxGraph graph) {
        for (Given given : source.reading().given()) {
            Object[] dims = given.axes().stream()
                    .map(axis -> NAMES.getOrDefault(axis, axis.small()))
                    .toArray();
            graph.input(given.name(), given.dtype() == DType.INT32 ? DataType.INT32 : DataType.FLOAT, dims);
        }
        if (lengths) {
            graph.input(LENGTHS, DataType.INT32, BATCH);
        }
    }

    private String initial(OnnxGraph graph, SequenceWriter writer, String field, Tensor row) {
        int size = row.shape().columns();
        if (!initial) {
            return writer.repeated(graph.constant(row), size);
        }
        graph.input(INITIAL + field, DataType.FLOAT, BATCH, size);
        return INITIAL + field;
    }

    private void declareOutputs(OnnxGraph graph, SequenceWriter writer, SequenceWriter.Run run) {
        UnaryOperator<Node> output = source.output();
        if (output != null) {
            Axis below = Axis.of(source.unroll().outputSize());
            List<Axis> axes = source.ofLast() ? List.of(Axis.BATCH, below) : List.of(Axis.TIME, Axis.BATCH, below);
            String given = Objects.requireNonNull(source.ofLast() ? run.last() : run.output());
            Recording.Input input = new Recording.Input(source.dtype(), axes);
            Recording.Body body = nodes -> List.of(output.apply(nodes.get(0)));
            graph.name(writer.function("the output layer", List.of(input), body, List.of(given)), LOGITS);
            int classes = source.classes();
            graph.output(LOGITS, source.ofLast() ? new Object[] {BATCH, classes} : new Object[] {TIME, BATCH, classes});
        } else if (run.output() != null) {
            declareOutputs(graph, run, "", source.unroll().outputSize());
        } else {
            declareOutputs(graph, run.ways().get(0), FORWARD, "forward features");
            declareOutputs(graph, run.ways().get(1), BACKWARD, "backward features");
        }
    }

    private static void declareOutputs(OnnxGraph graph, SequenceWriter.Run run, String prefix, Object features) {
        graph.name(Objects.requireNonNull(run.output()), prefix + OUTPUT);
        graph.output(prefix + OUTPUT, TIME, BATCH, features);
        graph.name(Objects.requireNonNull(run.last()), prefix + LAST);
        graph.output(prefix + LAST, BATCH, features);
    }

    private OnnxMl.ModelProto finished(OnnxGraph graph, Map<String, String> metadata) {
        OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.newBuilder()
                .setIrVersion(irVersion(opset))
                .setProducerName(producer)
                .setProducerVersion(version())
                .setDocString(documentation)
                .setGraph(graph.whole("unfold"));
        model.addOpsetImportBuilder().setDomain("").setVersion(opset);
        metadata.forEach(
                (key, value) -> model.addMetadataPropsBuilder().setKey(key).setValue(value));
        return model.build();
    }

    /** The least version of the format that knows a set of operators. */
    private static int irVersion(int opset) {
        return opset < 15 ? 7 : opset < 19 ? 8 : opset < 21 ? 9 : 10;
    }

    private static String version() {
        String version = OnnxExport.class.getPackage().getImplementationVersion();
        return version == null ? "unknown" : version;
    }

    private static List<String> cells(Structure structure) {
        if (structure instanceof Structure.OneWay one) {
            return List.of(one.cell().name() + ": " + one.cell().getClass().getName());
        }
        List<Structure> parts = structure instanceof Structure.BothWays both
                ? List.of(both.forward(), both.backward())
                : ((Structure.Layers) structure).layers();
        return parts.stream().flatMap(part -> cells(part).stream()).toList();
    }
}
