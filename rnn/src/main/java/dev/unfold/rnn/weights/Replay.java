package dev.unfold.rnn.weights;

import com.google.common.math.LongMath;
import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.StateSpec;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.io.Safetensors.Entry;
import dev.unfold.rnn.io.Safetensors.Header;
import dev.unfold.rnn.io.StoredType;
import dev.unfold.rnn.io.WeightsFileException;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.unroll.Unrolled;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A stored pair of inputs and outputs, compared with what weights give out here. Everything is computed in float64, so what differs beyond
 * how coarsely the file stores is not rounding of ours.
 */
final class Replay {
    /** What names begin with. */
    static final String PREFIX = "replay.";

    private static final String INPUT = PREFIX + "input";
    private static final String OUTPUT = PREFIX + "output";
    private static final String LENGTHS = PREFIX + "lengths";
    private static final String INITIAL = "_0";
    private static final String LAST = "_n";
    private static final List<String> NAMES =
            List.of(INPUT, OUTPUT, LENGTHS, PREFIX + "h_0", PREFIX + "c_0", PREFIX + "h_n", PREFIX + "c_n");

    /** Rounding grows over steps: a thousand units in the last place of float32, and less than a wrong gate does to a trained layer. */
    private static final double SINGLE = 1e-4;
    /** Weights of eight or eleven bits, computed with in single precision or in half. */
    private static final double HALF = 2e-2;

    private static final double DOUBLE = 1e-9;

    /** Steps of cells, each of which takes some kilobytes for every guess, however small it is. */
    private static final int MOST_STEPS = 1_000;
    /** Numbers that go into the network and come out of layers. */
    private static final int MOST_NUMBERS = 200_000;
    /** Products of weights with what they are given. */
    private static final long MOST_PRODUCTS = 500_000_000;

    private final Path file;
    private final Network network;
    private final Map<String, Entry> entries;
    private final double tolerance;
    private final Graph graph = Graph.inference();

    /** The place where a result is furthest from what it should be. */
    private record Difference(int numbers, double relative, double absolute, double allowed, String text) {
        boolean agrees() {
            return relative <= 1;
        }
    }

    /** A guess of what weights are. */
    private record Guess(RecurrentKind kind, String gates) {
        @Override
        public String toString() {
            return kind + (gates.length() == 1 ? "" : " with gates in the order " + gates);
        }
    }

    private Replay(Path file, Network network, Map<String, Entry> entries, double tolerance) {
        this.file = file;
        this.network = network;
        this.entries = entries;
        this.tolerance = tolerance;
    }

    /**
     * Returns the pair in a file, or null where there is none.
     *
     * @param header what the file says of its tensors, before any of them is read
     * @param weights how the weights are stored
     * @throws WeightsFileException where the pair cannot be of the network, or would take long to run
     */
    static @Nullable Replay of(Path file, Header header, Network network, Map<String, Entry> weights) {
        Map<String, Entry> entries = new LinkedHashMap<>(header.entries());
        entries.keySet().removeIf(name -> !name.startsWith(PREFIX));
        if (entries.isEmpty()) {
            return null;
        }
        for (String name : entries.keySet()) {
            if (!NAMES.contains(name)) {
                throw new WeightsFileException(file, "'" + name + "' is not part of a replay; expected of " + NAMES);
            }
        }
        if (!entries.containsKey(INPUT) || !entries.containsKey(OUTPUT)) {
            throw new WeightsFileException(
                    file, "a replay needs '" + INPUT + "' and '" + OUTPUT + "'; there are " + entries.keySet());
        }
        Set<StoredType> types = EnumSet.noneOf(StoredType.class);
        weights.values().forEach(each -> types.add(each.type()));
        entries.values().forEach(each -> types.add(each.type()));
        Replay replay = new Replay(file, network, entries, tolerance(types));
        replay.checkShapes();
        replay.checkWork(weights.values());
        return replay;
    }

    /** The coarsest type counts. */
    private static double tolerance(Set<StoredType> types) {
        if (types.contains(StoredType.F16) || types.contains(StoredType.BF16)) {
            return HALF;
        }
        return types.contains(StoredType.F32) ? SINGLE : DOUBLE;
    }

