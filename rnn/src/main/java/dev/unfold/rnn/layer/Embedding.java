package dev.unfold.rnn.layer;

import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.init.Initializer;
import dev.unfold.rnn.init.Initializers;
import dev.unfold.rnn.init.Parameters;
import java.util.List;

/**
 * A table of vectors, one for each symbol of a vocabulary, picked by index. Optimisers without weight decay leave alone the rows that need
 * no update, with the bits of updating all; see {@link dev.unfold.graph.GradientRows}.
 */
public final class Embedding {
    private final Parameter table;

    /** Makes a table drawn from the standard normal distribution. */
    public Embedding(Parameters parameters, int vocabulary, int size) {
        this(parameters, vocabulary, size, Initializers.normal(0, 1));
    }

    /**
     * Makes a table.
     *
     * @param parameters makes the weights: their names, precision and first values
     * @param vocabulary V, the number of symbols, at least 1
     * @param size E, the length of a vector, at least 1
     * @param initializer gives the first values
     * @throws IllegalArgumentException for a size below 1
     */
    public Embedding(Parameters parameters, int vocabulary, int size, Initializer initializer) {
        parameters.checkSize("vocabulary", vocabulary);
        parameters.checkSize("embedding size", size);
        this.table = parameters.make("table", initializer, vocabulary, size);
    }

    /**
     * Records the vectors of int32 indices: {@code [T, N]} gives {@code [T, N, E]}.
     *
     * @throws IllegalArgumentException for an index outside 0..V-1
     */
    public Node of(Node indices) {
        return Ops.gather(table, indices);
    }

    /**
     * Records sums of vectors, each times a value: what {@code [T, N, K]} int32 indices and {@code [T, N, K]} values give is {@code [T, N,
     * E]}. A symbol whose value is 0 is no part of the sum, so that bags of fewer than K are filled up with zeros.
     *
     * @throws IllegalArgumentException for an index outside 0..V-1
     */
    public Node sum(Node indices, Node values) {
        return Ops.gatherSum(table, indices, values);
    }

    /** Returns the table, {@code [V, E]}. */
    public Parameter table() {
        return table;
    }

    /** Returns the table alone. */
    public List<Parameter> parameters() {
        return List.of(table);
    }
}
