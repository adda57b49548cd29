package dev.unfold.graph;

import org.jspecify.annotations.Nullable;

/** A product on a tape whose rows go apart, cut into as many ranges of rows as there are threads. */
final class RowSplit {
    private final Node node;
    private final boolean[] rowed;
    private final Part[] parts;

    private RowSplit(Graph graph, Node node, boolean[] rowed, int count) {
        this.node = node;
        this.rowed = rowed;
        this.parts = new Part[count];
        int rows = node.shape().dim(0);
        for (int i = 0; i < count; i++) {
            parts[i] = new Part(graph, (int) ((long) rows * i / count), (int) ((long) rows * (i + 1) / count));
        }
    }

    /** Cuts a node; null where its rows do not go apart, or that does not pay. */
    static @Nullable RowSplit of(Graph graph, Node node, int count) {
        Op op = node.op;
        if (op == null
                || node.shape().rank() < 2
                || node.shape().dim(0) < count
                || Team.work(node) < Team.WORTH_THREADS) {
            return null;
        }
        boolean product = false;
        boolean any = false;
        Shape[] shapes = new Shape[node.inputs.length];
        boolean[] rowed = new boolean[shapes.length];
        for (int i = 0; i < shapes.length; i++) {
            shapes[i] = node.inputs[i].shape();
            rowed[i] = RunningPass.hasRows(node, i);
            any |= rowed[i];
            product |= op.divides(i) && !rowed[i];
        }
        boolean apart = any && product && op.rows(shapes, rowed) == Rows.APART;
        return apart ? new RowSplit(graph, node, rowed, count) : null;
    }

    void forward(int part) {
        parts[part].place(null);
        parts[part].forward(node);
    }

    /** Whether the gradient of an input can be computed in parts. */
    boolean divides(int input) {
        return rowed[input];
    }

    /**
     * Adds to some rows of the gradient of an input.
     *
     * @param own the gradient of the node
     * @param target the gradient of the input
     */
    void backward(int part, int input, Tensor own, Tensor target) {
        parts[part].place(own);
        parts[part].backward(node, input, parts[part].someOf(input, target));
    }

    /** Some rows. */
    private final class Part extends RunningPass {
        private final Graph graph;
        private final int from;
        private final Tensor output;
        private final Tensor outputGradient;
        private final @Nullable Tensor saved;
        private final Tensor[] inputs;
        private final Tensor[] inputGradients;

        Part(Graph graph, int from, int to) {
            this.graph = graph;
            this.from = from;
            this.output = some(node, to);
            this.outputGradient = some(node, to);
            int perRow =
                    node.saved == null ? 0 : node.saved.size() / node.shape().dim(0);
            this.saved = node.saved == null ? null : Tensor.unplaced(node.dtype(), Shape.of(perRow * (to - from)));
            this.inputs = new Tensor[node.inputs.length];
            this.inputGradients = new Tensor[node.inputs.length];
            for (int i = 0; i < inputs.length; i++) {
                inputs[i] = rowed[i] ? some(node.inputs[i], to) : node.inputs[i].value;
                inputGradients[i] = rowed[i] ? some(node.inputs[i], to) : node.inputs[i].value;
            }
        }

        private Tensor some(Node whole, int to) {
            return Tensor.unplaced(whole.dtype(), whole.shape().withDim(0, to - from));
        }

        private void lay(Tensor cursor, Tensor whole) {
            cursor.place(whole, from * whole.shape().inner(0));
        }

        void place(@Nullable Tensor own) {
            lay(output, node.value);
            if (saved != null && node.saved != null) {
                saved.place(node.saved, from * (node.saved.size() / node.shape().dim(0)));
            }
            for (int i = 0; i < inputs.length; i++) {
                if (rowed[i]) {
                    lay(inputs[i], node.inputs[i].value);
                }
            }
            if (own != null) {
                lay(outputGradient, own);
            }
        }

        /** Lets the rows of a gradient be seen. */
        Tensor someOf(int input, Tensor target) {
            lay(inputGradients[input], target);
            return inputGradients[input];
        }

        @Override
        Tensor valueOf(Node any) {
            for (int i = 0; i < inputs.length; i++) {
                if (node.inputs[i] == any) {
                    return inputs[i];
                }
            }
            return output;
        }

        @Override
        @Nullable
        Tensor savedOf(Node any) {
            return saved;
        }

        @Override
        Tensor gradientOf(Node reached) {
            return outputGradient;
        }

        @Override
        public long seed() {
            return graph.seed();
        }

        @Override
        public int step() {
            return node.step;
        }

        @Override
        public int rowOf(int position) {
            return from + position;
        }

        @Override
        public int stepOf(int position) {
            return node.step;
        }
    }
}
