package dev.unfold.rnn.weights;

import dev.unfold.graph.Parameter;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.StackedCell;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Merge;
import dev.unfold.rnn.unroll.Structure;
import dev.unfold.rnn.unroll.Unroll;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A network that other systems have too: layers of one kind of cell, all of them one way or all both ways with outputs side by side.
 *
 * @param bias whether cells have biases
 * @param inputSize D of the lowest layer
 * @param layers their sizes, the lowest first
 */
record Network(RecurrentKind kind, boolean bias, boolean isBothWays, int inputSize, List<Size> layers) {
    /** More than any recurrent network has; a file that says so would cost far more than it has bytes. */
    static final int MOST_LAYERS = 100;

    private static final List<String> WAYS = List.of("forward", "backward");

    /**
     * The sizes of a layer.
     *
     * @param hidden H
     * @param projection the size of a projected output, 0 where none is
     */
    record Size(int hidden, int projection) {
        int output() {
            return projection == 0 ? hidden : projection;
        }
    }

    Network {
        checkLayers(layers.size());
        layers = List.copyOf(layers);
    }

    /** Refuses too many layers, before anything is made of each. */
    static void checkLayers(int layers) {
        if (layers > MOST_LAYERS) {
            throw refused("there are more than " + MOST_LAYERS
                    + " layers; expected at most that, cut the network into several");
        }
    }

    /** Makes the exception for a network that cannot be written in another layout. */
    static IllegalArgumentException refused(String why) {
        return new IllegalArgumentException("weights: " + why);
    }

    int ways() {
        return isBothWays ? 2 : 1;
    }

    /** Returns D of a layer. */
    int inputSize(int layer) {
        return layer == 0 ? inputSize : ways() * layers.get(layer - 1).output();
    }

    Network of(RecurrentKind other) {
        return new Network(other, bias, isBothWays, inputSize, layers);
    }

    /** Returns what the names of one way of one layer begin with: {@code 0.forward.}, and less where there is but one layer or way. */
    String place(String layerWord, int layer, int way) {
        return (layers.size() == 1 ? "" : layerWord + layer + ".") + (isBothWays ? WAYS.get(way) + "." : "");
    }

    /** Makes the cells, by layer and way. */
    List<List<Cell>> cells(Parameters parameters) {
        List<List<Cell>> cells = new ArrayList<>();
        for (int layer = 0; layer < layers.size(); layer++) {
            List<Cell> ways = new ArrayList<>();
            for (int way = 0; way < ways(); way++) {
                String place = place("layer", layer, way);
                Parameters below =
                        place.isEmpty() ? parameters : parameters.below(place.substring(0, place.length() - 1));
                Size size = layers.get(layer);
                ways.add(kind.cell(below, inputSize(layer), size.hidden(), size.projection(), bias));
            }
            cells.add(ways);
        }
        return cells;
    }

    /** Puts cells together; layers that go one way become one cell. */
    Unroll unroll(List<List<Cell>> cells, Function<Cell, Unroll> mode) {
        if (!isBothWays) {
            return mode.apply(
                    layers.size() == 1
                            ? cells.get(0).get(0)
                            : StackedCell.of(layers.size(), i -> cells.get(i).get(0)));
        }
        List<Unroll> unrolls = cells.stream()
                .map(ways -> Unroll.bidirectional(mode.apply(ways.get(0)), mode.apply(ways.get(1)), Merge.CONCAT))
                .toList();
        return unrolls.size() == 1 ? unrolls.get(0) : Unroll.stacked(unrolls);
    }

    /**
     * Returns what cells, by layer and way, make up.
     *
     * @throws IllegalArgumentException where they are no such network, saying why
     */
    static Network of(List<List<Cell>> cells) {
        Cell first = cells.get(0).get(0);
        RecurrentKind kind = RecurrentKind.of(first);
        List<Size> sizes = new ArrayList<>();
        Set<Boolean> biases = new HashSet<>();
        for (List<Cell> ways : cells) {
            Set<Size> same = new HashSet<>();
            for (Cell cell : ways) {
                RecurrentKind other = RecurrentKind.of(cell);
                if (other != kind) {
                    throw refused("cell '" + first.name() + "' is of the kind " + kind + " and '" + cell.name() + "' "
                            + other + "; expected one kind, write them apart");
                }
                boolean vanilla = kind == RecurrentKind.RNN || kind == RecurrentKind.RNN_RELU;
                biases.add(!vanilla || CellWeights.has(cell, "b"));
                int hidden = cell instanceof LstmCell lstm ? lstm.hiddenSize() : cell.outputSize();
                same.add(new Size(hidden, cell.outputSize() == hidden ? 0 : cell.outputSize()));
            }
            if (same.size() > 1 || ways.size() != cells.get(0).size()) {
                throw refused("layer " + sizes.size() + " has the sizes " + same + " in " + ways.size()
                        + " directions; expected the same in all, write layers apart");
            }
            sizes.addAll(same);
        }
        if (biases.size() > 1) {
            throw refused("some cells have a bias and some have none; expected one or the other, write layers apart");
        }
        return new Network(kind, biases.contains(true), cells.get(0).size() == 2, first.inputSize(), sizes);
    }

    /**
     * Returns cells by layer and way.
     *
     * @throws IllegalArgumentException where they are put together in a way that other systems do not have, saying why
     */
    static List<List<Cell>> cells(Structure structure) {
        if (structure instanceof Structure.Layers stack) {
            return stack.layers().stream()
                    .flatMap(layer -> cells(layer).stream())
                    .toList();
        }
        if (structure instanceof Structure.BothWays both) {
            if (both.merge() != Merge.CONCAT) {
                throw refused("directions are merged by " + both.merge() + "; weights can be written of CONCAT only");
            }
            return List.of(List.of(oneCell(both.forward(), false), oneCell(both.backward(), true)));
        }
        Structure.OneWay way = (Structure.OneWay) structure;
        if (way.cell() instanceof StackedCell stack && !way.reversed()) {
            List<Cell> layers = stack.layers();
            if (IntStream.range(1, layers.size())
                    .anyMatch(
                            i -> layers.get(i).inputSize() != layers.get(i - 1).outputSize())) {
                throw refused("the stack '" + stack.name() + "' has skip connections; make it without");
            }
            return layers.stream()
                    .flatMap(layer -> cells(new Structure.OneWay(layer, false)).stream())
                    .toList();
        }
        return List.of(List.of(oneCell(way, false)));
    }

    private static Cell oneCell(Structure structure, boolean reversed) {
        if (structure instanceof Structure.OneWay way && way.reversed() == reversed) {
            return way.cell();
        }
        throw refused("one direction is " + structure + "; expected one cell that goes "
                + (reversed
                        ? "backwards as the second of two"
                        : "forwards; take reversed() of the unroll, and tell the other system"));
    }

    /** Returns all parameters of cells. */
    static List<Parameter> parameters(List<List<Cell>> cells) {
        return cells.stream()
                .flatMap(List::stream)
                .flatMap(cell -> cell.parameters().stream())
                .toList();
    }
}
