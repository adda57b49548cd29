package dev.unfold.ops;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Op;
import dev.unfold.graph.Operand;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Every operation, for {@code import static dev.unfold.ops.Ops.*} in cells and models. Each records one node (some,
 * said so, a few) on the graph of its operands and returns it.
 *
 * <p>Operands are nodes or parameters; at least one must be a node, since it names the graph. All floating-point operands
 * have one precision. Where it says <em>repeated</em>, the shapes must be equal or one must equal the last axes of the
 * other, over whose leading axes it is repeated, as a bias {@code [H]} over {@code [N, H]}. Shapes that do not fit throw
 * {@link IllegalArgumentException}, which names the operation, the shapes and the rule.
 */
public final class Ops {
    private static final Op ADD = new Add();
    private static final Op SUBTRACT = new Subtract();
    private static final Op MULTIPLY = new Multiply();
    private static final Op DIVIDE = new Divide();
    private static final Op SQUARE = new Square();
    private static final Op SQRT = new Sqrt();
    private static final Op EXP = new Exp();
    private static final Op LOG = new Log();
    private static final Op ABS = new Abs();
    private static final Op SIGMOID = new Sigmoid();
    private static final Op TANH = new Tanh();
    private static final Op RELU = new Relu();
    private static final Op SOFTPLUS = new Softplus();
    private static final Op GELU = new Gelu();
    private static final Op STOP_GRADIENT = new StopGradient();
    private static final Op MATMUL = new MatMul(false, false);
    private static final Op MATMUL_TRANSPOSED_A = new MatMul(true, false);
    private static final Op MATMUL_TRANSPOSED_B = new MatMul(false, true);
    private static final Op AFFINE = new Affine(false);
    private static final Op ADDMM = new Affine(true);
    private static final Op SUM = new Sum(false, AlongAxis.ALL);
    private static final Op MEAN = new Sum(true, AlongAxis.ALL);
    private static final Op SOFTMAX = new Softmax();
    private static final Op LOG_SOFTMAX = new LogSoftmax();
    private static final Op GATHER_OR_ZERO = new GatherOrZero();
    private static final Op GATHER = new Gather();
    private static final Op GATHER_SUM = new GatherSum();
    private static final Op SELECT = new Select(false);
    private static final Op SELECT_NON_ZERO = new Select(true);
    private static final Op REVERSE_BY_LENGTH = new ReverseByLength();

    /** What {@link #layerNorm(Operand)} adds to the variance. */
    public static final double LAYER_NORM_EPSILON = 1e-5;

    private Ops() {}

    // Arithmetic.

    /** a + b, repeated. */
    public static Node plus(Operand a, Operand b) {
        return record(ADD, a, b);
    }

    /** a + number. */
    public static Node plus(Operand a, double number) {
        return record(new Shift(number), a);
    }

    /** a - b, repeated. */
    public static Node minus(Operand a, Operand b) {
        return record(SUBTRACT, a, b);
    }

    /** a times b, element by element, repeated. */
    public static Node times(Operand a, Operand b) {
        return record(MULTIPLY, a, b);
    }

    /** a / b, element by element, repeated. */
    public static Node divide(Operand a, Operand b) {
        return record(DIVIDE, a, b);
    }

    /** factor times a. */
    public static Node scale(Operand a, double factor) {
        return record(new Scale(factor), a);
    }

    /** -a. */
    public static Node negate(Operand a) {
        return scale(a, -1);
    }

    /** 1 - a, the other side of a gate. Two nodes. */
    public static Node oneMinus(Operand a) {
        return plus(negate(a), 1);
    }

    // Functions of one operand, element by element.

    /** a^2. */
    public static Node square(Operand a) {
        return record(SQUARE, a);
    }

    /** The square root; NaN below 0. */
    public static Node sqrt(Operand a) {
        return record(SQRT, a);
    }

    /** e^a. */
    public static Node exp(Operand a) {
        return record(EXP, a);
    }

    /** The natural logarithm; NaN below 0. */
    public static Node log(Operand a) {
        return record(LOG, a);
    }

    /** |a|; the gradient at 0 is 0. */
    public static Node abs(Operand a) {
        return record(ABS, a);
    }

    /**
     * min(max(a, low), high); no gradient outside the bounds.
     *
     * @throws IllegalArgumentException where low exceeds high
     */
    public static Node clip(Operand a, double low, double high) {
        return record(new Clip(low, high), a);
    }

