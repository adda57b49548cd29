package dev.unfold.rnn.cell;

import dev.unfold.graph.Parameter;
import dev.unfold.rnn.init.Parameters;
import java.util.List;

/** A cell with the usual answers: its name is the path of its parameters, and its parameters are those made below it. */
public abstract class AbstractCell implements Cell {
    private final Parameters parameters;
    private final int inputSize;
    private final int outputSize;

    /**
     * Makes a cell.
     *
     * @param parameters makes the weights, in the constructor of the cell
     * @param inputSize D, at least 1
     * @param outputSize the features that a step gives out, at least 1
     * @throws IllegalArgumentException for a size below 1
     */
    protected AbstractCell(Parameters parameters, int inputSize, int outputSize) {
        this.parameters = parameters;
        this.inputSize = parameters.checkSize("input size", inputSize);
        this.outputSize = parameters.checkSize("hidden size", outputSize);
    }

    @Override
    public final String name() {
        return parameters.path();
    }

    @Override
    public final int inputSize() {
        return inputSize;
    }

    @Override
    public final int outputSize() {
        return outputSize;
    }

    @Override
    public final List<Parameter> parameters() {
        return parameters.made();
    }
}
