package dev.unfold.tribuo.onnx;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Merge;
import dev.unfold.rnn.unroll.Structure;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.unroll.Unrolled;
import dev.unfold.tribuo.onnx.Recording.Axis;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A small batch and what comes of it, as metadata: the second of its two rows ends early where it may. */
final class Parity {
    private static final String PREFIX = "unfold.parity.";
    private static final int STEPS = 3;
    private static final int ROWS = 2;
    private static final Map<Axis, Integer> LENGTHS = Map.of(Axis.TIME, STEPS, Axis.BATCH, ROWS, Axis.FEATURES, 2);
    private static final int MOST_NUMBERS = 4096;

    private final OnnxSource source;
    private final Map<String, Tensor> values = new LinkedHashMap<>();

    private Parity(OnnxSource source) {
        this.source = source;
    }

    /** Returns texts by name, for each input and output of the model that is not too large. */
    static Map<String, String> of(OnnxSource source, boolean lengths, boolean initial) {
        Parity parity = new Parity(source);
        parity.run(lengths, initial);
        Map<String, String> texts = new LinkedHashMap<>();
        parity.values.forEach((name, value) -> {
            if (value.size() <= MOST_NUMBERS) {
                texts.put(PREFIX + name, text(value));
            }
        });
        return texts;
    }

    private void run(boolean hasLengths, boolean hasInitial) {
        Node sequence = sequence(Graph.inference());
        Lengths counts = Lengths.full();
        if (hasLengths) {
            Tensor lengths = Tensor.of(new int[] {STEPS, 1}, ROWS);
            values.put(OnnxExport.LENGTHS, lengths);
            counts = Lengths.of(lengths);
        }
        Unroll unroll = hasInitial ? source.unroll().from(initial()) : source.unroll();
        Unrolled run = unroll.over(sequence, counts);
        if (source.output() != null) {
            Node below = source.ofLast() ? run.last() : run.outputs();
            values.put(OnnxExport.LOGITS, source.output().apply(below).value());
        } else if (isMerged(unroll.structure())) {
            putOutputs("", run);
        } else {
            putOutputs(OnnxExport.FORWARD, run.forward());
            putOutputs(OnnxExport.BACKWARD, run.backward());
        }
        run.finalState().values().forEach((field, value) -> values.put(OnnxExport.FINAL + field, value));
    }

    private Node sequence(Graph graph) {
        List<Node> nodes = new ArrayList<>();
        for (OnnxSource.Given given : source.reading().given()) {
            int[] dims = given.axes().stream()
                    .mapToInt(axis -> LENGTHS.getOrDefault(axis, axis.small()))
                    .toArray();
            Tensor value = Tensor.zeros(given.dtype(), dims);
            if (given.dtype() == DType.INT32) {
                for (int i = 0; i < value.size(); i++) {
                    value.setFlat(i, i % given.symbols());
                }
            } else {
                small(value);
            }
            values.put(given.name(), value);
            nodes.add(graph.input(value));
        }
        return source.reading().vectors().record(nodes).get(0);
    }

    private DetachedState initial() {
        DetachedState state = DetachedState.EMPTY;
        for (Map.Entry<String, Tensor> start : source.starts(false).entrySet()) {
            Tensor value = small(
                    Tensor.zeros(source.dtype(), ROWS, start.getValue().shape().columns()));
            values.put(OnnxExport.INITIAL + start.getKey(), value);
            state = state.with(start.getKey(), value);
        }
        return state;
    }

    private void putOutputs(String prefix, Unrolled run) {
        values.put(prefix + OnnxExport.OUTPUT, run.outputs().value());
        values.put(prefix + OnnxExport.LAST, run.last().value());
    }

    private static boolean isMerged(Structure structure) {
        if (structure instanceof Structure.Layers stack) {
            List<Structure> layers = stack.layers();
            return isMerged(Objects.requireNonNull(layers.get(layers.size() - 1)));
        }
        return !(structure instanceof Structure.BothWays both) || both.merge() != Merge.NONE;
    }

    /** Fills a tensor with small numbers. */
    private static Tensor small(Tensor tensor) {
        for (int i = 0; i < tensor.size(); i++) {
            tensor.setFlat(i, (i * 37 % 64 - 32) / 64.0);
        }
        return tensor;
    }

    private static String text(Tensor value) {
        StringBuilder text = new StringBuilder(value.shape().toString());
        for (int i = 0; i < value.size(); i++) {
            double number = value.getFlat(i);
            text.append(' ').append(value.dtype() == DType.INT32 ? "" + (int) number : "" + (float) number);
        }
        return text.toString();
    }
}