    /** Bounds what one guess takes to run; there are four at most. */
    private void checkWork(Collection<Entry> weights) {
        int steps = get(INPUT).shape().dim(0);
        int rows = get(INPUT).shape().dim(1);
        long hidden = network.layers().stream().mapToLong(Network.Size::hidden).sum();
        long cells = (long) steps * network.layers().size() * network.ways();
        long places = (long) steps * rows;
        long numbers = LongMath.saturatedMultiply(places, network.inputSize() + network.ways() * hidden);
        long products = LongMath.saturatedMultiply(
                places, weights.stream().mapToLong(each -> each.shape().size()).sum());
        checkAtMost(MOST_STEPS, cells, "steps of its cells");
        checkAtMost(MOST_NUMBERS, numbers, "numbers in and between its layers");
        checkAtMost(MOST_PRODUCTS, products, "products with its weights");
    }

    private void checkAtMost(long most, long found, String what) {
        if (found > most) {
            throw new WeightsFileException(
                    file,
                    "'" + INPUT + "' " + get(INPUT).shape() + " would take the network " + found + " " + what
                            + "; expected at most " + most + "; store a shorter replay");
        }
    }

    /**
     * Runs weights.
     *
     * @param tensors the pair, and perhaps others
     * @throws WeightsFileException where they give out something else, or where other guesses give out the same
     */
    Imported.Proof prove(WeightLayout layout, Map<String, Tensor> weights, Map<String, Tensor> tensors) {
        for (String name : entries.keySet()) {
            if (get(tensors, name).firstNonFinite() >= 0) {
                throw new WeightsFileException(file, "'" + name + "' holds NaN or infinity; store finite numbers");
            }
        }
        Guess own = new Guess(network.kind(), layout.order());
        Difference difference = difference(layout, weights, tensors, own);
        List<Guess> others = new ArrayList<>();
        for (RecurrentKind kind : RecurrentKind.values()) {
            for (String gates : kind.orders()) {
                Guess guess = new Guess(kind, gates);
                if (gates.length() == layout.order().length()
                        && !guess.equals(own)
                        && difference(layout, weights, tensors, guess).agrees()) {
                    others.add(guess);
                }
            }
        }
        if (!difference.agrees()) {
            throw new WeightsFileException(
                    file,
                    "the weights do not give out what is stored: taken for " + own + ", " + difference.text + "; "
                            + (others.isEmpty()
                                    ? "the usual causes are gates in another order, the other variant of a GRU, a bias left out,"
                                            + " relu for tanh, or a batch that comes before time"
                                    : "it would be met by " + others + ", so say that the layout is another"));
        }
        if (!others.isEmpty()) {
            throw new WeightsFileException(
                    file,
                    "the replay proves nothing: besides " + own + " it is met by " + others
                            + "; store one of several steps with random inputs and trained weights, or none");
        }
        return new Imported.Proof(difference.numbers, difference.absolute, difference.allowed);
    }

    private void checkShapes() {
        int[] dims = get(INPUT).shape().dims();
        if (dims.length != 3 || dims[0] < 1 || dims[1] < 1 || dims[2] != network.inputSize()) {
            throw wrong(INPUT, "[time, batch, " + network.inputSize() + "] with at least one step and row");
        }
        int last = network.layers().size() - 1;
        Network.Size size = network.layers().get(last);
        expect(OUTPUT, dims[0], dims[1], network.ways() * size.output());
        if (entries.containsKey(LENGTHS)
                && (get(LENGTHS).type() != StoredType.I32
                        || !get(LENGTHS).shape().equals(Shape.of(dims[1])))) {
            throw wrong(LENGTHS, "int32 [" + dims[1] + "]");
        }
        for (String name : List.of("h_0", "c_0", "h_n", "c_n")) {
            if (entries.containsKey(PREFIX + name)) {
                boolean isH = name.startsWith("h");
                if (!isH && network.kind() != RecurrentKind.LSTM) {
                    throw wrong(PREFIX + name, "none: " + network.kind() + " has no c");
                }
                if (network.layers().stream().distinct().count() > 1) {
                    throw wrong(PREFIX + name, "none where layers are of different sizes");
                }
                expect(
                        PREFIX + name,
                        network.ways() * network.layers().size(),
                        dims[1],
                        isH ? size.output() : size.hidden());
            }
        }
    }

    private Entry get(String name) {
        return get(entries, name);
    }

    private static <T> T get(Map<String, T> map, String name) {
        return Objects.requireNonNull(map.get(name));
    }

    private void expect(String name, int... dims) {
        if (!get(name).type().dtype().isFloat() || !get(name).shape().equals(Shape.of(dims))) {
            throw wrong(name, "floating-point " + Arrays.toString(dims));
        }
    }

    private WeightsFileException wrong(String name, String expected) {
        return new WeightsFileException(
                file,
                "'" + name + "' is " + get(name).type().dtype() + " "
                        + get(name).shape() + "; expected " + expected + "; store it anew");
    }

