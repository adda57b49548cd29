package dev.unfold.tribuo.onnx;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.unroll.Unroll;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What is to be written.
 *
 * @param unroll what goes over sequences
 * @param reading what makes them of symbols, or null
 * @param ofLast whether the output layer is given the last outputs only
 * @param output the output layer, or null
 */
record OnnxSource(
        Unroll unroll,
        @Nullable Reading reading,
        boolean ofLast,
        @Nullable UnaryOperator<Node> output) {
    /**
     * What is done to symbols.
     *
     * @param symbols how many there are
     * @param vectors makes {@code [T, N, D]} of int32 {@code [T, N]}
     */
    record Reading(int symbols, UnaryOperator<Node> vectors) {}

    OnnxSource reading(Reading newReading) {
        return new OnnxSource(unroll, newReading, ofLast, output);
    }

    /** Returns the precision. */
    DType dtype() {
        List<Parameter> parameters = unroll.parameters();
        return parameters.isEmpty() ? DType.FLOAT32 : parameters.get(0).dtype();
    }

    /** Returns the number of features that the output layer gives out. */
    int classes() {
        Node row = Graph.rehearsal().input(Tensor.zeros(dtype(), 1, unroll.outputSize()));
        return Objects.requireNonNull(output).apply(row).shape().columns();
    }

    /**
     * Returns the state before the first step, a row {@code [1, size]} of each field.
     *
     * @param alike whether all rows are to be the same
     * @throws IllegalArgumentException where they are to be and are not
     */
    Map<String, Tensor> starts(boolean alike) {
        if (!alike) {
            return start(1);
        }
        Map<String, Tensor> one = start(1);
        start(2).forEach((field, two) -> {
            Tensor row = Objects.requireNonNull(one.get(field));
            if (!two.slice(0, 1).sameBits(row) || !two.slice(1, 2).sameBits(row)) {
                throw new IllegalArgumentException("onnx: field '" + field + "' of the initial state is " + two
                        + " for two rows and " + row + " for one; expected rows that are all the same,"
                        + " or withInitialState()");
            }
        });
        return one;
    }

    /** Returns the state before the first step as a run over no steps leaves it. */
    private Map<String, Tensor> start(int rows) {
        Tensor nothing = Tensor.zeros(dtype(), 0, rows, unroll.inputSize());
        return unroll.over(Graph.inference(), nothing).finalState().values();
    }
}
