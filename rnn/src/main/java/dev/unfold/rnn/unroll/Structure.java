package dev.unfold.rnn.unroll;

import dev.unfold.rnn.cell.Cell;
import java.util.List;

/**
 * What an unroll is made of: which cells go over a sequence, which way, and how their outputs are put together. How their steps come about,
 * what they begin with, budgets and truncation are no part of it.
 */
public sealed interface Structure {
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
