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
    /** Wider rows are large products in themselves, and would need much room. */
    private static final int MOST_COLUMNS = 1 << 14;

    private static final int MOST_INPUTS = 4;

    private final Graph graph;
    private final List<RowShapes> known = new ArrayList<>();
    private final Copies[] inputs = new Copies[MOST_INPUTS];
    private final Copies output = new Copies();
    private final Copies gradient = new Copies();
    /** For the rules of operations, by number of inputs. */
    private final Shape[][] shapes = new Shape[MOST_INPUTS + 1][];

    private final boolean[][] rowed = new boolean[MOST_INPUTS + 1][];
    /** The first use on the stack; null while there is none. It is copied when a second one joins it. */
    private @Nullable Node use;

    private boolean copied;

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
        private final Map<DType, Tensor> cursors = new EnumMap<>(DType.class);
        private Tensor room = Tensor.zeros(DType.INT32, 0);
        private Tensor cursor = room;
        /** Null where the tensor is not read. */
        private @Nullable RowShapes shape;

        private int inner;

        void begin(DType dtype, Shape of) {
            shape = RowShapes.of(of, known);
            inner = of.size() / of.dim(0);
            Tensor large = rooms.get(dtype);
            if (large == null || large.size() < MOST_ROWS * inner) {
                large = Tensor.zeros(dtype, MOST_ROWS * inner);
                rooms.put(dtype, large);
                cursors.put(dtype, Tensor.unplaced(dtype, of));
            }
            room = large;
            cursor = Objects.requireNonNull(cursors.get(dtype));
        }

        void drop() {
            rooms.clear();
            cursors.clear();
        }

        void add(Tensor some) {
            if (shape != null) {
                room.copyRun(some, 0, rows * inner, some.size());
            }
        }

        long bytes() {
            return rooms.values().stream()
                    .mapToLong(each -> (long) each.size() * each.dtype().bytes())
                    .sum();
        }

        void place() {
            if (shape != null) {
                cursor.place(room, 0, shape.of(rows));
            }
        }
    }

    /** Whether an operation has a few rows, which go through it apart. */
    boolean takes(Node node) {
        Op op = node.op;
        int count = node.inputs.length;
        boolean few = node.saved == null
                && count <= MOST_INPUTS
                && isNarrow(node.shape())
                && node.shape().dim(0) > 0
                && node.shape().dim(0) < MANY_ROWS;
        boolean any = false;
        for (int i = 0; few && i < count; i++) {
            shapes[count][i] = node.inputs[i].shape();
            rowed[count][i] = hasRows(node, i);
            few = !rowed[count][i] || isNarrow(shapes[count][i]);
            any |= rowed[count][i];
        }
        return few && any && op != null && op.rows(shapes[count], rowed[count]) == Rows.APART;
    }

    private static boolean isNarrow(Shape shape) {
        return shape.rank() > 0 && shape.rank() <= 2 && shape.inner(0) <= MOST_COLUMNS;
    }

    /** The bytes of the rooms for rows. */
    long bytes() {
        long bytes = output.bytes() + gradient.bytes();
        for (Copies each : inputs) {
            bytes += each.bytes();
        }
        return bytes;
    }

    /** Gives back the rooms for rows. */
    void drop() {
        clear();
        output.drop();
        gradient.drop();
        for (Copies each : inputs) {
            each.drop();
        }
    }

    /** Forgets what is on the stack, as where a backward pass has failed. */
    void clear() {
        use = null;
    }

    /** Puts a use on the stack; where it does not go with those that are there, these contribute first. */
    void add(Node node, int position, int part, int parts) {
        Node first = use;
        if (first != null && joins(first, node, position)) {
            if (!copied) {
                begin(first);
                copy(first);
            }
            copy(node);
        } else {
            flush(part, parts);
            use = node;
            input = position;
            copied = false;
            if (graph.isMeasuring()) {
                // Another one may join it where other gradients come.
                begin(node);
                copy(node);
            }
        }
    }

    private void begin(Node first) {
        rows = 0;
        copied = true;
        Reads reads = Objects.requireNonNull(first.op).backwardReads(input);
        for (int i = 0; i < first.inputs.length; i++) {
            inputs[i].shape = null;
            if (reads.input(i) && hasRows(first, i)) {
                inputs[i].begin(first.inputs[i].dtype(), first.inputs[i].shape());
            }
        }
        output.shape = null;
        if (reads.output()) {
            output.begin(first.dtype(), first.shape());
        }
        gradient.begin(first.dtype(), first.shape());
    }

    private void copy(Node node) {
        if (graph.does() == Graph.Does.ALL) {
            for (int i = 0; i < node.inputs.length; i++) {
                inputs[i].add(node.inputs[i].value);
            }
            output.add(node.value);
            gradient.add(Objects.requireNonNull(node.gradient));
        }
        rows += node.shape().dim(0);
    }

    /** Whether a use goes with the first: backward must read the same of it, in rows of the same form. */
    private boolean joins(Node first, Node node, int position) {
        int above = copied ? rows : first.shape().dim(0);
        boolean joins = position == input
                && node.inputs.length == first.inputs.length
                && node.dtype() == first.dtype()
                && above + node.shape().dim(0) <= MOST_ROWS
                && Objects.equals(first.op, node.op)
                && RowShapes.alike(first.shape(), node.shape());
        Reads reads = Objects.requireNonNull(first.op).backwardReads(input);
        for (int i = 0; joins && i < node.inputs.length; i++) {
            Node one = first.inputs[i];
            Node other = node.inputs[i];
            if (reads.input(i)) {
                joins = hasRows(first, i)
                        ? hasRows(node, i)
                                && one.dtype() == other.dtype()
                                && RowShapes.alike(one.shape(), other.shape())
                        : one == other;
            }
            // Values are found by node, so what is one node twice must be so in all uses.
            for (int j = 0; joins && j < i; j++) {
                joins = (one == first.inputs[j]) == (other == node.inputs[j]);
            }
        }
        return joins;
    }

    /** Lets all uses on the stack contribute to the gradient of their parameter, or to a part of it. */
    void flush(int part, int parts) {
        Node first = use;
        if (first == null) {
            return;
        }
        if (copied) {
            for (int i = 0; i < first.inputs.length; i++) {
                inputs[i].place();
            }
            output.place();
            gradient.place();
        }
        if (graph.does() == Graph.Does.ALL) {
            contribute(first, input, part, parts);
        }
        use = null;
    }

    @Override
    Tensor valueOf(Node any) {
        Node first = Objects.requireNonNull(use);
        for (int i = 0; copied && i < first.inputs.length; i++) {
            if (first.inputs[i] == any && inputs[i].shape != null) {
                return inputs[i].cursor;
            }
        }
        return copied && any == first ? output.cursor : any.value;
    }

    @Override
    @Nullable
    Tensor savedOf(Node any) {
        return null;
    }

    @Override
    Tensor gradientOf(Node reached) {
        return copied ? gradient.cursor : Objects.requireNonNull(reached.gradient);
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
