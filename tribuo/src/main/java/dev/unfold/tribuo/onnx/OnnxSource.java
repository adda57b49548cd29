package dev.unfold.tribuo.onnx;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.tribuo.onnx.Recording.Axis;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What is to be written.
 *
 * @param unroll what goes over sequences
 * @param reading what makes them of what is given
 * @param ofLast whether the output layer is given the last outputs only
 * @param output the output layer, or null
 */
record OnnxSource(
        Unroll unroll,
        Reading reading,
        boolean ofLast,
        @Nullable UnaryOperator<Node> output) {
    /**
     * What is given in place of vectors, and what is done to it.
     *
     * @param given the first of them has steps and rows as its first axes
     * @param vectors makes {@code [T, N, D]} of it
     */
    record Reading(List<Given> given, Recording.Body vectors) {
        static Reading vectors(DType dtype, int size) {
            return new Reading(
                    List.of(new Given(OnnxExport.INPUT, dtype, List.of(Axis.TIME, Axis.BATCH, Axis.of(size)), 0)),
                    nodes -> nodes);
        }

        List<Recording.Input> inputs() {
            return given.stream()
                    .map(each -> new Recording.Input(each.dtype, each.axes))
                    .toList();
        }

        List<String> names() {
            return given.stream().map(Given::name).toList();
        }
    }

    /**
     * An input.
     *
     * @param symbols how many there are, where they are integers
     */
    record Given(String name, DType dtype, List<Axis> axes, int symbols) {}

    OnnxSource(Unroll unroll, boolean ofLast, @Nullable UnaryOperator<Node> output) {
        this(unroll, Reading.vectors(dtype(unroll), unroll.inputSize()), ofLast, output);
    }

    OnnxSource reading(Reading newReading) {
        return new OnnxSource(unroll, newReading, ofLast, output);
    }

    /** Returns the precision. */
    DType dtype() {
        return dtype(unroll);
    }

    private static DType dtype(Unroll unroll) {
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
