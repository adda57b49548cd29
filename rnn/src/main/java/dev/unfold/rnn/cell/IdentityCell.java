package dev.unfold.rnn.cell;

import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import java.util.List;

/**
 * Gives out what it takes in and carries nothing; a layer for comparisons.
 *
 * @param inputSize D, at least 1
 */
public record IdentityCell(int inputSize) implements Cell {
    /** Checks the size. */
    public IdentityCell {
        if (inputSize < 1) {
            throw new IllegalArgumentException("identity: input size is " + inputSize + "; it must be at least 1");
        }
    }

    @Override
    public int outputSize() {
        return inputSize;
    }

    @Override
    public StateSpec stateSpec() {
        return StateSpec.NONE;
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }

    @Override
    public Step step(Node x, State state) {
        return Step.of(x, state);
    }
}
