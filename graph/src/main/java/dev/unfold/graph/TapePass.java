package dev.unfold.graph;

import org.jspecify.annotations.Nullable;

/** The pass of a tape: stands on one node at a time and holds backward to what the operation said it reads. */
final class TapePass implements Pass {
    private static final Tensor NONE_FLOAT32 = Tensor.zeros(DType.FLOAT32, 0);
    private static final Tensor NONE_FLOAT64 = Tensor.zeros(DType.FLOAT64, 0);

    private @Nullable Node node;
    private @Nullable Reads reads;
    private @Nullable Tensor inputGradient;

    void forward(Node node) {
        this.node = node;
        this.reads = null;
        this.inputGradient = null;
    }

    void backward(Node node, Reads reads, Tensor inputGradient) {
        this.node = node;
        this.reads = reads;
        this.inputGradient = inputGradient;
    }

    @Override
    public Tensor input(int position) {
        if (reads != null && !reads.input(position)) {
            throw new IllegalStateException(
                    node().name() + ": backward reads input " + position + ", which backwardReads does not name");
        }
        return node().inputs[position].value;
    }

    @Override
    public Shape inputShape(int position) {
        return node().inputs[position].shape();
    }

    @Override
    public Tensor output() {
        if (reads != null && !reads.output()) {
            throw new IllegalStateException(
                    node().name() + ": backward reads the output, which backwardReads does not name");
        }
        return node().value;
    }

    @Override
    public Tensor saved() {
        Tensor saved = node().saved;
        if (saved != null) {
            return saved;
        }
        return node().dtype() == DType.FLOAT32 ? NONE_FLOAT32 : NONE_FLOAT64;
    }

    @Override
    public Tensor outputGradient() {
        return present(inputGradient == null ? null : node().gradient, "has no gradients in forward");
    }

    @Override
    public Tensor inputGradient() {
        return present(inputGradient, "has no gradients in forward");
    }

    @Override
    public long seed() {
        return node().graph.seed();
    }

    @Override
    public int step() {
        return node().step;
    }

    private Node node() {
        Node current = node;
        if (current == null) {
            throw new IllegalStateException("pass: stands on no operation");
        }
        return current;
    }

    private Tensor present(@Nullable Tensor tensor, String otherwise) {
        if (tensor == null) {
            throw new IllegalStateException(node().name() + ": " + otherwise);
        }
        return tensor;
    }
}
