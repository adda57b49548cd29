package dev.unfold.rnn.unroll;

import dev.unfold.rnn.cell.Cell;
import java.util.ArrayList;
import java.util.List;

/**
 * What an unroll is made of: which cells go over a sequence, which way, and how their outputs are put together. How their steps come about,
 * what they begin with, budgets and truncation are no part of it.
 */
public sealed interface Structure {
    /** How a cell is to be unrolled. */
    @FunctionalInterface
    interface Way {
        /**
         * Returns a cell unrolled.
         *
         * @param path what the names of its state's fields begin with in the whole: {@code 0.forward.}, or nothing where it is all there is
         * @param part the cell; the result goes forwards, and is reversed where that says so
         */
        Unroll unroll(String path, OneWay part);
    }

    /** Puts the same together of cells that are unrolled in a way of choice. */
    default Unroll unrolled(Way way) {
        return unrolled("", way);
    }

    private Unroll unrolled(String path, Way way) {
        if (this instanceof OneWay one) {
            Unroll forwards = way.unroll(path, one);
            return one.reversed ? forwards.reversed() : forwards;
        }
        if (this instanceof BothWays both) {
            // Which turns the second round once more.
            return Unroll.bidirectional(
                    both.forward.unrolled(path + "forward.", way),
                    both.backward.unrolled(path + "backward.", way).reversed(),
                    both.merge);
        }
        List<Structure> layers = ((Layers) this).layers;
        List<Unroll> all = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            all.add(layers.get(i).unrolled(path + i + ".", way));
        }
        return Unroll.stacked(all);
    }

    /**
     * One cell in one direction.
     *
     * @param cell what goes over the sequence; it may itself be a stack or wrap another
     * @param reversed whether it goes from the last step to the first
     */
    record OneWay(Cell cell, boolean reversed) implements Structure {}

    /**
     * Two over the same sequence.
     *
     * @param forward the one that is called so; it goes backwards where all has been reversed
     * @param backward the other
     * @param merge how their outputs are put together
     */
    record BothWays(Structure forward, Structure backward, Merge merge) implements Structure {}

    /**
     * Each over all outputs of the one before it.
     *
     * @param layers from the lowest to the highest
     */
    record Layers(List<Structure> layers) implements Structure {
        /** Copies the list. */
        public Layers {
            layers = List.copyOf(layers);
        }
    }
}