    private Difference difference(
            WeightLayout layout, Map<String, Tensor> weights, Map<String, Tensor> tensors, Guess guess) {
        Network guessed = network.of(guess.kind);
        List<List<Cell>> cells = guessed.cells(Parameters.zeros("replay", DType.FLOAT64, Long.MAX_VALUE));
        layout.load(guessed, weights, guess.gates, cells);
        Unroll unroll = guessed.unroll(cells, Unroll::dynamic);
        Tensor input = get(tensors, INPUT).to(DType.FLOAT64);
        int rows = input.shape().dim(1);
        Lengths lengths = entries.containsKey(LENGTHS) ? Lengths.of(get(tensors, LENGTHS)) : Lengths.full();
        Tensor counts;
        try {
            counts = lengths.maskFor(input.shape().dim(0), rows);
        } catch (IllegalArgumentException exception) {
            throw new WeightsFileException(file, "'" + LENGTHS + "': " + exception.getMessage(), exception);
        }
        // One for all guesses: each works in the memory of the one before.
        graph.reset();
        Unrolled run = unroll.from(initial(tensors, guessed, cells, rows)).over(graph, input, lengths);
        Difference worst = compare(
                OUTPUT,
                "step, row, feature",
                get(tensors, OUTPUT),
                run.outputs().value(),
                counts);
        DetachedState last = run.finalState();
        for (String field : List.of("h", "c")) {
            String name = PREFIX + field + LAST;
            if (entries.containsKey(name)) {
                Tensor found = Tensor.zeros(DType.FLOAT64, get(name).shape());
                eachPlace(guessed, (place, index) -> found.at(index).copyFrom(last.get(place + field)));
                Difference state = compare(name, "layer and direction, row, unit", get(tensors, name), found, null);
                int numbers = worst.numbers + state.numbers;
                Difference worse = worst.relative >= state.relative ? worst : state;
                worst = new Difference(numbers, worse.relative, worse.absolute, worse.allowed, worse.text);
            }
        }
        return worst;
    }

    /** Takes what the fields of a cell's state begin with, and its place in stored states. */
    private interface Place {
        void accept(String place, int index);
    }

    private static void eachPlace(Network network, Place each) {
        for (int layer = 0; layer < network.layers().size(); layer++) {
            for (int way = 0; way < network.ways(); way++) {
                each.accept(network.place("", layer, way), network.ways() * layer + way);
            }
        }
    }

    private DetachedState initial(Map<String, Tensor> tensors, Network guessed, List<List<Cell>> cells, int rows) {
        Map<String, Tensor> values = new LinkedHashMap<>();
        eachPlace(guessed, (place, index) -> {
            Cell cell = cells.get(index / guessed.ways()).get(index % guessed.ways());
            for (StateSpec.Field field : cell.stateSpec().fields()) {
                Tensor stored = tensors.get(PREFIX + field.name() + INITIAL);
                values.put(
                        place + field.name(),
                        stored == null
                                ? Tensor.zeros(DType.FLOAT64, rows, field.size())
                                : stored.at(index).to(DType.FLOAT64));
            }
        });
        return new DetachedState(values);
    }

    /**
     * Compares, relative to the greatest number that is expected.
     *
     * @param counts where not to look, or null
     */
    private Difference compare(String name, String axes, Tensor expected, Tensor found, @Nullable Tensor counts) {
        int width = expected.shape().dim(2);
        double scale = 0;
        double greatest = -1;
        int at = 0;
        int numbers = 0;
        for (int i = 0; i < expected.size(); i++) {
            if (counts == null || counts.getFlat(i / width) != 0) {
                numbers++;
                scale = Math.max(scale, Math.abs(expected.getFlat(i)));
                double difference = Math.abs(expected.getFlat(i) - found.getFlat(i));
                // Also where it is NaN.
                if (!(difference <= greatest)) {
                    greatest = difference;
                    at = i;
                }
            }
        }
        if (scale == 0) {
            throw new WeightsFileException(
                    file, "'" + name + "' holds zeros only, where it counts, and proves nothing; store another replay");
        }
        double allowed = tolerance * scale;
        String text = String.format(
                Locale.ROOT,
                "'%s' differs most at [%s] %s: %.9g came, expected %.9g, %.3g apart; allowed are %.3g, %.0e of the greatest number there",
                name,
                axes,
                Arrays.toString(expected.shape().index(at)),
                found.getFlat(at),
                expected.getFlat(at),
                greatest,
                allowed,
                tolerance);
        double relative = Double.isNaN(greatest) ? Double.POSITIVE_INFINITY : greatest / allowed;
        return new Difference(numbers, relative, greatest, allowed, text);
    }
}
