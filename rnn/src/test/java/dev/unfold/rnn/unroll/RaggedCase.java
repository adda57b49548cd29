package dev.unfold.rnn.unroll;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.StateSpec;
import dev.unfold.rnn.init.Initializers;
import dev.unfold.rnn.init.NumpyRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A ragged batch for cells with random weights.
 *
 * @param parts the directions, one or two
 * @param x {@code [T, N, D]}, 0 where a step does not count
 * @param mask int32 {@code [T, N]}
 * @param holes whether steps may count behind one that does not
 * @param initial empty where the run is to begin with the cells' own initial state
 */
record RaggedCase(
        int seed,
        CellKind kind,
        Way way,
        List<Part> parts,
        Tensor x,
        Tensor mask,
        boolean holes,
        DetachedState initial) {
    private static final List<CellKind> KINDS = List.of(CellKind.values());
    private static final List<Way> WAYS = List.of(Way.values());

    /** One direction: where its fields are found in the state of the whole, and how it runs alone. */
    record Part(String prefix, Cell cell, boolean reversed) {
        Unroll unroll() {
            return unroll(Unroll::dynamic);
        }

        Unroll unroll(Function<Cell, Unroll> mode) {
            Unroll unroll = mode.apply(cell);
            return reversed ? unroll.reversed() : unroll;
        }
    }

    /** Draws everything; successive seeds go through all kinds of cells and, more slowly, all ways. */
    static RaggedCase random(int seed) {
        NumpyRandom random = new NumpyRandom(seed);
        CellKind kind = KINDS.get(seed % KINDS.size());
        Way way = WAYS.get(seed / KINDS.size() % WAYS.size());
        DType dtype = random.randint(0, 2) == 0 ? DType.FLOAT32 : DType.FLOAT64;
        boolean holes = random.randint(0, 2) == 0;
        // A few go through several stretches, and windows, of steps.
        int steps = seed / KINDS.size() % 6 == 5 ? random.randint(17, 52) : random.randint(0, 8);
        Tensor mask = mask(random, steps, random.randint(1, 6), holes);
        return draw(random, seed, kind, way, dtype, mask, holes, random.randint(0, 3) > 0);
    }

    /** Draws a case in float64 with three rows of up to four steps. */
    static RaggedCase random(int seed, CellKind kind, Way way, boolean holes) {
        NumpyRandom random = new NumpyRandom(seed);
        // What is learned about the beginning only shows where nothing else is begun with.
        boolean withInitial = kind != CellKind.LEARNED_START;
        return draw(random, seed, kind, way, DType.FLOAT64, mask(random, 4, 3, holes), holes, withInitial);
    }

    private static RaggedCase draw(
            NumpyRandom random,
            int seed,
            CellKind kind,
            Way way,
            DType dtype,
            Tensor mask,
            boolean holes,
            boolean withInitial) {
        int inputSize = random.randint(1, 4);
        int hiddenSize = random.randint(3, 6);
        boolean both = way.merge != null;
        List<Part> parts = new ArrayList<>();
        Cell cell = kind.cell("there", dtype, random, inputSize, hiddenSize);
        parts.add(new Part(both ? "forward." : "", cell, way.reversed));
        if (both) {
            // Only a concatenation can put together outputs of different sizes.
            int another = way.merge == Merge.CONCAT ? 1 : 0;
            CellKind backKind = another == 1 ? KINDS.get(random.randint(0, KINDS.size())) : kind;
            Cell back = backKind.cell("back", dtype, random, inputSize, hiddenSize + another);
            parts.add(new Part("backward.", back, !way.reversed));
        }
        int rows = mask.shape().dim(1);
        DetachedState initial = DetachedState.EMPTY;
        for (Part part : withInitial ? parts : List.<Part>of()) {
            for (StateSpec.Field field : part.cell().stateSpec().fields()) {
                initial = initial.with(part.prefix() + field.name(), normal(random, dtype, rows, field.size()));
            }
        }
        Tensor x = normal(random, dtype, mask.shape().dim(0), rows, inputSize);
        return new RaggedCase(seed, kind, way, parts, padded(x, mask, () -> 0), mask, holes, initial);
    }

    private static Tensor mask(NumpyRandom random, int steps, int rows, boolean holes) {
        Tensor mask = Tensor.zeros(DType.INT32, steps, rows);
        for (int row = 0; row < rows; row++) {
            int length = random.randint(0, steps + 1);
            for (int t = 0; t < steps; t++) {
                mask.set(holes ? random.randint(0, 2) : t < length ? 1 : 0, t, row);
            }
        }
        return mask;
    }

    /** Returns the first rows of the first steps; whether a mask can be told by lengths is then as before. */
    RaggedCase first(int steps, int rows) {
        DetachedState cut = DetachedState.EMPTY;
        for (String name : initial.values().keySet()) {
            Tensor value = initial.get(name);
            Tensor some = Tensor.zeros(value.dtype(), rows, value.shape().dim(1));
            some.copyRun(value, 0, 0, some.size());
            cut = cut.with(name, some);
        }
        return new RaggedCase(seed, kind, way, parts, first(x, steps, rows), first(mask, steps, rows), holes, cut);
    }

    private static Tensor first(Tensor sequences, int steps, int rows) {
        Tensor some = Tensor.zeros(
                sequences.dtype(), sequences.shape().withDim(0, steps).withDim(1, rows));
        int run = some.shape().inner(0);
        for (int t = 0; t < steps; t++) {
            some.copyRun(sequences, t * sequences.shape().inner(0), t * run, run);
        }
        return some;
    }

    static Tensor normal(NumpyRandom random, DType dtype, int... dims) {
        Tensor tensor = Tensor.zeros(dtype, dims);
        Initializers.normal(0, 1).fill(tensor, random);
        return tensor;
    }

    /** Returns a copy of inputs with other values at all steps that do not count. */
    static Tensor padded(Tensor x, Tensor mask, DoubleSupplier values) {
        Tensor padded = x.copy();
        for (int i = 0; i < mask.size(); i++) {
            for (int j = 0; mask.getFlat(i) == 0 && j < x.shape().dim(2); j++) {
                padded.setFlat(i * x.shape().dim(2) + j, values.getAsDouble());
            }
        }
        return padded;
    }

    /** Returns what one direction begins with, under its own names: what is given, else what its cell begins with. */
    DetachedState initial(Part part) {
        DetachedState own =
                part.cell().initialState(Graph.inference(), rows(), x.dtype()).detach();
        for (StateSpec.Field field : part.cell().stateSpec().fields()) {
            Tensor given = initial.values().get(part.prefix() + field.name());
            own = given == null ? own : own.with(field.name(), given);
        }
        return own;
    }

    /** Returns one row of a state, as a state of one row. */
    static DetachedState rowOf(DetachedState state, int row) {
        DetachedState one = DetachedState.EMPTY;
        for (String name : state.values().keySet()) {
            Tensor value = state.get(name).at(row);
            one = one.with(name, value.reshape(1, value.size()));
        }
        return one;
    }

    int steps() {
        return mask.shape().dim(0);
    }

    int rows() {
        return mask.shape().dim(1);
    }

    boolean counts(int t, int row) {
        return mask.get(t, row) != 0;
    }

    /** Returns how many steps of a row count. */
    int count(int row) {
        int count = 0;
        for (int t = 0; t < steps(); t++) {
            count += counts(t, row) ? 1 : 0;
        }
        return count;
    }

    boolean anyCounts() {
        return IntStream.range(0, rows()).anyMatch(row -> count(row) > 0);
    }

    Lengths lengths() {
        if (holes) {
            return Lengths.mask(mask);
        }
        int[] lengths = new int[rows()];
        for (int row = 0; row < lengths.length; row++) {
            lengths[row] = count(row);
        }
        return Lengths.of(lengths);
    }

    Unroll unroll() {
        return unroll(Unroll::dynamic);
    }

    Unroll unroll(Function<Cell, Unroll> mode) {
        if (way.merge == null) {
            return parts.get(0).unroll(mode);
        }
        Unroll both = Unroll.bidirectional(
                mode.apply(parts.get(0).cell()), mode.apply(parts.get(1).cell()), way.merge);
        return way.reversed ? both.reversed() : both;
    }

    @Override
    public String toString() {
        return "seed " + seed + ": " + kind + " " + way + " " + x.dtype() + " " + x.shape()
                + (holes ? " with holes" : "") + (initial.values().isEmpty() ? "" : " from a state");
    }
}
