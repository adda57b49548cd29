package dev.unfold.rnn.layer;

import dev.unfold.graph.Node;
import dev.unfold.graph.Operand;
import dev.unfold.graph.Parameter;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.init.Initializers;
import dev.unfold.rnn.init.Parameters;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** y = x w + b, or y = x w: the same for every row, and for every step of a sequence. At first Xavier-uniform and zero. */
public final class Dense {
    private final Parameter w;
    private final @Nullable Parameter b;

    /** Makes a layer with bias. */
    public Dense(Parameters parameters, int inputSize, int outputSize) {
        this(parameters, inputSize, outputSize, true);
    }

    /**
     * Makes a layer.
     *
     * @param parameters makes the weights: their names, precision and first values
     * @param inputSize D, at least 1
     * @param outputSize K, at least 1
     * @param bias whether there is a b
     * @throws IllegalArgumentException for a size below 1
     */
    public Dense(Parameters parameters, int inputSize, int outputSize, boolean bias) {
        parameters.checkSize("input size", inputSize);
        parameters.checkSize("output size", outputSize);
        this.w = parameters.make("w", Initializers.xavierUniform(1), inputSize, outputSize);
        this.b = bias ? parameters.make("b", Initializers.zeros(), outputSize) : null;
    }

    /**
     * Records the layer over {@code [N, D]} or {@code [T, N, D]}, the latter (elsewhere a "time-distributed" layer) as one product of T N
     * rows.
     */
    public Node of(Operand x) {
        return b == null ? Ops.matmul(x, w) : Ops.affine(x, w, b);
    }

    /** Returns w, {@code [D, K]}. */
    public Parameter w() {
        return w;
    }

    /** Returns w, and b where there is one. */
    public List<Parameter> parameters() {
        return b == null ? List.of(w) : List.of(w, b);
    }
}
