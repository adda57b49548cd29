package dev.unfold.rnn.cell;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import java.util.List;

/**
 * One step of a recurrent network. A cell says what it takes in, what it gives out and what it carries from step to step;
 * an {@link dev.unfold.rnn.unroll.Unroll} calls it once for each step of a sequence, with the same parameters.
 *
 * <p>A cell keeps nothing between steps: what is carried goes through {@link State}, a value that the caller owns. So one
 * cell may run in any number of threads, and a run may be forked or taken back.
 *
 * <p>Most cells are shortest as an {@link AbstractCell}.
 */
public interface Cell {
    /** Returns the name that messages use; the class's own unless overridden. */
    default String name() {
        return getClass().getSimpleName();
    }

    /** Returns D, the number of features that a step takes in for each row. */
    int inputSize();

    /** Returns the number of features that a step gives out for each row; independent of the state's sizes. */
    int outputSize();

    /** Returns the names and sizes of what is carried from step to step; {@code h} of the output's size unless overridden. */
    default StateSpec stateSpec() {
        return StateSpec.of("h", outputSize());
    }

    /** Returns all parameters, each once, in a fixed order. */
    List<Parameter> parameters();

    /**
     * Records one step.
     *
     * @param x the input, {@code [N, D]}
     * @param state what the step before left, or the initial state; fields as {@link #stateSpec()} says
     * @return the output {@code [N, outputSize]} and the next state, with the same fields and shapes
     */
    Step step(Node x, State state);

    /**
     * Returns the state before the first step: zeros, unless a cell says otherwise.
     *
     * @param graph where the run is recorded
     * @param rows N, the number of rows in the batch
     * @param dtype the precision of the run
     */
    default State initialState(Graph graph, int rows, DType dtype) {
        State state = State.EMPTY;
        for (StateSpec.Field field : stateSpec().fields()) {
            state = state.with(field.name(), graph.input(Tensor.zeros(dtype, rows, field.size())));
        }
        return state;
    }
}
