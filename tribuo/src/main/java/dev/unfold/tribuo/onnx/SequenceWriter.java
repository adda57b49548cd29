package dev.unfold.tribuo.onnx;

import ai.onnx.proto.OnnxMl;
import dev.unfold.graph.DType;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DropoutCell;
import dev.unfold.rnn.cell.LearnedStartCell;
import dev.unfold.rnn.cell.StackedCell;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.StateSpec;
import dev.unfold.rnn.cell.Step;
import dev.unfold.rnn.cell.WrappedCell;
import dev.unfold.rnn.unroll.Merge;
import dev.unfold.rnn.unroll.Structure;
import dev.unfold.tribuo.onnx.Recording.Axis;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Writes cells that go over sequences: as an operator where there is one, else as a loop over their recorded step. */
final class SequenceWriter {
    private static final String FORWARD = "forward";
    private static final String BACKWARD = "backward";

    private final OnnxGraph graph;
    private final Map<String, OnnxOperation> operations;
    private final DType dtype;
    private final Map<Axis, String> sizes;
    private final @Nullable Counting counting;

    /**
     * Which steps count.
     *
     * @param lengths int32 {@code [N]}
     * @param steps bool {@code [T, N, 1]}: whether a step of a row counts
     * @param rows bool {@code [N, 1]}: whether any step of a row does
     */
    private record Counting(String lengths, String steps, String rows) {}

    /**
     * What has come of a sequence, by the names of values.
     *
     * @param output {@code [T, N, H]}; null where both ways are not merged
     * @param last {@code [N, H]}: the output of the last step that ran; null where both ways are not merged
     * @param finals by field, {@code [N, size]}
     * @param ways the forward and the backward one where both are gone, else none
     */
    record Run(@Nullable String output, @Nullable String last, Map<String, String> finals, List<Run> ways) {}

    /**
     * Begins to write.
     *
     * @param dtype of the parameters, in which steps are recorded
     * @param sequence a value {@code [T, N, ...]}
     * @param lengths int32 {@code [N]}, or null where every step counts
     */
    SequenceWriter(
            OnnxGraph graph,
            Map<String, OnnxOperation> operations,
            DType dtype,
            String sequence,
            @Nullable String lengths) {
        this.graph = graph;
        this.operations = operations;
        this.dtype = dtype;
        String shape = graph.node("Shape", sequence);
        this.sizes = Map.of(Axis.TIME, size(shape, 0), Axis.BATCH, size(shape, 1));
        this.counting = lengths == null ? null : counting(lengths);
    }

    private String size(String shape, int axis) {
        return graph.node("Slice", shape, graph.integers(axis), graph.integers(axis + 1));
    }

    private Counting counting(String lengths) {
        String wide = graph.cast(lengths, OnnxMl.TensorProto.DataType.INT64);
        String zero = graph.squeeze(graph.integers(0), 0);
        String one = graph.squeeze(graph.integers(1), 0);
        String numbers = graph.node("Range", zero, graph.squeeze(size(Axis.TIME), 0), one);
        String steps = graph.node("Less", graph.unsqueeze(numbers, 1), graph.unsqueeze(wide, 0));
        String rows = graph.node("Less", graph.integers(0), wide);
        return new Counting(lengths, graph.unsqueeze(steps, 2), graph.unsqueeze(rows, 1));
    }

    private String size(Axis axis) {
        return Objects.requireNonNull(sizes.get(axis));
    }

    /** Writes a function of whole sequences or of rows, recorded by itself, and returns the name of its result. */
    String function(String who, List<Recording.Input> inputs, Recording.Body body, List<String> values) {
        return new Recording(who, inputs, body)
                .write(graph, operations, values, sizes)
                .get(0);
    }

    /** Returns the name of a state that is the same in every row, given as {@code [1, size]}. */
    String repeated(String row, int size) {
        return graph.expand(row, List.of(size(Axis.BATCH), graph.integers(size)));
    }

    /**
     * Writes what goes over a sequence.
     *
     * @param input {@code [T, N, D]}
     * @param initial by field, {@code [N, size]}
     */
    Run write(Structure structure, String input, Map<String, String> initial) {
        if (structure instanceof Structure.OneWay one) {
            return write(one.cell(), one.reversed(), input, initial);
        }
        if (structure instanceof Structure.BothWays both) {
            return merged(
                    both.merge(),
                    write(both.forward(), input, below(FORWARD, initial)),
                    write(both.backward(), input, below(BACKWARD, initial)));
        }
        List<Structure> layers = ((Structure.Layers) structure).layers();
        return layers(layers.size(), (i, below) -> {
            return write(
                    layers.get(i), i == 0 ? input : Objects.requireNonNull(below), below(Integer.toString(i), initial));
        });
    }

