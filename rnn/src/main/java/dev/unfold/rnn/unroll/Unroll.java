package dev.unfold.rnn.unroll;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.State;

/**
 * Unfolds a cell over time: one step of the cell for each step of a sequence, with the same parameters, each beginning
 * with the state that the one before left.
 *
 * <pre>
 * state = initial state
 * for t = 0 .. T-1:  output[t], state = cell.step(inputs[t], state)
 * </pre>
 *
 * <p>Sequences are time-major, {@code [T, N, D]}: T steps of N rows with D features.
 */
public interface Unroll {
    /** Unfolds as the batch asks for it: every step runs and is recorded anew, as many as the sequence has. */
    static Unroll dynamic(Cell cell) {
        return new DynamicUnroll(cell);
    }

    /**
     * Unfolds over constant inputs, from the cell's own initial state.
     *
     * @param graph where to record
     * @param inputs {@code [T, N, D]}, not copied
     * @throws IllegalArgumentException where the inputs do not fit the cell, or the cell breaks its contract
     */
    Unrolled over(Graph graph, Tensor inputs);

    /**
     * Unfolds over constant inputs.
     *
     * @param graph where to record
     * @param inputs {@code [T, N, D]}, not copied
     * @param initial the state to begin with, its fields {@code [N, size]}
     * @throws IllegalArgumentException where inputs or state do not fit the cell, or the cell breaks its contract
     */
    Unrolled over(Graph graph, Tensor inputs, State initial);

    /**
     * Unfolds over values of a graph, from the cell's own initial state; gradients flow to the inputs.
     *
     * @param inputs {@code [T, N, D]}
     * @throws IllegalArgumentException as above
     */
    Unrolled over(Node inputs);

    /**
     * Unfolds over values of a graph; gradients flow to the inputs and to the initial state.
     *
     * @param inputs {@code [T, N, D]}
     * @param initial the state to begin with, its fields {@code [N, size]}
     * @throws IllegalArgumentException as above
     */
    Unrolled over(Node inputs, State initial);
}
