package dev.unfold.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.Node;
import dev.unfold.graph.Recorded;
import dev.unfold.graph.Rows;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Holds one recorded operation, some of whose inputs have rows, to what it says of them in {@link dev.unfold.graph.Op#rows}. */
final class RowsLaw {
    private static final int OTHER_STEP = 3;
    private static final int OTHER_ROW = 5;

    private final Recorded.Use use;
    private final boolean[] rowed;
    private final Rows said;
    private final int rows;
    private final Tensor outputGradient;

    /** Asks the operation about its rows; at least one input must have some. */
    RowsLaw(Recorded.Use use, boolean[] rowed) {
        this.use = use;
        this.rowed = rowed;
        Shape[] shapes = use.inputs().stream().map(Node::shape).toArray(Shape[]::new);
        said = use.op().rows(shapes, rowed.clone());
        rows = IntStream.range(0, rowed.length)
                .filter(i -> rowed[i])
                .map(i -> shapes[i].dim(0))
                .findFirst()
                .orElseThrow();
        Node y = use.output();
        outputGradient = new Numbers(7).awayFromZero(y.shape()).to(y.dtype());
    }

    /** Returns every choice of inputs whose first axis may count rows: at least one, and of one length. */
    static List<boolean[]> choices(Recorded.Use use) {
        List<boolean[]> choices = new ArrayList<>();
        int inputs = use.inputs().size();
        for (int bits = 1; bits < 1 << inputs; bits++) {
            boolean[] choice = new boolean[inputs];
            for (int i = 0; i < inputs; i++) {
                choice[i] = (bits >> i & 1) == 1;
            }
            List<Shape> chosen = IntStream.range(0, inputs)
                    .filter(i -> choice[i])
                    .mapToObj(i -> use.inputs().get(i).shape())
                    .toList();
            boolean hasRows = chosen.stream().allMatch(shape -> shape.rank() > 0);
            if (hasRows && chosen.stream().map(shape -> shape.dim(0)).distinct().count() == 1) {
                choices.add(choice);
            }
        }
        return choices;
    }

    Rows said() {
        return said;
    }

    /** Holds the operation to its word. */
    void hold() {
        if (said == Rows.TOGETHER) {
            return;
        }
        assertThat(use.output().shape().rank() > 0 && use.output().shape().dim(0) == rows)
                .as("the output %s has the %s rows of the batch", use.output().shape(), rows)
                .isTrue();
        int[] all = IntStream.range(0, rows).toArray();
        int step = use.output().step();
        for (int height = 1; height <= rows; height++) {
            holdBlocks(all, height, step, 0);
            if (said == Rows.APART) {
                holdBlocks(all, height, OTHER_STEP, OTHER_ROW);
            }
        }
        if (said == Rows.APART) {
            int[] twoBatches = IntStream.range(0, 2 * rows)
                    .map(i -> i < rows ? i : 2 * rows - 1 - i)
                    .toArray();
            holdBlocks(twoBatches, 2 * rows, step, 0);
            holdBlocks(twoBatches, rows, step, 0);
        }
    }

    /** Compares rows in blocks of a height with the whole batch at its step. */
    private void holdBlocks(int[] order, int height, int step, int firstRow) {
        int[] all = IntStream.range(0, rows).toArray();
        OpRun whole = run(all, use.output().step(), 0);
        Tensor y = whole.forward();
        List<OpRun> blocks = new ArrayList<>();
        List<int[]> rowsOfBlocks = new ArrayList<>();
        for (int from = 0; from < order.length; from += height) {
            int[] some = IntStream.range(from, Math.min(order.length, from + height))
                    .map(i -> order[i])
                    .toArray();
            OpRun block = run(some, step, firstRow + from);
            assertSame("output", block.forward(), pick(y, some));
            assertThat(block.saved().size() * rows)
                    .as("saved numbers of %s of %s rows, for all", use.op().name(), some.length)
                    .isEqualTo(whole.saved().size() * some.length);
            assertSame("saved numbers", block.saved(), pick(byRow(whole.saved(), rows), some));
            blocks.add(block);
            rowsOfBlocks.add(some);
        }
        for (int input = 0; input < rowed.length; input++) {
            if (use.differentiated().get(input)) {
                holdGradient(input, whole, order, blocks, rowsOfBlocks);
            }
        }
    }

    private void holdGradient(int input, OpRun whole, int[] order, List<OpRun> blocks, List<int[]> rowsOfBlocks) {
        Node x = use.inputs().get(input);
        Tensor given = new Numbers(9).any(x.shape()).to(x.dtype());
        if (rowed[input]) {
            Tensor expected = whole.backward(input, given);
            for (int i = 0; i < blocks.size(); i++) {
                int[] some = rowsOfBlocks.get(i);
                assertSame("gradient", blocks.get(i).backward(input, pick(given, some)), pick(expected, some));
            }
        } else if (said == Rows.APART) {
            OpRun together = run(order, use.output().step(), 0);
            together.forward();
            Tensor expected = together.backward(input, given);
            Tensor sum = given;
            for (OpRun block : blocks) {
                sum = block.backward(input, sum);
            }
            assertSame("gradient of an input without rows", sum, expected);
        }
    }

    private OpRun run(int[] some, int step, int firstRow) {
        List<Tensor> values = new ArrayList<>();
        for (int i = 0; i < rowed.length; i++) {
            Tensor value = use.inputs().get(i).value();
            values.add(rowed[i] ? pick(value, some) : value);
        }
        return new OpRun(use, values, pick(outputGradient, some), true, step, firstRow);
    }

    /** Returns numbers that lie row behind row as a matrix. */
    private static Tensor byRow(Tensor saved, int rows) {
        return saved.reshape(rows, saved.size() / rows);
    }

    private static Tensor pick(Tensor x, int[] some) {
        Tensor picked = Tensor.zeros(x.dtype(), x.shape().withDim(0, some.length));
        for (int i = 0; i < some.length; i++) {
            picked.at(i).copyFrom(x.at(some[i]));
        }
        return picked;
    }

    private void assertSame(String what, Tensor actual, Tensor expected) {
        assertThat(actual.reshape(expected.shape().dims()).sameBits(expected))
                .as(
                        "%s of %s, whose rows go %s: %s, expected %s",
                        what, use.op().name(), said, actual, expected)
                .isTrue();
    }
}
