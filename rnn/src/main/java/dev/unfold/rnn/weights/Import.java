package dev.unfold.rnn.weights;

import com.google.common.base.Ascii;
import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.io.Safetensors;
import dev.unfold.rnn.io.StoredType;
import dev.unfold.rnn.io.WeightsFileException;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.weights.WeightLayout.Origin;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Takes the weights of recurrent layers from a safetensors file that another system has written. Sizes, layers and directions are found from
 * the names and shapes of its tensors.
 *
 * <p>The right shapes are no proof of the right gates, so the file, or another, may hold a pair that the layers have computed where they come
 * from, which is replayed: {@code replay.input} {@code [T, N, D]} and {@code replay.output} {@code [T, N, outputSize]}, if need be
 * {@code replay.lengths} int32 {@code [N]}, and the states before and behind, {@code replay.h_0}, {@code replay.c_0}, {@code replay.h_n} and
 * {@code replay.c_n}, {@code [layers * directions, N, size]}. Results may differ by 1e-9 of the greatest number where all is stored in
 * float64, by 1e-4 in float32, by 2e-2 in half precision; past the end of a row nothing is compared. A pair that another order of gates or
 * another variant of the cell gives out as well is refused, too.
 *
 * <pre>{@code
 * Imported imported = Import.of(file).layout(WeightLayout.PYTORCH_LSTM).prefix("encoder.").read();
 * }</pre>
 *
 * <p>Its methods change it and return it.
 */
public final class Import {
    private static final int LONGEST_NAME = 80;
    /** More than any recurrent network has; each is looked for in every layout. */
    private static final int MOST_TENSORS = 10_000;

    private final Path file;
    private final Set<String> ignored = new LinkedHashSet<>();
    private String prefix = "";
    private String path = "rnn";
    private Function<Cell, Unroll> mode = Unroll::dynamic;
    private @Nullable WeightLayout layout;
    private @Nullable DType precision;
    private @Nullable Path replay;

    /** What a file holds of a network. */
    private record Found(WeightLayout layout, Network network) {}

    private Import(Path file) {
        this.file = file;
    }

    /** Begins an import from a file. */
    public static Import of(Path file) {
        return new Import(file);
    }

    /** Says what the weights are, without which a file is refused unless its names and shapes are of one layout only. */
    public Import layout(WeightLayout is) {
        this.layout = is;
        return this;
    }

    /** Takes only tensors whose names begin so, and takes that off; all of them must be part of the network. */
    public Import prefix(String begin) {
        this.prefix = begin;
        return this;
    }

    /** Leaves out tensors, by their names behind the prefix, of which each must be there. */
    public Import ignoring(String... names) {
        ignored.addAll(Arrays.asList(names));
        return this;
    }

    /** Makes parameters of a precision; that of the file unless given, float32 for half. */
    public Import precision(DType dtype) {
        this.precision = dtype;
        return this;
    }

    /** Gives what the names of parameters begin with, {@code rnn} unless given. */
    public Import named(String begin) {
        this.path = begin;
        return this;
    }

    /** Gives how cells are unfolded, {@link Unroll#dynamic} unless given; a stack that goes one way is one cell. */
    public Import unrolledBy(Function<Cell, Unroll> how) {
        this.mode = how;
        return this;
    }

    /** Gives another file that holds the pair to be replayed. */
    public Import replay(Path other) {
        this.replay = other;
        return this;
    }

    /**
     * Makes a network of the weights.
     *
     * @throws WeightsFileException where the file cannot be read, is of no layout, of several or of another than was said, where tensors would
     *     be left over, or where the replay gives out something else
     */
    public Imported read() {
        Map<String, StoredType> types = new LinkedHashMap<>();
        // Of each the last: what is read from is decided before memory is taken.
        List<Found> found = new ArrayList<>();
        Safetensors content = Safetensors.read(file, header -> {
            Map<String, Shape> shapes = new LinkedHashMap<>();
            header.entries().forEach((name, entry) -> {
                boolean isIgnored = name.startsWith(prefix) && ignored.contains(name.substring(prefix.length()));
                if (name.startsWith(prefix) && !name.startsWith(Replay.PREFIX) && !isIgnored) {
                    shapes.put(name.substring(prefix.length()), entry.shape());
                }
                if (name.startsWith(Replay.PREFIX) || shapes.containsKey(withoutPrefix(name))) {
                    types.put(name, entry.type());
                }
            });
            checkIgnored(header.entries().keySet());
            if (shapes.size() > MOST_TENSORS) {
                throw refuse("has " + shapes.size() + " tensors" + under() + "; expected at most " + MOST_TENSORS
                        + ", those of recurrent layers; give their prefix");
            }
            found.add(find(shapes));
            types.forEach((name, type) -> {
                if (!type.dtype().isFloat() && !name.startsWith(Replay.PREFIX)) {
                    throw refuse("'" + name + "' is " + type + "; expected floating-point weights");
                }
            });
        });
        return read(content, types, found.get(0));
    }

    private String withoutPrefix(String name) {
        return name.startsWith(prefix) ? name.substring(prefix.length()) : "";
    }

