package dev.unfold.rnn.cell;

import dev.unfold.graph.Node;

/**
 * What one step of a cell gives.
 *
 * @param output the output, {@code [N, outputSize]}
 * @param state what the next step begins with
 */
public record Step(Node output, State state) {
    /** Makes a step. */
    public static Step of(Node output, State state) {
        return new Step(output, state);
    }
}
