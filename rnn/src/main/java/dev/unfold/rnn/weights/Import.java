package dev.unfold.rnn.weights;

import com.google.common.base.Ascii;
import com.google.common.collect.Maps;
import com.google.common.collect.Sets;
import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.io.Safetensors;
import dev.unfold.rnn.io.Safetensors.Entry;
import dev.unfold.rnn.io.Safetensors.Header;
import dev.unfold.rnn.io.StoredType;
import dev.unfold.rnn.io.WeightsFileException;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.weights.WeightLayout.Origin;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
    /** Of both ways of the most layers; each is looked for in every layout. */
    private static final int MOST_TENSORS = 2 * CellWeights.Role.values().length * Network.MOST_LAYERS;

    private final Path file;
    private final Set<String> ignored = new LinkedHashSet<>();
    private String prefix = "";
    private String path = "rnn";
    private Function<Cell, Unroll> mode = Unroll::dynamic;
    private @Nullable WeightLayout layout;
    private @Nullable DType precision;
    private @Nullable Path replay;

    /** What some tensors are the weights of. */
    private record Fit(WeightLayout layout, Network network) {}

    /**
     * What a file holds of a network.
     *
     * @param weights by their names behind the prefix
     * @param others the names of what is not read
     */
    private record Found(
            WeightLayout layout,
            Network network,
            Map<String, Entry> weights,
            Set<String> others,
            @Nullable Replay replay) {}

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

    /**
     * Takes only tensors whose names begin so, and takes that off; all of them must be part of the network. What else is in the file, but for
     * a replay, is not read, and may be of any type.
     */
    public Import prefix(String begin) {
        this.prefix = begin;
        return this;
    }

    /** Leaves out tensors, which may be of any type, by their names behind the prefix, of which each must be there. */
    public Import ignoring(String... names) {
        ignored.addAll(Arrays.asList(names));
        return this;
    }

    /**
     * Makes parameters of a precision; that of the weights in the file unless given, float32 for half.
     *
     * @throws IllegalArgumentException for int32
     */
    public Import precision(DType dtype) {
        if (!dtype.isFloat()) {
            throw Network.refused("the precision of parameters is " + dtype + "; expected float32 or float64");
        }
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
     *     be left over, where there are more than 100 layers, or where the replay is too long or gives out something else
     */
    public Imported read() {
        // Of each the last: what is read is decided before memory is taken.
        List<Found> found = new ArrayList<>();
        Safetensors content = Safetensors.read(file, this::isRead, header -> found.add(find(header)));
        return read(content.tensors(), found.get(0));
    }

    /** Returns whether a tensor is part of the network or of a replay. */
    private boolean isRead(String name) {
        boolean isBelow = name.startsWith(prefix);
        return isBelow ? !ignored.contains(name.substring(prefix.length())) : name.startsWith(Replay.PREFIX);
    }

    private Found find(Header header) {
        checkIgnored(header);
        Map<String, Entry> weights = new LinkedHashMap<>();
        header.entries().forEach((name, entry) -> {
            if (!name.startsWith(Replay.PREFIX)) {
                weights.put(name.substring(prefix.length()), entry);
            }
        });
        if (weights.size() > MOST_TENSORS) {
            throw refuse("has " + weights.size() + " tensors" + under() + "; expected at most " + MOST_TENSORS
                    + ", those of " + Network.MOST_LAYERS + " recurrent layers; give their prefix");
        }
        Fit fit = fit(Maps.transformValues(weights, Entry::shape));
        weights.forEach((name, entry) -> {
            if (!entry.type().dtype().isFloat()) {
                throw refuse("'" + prefix + name + "' is " + entry.type() + "; expected floating-point weights");
            }
        });
        return new Found(
                fit.layout, fit.network, weights, header.others(), Replay.of(file, header, fit.network, weights));
    }

    private Imported read(Map<String, Tensor> tensors, Found found) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        found.weights.keySet().forEach(name -> weights.put(name, Objects.requireNonNull(tensors.get(prefix + name))));
        boolean isDouble = found.weights.values().stream().anyMatch(each -> each.type() == StoredType.F64);
        DType dtype = precision != null ? precision : isDouble ? DType.FLOAT64 : DType.FLOAT32;
        List<List<Cell>> cells = found.network.cells(Parameters.zeros(path, dtype, Long.MAX_VALUE));
        found.layout.load(found.network, weights, found.layout.order(), cells);
        for (Parameter parameter : Network.parameters(cells)) {
            if (parameter.value().firstNonFinite() >= 0) {
                throw refuse(parameter + " would hold NaN or infinity; get finite weights, or import as float64");
            }
        }
        Imported.Proof proof = found.replay == null ? null : found.replay.prove(found.layout, weights, tensors);
        if (replay != null) {
            proof = prove(replay, found, weights);
        }
        Unroll unroll = found.network.unroll(cells, mode);
        return new Imported(unroll, found.layout, became(tensors.keySet(), found, cells), proof);
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

    private void checkIgnored(Header header) {
        for (String each : ignored) {
            if (!header.others().contains(prefix + each)) {
                throw refuse("there is no '" + prefix + each + "' to be ignored; there are "
                        + listed(Sets.union(header.entries().keySet(), header.others())));
            }
        }
    }

    private Fit fit(Map<String, Shape> shapes) {
        if (layout != null) {
            try {
                return new Fit(layout, layout.fit(shapes));
            } catch (IllegalArgumentException exception) {
                throw new WeightsFileException(
                        file,
                        "is not of the layout " + layout + under() + ": " + exception.getMessage()
                                + "; give the layout, prefix and names to be ignored that it was written with",
                        exception);
            }
        }
        List<Fit> fitting = new ArrayList<>();
        Map<Origin, String> why = new LinkedHashMap<>();
        for (WeightLayout each : WeightLayout.values()) {
            try {
                fitting.add(new Fit(each, each.fit(shapes)));
            } catch (IllegalArgumentException exception) {
                why.put(each.origin(), Objects.requireNonNullElse(exception.getMessage(), ""));
            }
        }
        if (fitting.size() > 1) {
            List<WeightLayout> layouts = fitting.stream().map(Fit::layout).toList();
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

    private static Imported.Proof prove(Path other, Found found, Map<String, Tensor> weights) {
        List<Replay> apart = new ArrayList<>();
        Safetensors content = Safetensors.read(other, name -> name.startsWith(Replay.PREFIX), header -> {
            Replay there = Replay.of(other, header, found.network, found.weights);
            if (there == null) {
                throw new WeightsFileException(
                        other, "holds no replay; expected tensors such as 'replay.input' and 'replay.output'");
            }
            apart.add(there);
        });
        return apart.get(0).prove(found.layout, weights, content.tensors());
    }

    private Map<String, String> became(Set<String> read, Found found, List<List<Cell>> cells) {
        Map<String, String> known = found.layout.became(found.network, cells);
        Map<String, String> became = new LinkedHashMap<>();
        for (String name : read) {
            became.put(
                    name,
                    name.startsWith(Replay.PREFIX)
                            ? "replayed"
                            : Objects.requireNonNull(known.get(name.substring(prefix.length()))));
        }
        found.others.forEach(name -> became.put(name, "left out"));
        return became;
    }
}