    private Imported read(Safetensors content, Map<String, StoredType> types, Found found) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        content.tensors().forEach((name, tensor) -> {
            if (name.startsWith(prefix)) {
                weights.put(name.substring(prefix.length()), tensor);
            }
        });
        DType dtype =
                precision != null ? precision : types.containsValue(StoredType.F64) ? DType.FLOAT64 : DType.FLOAT32;
        List<List<Cell>> cells = found.network.cells(Parameters.zeros(path, dtype, Long.MAX_VALUE));
        found.layout.load(found.network, weights, found.layout.order(), cells);
        for (Parameter parameter : Network.parameters(cells)) {
            if (parameter.value().firstNonFinite() >= 0) {
                throw refuse(parameter + " would hold NaN or infinity; get finite weights, or import as float64");
            }
        }
        Imported.Proof proof = prove(content, types, found, weights);
        Unroll unroll = found.network.unroll(cells, mode);
        return new Imported(unroll, found.layout, became(content, found, cells), proof);
    }

    /**
     * Copies the weights into an unroll, rounding to its precision; prefix, layout, replay and all else hold as ever.
     *
     * @return what has become of the file, with this unroll
     * @throws WeightsFileException as {@link #read}, and where the unroll is of another kind or size; nothing is changed then
     * @throws IllegalArgumentException where the unroll is not made of cells that other systems have
     */
    public Imported into(Unroll unroll) {
        List<List<Cell>> targets = Network.cells(unroll.structure());
        Network wanted = Network.of(targets);
        List<Parameter> to = Network.parameters(targets);
        if (new HashSet<>(to).size() < to.size()) {
            throw Network.refused("layers of the unroll share weights; expected each to have its own");
        }
        DType dtype = unroll.parameters().get(0).dtype();
        Imported imported = precision(dtype).read();
        List<List<Cell>> cells = Network.cells(imported.unroll().structure());
        Network there = Network.of(cells);
        if (!there.equals(wanted)) {
            throw refuse("its weights are of " + there + "; expected those of the unroll, " + wanted);
        }
        List<Parameter> from = Network.parameters(cells);
        for (int i = 0; i < to.size(); i++) {
            to.get(i).value().copyFrom(from.get(i).value());
        }
        return new Imported(unroll, imported.layout(), imported.became(), imported.proof());
    }

    private WeightsFileException refuse(String why) {
        return new WeightsFileException(file, why);
    }

    private void checkIgnored(Set<String> names) {
        for (String each : ignored) {
            if (!names.contains(prefix + each)) {
                throw refuse("there is no '" + prefix + each + "' to be ignored; there are " + listed(names));
            }
        }
    }

    private Found find(Map<String, Shape> shapes) {
        if (layout != null) {
            try {
                return new Found(layout, layout.fit(shapes));
            } catch (IllegalArgumentException exception) {
                throw new WeightsFileException(
                        file,
                        "is not of the layout " + layout + under() + ": " + exception.getMessage()
                                + "; give the layout, prefix and names to be ignored that it was written with",
                        exception);
            }
        }
        List<Found> fitting = new ArrayList<>();
        Map<Origin, String> why = new LinkedHashMap<>();
        for (WeightLayout each : WeightLayout.values()) {
            try {
                fitting.add(new Found(each, each.fit(shapes)));
            } catch (IllegalArgumentException exception) {
                why.put(each.origin(), Objects.requireNonNullElse(exception.getMessage(), ""));
            }
        }
        if (fitting.size() > 1) {
            List<WeightLayout> layouts = fitting.stream().map(Found::layout).toList();
            throw refuse("its names and shapes" + under() + " are those of " + layouts
                    + ", which compute different things; say which it is");
        }
        if (fitting.isEmpty()) {
            throw refuse(
                    "is of no known layout" + under() + ": there are " + listed(shapes.keySet()) + "; for each system, "
                            + why + "; give the prefix of the layer, name tensors as one of "
                            + Arrays.toString(WeightLayout.values()) + " does, or ignore what is no part of it");
        }
        return fitting.get(0);
    }

    private String under() {
        return prefix.isEmpty() ? "" : " under '" + prefix + "'";
    }

    private static String listed(Set<String> names) {
        return names.isEmpty()
                ? "none"
                : WeightLayout.listed(names.stream()
                        .map(name -> "'" + Ascii.truncate(name, LONGEST_NAME, "...") + "'")
                        .toList());
    }

    private Imported.@Nullable Proof prove(
            Safetensors content, Map<String, StoredType> types, Found found, Map<String, Tensor> weights) {
        Replay own = Replay.of(file, content, types);
        Imported.Proof proof = own == null ? null : own.prove(found.layout, found.network, weights);
        if (replay == null) {
            return proof;
        }
        Map<String, StoredType> all = new HashMap<>(types);
        Safetensors other = Safetensors.read(
                replay, header -> header.entries().forEach((name, entry) -> all.put(name, entry.type())));
        Replay apart = Replay.of(replay, other, all);
        if (apart == null) {
            throw new WeightsFileException(
                    replay, "holds no replay; expected tensors such as 'replay.input' and 'replay.output'");
        }
        return apart.prove(found.layout, found.network, weights);
    }

    private Map<String, String> became(Safetensors content, Found found, List<List<Cell>> cells) {
        Map<String, String> known = found.layout.became(found.network, cells);
        Map<String, String> became = new LinkedHashMap<>();
        for (String name : content.tensors().keySet()) {
            String parameters = known.get(withoutPrefix(name));
            became.put(
                    name,
                    name.startsWith(prefix) && parameters != null
                            ? parameters
                            : name.startsWith(Replay.PREFIX) ? "replayed" : "left out");
        }
        return became;
    }
}
