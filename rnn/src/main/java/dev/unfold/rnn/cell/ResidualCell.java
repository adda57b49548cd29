package dev.unfold.rnn.cell;

import dev.unfold.graph.Node;

/** A cell whose input is added to its output; the state stays as it is. */
public final class ResidualCell extends WrappedCell {
    /**
     * Wraps a cell.
     *
     * @throws IllegalArgumentException where the cell's output is not of the size of its input
     */
    public ResidualCell(Cell inner) {
        super(inner);
        if (inner.inputSize() != inner.outputSize()) {
            throw new IllegalArgumentException("residual: cell '" + inner.name() + "' takes in " + inner.inputSize()
                    + " features and gives out " + inner.outputSize() + "; both must be the same");
        }
    }

    @Override
    public Step step(Node x, State state) {
        Step step = inner().step(x, state);
        return Step.of(step.output().plus(x), step.state());
    }
}
