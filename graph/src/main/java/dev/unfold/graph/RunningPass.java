package dev.unfold.graph;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A pass that stands on one node at a time and holds backward to what the operation said it reads. Where the tensors of a node lie
 * is up to the subclass: on a tape each node has its own, in a loop they move from step to step.
 */
abstract class RunningPass implements Pass {
    private static final Tensor NONE_FLOAT32 = Tensor.zeros(DType.FLOAT32, 0);
    private static final Tensor NONE_FLOAT64 = Tensor.zeros(DType.FLOAT64, 0);

    private @Nullable Node node;
    private @Nullable Reads reads;
    private @Nullable Tensor inputGradient;
    private int part;
    private int parts = 1;

    /** Whether an input of an operation on a tape has as many rows as its output, and is no parameter. */
    static boolean hasRows(Node user, int position) {
        Node some = user.inputs[position];
        return some.parameter == null
                && some.shape().rank() > 0
                && some.shape().dim(0) == user.shape().dim(0);
    }

    /**
     * Whether an operation hands the gradient of its output on to an input as it is: the first that comes to the input is copied then,
     * and where it is the only one, both may lie in one place.
     */
    static boolean handsOn(Node user, int position) {
        Node receiver = user.inputs[position];
        return user.op != null
                && receiver.op != null
                && receiver.step == user.step
                && user.op.handsOn(position)
                && receiver.dtype() == user.dtype()
                && receiver.shape().equals(user.shape());
    }

    /** The value of a node, where it lies now. */
    abstract Tensor valueOf(Node any);

    /** What the operation of a node saved, where it lies now; null where it saves nothing. */
    abstract @Nullable Tensor savedOf(Node any);

    /** The gradient of a node that has been reached. */
    abstract Tensor gradientOf(Node reached);

    /** Computes the output of an operation. */
    final void forward(Node present) {
        Op op = present.op;
        if (op != null) {
            stand(present, null, null);
            op.forward(this);
        }
    }

    /** Adds to the gradient of an input that is no parameter. */
    final void backward(Node present, int input, Tensor target) {
        Op op = present.op;
        if (op != null) {
            stand(present, op.backwardReads(input), target);
            op.backward(this, input);
        }
    }

    /**
     * Adds to the gradient of a parameter, or to one part of it where the operation divides that.
     *
     * @param ofPart which of the parts
     * @param ofParts how many there are
     */
    final void contribute(Node present, int input, int ofPart, int ofParts) {
        part = ofPart;
        parts = ofParts;
        backward(present, input, gradientOfParameter(present, input));
        part = 0;
        parts = 1;
    }

    private Tensor gradientOfParameter(Node present, int input) {
        GradientRows rows =
                Objects.requireNonNull(present.inputs[input].parameter).gradientRows();
        int picked = Objects.requireNonNull(present.op).rowsPickedBy(input);
        return picked < 0 ? rows.reach() : rows.reach(valueOf(present.inputs[picked]));
    }

    private void stand(Node present, @Nullable Reads allowed, @Nullable Tensor target) {
        this.node = present;
        this.reads = allowed;
        this.inputGradient = target;
    }

    @Override
    public final Tensor input(int position) {
        if (reads != null && !reads.input(position)) {
            throw new IllegalStateException(
                    node().name() + ": backward reads input " + position + ", which backwardReads does not name");
        }
        return valueOf(node().inputs[position]);
    }

    @Override
    public final Shape inputShape(int position) {
        return node().inputs[position].shape();
    }

    @Override
    public final Tensor output() {
        if (reads != null && !reads.output()) {
            throw new IllegalStateException(
                    node().name() + ": backward reads the output, which backwardReads does not name");
        }
        return valueOf(node());
    }

    @Override
    public final Tensor saved() {
        Tensor saved = savedOf(node());
        if (saved != null) {
            return saved;
        }
        return node().dtype() == DType.FLOAT32 ? NONE_FLOAT32 : NONE_FLOAT64;
    }

    @Override
    public final Tensor outputGradient() {
        return inputGradient == null ? present(null) : gradientOf(node());
    }

    @Override
    public final Tensor inputGradient() {
        return present(inputGradient);
    }

    @Override
    public final int gradientFrom() {
        return slice(part);
    }

    @Override
    public final int gradientTo() {
        return slice(part + 1);
    }

    private int slice(int number) {
        Shape shape = inputGradient().shape();
        int slices = shape.rank() == 0 ? 1 : shape.dim(0);
        return (int) ((long) slices * number / parts);
    }

    @Override
    public final @Nullable Prepared prepared(int position) {
        return node().inputs[position].prepared;
    }

    final Node node() {
        Node current = node;
        if (current == null) {
            throw new IllegalStateException("pass: stands on no operation");
        }
        return current;
    }

    private Tensor present(@Nullable Tensor tensor) {
        if (tensor == null) {
            throw new IllegalStateException(node().name() + ": has no gradients in forward");
        }
        return tensor;
    }
}
