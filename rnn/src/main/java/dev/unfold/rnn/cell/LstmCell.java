package dev.unfold.rnn.cell;

import static dev.unfold.ops.Ops.addmm;
import static dev.unfold.ops.Ops.affine;
import static dev.unfold.ops.Ops.clip;
import static dev.unfold.ops.Ops.layerNorm;
import static dev.unfold.ops.Ops.matmul;
import static dev.unfold.ops.Ops.oneMinus;
import static dev.unfold.ops.Ops.sigmoid;
import static dev.unfold.ops.Ops.split;
import static dev.unfold.ops.Ops.tanh;

import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.rnn.init.Initializer;
import dev.unfold.rnn.init.Initializers;
import dev.unfold.rnn.init.Parameters;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Long short-term memory (S. Hochreiter and J. Schmidhuber 1997; with the forget gate of F. A. Gers et al. 2000):
 *
 * <pre>
 * i, f, g, o = the four blocks of x w + h u + b
 * c' = sigmoid(f) c + sigmoid(i) tanh(g)
 * h' = sigmoid(o) tanh(c')
 * </pre>
 *
 * <p>with x {@code [N, D]}, h and c {@code [N, H]}, w {@code [D, 4H]}, u {@code [H, 4H]}, b {@code [4H]}; gate order i, f, g, o
 * as in PyTorch. One bias, where PyTorch has two that add up; the forget gate's part of it begins at 1 and is stored so (R.
 * Jozefowicz et al. 2015). The output is h'. At first the blocks of w are Xavier-uniform and those of u orthogonal.
 *
 * <p>{@link Options} change the equations; each says how.
 */
public final class LstmCell extends AbstractCell {
    /**
     * The first bias of a normalised cell. Were it zero, inputs of zero (the blank rows above a digit) would leave c at exactly zero;
     * a constant row has no variance, its normalisation multiplies gradients by 1 / sqrt(epsilon), and they overflow in a few steps.
     */
    private static final Initializer SPREAD = Initializers.uniform(-0.1, 0.1);

    private final int hiddenSize;
    private final Options options;
    private final Parameter w;
    private final Parameter u;
    private final Parameter b;
    private final @Nullable Peepholes peepholes;
    private final @Nullable Norms norms;
    private final @Nullable Parameter projection;

    /** Diagonal weights {@code [H]} through which gates look at the cell state; no forget gate where gates are coupled. */
    private record Peepholes(Parameter i, @Nullable Parameter f, Parameter o) {}

    /** Gains of the normalised sums, and gain and shift of the normalised cell state. */
    private record Norms(Parameter gainX, Parameter gainH, Parameter gainC, Parameter shiftC) {}

    /** Makes a cell without options. */
    public LstmCell(Parameters parameters, int inputSize, int hiddenSize) {
        this(parameters, inputSize, hiddenSize, options());
    }

    /**
     * Makes a cell.
     *
     * @param parameters makes the weights: their names, precision and first values
     * @param inputSize D, at least 1
     * @param hiddenSize H, at least 1
     * @param options variations
     * @throws IllegalArgumentException for a size below 1, or a projection that is not smaller than H
     */
    public LstmCell(Parameters parameters, int inputSize, int hiddenSize, Options options) {
        super(parameters, inputSize, outputSize(parameters, hiddenSize, options));
        this.hiddenSize = hiddenSize;
        this.options = options;
        int gates = options.coupled ? 3 : 4;
        int recurrent = outputSize();
        this.w = parameters.make(
                "w", Initializers.blocks(gates, Initializers.xavierUniform(1)), inputSize, gates * hiddenSize);
        this.u = parameters.make(
                "u", Initializers.blocks(gates, Initializers.orthogonal(1)), recurrent, gates * hiddenSize);
        this.b = parameters.make("b", options.layerNorm ? SPREAD : Initializers.zeros(), gates * hiddenSize);
        for (int j = hiddenSize; !options.coupled && j < 2 * hiddenSize; j++) {
            b.value().setFlat(j, b.value().getFlat(j) + options.forgetBias);
        }
        this.peepholes = options.peepholes ? peepholes(parameters) : null;
        this.norms = options.layerNorm ? norms(parameters, gates) : null;
        this.projection = options.projection == 0
                ? null
                : parameters.make("projection", Initializers.xavierUniform(1), hiddenSize, recurrent);
    }

    private static int outputSize(Parameters parameters, int hiddenSize, Options options) {
        parameters.checkSize("hidden size", hiddenSize);
        if (options.projection >= hiddenSize) {
            throw new IllegalArgumentException(parameters.path() + ": projection size is " + options.projection
                    + "; it must be below the hidden size, " + hiddenSize);
        }
        return options.projection == 0 ? hiddenSize : options.projection;
    }

    private Peepholes peepholes(Parameters parameters) {
        return new Peepholes(
                parameters.make("pi", Initializers.zeros(), hiddenSize),
                options.coupled ? null : parameters.make("pf", Initializers.zeros(), hiddenSize),
                parameters.make("po", Initializers.zeros(), hiddenSize));
    }

