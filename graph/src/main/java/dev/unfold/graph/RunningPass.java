package dev.unfold.graph;

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

    /** The value of a node, where it lies now. */
    abstract Tensor valueOf(Node any);

    /** What the operation of a node saved, where it lies now; null where it saves nothing. */
    abstract @Nullable Tensor savedOf(Node any);

    /** The gradient of a node that has been reached. */
    abstract Tensor gradientOf(Node reached);

    /** Returns the gradient of a node to add to, which is zero where nothing has been added before. */
    abstract Tensor reach(Node any);

    /** The thread that contributes to the gradient of a parameter. */
    abstract int laneOf(Node parameter);

    /** Computes the output of an operation. */
    final void forward(Node present) {
        Op op = present.op;
        if (op != null) {
            stand(present, null, null);
            op.forward(this);
        }
    }

    /**
     * Passes the gradient of a node that has been reached on to those inputs that are no parameters.
     *
     * @return whether there are parameters among the inputs, to be served by {@link #contribute} later
     */
    final boolean passBack(Node present) {
        Op op = present.op;
        boolean parameters = false;
        for (int i = 0; op != null && i < present.inputs.length; i++) {
            Node input = present.inputs[i];
            if (!input.needsGradient || !op.differentiates(i)) {
                continue;
            }
            if (input.parameter != null) {
                parameters = true;
                continue;
            }
            backward(present, op, i);
        }
        return parameters;
    }

    /** Passes the gradient of a node that has been reached on to those of its inputs that are parameters of one lane. */
    final void contribute(Node present, int lane) {
        Op op = present.op;
        for (int i = 0; op != null && i < present.inputs.length; i++) {
            Node input = present.inputs[i];
            if (input.parameter != null
                    && input.needsGradient
                    && op.differentiates(i)
                    && (lane == Team.ALL || laneOf(input) == lane)) {
                backward(present, op, i);
            }
        }
    }

    private void backward(Node present, Op op, int input) {
        stand(present, op.backwardReads(input), reach(present.inputs[input]));
        op.backward(this, input);
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
