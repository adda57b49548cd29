package dev.unfold.rnn.cell;

import static dev.unfold.ops.Ops.addmm;
import static dev.unfold.ops.Ops.affine;
import static dev.unfold.ops.Ops.matmul;
import static dev.unfold.ops.Ops.sigmoid;
import static dev.unfold.ops.Ops.slice;
import static dev.unfold.ops.Ops.tanh;

import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.rnn.init.Initializers;
import dev.unfold.rnn.init.Parameters;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Gated recurrent unit (K. Cho et al. 2014). Two incompatible cells go by this name, so the variant must be given:
 *
 * <pre>
 * r, z = sigmoid of the first two blocks of x w + b, plus h u
 * n    = tanh(x wn + bn + (r h) un)            reset before the product: Cho et al.'s first version
 * n    = tanh(x wn + bn + r (h un + bun))      reset after the product: PyTorch, cuDNN, Keras' default
 * h'   = z h + (1 - z) n                       z keeps the state
 * </pre>
 *
 * <p>with x {@code [N, D]}, h {@code [N, H]}. Block order r, z, n: w {@code [D, 3H]} and b {@code [3H]} hold all three. Reset
 * before: u {@code [H, 2H]}, un {@code [H, H]}. Reset after: u {@code [H, 3H]}, and bun {@code [H]}, the one recurrent bias that does
 * not merge with b. The output is h'. At first the blocks of w are Xavier-uniform, those of u orthogonal, biases zero.
 */
public final class GruCell extends AbstractCell {
    /** Where the reset gate acts. */
    public enum Variant {
        /** On h, before the product with un. */
        RESET_BEFORE,
        /** On the product of h with un and its bias. */
        RESET_AFTER
    }

    private final int hiddenSize;
    private final Variant variant;
    private final Parameter w;
    private final Parameter b;
    private final Parameter u;
    private final @Nullable Parameter un;
    private final @Nullable Parameter bun;

    /**
     * Makes a cell.
     *
     * @param parameters makes the weights: their names, precision and first values
     * @param inputSize D, at least 1
     * @param hiddenSize H, at least 1
     * @param variant where the reset gate acts
     * @throws IllegalArgumentException for a size below 1
     */
    public GruCell(Parameters parameters, int inputSize, int hiddenSize, Variant variant) {
        super(parameters, inputSize, hiddenSize);
        this.hiddenSize = hiddenSize;
        this.variant = variant;
        boolean before = variant == Variant.RESET_BEFORE;
        int recurrentBlocks = before ? 2 : 3;
        this.w = parameters.make("w", Initializers.blocks(3, Initializers.xavierUniform(1)), inputSize, 3 * hiddenSize);
        this.b = parameters.make("b", Initializers.zeros(), 3 * hiddenSize);
        this.u = parameters.make(
                "u",
                Initializers.blocks(recurrentBlocks, Initializers.orthogonal(1)),
                hiddenSize,
                recurrentBlocks * hiddenSize);
        this.un = before ? parameters.make("un", Initializers.orthogonal(1), hiddenSize, hiddenSize) : null;
        this.bun = before ? null : parameters.make("bun", Initializers.zeros(), hiddenSize);
    }

    /** Returns where the reset gate acts. */
    public Variant variant() {
        return variant;
    }

    /** Returns H, the size of h. */
    public int hiddenSize() {
        return hiddenSize;
    }

    @Override
    public Step step(Node x, State state) {
        Node h = state.get("h");
        Node fromX = affine(x, w, b);
        if (un != null) {
            Node gates = addmm(slice(fromX, 1, 0, 2 * hiddenSize), h, u);
            Node r = sigmoid(block(gates, 0));
            return step(h, sigmoid(block(gates, 1)), addmm(block(fromX, 2), r.times(h), un));
        }
        Node fromH = matmul(h, u);
        Node r = sigmoid(block(fromX, 0).plus(block(fromH, 0)));
        Node z = sigmoid(block(fromX, 1).plus(block(fromH, 1)));
        Node remembered = r.times(block(fromH, 2).plus(Objects.requireNonNull(bun)));
        return step(h, z, block(fromX, 2).plus(remembered));
    }

    /** Returns the step to z h + (1 - z) tanh(sum). */
    private static Step step(Node h, Node z, Node sum) {
        Node n = tanh(sum);
        Node next = n.plus(z.times(h.minus(n)));
        return Step.of(next, State.of("h", next));
    }

    private Node block(Node blocks, int index) {
        return slice(blocks, 1, index * hiddenSize, (index + 1) * hiddenSize);
    }
}