    private Run write(Cell cell, boolean reversed, String input, Map<String, String> initial) {
        if (cell instanceof DropoutCell || cell instanceof LearnedStartCell) {
            // What they add is done in training, or to the initial state.
            return write(((WrappedCell) cell).inner(), reversed, input, initial);
        }
        if (cell instanceof StackedCell stack && isPlain(stack.layers())) {
            List<Cell> layers = stack.layers();
            return layers(layers.size(), (i, below) -> {
                return write(
                        layers.get(i),
                        reversed,
                        i == 0 ? input : Objects.requireNonNull(below),
                        below(Integer.toString(i), initial));
            });
        }
        Optional<BuiltInCell> builtIn = BuiltInCell.of(cell);
        return builtIn.isPresent()
                ? operator(builtIn.get(), cell, reversed, input, initial)
                : loop(cell, reversed, input, initial);
    }

    /** Whether each layer takes in what the one below gives out; with skips it takes in more. */
    private static boolean isPlain(List<Cell> layers) {
        return IntStream.range(1, layers.size())
                .allMatch(i -> layers.get(i).inputSize() == layers.get(i - 1).outputSize());
    }

    /** Writes a layer over the output of the one below it. */
    private interface Layer {
        Run write(int number, @Nullable String below);
    }

    private static Run layers(int count, Layer layer) {
        Map<String, String> finals = new LinkedHashMap<>();
        Run run = layer.write(0, null);
        finals.putAll(above("0", run.finals));
        for (int i = 1; i < count; i++) {
            run = layer.write(i, run.output);
            finals.putAll(above(Integer.toString(i), run.finals));
        }
        return new Run(run.output, run.last, finals, run.ways);
    }

    private Run merged(Merge merge, Run forward, Run backward) {
        Map<String, String> finals = new LinkedHashMap<>(above(FORWARD, forward.finals));
        finals.putAll(above(BACKWARD, backward.finals));
        return new Run(
                merged(merge, forward.output, backward.output),
                merged(merge, forward.last, backward.last),
                finals,
                List.of(forward, backward));
    }

    private @Nullable String merged(Merge merge, @Nullable String forward, @Nullable String backward) {
        String one = Objects.requireNonNull(forward);
        String other = Objects.requireNonNull(backward);
        return switch (merge) {
            case CONCAT -> graph.node("Concat", Map.of("axis", -1), one, other);
            case SUM -> graph.node("Add", one, other);
            case AVERAGE -> graph.node("Mul", graph.node("Add", one, other), graph.number(0.5));
            case NONE -> null;
        };
    }

    private static Map<String, String> below(String prefix, Map<String, String> fields) {
        Map<String, String> own = new LinkedHashMap<>();
        fields.forEach((name, value) -> {
            if (name.startsWith(prefix + ".")) {
                own.put(name.substring(prefix.length() + 1), value);
            }
        });
        return own;
    }

    private static Map<String, String> above(String prefix, Map<String, String> fields) {
        Map<String, String> all = new LinkedHashMap<>();
        fields.forEach((name, value) -> all.put(prefix + "." + name, value));
        return all;
    }

    private Run operator(BuiltInCell builtIn, Cell cell, boolean reversed, String input, Map<String, String> initial) {
        List<String> fields = fields(cell);
        List<String> inputs = new ArrayList<>(List.of(
                input,
                graph.constant(builtIn.w()),
                graph.constant(builtIn.r()),
                builtIn.b() == null ? "" : graph.constant(builtIn.b()),
                counting == null ? "" : counting.lengths));
        fields.forEach(field -> inputs.add(graph.unsqueeze(of(initial, field), 0)));
        if (builtIn.peepholes() != null) {
            inputs.add(graph.constant(builtIn.peepholes()));
        }
        Map<String, Object> attributes = new LinkedHashMap<>(builtIn.attributes());
        attributes.put("direction", reversed ? "reverse" : "forward");
        List<String> outputs = graph.nodes(builtIn.type(), attributes, inputs, 1 + fields.size());
        String output = graph.squeeze(outputs.get(0), 1);
        List<String> left = IntStream.range(0, fields.size())
                .mapToObj(i -> graph.squeeze(outputs.get(1 + i), 0))
                .toList();
        if (counting == null) {
            return new Run(output, left.get(0), named(fields, left), List.of());
        }
        // What becomes of rows without steps, and of outputs past the end, ONNX does not say.
        List<String> finals = new ArrayList<>();
        for (int i = 0; i < left.size(); i++) {
            finals.add(graph.node("Where", counting.rows, left.get(i), of(initial, fields.get(i))));
        }
        return new Run(
                graph.node("Where", counting.steps, output, graph.number(0)),
                graph.node("Where", counting.rows, left.get(0), graph.number(0)),
                named(fields, finals),
                List.of());
    }

