package dev.unfold.graph;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The rows of several uses of a parameter on a tape, one use behind the other, so that one backward serves them all: in batches of a few
 * rows the products of single steps would be small. The bits are those of one use after the other.
 */
final class RowStack extends RunningPass {
    /** Uses of so many rows are worth a backward of their own. */
    private static final int MANY_ROWS = 32;

    private static final int MOST_ROWS = 128;
    private static final int MOST_INPUTS = 4;

    private final Graph graph;
    private final List<RowShapes> known = new ArrayList<>();
    private final Copies[] inputs = new Copies[MOST_INPUTS];
    private final Copies output = new Copies();
    private final Copies gradient = new Copies();
    /** For the rules of operations, by number of inputs. */
    private final Shape[][] shapes = new Shape[MOST_INPUTS + 1][];

    private final boolean[][] rowed = new boolean[MOST_INPUTS + 1][];
    /** The first use on the stack; null while there is none. */
    private @Nullable Node use;

    private int input;
    private int rows;

    RowStack(Graph graph) {
        this.graph = graph;
        for (int i = 0; i < MOST_INPUTS; i++) {
            inputs[i] = new Copies();
        }
        for (int count = 0; count <= MOST_INPUTS; count++) {
            shapes[count] = new Shape[count];
            rowed[count] = new boolean[count];
        }
    }

    /** Copies of the rows of one of the tensors that backward reads. */
    private final class Copies {
        private final Map<DType, Tensor> rooms = new EnumMap<>(DType.class);

        private Tensor cursor = Tensor.zeros(DType.INT32, 0);
        /** Null where the tensor is not read. */
        private @Nullable RowShapes shape;

        private int inner;

        void begin(DType dtype, Shape of) {
            shape = RowShapes.of(of, known);
            inner = of.size() / of.dim(0);
            Tensor room = rooms.get(dtype);
            if (room == null || room.size() < MOST_ROWS * inner) {
                room = Tensor.zeros(dtype, MOST_ROWS * inner);
                rooms.put(dtype, room);
            }
            cursor = cursor.dtype() == dtype ? cursor : Tensor.unplaced(dtype, of);
        }

        boolean joins(Node node) {
            return shape == null || (cursor.dtype() == node.dtype() && shape.has(node.shape()));
        }

        void add(Tensor some) {
            if (shape != null) {
                Objects.requireNonNull(rooms.get(some.dtype())).copyRun(some, 0, rows * inner, some.size());
            }
        }

        void place() {
            if (shape != null) {
                cursor.place(Objects.requireNonNull(rooms.get(cursor.dtype())), 0, shape.of(rows));
            }
        }
    }

    /** Whether an operation has a few rows, which go through it apart. */
    boolean takes(Node node) {
        Op op = node.op;
        int count = node.inputs.length;
        boolean few = node.saved == null
                && node.shape().rank() > 0
                && node.shape().dim(0) > 0
                && node.shape().dim(0) < MANY_ROWS
                && count <= MOST_INPUTS;
        boolean any = false;
        for (int i = 0; few && i < count; i++) {
            shapes[count][i] = node.inputs[i].shape();
            rowed[count][i] = hasRows(node, i);
            any |= rowed[count][i];
        }
        return any && op != null && op.rows(shapes[count], rowed[count]) == Rows.APART;
    }

    private static boolean hasRows(Node node, int position) {
        Node some = node.inputs[position];
        return some.parameter == null
                && some.shape().rank() > 0
                && some.shape().dim(0) == node.shape().dim(0);
    }

    /** Puts a use on the stack; where it does not go with those that are there, these contribute first. */
    void add(Node node, int position, int part, int parts) {
        if (!joins(node, position)) {
            flush(part, parts);
        }
        if (use == null) {
            begin(node, position);
        }
        for (int i = 0; i < node.inputs.length; i++) {
            inputs[i].add(node.inputs[i].value);
        }
        output.add(node.value);
        gradient.add(Objects.requireNonNull(node.gradient));
        rows += node.shape().dim(0);
    }

    private void begin(Node node, int position) {
        use = node;
        input = position;
        rows = 0;
        Reads reads = Objects.requireNonNull(node.op).backwardReads(position);
        for (int i = 0; i < node.inputs.length; i++) {
            inputs[i].shape = null;
            if (reads.input(i) && hasRows(node, i)) {
                inputs[i].begin(node.inputs[i].dtype(), node.inputs[i].shape());
            }
        }
        output.shape = null;
        if (reads.output()) {
            output.begin(node.dtype(), node.shape());
        }
        gradient.begin(node.dtype(), node.shape());
    }

    /** Whether a use goes with those on the stack; there is none that does not where the stack is empty. */
    private boolean joins(Node node, int position) {
        Node first = use;
        if (first == null) {
            return true;
        }
        Reads reads = Objects.requireNonNull(first.op).backwardReads(input);
        boolean joins = position == input
                && first.op.equals(node.op)
                && rows + node.shape().dim(0) <= MOST_ROWS
                && output.joins(node)
                && gradient.joins(node);
        for (int i = 0; joins && i < node.inputs.length; i++) {
            joins = inputs[i].shape != null
                    ? hasRows(node, i) && inputs[i].joins(node.inputs[i])
                    : !reads.input(i) || first.inputs[i] == node.inputs[i];
        }
        return joins;
    }

    /** Lets all uses on the stack contribute to the gradient of their parameter, or to a part of it. */
    void flush(int part, int parts) {
        Node first = use;
        if (first == null) {
            return;
        }
        for (int i = 0; i < first.inputs.length; i++) {
            inputs[i].place();
        }
        output.place();
        gradient.place();
        contribute(first, input, part, parts);
        use = null;
    }

    @Override
    Tensor valueOf(Node any) {
        Node first = Objects.requireNonNull(use);
        for (int i = 0; i < first.inputs.length; i++) {
            if (first.inputs[i] == any && inputs[i].shape != null) {
                return inputs[i].cursor;
            }
        }
        return any == first ? output.cursor : any.value;
    }

    @Override
    @Nullable
    Tensor savedOf(Node any) {
        return null;
    }

    @Override
    Tensor gradientOf(Node reached) {
        return gradient.cursor;
    }

    @Override
    public long seed() {
        return graph.seed();
    }

    @Override
    public int step() {
        return Objects.requireNonNull(use).step;
    }

    @Override
    public int rowOf(int position) {
        return position;
    }

    @Override
    public int stepOf(int position) {
        return step();
    }
}
