package dev.unfold.rnn.weights;

import static dev.unfold.rnn.weights.WeightLayout.Biases.ONE;
import static dev.unfold.rnn.weights.WeightLayout.Biases.TWO;
import static dev.unfold.rnn.weights.WeightLayout.Origin.KERAS;
import static dev.unfold.rnn.weights.WeightLayout.Origin.ONNX;
import static dev.unfold.rnn.weights.WeightLayout.Origin.PYTORCH;

import com.google.common.base.Ascii;
import dev.unfold.graph.DType;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.weights.CellWeights.Role;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How a system keeps the weights of a recurrent layer: the table of all that is known here, for reading ({@link Import}) and for writing
 * ({@link #write}).
 *
 * <p>Each row says in which order the gates are (i input, f forget, g candidate, o output of an LSTM; r reset, z update, n candidate of a
 * GRU), and whether there are two biases. What names and axes are is said by the system, {@link Origin}. Two of the systems differ in a GRU's
 * order alone, and a GRU of the wrong order has the right shapes, so no layout is ever told by shapes where names do not tell it.
 */
public enum WeightLayout {
    /** {@code torch.nn.LSTM}, with any layers, directions and {@code proj_size}. */
    PYTORCH_LSTM(PYTORCH, RecurrentKind.LSTM, "ifgo", TWO),
    /** {@code torch.nn.GRU}. */
    PYTORCH_GRU(PYTORCH, RecurrentKind.GRU, "rzn", TWO),
    /** {@code torch.nn.RNN}. */
    PYTORCH_RNN(PYTORCH, RecurrentKind.RNN, "h", TWO),
    /** {@code torch.nn.RNN(nonlinearity="relu")}; its weights look like those of tanh. */
    PYTORCH_RNN_RELU(PYTORCH, RecurrentKind.RNN_RELU, "h", TWO),
    /** {@code keras.layers.LSTM}. */
    KERAS_LSTM(KERAS, RecurrentKind.LSTM, "ifgo", ONE),
    /** {@code keras.layers.GRU}, with {@code reset_after=True} as usual; the bias is {@code [2, 3H]}. */
    KERAS_GRU(KERAS, RecurrentKind.GRU, "zrn", TWO),
    /** {@code keras.layers.GRU(reset_after=False)}; the bias is {@code [3H]}. */
    KERAS_GRU_RESET_BEFORE(KERAS, RecurrentKind.GRU_RESET_BEFORE, "zrn", ONE),
    /** {@code keras.layers.SimpleRNN}. */
    KERAS_RNN(KERAS, RecurrentKind.RNN, "h", ONE),
    /** {@code keras.layers.SimpleRNN(activation="relu")}; its weights look like those of tanh. */
    KERAS_RNN_RELU(KERAS, RecurrentKind.RNN_RELU, "h", ONE),
    /** The inputs of an ONNX {@code LSTM} node. */
    ONNX_LSTM(ONNX, RecurrentKind.LSTM, "iofg", TWO),
    /** The inputs of an ONNX {@code GRU} node with {@code linear_before_reset=1}. */
    ONNX_GRU(ONNX, RecurrentKind.GRU, "zrn", TWO),
    /** The inputs of an ONNX {@code GRU} node with {@code linear_before_reset=0}; its weights look like those of the other. */
    ONNX_GRU_RESET_BEFORE(ONNX, RecurrentKind.GRU_RESET_BEFORE, "zrn", TWO),
    /** The inputs of an ONNX {@code RNN} node. */
    ONNX_RNN(ONNX, RecurrentKind.RNN, "h", TWO),
    /** The inputs of an ONNX {@code RNN} node with {@code activations=["Relu"]}; its weights look like those of tanh. */
    ONNX_RNN_RELU(ONNX, RecurrentKind.RNN_RELU, "h", TWO);

    private static final int LISTED = 10;
    private static final int LONGEST_NAME = 80;

    private final Origin origin;
    private final RecurrentKind kind;
    private final String order;
    private final Biases biases;

    /** How many biases a cell has. */
    enum Biases {
        ONE,
        TWO
    }

    /** A system: the names of tensors and the order of their axes. */
    public enum Origin {
        /** {@code [GH, D]}; {@code weight_ih_l0}, in the second direction {@code weight_ih_l0_reverse}, in the next layer {@code weight_ih_l1}. */
        PYTORCH(
                "weight_ih_l{n}{_reverse}",
                "weight_hh_l{n}{_reverse}",
                "bias_ih_l{n}{_reverse}",
                "bias_hh_l{n}{_reverse}"),
        /**
         * {@code [D, GH]}; {@code kernel}, of two directions {@code forward_layer/kernel} and {@code backward_layer/kernel}, and of several layers
         * {@code layers/0/kernel}.
         */
        KERAS(
                "{layers/n/}{way_layer/}kernel",
                "{layers/n/}{way_layer/}recurrent_kernel",
                "{layers/n/}{way_layer/}bias",
                ""),
        /** {@code [directions, GH, D]}; {@code W}, {@code R} and {@code B}, which holds both biases; of several layers {@code layers/0/W}. */
        ONNX("{layers/n/}W", "{layers/n/}R", "{layers/n/}B", "");

        private static final String PROJECTION = "weight_hr_l{n}{_reverse}";

        private final String input;
        private final String recurrent;
        private final String biasX;
        private final String biasH;

        Origin(String input, String recurrent, String biasX, String biasH) {
            this.input = input;
            this.recurrent = recurrent;
            this.biasX = biasX;
            this.biasH = biasH;
        }

        private String name(Role role, int layer, boolean isOneLayer, int way, boolean isBothWays) {
            String template = switch (role) {
                case INPUT -> input;
                case RECURRENT -> recurrent;
                case BIAS_X -> biasX;
                case BIAS_H -> biasH.isEmpty() ? biasX : biasH;
                case PROJECTION -> PROJECTION;
            };
            return template.replace("{n}", Integer.toString(layer))
                    .replace("{_reverse}", way == 0 ? "" : "_reverse")
                    .replace("{layers/n/}", isOneLayer ? "" : "layers/" + layer + "/")
                    .replace("{way_layer/}", isBothWays ? (way == 0 ? "forward_layer/" : "backward_layer/") : "");
        }

        private boolean isBothWays(Map<String, Shape> found) {
            for (boolean isOneLayer : new boolean[] {true, false}) {
                Shape first = found.get(name(Role.INPUT, 0, isOneLayer, 0, false));
                if (this == ONNX
                        ? first != null && first.rank() > 0 && first.dim(0) == 2
                        : found.containsKey(name(Role.INPUT, 0, isOneLayer, 1, true))) {
                    return true;
                }
            }
            return false;
        }

        private int layers(Map<String, Shape> found, boolean isBothWays) {
            int layers = 0;
            while (found.containsKey(name(Role.INPUT, layers, false, 0, isBothWays))) {
                layers++;
                Network.checkLayers(layers);
            }
            return Math.max(1, layers);
        }
    }

    WeightLayout(Origin origin, RecurrentKind kind, String order, Biases biases) {
        this.origin = origin;
        this.kind = kind;
        this.order = order;
        this.biases = biases;
    }

    /** Returns the system. */
    public Origin origin() {
        return origin;
    }

    /** Returns the cell. */
    public RecurrentKind kind() {
        return kind;
    }

    /** Returns a letter for each gate, in the order of the file. */
    String order() {
        return order;
    }

    /**
     * Returns the layout of a cell in a system.
     *
     * @throws IllegalArgumentException where the system has no such cell
     */
    public static WeightLayout of(Origin origin, RecurrentKind kind) {
        List<RecurrentKind> kinds = new ArrayList<>();
        for (WeightLayout each : values()) {
            if (each.origin == origin) {
                kinds.add(each.kind);
                if (each.kind == kind) {
                    return each;
                }
            }
        }
        throw Network.refused(origin + " has no cell " + kind + "; expected one of " + kinds);
    }

    /**
     * Returns the layout of the weights of an unroll in a system.
     *
     * @throws IllegalArgumentException where the system has no such network, saying why
     */
    public static WeightLayout of(Origin origin, Unroll unroll) {
        return of(origin, Network.of(Network.cells(unroll.structure())).kind());
    }

    /**
     * Where a matrix of one direction of one layer lies: the weight from input i to unit j at {@code base + i down + j across}.
     *
     * @param name of the tensor
     * @param shape of the whole tensor
     * @param width how many j there are
     */
    private record Span(String name, Shape shape, int base, int down, int across, int height, int width) {}

    /** Takes the positions of one weight. */
    private interface Pair {
        void accept(int ours, int theirs);
    }

    /** Goes through all weights of a matrix, whose gates are in another order there; a gate that ours has not is left out. */
    private static void each(Span span, String ours, String theirs, Pair pair) {
        int block = span.width / theirs.length();
        for (int i = 0; i < span.height; i++) {
            for (int j = 0; j < span.width; j++) {
                int gate = ours.indexOf(theirs.charAt(j / block));
                if (gate >= 0) {
                    int at = (i * ours.length() + gate) * block + j % block;
                    pair.accept(at, span.base + i * span.down + j * span.across);
                }
            }
        }
    }

    private Map<Role, Span> spans(Network network, int layer, int way) {
        Network.Size size = network.layers().get(layer);
        int width = order.length() * size.hidden();
        Map<Role, Span> spans = new EnumMap<>(Role.class);
        for (Role role : Role.values()) {
            boolean wanted = switch (role) {
                case INPUT, RECURRENT -> true;
                case BIAS_X -> network.bias();
                case BIAS_H -> network.bias() && biases == TWO;
                case PROJECTION -> size.projection() != 0;
            };
            if (wanted) {
                String name = origin.name(role, layer, network.layers().size() == 1, way, network.isBothWays());
                spans.put(
                        role,
                        switch (role) {
                            case INPUT -> matrix(name, network, way, network.inputSize(layer), width);
                            case RECURRENT -> matrix(name, network, way, size.output(), width);
                            case BIAS_X -> bias(name, network, way, 0, width);
                            case BIAS_H -> bias(name, network, way, 1, width);
                            case PROJECTION -> matrix(name, network, way, size.hidden(), size.projection());
                        });
            }
        }
        return spans;
    }

    private Span matrix(String name, Network network, int way, int height, int width) {
        return switch (origin) {
            case PYTORCH -> new Span(name, Shape.of(width, height), 0, 1, height, height, width);
            case KERAS -> new Span(name, Shape.of(height, width), 0, width, 1, height, width);
            case ONNX -> {
                Shape shape = Shape.of(network.ways(), width, height);
                yield new Span(name, shape, way * width * height, 1, height, height, width);
            }
        };
    }

    private Span bias(String name, Network network, int way, int half, int width) {
        if (origin == ONNX) {
            Shape shape = Shape.of(network.ways(), 2 * width);
            return new Span(name, shape, (2 * way + half) * width, 0, 1, 1, width);
        }
        boolean together = origin == KERAS && biases == TWO;
        return new Span(
                name, together ? Shape.of(2, width) : Shape.of(width), together ? half * width : 0, 0, 1, 1, width);
    }

    /** Returns the shapes of all tensors of a network, by name. */
    private Map<String, Shape> shapes(Network network) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (int layer = 0; layer < network.layers().size(); layer++) {
            for (int way = 0; way < network.ways(); way++) {
                spans(network, layer, way).values().forEach(span -> shapes.put(span.name, span.shape));
            }
        }
        return shapes;
    }

    /**
     * Returns the network of tensors, all of which must be part of it.
     *
     * @throws IllegalArgumentException where they are not of this layout, naming all that differ
     */
    Network fit(Map<String, Shape> found) {
        boolean bothWays = origin.isBothWays(found);
        int layers = origin.layers(found, bothWays);
        List<Network.Size> sizes = new ArrayList<>();
        int inputSize = 0;
        for (int layer = 0; layer < layers; layer++) {
            int[] input = matrixSizes(found, origin.name(Role.INPUT, layer, layers == 1, 0, bothWays));
            int[] recurrent = matrixSizes(found, origin.name(Role.RECURRENT, layer, layers == 1, 0, bothWays));
            int hidden = recurrent[1] / order.length();
            boolean projected = kind == RecurrentKind.LSTM && origin == PYTORCH && recurrent[0] < hidden;
            if (input[0] == 0 || recurrent[0] == 0 || hidden == 0) {
                throw Network.refused("layer " + layer + " has no inputs or no units; expected at least one of each");
            }
            inputSize = layer == 0 ? input[0] : inputSize;
            sizes.add(new Network.Size(hidden, projected ? recurrent[0] : 0));
        }
        boolean bias = found.containsKey(origin.name(Role.BIAS_X, 0, layers == 1, 0, bothWays));
        Network network = new Network(kind, bias, bothWays, inputSize, sizes);
        checkSame(shapes(network), found);
        return network;
    }

    /** Returns the inputs and the width of a matrix. */
    private int[] matrixSizes(Map<String, Shape> found, String name) {
        Shape shape = found.get(name);
        int axes = origin == ONNX ? 3 : 2;
        if (shape == null || shape.rank() != axes) {
            throw Network.refused("'" + name + "' is " + (shape == null ? "not there" : "of the shape " + shape)
                    + "; expected a matrix" + (axes == 2 ? "" : " for each direction"));
        }
        int first = shape.dim(axes - 2);
        int second = shape.dim(axes - 1);
        return origin == KERAS ? new int[] {first, second} : new int[] {second, first};
    }

    private static void checkSame(Map<String, Shape> expected, Map<String, Shape> found) {
        List<String> differing = new ArrayList<>();
        expected.forEach((name, shape) -> {
            Shape there = found.get(name);
            if (!shape.equals(there)) {
                differing.add("'" + name + "' is " + (there == null ? "not there" : there) + ", expected " + shape);
            }
        });
        found.forEach((name, shape) -> {
            if (!expected.containsKey(name)) {
                differing.add("'" + Ascii.truncate(name, LONGEST_NAME, "...") + "' " + shape + " would not be used");
            }
        });
        if (!differing.isEmpty()) {
            throw Network.refused(listed(differing));
        }
    }

    /** Returns the first of some texts in one. */
    static String listed(List<String> texts) {
        int more = texts.size() - LISTED;
        return String.join("; ", texts.subList(0, Math.min(LISTED, texts.size())))
                + (more > 0 ? "; and " + more + " more" : "");
    }

    /** Sets the cells of a network, whose kind may be another one with as many gates, taking gates to be in some order. */
    void load(Network network, Map<String, Tensor> tensors, String gates, List<List<Cell>> cells) {
        for (int layer = 0; layer < cells.size(); layer++) {
            for (int way = 0; way < network.ways(); way++) {
                Map<Role, double[]> weights = new EnumMap<>(Role.class);
                spans(network, layer, way).forEach((role, span) -> {
                    Tensor from = Objects.requireNonNull(tensors.get(span.name));
                    double[] to = new double[span.height * span.width];
                    each(
                            span,
                            gates(role, kind.gates()),
                            gates(role, gates),
                            (at, there) -> to[at] = from.getFlat(there));
                    weights.put(role, to);
                });
                CellWeights.set(cells.get(layer).get(way), weights);
            }
        }
    }

    private static String gates(Role role, String gates) {
        return role == Role.PROJECTION ? "p" : gates;
    }

    /** Says what each tensor has become in cells. */
    Map<String, String> became(Network network, List<List<Cell>> cells) {
        Map<String, String> became = new LinkedHashMap<>();
        for (int layer = 0; layer < cells.size(); layer++) {
            for (int way = 0; way < network.ways(); way++) {
                Cell cell = cells.get(layer).get(way);
                spans(network, layer, way)
                        .forEach((role, span) ->
                                became.merge(span.name, CellWeights.became(cell, role), (a, b) -> a + ", " + b));
            }
        }
        return became;
    }

    /**
     * Returns the weights of an unroll as the system names and orders them. Ours has one bias where others have two; it becomes the first,
     * and the second is zero.
     *
     * @return new tensors by name, to be written by {@link dev.unfold.rnn.io.Safetensors}
     * @throws IllegalArgumentException where the layout has no place for what the unroll is made of, saying why
     */
    public Map<String, Tensor> write(Unroll unroll) {
        List<List<Cell>> cells = Network.cells(unroll.structure());
        Network network = Network.of(cells);
        checkWritable(network);
        return write(network, cells, kind.gates());
    }

    /**
     * Returns the weights of the gates of one cell, by name as of one layer that goes one way, for a place where the rest of what the cell
     * computes is said apart, such as a node of ONNX: the activation, peepholes, a bound of c, and that gates are coupled, whose forget
     * gate, there being none, is zeros.
     *
     * @throws IllegalArgumentException for a cell of another kind, and for an LSTM with projection or layer normalisation
     */
    public Map<String, Tensor> writeGates(Cell cell) {
        String gates = kind.gatesOf(cell);
        Network.Size size = new Network.Size(cell.outputSize(), 0);
        Network network = new Network(kind, CellWeights.has(cell, "b"), false, cell.inputSize(), List.of(size));
        return write(network, List.of(List.of(cell)), gates);
    }

    /** Writes cells whose gates are in some order. */
    private Map<String, Tensor> write(Network network, List<List<Cell>> cells, String gates) {
        DType dtype = cells.get(0).get(0).parameters().get(0).dtype();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        shapes(network).forEach((name, shape) -> tensors.put(name, Tensor.zeros(dtype, shape)));
        for (int layer = 0; layer < cells.size(); layer++) {
            for (int way = 0; way < network.ways(); way++) {
                Map<Role, double[]> weights = CellWeights.of(cells.get(layer).get(way));
                spans(network, layer, way).forEach((role, span) -> {
                    Tensor to = Objects.requireNonNull(tensors.get(span.name));
                    double[] from = Objects.requireNonNull(weights.get(role));
                    each(span, gates(role, gates), gates(role, order), (at, there) -> to.setFlat(there, from[at]));
                });
            }
        }
        return tensors;
    }

    private void checkWritable(Network network) {
        if (network.kind() != kind) {
            throw Network.refused("the unroll is of the kind " + network.kind() + "; " + this + " holds " + kind
                    + " only, which computes something else");
        }
        if (origin == PYTORCH && new HashSet<>(network.layers()).size() > 1) {
            throw Network.refused(
                    "layers have the sizes " + network.layers() + "; PyTorch has one size for all, write layers apart");
        }
        if (origin != PYTORCH && network.layers().stream().anyMatch(size -> size.projection() != 0)) {
            throw Network.refused("the unroll has a projection, which " + origin + " has not; make it without");
        }
    }
}