    /** 1 / (1 + e^-a). */
    public static Node sigmoid(Operand a) {
        return record(SIGMOID, a);
    }

    /** tanh a. */
    public static Node tanh(Operand a) {
        return record(TANH, a);
    }

    /** max(a, 0); the gradient at 0 is 0. */
    public static Node relu(Operand a) {
        return record(RELU, a);
    }

    /**
     * a where a &gt; 0, else slope a.
     *
     * @throws IllegalArgumentException unless 0 &lt; slope &lt; 1
     */
    public static Node leakyRelu(Operand a, double slope) {
        return record(new LeakyRelu(slope), a);
    }

    /** ln(1 + e^a), without overflow. */
    public static Node softplus(Operand a) {
        return record(SOFTPLUS, a);
    }

    /**
     * a where a &gt; 0, else alpha (e^a - 1).
     *
     * @throws IllegalArgumentException unless alpha is positive
     */
    public static Node elu(Operand a, double alpha) {
        return record(new Elu(alpha), a);
    }

    /** a Phi(a), with Phi the distribution function of the standard normal distribution; not the tanh approximation. */
    public static Node gelu(Operand a) {
        return record(GELU, a);
    }

    /** a itself, a constant to the backward pass. */
    public static Node stopGradient(Operand a) {
        return record(STOP_GRADIENT, a);
    }

    /**
     * Dropout: where the batch is one to {@link Graph#training train} on, each element is kept with probability keep and divided by
     * it, else 0, in the gradient too; NaN that is not kept goes nowhere. Elsewhere, and with a keep of 1, nothing is recorded and x
     * itself returned.
     *
     * <p>What is kept is a pure function of the batch's seed, key, step, row and column, in both precisions alike. The step is
     * that of {@link Graph#atStep}, which unrolling sets and a loop of one's own must set; outside any step it is the first axis of
     * {@code [T, N, H]}, so that one operation over a whole sequence keeps what one in each step would.
     *
     * @param x {@code [N, H]} or {@code [T, N, H]}
     * @param keep above 0, at most 1
     * @param key what this dropout is, for example a hash of a name; two of one key keep the same elements
     * @throws IllegalArgumentException for another keep or rank, in training or not
     */
    public static Node dropout(Node x, double keep, long key) {
        return dropout(x, new Dropout(keep, key, false));
    }

    /**
     * {@link #dropout} that keeps, in each row, the same elements at every step of the sequence (Y. Gal and Z. Ghahramani 2016).
     *
     * @throws IllegalArgumentException as {@link #dropout}
     */
    public static Node variationalDropout(Node x, double keep, long key) {
        return dropout(x, new Dropout(keep, key, true));
    }

    private static Node dropout(Node x, Dropout op) {
        Shapes.checkRankAtLeast(op.name(), "x", x.shape(), 2);
        return op.keep() < 1 && x.graph().isTraining() ? record(op, x) : x;
    }

    // Products.

    /** The product of a, {@code [M, K]} or {@code [T, N, K]}, and b {@code [K, L]}. */
    public static Node matmul(Operand a, Operand b) {
        return record(MATMUL, a, b);
    }

    /** The product of the transpose of a {@code [K, M]} and b {@code [K, L]}: {@code [M, L]}. */
    public static Node matmulTransposedA(Operand a, Operand b) {
        return record(MATMUL_TRANSPOSED_A, a, b);
    }

    /** The product of a, {@code [M, K]} or {@code [T, N, K]}, and the transpose of b {@code [L, K]}. */
    public static Node matmulTransposedB(Operand a, Operand b) {
        return record(MATMUL_TRANSPOSED_B, a, b);
    }

    /** x w + b, with x {@code [N, D]} or {@code [T, N, D]}, w {@code [D, H]} and b {@code [H]}. */
    public static Node affine(Operand x, Operand w, Operand b) {
        return record(AFFINE, x, w, b);
    }

    /**
     * sum + x w, with x {@code [N, D]} or {@code [T, N, D]}, w {@code [D, H]} and the sum of the shape of their product; no shape is
     * repeated. One pass and one value less than {@code sum.plus(matmul(x, w))}, and rounded otherwise: each element is one chain of
     * fused multiply-adds that begins with that of the sum.
     */
    public static Node addmm(Operand sum, Operand x, Operand w) {
        return record(ADDMM, sum, x, w);
    }

