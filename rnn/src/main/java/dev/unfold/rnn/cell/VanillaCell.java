package dev.unfold.rnn.cell;

import static dev.unfold.ops.Ops.addmm;
import static dev.unfold.ops.Ops.affine;
import static dev.unfold.ops.Ops.matmul;

import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.rnn.init.Initializers;
import dev.unfold.rnn.init.Parameters;
import org.jspecify.annotations.Nullable;

/**
 * The simple recurrent network of J. L. Elman, "Finding Structure in Time", 1990:
 *
 * <pre>
 * h' = f(x wx + h wh + b)
 * </pre>
 *
 * <p>with x {@code [N, D]}, h {@code [N, H]}, wx {@code [D, H]}, wh {@code [H, H]}, b {@code [H]}, and f tanh, relu or
 * sigmoid. The output is h'. One bias, where PyTorch has two that add up. At first wx is Xavier-uniform, wh orthogonal, b
 * zero.
 */
public final class VanillaCell extends AbstractCell {
    private final Activation activation;
    private final Parameter wx;
    private final Parameter wh;
    private final @Nullable Parameter b;

    /** Makes a tanh cell with bias. */
    public VanillaCell(Parameters parameters, int inputSize, int hiddenSize) {
        this(parameters, inputSize, hiddenSize, Activation.TANH, true);
    }

    /**
     * Makes a cell.
     *
     * @param parameters makes the weights: their names, precision and first values
     * @param inputSize D, at least 1
     * @param hiddenSize H, at least 1
     * @param activation f
     * @param bias whether there is a b
     * @throws IllegalArgumentException for a size below 1
     */
    public VanillaCell(Parameters parameters, int inputSize, int hiddenSize, Activation activation, boolean bias) {
        super(parameters, inputSize, hiddenSize);
        this.activation = activation;
        this.wx = parameters.make("wx", Initializers.xavierUniform(1), inputSize, hiddenSize);
        this.wh = parameters.make("wh", Initializers.orthogonal(1), hiddenSize, hiddenSize);
        this.b = bias ? parameters.make("b", Initializers.zeros(), hiddenSize) : null;
    }

    /** Returns f. */
    public Activation activation() {
        return activation;
    }

    /** Returns H, the size of h. */
    public int hiddenSize() {
        return outputSize();
    }

    @Override
    public Step step(Node x, State state) {
        Node fromInput = b == null ? matmul(x, wx) : affine(x, wx, b);
        Node h = activation.of(addmm(fromInput, state.get("h"), wh));
        return Step.of(h, State.of("h", h));
    }
}