    private Norms norms(Parameters parameters, int gates) {
        return new Norms(
                parameters.make("gx", Initializers.constant(1), gates * hiddenSize),
                parameters.make("gh", Initializers.constant(1), gates * hiddenSize),
                parameters.make("gc", Initializers.constant(1), hiddenSize),
                parameters.make("bc", Initializers.zeros(), hiddenSize));
    }

    /** Returns the variations of the equations. */
    public Options cellOptions() {
        return options;
    }

    /** Returns H, the size of c; h is smaller where it is projected. */
    public int hiddenSize() {
        return hiddenSize;
    }

    /** Returns h, of the output's size, and c, of size H. */
    @Override
    public StateSpec stateSpec() {
        return StateSpec.of("h", outputSize()).and("c", hiddenSize);
    }

    @Override
    public Step step(Node x, State state) {
        Node c = state.get("c");
        List<Node> sums = split(sums(x, state.get("h")), 1, options.coupled ? 3 : 4);
        Node i = sigmoid(look(sums.get(0), c, peepholes == null ? null : peepholes.i));
        Node f = options.coupled ? oneMinus(i) : sigmoid(look(sums.get(1), c, peepholes == null ? null : peepholes.f));
        Node g = tanh(sums.get(options.coupled ? 1 : 2));
        Node next = f.times(c).plus(i.times(g));
        next = options.cellClip == 0 ? next : clip(next, -options.cellClip, options.cellClip);
        Node o = sigmoid(look(sums.get(options.coupled ? 2 : 3), next, peepholes == null ? null : peepholes.o));
        Node h = o.times(
                tanh(norms == null ? next : layerNorm(next).times(norms.gainC).plus(norms.shiftC)));
        h = projection == null ? h : matmul(h, projection);
        return Step.of(h, State.of("h", h, "c", next));
    }

    private Node sums(Node x, Node h) {
        if (norms == null) {
            return addmm(affine(x, w, b), h, u);
        }
        Node fromX = layerNorm(matmul(x, w)).times(norms.gainX);
        return fromX.plus(layerNorm(matmul(h, u)).times(norms.gainH)).plus(b);
    }

    private static Node look(Node sum, Node c, @Nullable Parameter weights) {
        return weights == null ? sum : sum.plus(c.times(weights));
    }

    /** Returns the options of a plain cell, to be changed by the methods of the result. */
    public static Options options() {
        return new Options(1, false, false, false, 0, 0);
    }

    /**
     * Variations of the equations.
     *
     * @param forgetBias what the forget gate's bias begins with; without effect and so refused where gates are coupled
     * @param peepholes i and f look at c, o at c', each through a diagonal weight that begins at 0 (F. A. Gers et al. 2002)
     * @param coupled f = 1 - i; the order of the three gates is i, g, o (K. Greff et al. 2017)
     * @param layerNorm x w and h u are normalised along the row and multiplied by gains, c' is normalised on its way into h'
     *     and itself kept as it is (J. L. Ba et al. 2016); b then begins spread over -0.1..0.1
     * @param projection the size P of h' = (sigmoid(o) tanh(c')) p with p {@code [H, P]} (H. Sak et al. 2014), 0 for none
     * @param cellClip the bound of |c'|, applied before it goes anywhere, 0 for none
     */
    public record Options(
            double forgetBias, boolean peepholes, boolean coupled, boolean layerNorm, int projection, double cellClip) {
        /** Checks the numbers. */
        public Options {
            if (!Double.isFinite(forgetBias)
                    || projection < 0
                    || !(cellClip >= 0 && cellClip < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("lstm: forget bias " + forgetBias + ", projection size " + projection
                        + ", cell clip " + cellClip + "; expected finite numbers, sizes and bounds of at least 0");
            }
            if (coupled && forgetBias != 1) {
                throw new IllegalArgumentException("lstm: a forget bias of " + forgetBias
                        + " cannot take effect where f = 1 - i; give one or the other");
            }
        }

        /** Returns these options with the forget gate's bias beginning elsewhere than at 1. */
        public Options forgetBias(double bias) {
            return new Options(bias, peepholes, coupled, layerNorm, projection, cellClip);
        }

        /** Returns these options with peepholes. */
        public Options withPeepholes() {
            return new Options(forgetBias, true, coupled, layerNorm, projection, cellClip);
        }

        /** Returns these options with f = 1 - i. */
        public Options withCoupledGates() {
            return new Options(forgetBias, peepholes, true, layerNorm, projection, cellClip);
        }

        /** Returns these options with layer normalisation. */
        public Options withLayerNorm() {
            return new Options(forgetBias, peepholes, coupled, true, projection, cellClip);
        }

        /** Returns these options with a projection of h' to a smaller size. */
        public Options projection(int size) {
            return new Options(forgetBias, peepholes, coupled, layerNorm, size, cellClip);
        }

        /** Returns these options with |c'| bounded. */
        public Options cellClip(double bound) {
            return new Options(forgetBias, peepholes, coupled, layerNorm, projection, bound);
        }
    }
}
