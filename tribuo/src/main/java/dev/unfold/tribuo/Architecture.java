package dev.unfold.tribuo;

import dev.unfold.graph.DType;

/**
 * What the shapes of a network's weights follow from, beside the numbers of features and labels.
 *
 * @param inputSize D, the numbers that a step takes in
 */
record Architecture(
        CellKind cell, int inputSize, int hiddenSize, int layers, boolean bidirectional, Precision precision) {
    Architecture {
        RecurrentOptions.atLeast("input size", inputSize, 1);
        RecurrentOptions.atLeast("hidden size", hiddenSize, 1);
        RecurrentOptions.checkLayers(layers);
    }

    /** Returns the type of the weights. */
    DType type() {
        return precision.type();
    }

    static Architecture of(RecurrentOptions options, int inputSize) {
        return new Architecture(
                options.cell(),
                inputSize,
                options.hiddenSize(),
                options.layers(),
                options.bidirectional(),
                options.precision());
    }

    void write(ModelWriter writer) {
        writer.text(cell.name());
        writer.number(inputSize);
        writer.number(hiddenSize);
        writer.number(layers);
        writer.number(bidirectional ? 1 : 0);
        writer.text(precision.name());
    }

    /**
     * Reads what {@link #write} has written.
     *
     * @throws IllegalArgumentException for what is no architecture
     */
    static Architecture read(ModelReader reader) {
        CellKind cell = CellKind.valueOf(reader.text());
        int inputSize = reader.number();
        int hiddenSize = reader.number();
        int layers = reader.number();
        boolean bidirectional = reader.number() != 0;
        Precision precision = Precision.valueOf(reader.text());
        return new Architecture(cell, inputSize, hiddenSize, layers, bidirectional, precision);
    }
}
