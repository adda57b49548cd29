package dev.unfold.rnn.check;

import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.StackedCell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Merge;
import dev.unfold.rnn.unroll.Unroll;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Makes the cells of a contract, for one path always with the same weights, and the ways to unfold them.
 *
 * @param ordinaryInputs whether the cell takes in whatever another cell gives out
 */
record Ways(Function<Parameters, ? extends Cell> factory, int seed, boolean ordinaryInputs) {
    /** How far weights are moved: the others relatively, zeros absolutely. */
    private static final double MOVED = 0.3;

    /**
     * One way.
     *
     * @param again the same with cells that were made anew
     */
    record Way(String name, DType dtype, Unroll unroll, Unroll again) {
        @Override
        public String toString() {
            return name + ", " + dtype;
        }
    }

    Parameters parameters(String path, DType dtype) {
        return new Parameters(path, dtype, new NumpyRandom((seed + path.hashCode()) & Integer.MAX_VALUE));
    }

    Cell cell(String path, DType dtype) {
        return cell(parameters(path, dtype));
    }

    /** Makes a cell and moves its weights, so that nothing hides behind a bias of zero. */
    Cell cell(Parameters parameters) {
        Cell cell = factory.apply(parameters);
        NumpyRandom random = new NumpyRandom(seed);
        for (Parameter parameter : cell.parameters()) {
            Tensor value = parameter.value();
            for (int i = 0; i < value.size(); i++) {
                double moved = MOVED * (2 * random.nextDouble() - 1);
                double old = value.getFlat(i);
                value.setFlat(i, old == 0 ? moved : old * (1 + moved));
            }
        }
        return cell;
    }

    /** Returns the ways to unfold the cell by itself. */
    List<Way> alone(DType dtype, Function<Cell, Unroll> unroll) {
        return List.of(
                way("forwards", dtype, () -> unroll.apply(cell("cell", dtype))),
                way("backwards", dtype, () -> unroll.apply(cell("cell", dtype)).reversed()));
    }

    /** Returns the way to unfold two cells on top of each other. */
    Way stack(DType dtype, Function<Cell, Unroll> unroll) {
        return way("stack", dtype, () -> unroll.apply(stack(dtype)));
    }

    private Cell stack(DType dtype) {
        Cell lower = cell("lower", dtype);
        List<Cell> layers = new ArrayList<>(List.of(lower));
        if (lower.outputSize() != lower.inputSize() || !ordinaryInputs) {
            layers.add(new VanillaCell(parameters("between", dtype), lower.outputSize(), lower.inputSize()));
        }
        if (ordinaryInputs) {
            layers.add(cell("upper", dtype));
        }
        return StackedCell.of(layers.size(), layers::get);
    }

    /** Returns the ways to unfold two cells in both directions. */
    List<Way> bothWays(DType dtype) {
        List<Way> ways = new ArrayList<>();
        for (Merge merge : EnumSet.complementOf(EnumSet.of(Merge.NONE))) {
            ways.add(way(
                    "both ways, " + merge,
                    dtype,
                    () -> Unroll.bidirectional(cell("forward", dtype), cell("backward", dtype), merge)));
        }
        ways.add(way("both ways, another cell forwards", dtype, () -> {
            Cell cell = cell("forward", dtype);
            Cell other = new VanillaCell(parameters("other", dtype), cell.inputSize(), cell.outputSize() + 1);
            return Unroll.bidirectional(cell, other, Merge.CONCAT).reversed();
        }));
        return ways;
    }

    /** Returns one way of each sort: forwards, backwards, in a stack, in both directions. */
    List<Way> each(DType dtype, Function<Cell, Unroll> unroll) {
        List<Way> ways = new ArrayList<>(alone(dtype, unroll));
        ways.add(stack(dtype, unroll));
        ways.add(way(
                "both ways",
                dtype,
                () -> Unroll.bidirectional(
                        unroll.apply(cell("forward", dtype)), unroll.apply(cell("backward", dtype)), Merge.CONCAT)));
        return ways;
    }

    private static Way way(String name, DType dtype, Supplier<Unroll> maker) {
        return new Way(name, dtype, maker.get(), maker.get());
    }
}