    // Moving elements. An axis counts from 0, the outermost, or from the end, -1 being the innermost.

    /** The operands one after the other along an axis, in every other of which they agree. */
    public static Node concat(int axis, Operand... operands) {
        return record(new Concat(axis, operands.length, false), operands);
    }

    /** The operands, all of one shape, side by side along a new axis, counted from 0. */
    public static Node stack(int axis, List<? extends Operand> operands) {
        return record(new Concat(axis, operands.size(), true), operands.toArray(new Operand[0]));
    }

    /** Indices {@code from} (inclusive) to {@code to} (exclusive) of an axis. */
    public static Node slice(Operand a, int axis, int from, int to) {
        return record(Slice.range(axis, from, to), a);
    }

    /** One index of an axis, without that axis: {@code at(x, 0, t)} is step t of {@code [T, N, D]}. */
    public static Node at(Operand a, int axis, int index) {
        return record(Slice.at(axis, index), a);
    }

    /**
     * An axis cut into equal parts. One node for each part.
     *
     * @throws IllegalArgumentException where the axis cannot be cut so
     */
    public static List<Node> split(Operand a, int axis, int parts) {
        int counted = Shapes.checkAxis("split", a.shape(), axis);
        int length = a.shape().dim(counted);
        if (parts < 1 || length % parts != 0) {
            throw Shapes.refuse(
                    "split", "axis " + axis + " of " + a.shape(), "length " + length + " cannot be cut into " + parts);
        }
        List<Node> slices = new ArrayList<>();
        for (int i = 0; i < parts; i++) {
            slices.add(slice(a, counted, i * (length / parts), (i + 1) * (length / parts)));
        }
        return slices;
    }

    /** The same elements, in their order, under another shape. */
    public static Node reshape(Operand a, int... dims) {
        return record(new Reshape(Shape.of(dims)), a);
    }

    /** The transpose of a matrix {@code [M, N]}. */
    public static Node transpose(Operand a) {
        Shapes.checkRank("transpose", "a", a.shape(), 2);
        return swapAxes(a, 0, 1);
    }

    /** Two axes in each other's place: {@code swapAxes(x, 0, 1)} makes {@code [N, T, D]} of {@code [T, N, D]}. */
    public static Node swapAxes(Operand a, int axisA, int axisB) {
        return record(new SwapAxes(axisA, axisB), a);
    }

    /**
     * Rows of a table {@code [V, E]} by int32 indices of rank 2 or less: the shape of the indices, then E.
     *
     * @throws IllegalArgumentException also for an index outside 0..V-1
     */
    public static Node gather(Operand table, Node indices) {
        return record(GATHER, table, indices);
    }

    /**
     * Rows of a table as {@link #gather}, and zeros where an index is -1.
     *
     * @throws IllegalArgumentException also for an index outside -1..V-1
     */
    public static Node gatherOrZero(Operand table, Node indices) {
        return record(GATHER_OR_ZERO, table, indices);
    }

    /**
     * Sums of rows of a table {@code [V, E]}, each times a value: with int32 indices and floating-point values, both {@code [..., K]},
     * {@code [..., E]}. What is {@code [T, N, K]} gives {@code [T, N, E]}: a bag of K features in each step, or fewer, since a row whose
     * value is 0 is not looked at. No gradient flows to a value.
     *
     * @throws IllegalArgumentException also for an index outside 0..V-1
     */
    public static Node gatherSum(Operand table, Node indices, Node values) {
        return record(GATHER_SUM, table, indices, values);
    }

    /**
     * a where an int32 mask is not 0, else b; both of one shape, whose first axes are those of the mask. What is not
     * taken, NaN included, goes nowhere.
     */
    public static Node select(Node mask, Operand a, Operand b) {
        return record(SELECT, mask, a, b);
    }

    /**
     * {@link #select} by floating-point flags that come with the data, of the precision of a and b: a where a flag is not 0, else b.
     * No gradient flows to a flag.
     *
     * @throws IllegalArgumentException also for a flag of NaN
     */
    public static Node selectNonZero(Node flags, Operand a, Operand b) {
        return record(SELECT_NON_ZERO, flags, a, b);
    }

    /**
     * Sequences {@code [T, N, D]} with the first steps of each row, as many as its int32 length in {@code [N]}, in reverse; padding
     * stays at the end.
     *
     * @throws IllegalArgumentException also for a length outside 0..T
     */
    public static Node reverseByLength(Operand a, Node lengths) {
        return record(REVERSE_BY_LENGTH, a, lengths);
    }