    /** Writes a loop that carries the state, and the last output, and goes backwards by taking the last step first: padding comes first. */
    private Run loop(Cell cell, boolean reversed, String input, Map<String, String> initial) {
        List<String> fields = fields(cell);
        List<String> first = new ArrayList<>();
        fields.forEach(field -> first.add(of(initial, field)));
        first.add(repeated(graph.constant(Tensor.zeros(DType.FLOAT32, 1, 1)), cell.outputSize()));
        List<String> sequences = new ArrayList<>(List.of(input));
        if (counting != null) {
            sequences.add(counting.steps);
        }
        int direction = reversed ? 1 : 0;
        Map<String, Object> attributes = Map.of(
                "body",
                body(cell),
                "num_scan_inputs",
                sequences.size(),
                "scan_input_directions",
                Collections.nCopies(sequences.size(), direction),
                "scan_output_directions",
                List.of(direction));
        List<String> inputs = new ArrayList<>(first);
        inputs.addAll(sequences);
        List<String> outputs = graph.nodes("Scan", attributes, inputs, first.size() + 1);
        return new Run(outputs.get(fields.size() + 1), outputs.get(fields.size()), named(fields, outputs), List.of());
    }

    private OnnxMl.GraphProto body(Cell cell) {
        OnnxGraph body = graph.body();
        List<StateSpec.Field> fields = cell.stateSpec().fields();
        List<String> before = new ArrayList<>();
        for (StateSpec.Field field : fields) {
            before.add(body.declare("state." + field.name(), OnnxMl.TensorProto.DataType.FLOAT, "batch", field.size()));
        }
        before.add(body.declare("last", OnnxMl.TensorProto.DataType.FLOAT, "batch", cell.outputSize()));
        List<String> given = new ArrayList<>();
        given.add(body.declare("x", OnnxMl.TensorProto.DataType.FLOAT, "batch", cell.inputSize()));
        String counts = counting == null ? null : body.declare("counts", OnnxMl.TensorProto.DataType.BOOL, "batch", 1);
        given.addAll(before.subList(0, fields.size()));

        List<String> results = new Recording("cell '" + cell.name() + "'", inputs(cell), nodes -> step(cell, nodes))
                .write(body, operations, given, sizes);
        for (int i = 0; i < fields.size(); i++) {
            String next = held(body, counts, results.get(1 + i), before.get(i));
            body.output(next, "batch", fields.get(i).size());
        }
        String output = results.get(0);
        body.output(held(body, counts, output, before.get(fields.size())), "batch", cell.outputSize());
        String none = counts == null ? "" : graph.number(0);
        body.output(held(body, counts, output, none), "batch", cell.outputSize());
        return body.finished("step of " + cell.name());
    }

    /** Returns one value where the step counts and another where it does not, under a name of its own in any case. */
    private static String held(OnnxGraph body, @Nullable String counts, String value, String otherwise) {
        return counts == null ? body.node("Identity", value) : body.node("Where", counts, value, otherwise);
    }

    private List<Recording.Input> inputs(Cell cell) {
        List<Recording.Input> inputs = new ArrayList<>();
        inputs.add(new Recording.Input(dtype, List.of(Axis.BATCH, Axis.of(cell.inputSize()))));
        for (StateSpec.Field field : cell.stateSpec().fields()) {
            inputs.add(new Recording.Input(dtype, List.of(Axis.BATCH, Axis.of(field.size()))));
        }
        return inputs;
    }

    private static List<Node> step(Cell cell, List<Node> nodes) {
        List<String> fields = fields(cell);
        State state = State.EMPTY;
        for (int i = 0; i < fields.size(); i++) {
            state = state.with(fields.get(i), nodes.get(1 + i));
        }
        Step step = cell.step(nodes.get(0), state);
        List<Node> results = new ArrayList<>(List.of(step.output()));
        fields.forEach(field -> results.add(step.state().get(field)));
        return results;
    }

    private static List<String> fields(Cell cell) {
        return cell.stateSpec().fields().stream().map(StateSpec.Field::name).toList();
    }

    private static String of(Map<String, String> values, String field) {
        return Objects.requireNonNull(values.get(field));
    }

    private static Map<String, String> named(List<String> fields, List<String> values) {
        Map<String, String> named = new LinkedHashMap<>();
        for (int i = 0; i < fields.size(); i++) {
            named.put(fields.get(i), values.get(i));
        }
        return named;
    }
}