    // Reductions.

    /** The sum of all elements, one number. */
    public static Node sum(Operand a) {
        return record(SUM, a);
    }

    /** The sum along an axis, which goes. */
    public static Node sum(Operand a, int axis) {
        return record(new Sum(false, axis), a);
    }

    /** The mean of all elements, one number. */
    public static Node mean(Operand a) {
        return record(MEAN, a);
    }

    /** The mean along an axis, which goes. */
    public static Node mean(Operand a, int axis) {
        return record(new Sum(true, axis), a);
    }

    /** The greatest along an axis, which goes; the gradient goes to the first that is greatest. */
    public static Node max(Operand a, int axis) {
        return record(new Max(axis), a);
    }

    /** ln of the sum of e^a along an axis, which goes; without overflow. */
    public static Node logSumExp(Operand a, int axis) {
        return record(new LogSumExp(axis), a);
    }

    // Along the last axis.

    /** e^a divided by its sum along the last axis. */
    public static Node softmax(Operand a) {
        return record(SOFTMAX, a);
    }

    /** The logarithm of the softmax along the last axis. */
    public static Node logSoftmax(Operand a) {
        return record(LOG_SOFTMAX, a);
    }

    /** (a - mean) / sqrt(variance + 1e-5) along the last axis. */
    public static Node layerNorm(Operand a) {
        return layerNorm(a, LAYER_NORM_EPSILON);
    }

    /**
     * (a - mean) / sqrt(variance + epsilon) along the last axis; multiply by a gain and add a shift with {@link #times}
     * and {@link #plus}.
     *
     * @throws IllegalArgumentException unless epsilon is positive
     */
    public static Node layerNorm(Operand a, double epsilon) {
        return record(new LayerNorm(epsilon), a);
    }

    // Losses, each one number.

    /**
     * Softmax cross entropy, the mean over all tokens, of logits {@code [N, V]} or {@code [T, N, V]} with int32 labels {@code [N]} or
     * {@code [T, N]}; masks and other means: {@link CrossEntropy}.
     *
     * @throws IllegalArgumentException also for a label outside 0..V-1
     */
    public static Node crossEntropy(Node logits, Node labels) {
        return CrossEntropy.meanOverTokens().of(logits, labels);
    }

    /** The mean of ln(1 + e^x) - x target, with logits x and targets in 0..1 of one shape. Four nodes. */
    public static Node binaryCrossEntropy(Operand logits, Operand targets) {
        checkSame("binaryCrossEntropy", "logits", logits, "targets", targets);
        return mean(minus(softplus(logits), times(logits, targets)));
    }

    /** The mean of (a - b)^2 over two operands of one shape. Three nodes. */
    public static Node meanSquaredError(Operand a, Operand b) {
        checkSame("meanSquaredError", "a", a, "b", b);
        return mean(square(minus(a, b)));
    }

    /**
     * Half of {@code strength} times the sum of all squares. A few nodes for each parameter.
     *
     * @throws IllegalArgumentException for no parameters, or a strength that is negative or not finite
     */
    public static Node l2Penalty(Graph graph, double strength, List<Parameter> parameters) {
        if (!(strength >= 0 && strength < Double.POSITIVE_INFINITY) || parameters.isEmpty()) {
            throw new IllegalArgumentException("l2Penalty: strength " + strength + " over " + parameters.size()
                    + " parameters; expected a strength of 0 or more and at least one parameter");
        }
        Node total = sum(square(graph.use(parameters.get(0))));
        for (Parameter parameter : parameters.subList(1, parameters.size())) {
            total = plus(total, sum(square(graph.use(parameter))));
        }
        return scale(total, strength / 2);
    }

    private static void checkSame(String op, String nameA, Operand a, String nameB, Operand b) {
        if (!a.shape().equals(b.shape())) {
            throw Shapes.refuse(
                    op, nameA + " are " + a.shape() + " and " + nameB + " " + b.shape(), "both must have one shape");
        }
    }

    private static Node record(Op op, Operand... operands) {
        for (Operand operand : operands) {
            if (operand instanceof Node node) {
                return node.graph().record(op, operands);
            }
        }
        throw new IllegalArgumentException(op.name() + ": no operand is a node of a graph; take a parameter in by"
                + " Graph.use(parameter) first");
    }
}
