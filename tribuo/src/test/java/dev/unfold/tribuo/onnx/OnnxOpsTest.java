package dev.unfold.tribuo.onnx;

import static dev.unfold.tribuo.onnx.Batches.parameters;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Op;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.CrossEntropy;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Unroll;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Every operation that is known, as part of a step of a cell of one's own. */
class OnnxOpsTest {
    private static final int D = 6;
    private static final Random RANDOM = new Random(11);
    private static final Parameter W = new Parameter("w", Batches.random(RANDOM, D, D));
    private static final Parameter B = new Parameter("b", Batches.random(RANDOM, D));

    private static Node rows(Node x, int first) {
        int[] values = new int[x.shape().dim(0)];
        Arrays.fill(values, first);
        return x.graph().input(Tensor.of(values, values.length));
    }

    private static Node matrix(Node x, int... row) {
        int rows = x.shape().dim(0);
        int[] values = new int[rows * row.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = row[i % row.length];
        }
        return x.graph().input(Tensor.of(values, rows, row.length));
    }

    private static Node positive(Node x) {
        return Ops.square(x).plus(0.1);
    }

    /** Functions of a matrix {@code [N, 6]} that give out one of as many rows and columns. */
    private static List<UnaryOperator<Node>> functions() {
        List<UnaryOperator<Node>> all = new ArrayList<>(List.of(
                x -> x.plus(B),
                x -> x.plus(B).minus(x.times(B)),
                x -> x.dividedBy(positive(x)),
                x -> Ops.scale(x, -1.5).plus(0.25),
                Ops::square,
                x -> Ops.sqrt(positive(x)),
                Ops::exp,
                x -> Ops.log(positive(x)),
                Ops::abs,
                x -> Ops.clip(x, -0.4, 0.7),
                Ops::sigmoid,
                Ops::tanh,
                Ops::relu,
                x -> Ops.leakyRelu(x, 0.1),
                x -> Ops.softplus(x.times(30)).times(0.05),
                x -> Ops.elu(x, 0.7),
                Ops::gelu,
                Ops::stopGradient));
        all.addAll(List.of(
                x -> Ops.matmul(x, W),
                x -> Ops.matmulTransposedB(x, W),
                x -> Ops.matmulTransposedA(Ops.transpose(x), W),
                x -> Ops.affine(x, W, B),
                x -> Ops.addmm(x, x, W),
                x -> Ops.concat(-1, Ops.slice(x, 1, 2, D), Ops.slice(x, -1, 0, 2)),
                x -> Ops.at(Ops.stack(1, List.of(x, x.times(2))), 1, 1),
                x -> Ops.concat(1, Ops.reshape(Ops.at(x, 1, 2), x.shape().dim(0), 1), Ops.slice(x, 1, 0, D - 1)),
                x -> Ops.reshape(
                        Ops.swapAxes(Ops.reshape(x, x.shape().dim(0), 2, 3), 1, 2),
                        x.shape().dim(0),
                        D),
                x -> Ops.reshape(
                        Ops.tanh(Ops.reshape(x, 2 * x.shape().dim(0), 3)),
                        x.shape().dim(0),
                        D),
                x -> x.plus(Ops.gather(W, rows(x, 3))),
                x -> x.plus(Ops.gatherOrZero(W, rows(x, 4))).plus(Ops.gatherOrZero(W, rows(x, -1))),
                x -> Ops.gatherSum(W, matrix(x, 0, 5), Ops.slice(x, 1, 0, 2)),
                x -> Ops.gatherSum(W, matrix(x, 0, 5), Ops.relu(Ops.slice(x, 1, 0, 2))),
                x -> Ops.select(matrix(x, 1, 0, 0, 2, 1, 0), x, x.times(7)),
                x -> Ops.select(rows(x, 0), x, x.times(7)),
                x -> Ops.selectNonZero(Ops.relu(Ops.at(x, 1, 0)), x, x.times(7)),
                x -> Ops.at(Ops.reverseByLength(Ops.stack(0, List.of(x, x.times(2))), rows(x, 2)), 0, 0),
                x -> Ops.at(Ops.reverseByLength(Ops.stack(0, List.of(x, x.times(2))), rows(x, 0)), 0, 1)));
        all.addAll(List.of(
                x -> wide(x, Ops.at(Ops.sum(Ops.reshape(x, x.shape().dim(0), 2, 3), 1), 1, 2)),
                x -> wide(x, Ops.sum(x, 1)),
                x -> wide(x, Ops.mean(x, -1)),
                x -> wide(x, Ops.max(x, 1)),
                x -> wide(x, Ops.logSumExp(x.times(100), 1)),
                x -> x.plus(Ops.sum(x.graph().use(W))),
                x -> x.plus(Ops.mean(x.graph().use(B), 0)),
                x -> Ops.softmax(x.times(20)),
                x -> Ops.logSoftmax(x.times(20)),
                Ops::layerNorm));
        return all;
    }

    /** Puts a number of each row in place of the first column. */
    private static Node wide(Node x, Node numbers) {
        return Ops.concat(1, Ops.reshape(numbers, x.shape().dim(0), 1), Ops.slice(x, 1, 1, D));
    }

    private static Unroll unroll(UnaryOperator<Node> function, boolean carries) {
        return Unroll.dynamic(new OwnCells.Function(parameters(1), D, D, carries, function));
    }

    @Test
    void should_compute_the_same_in_a_step() {
        List<UnaryOperator<Node>> functions = functions();
        for (int i = 0; i < functions.size(); i++) {
            for (int opset : new int[] {14, 17, 18, 21}) {
                Unroll unroll = unroll(functions.get(i), false);
                assertSame(OnnxExport.of(unroll).opset(opset), unroll, "function " + i + ", opset " + opset, 1e-5);
            }
        }
    }

    private static void assertSame(OnnxExport export, Unroll unroll, String what, double tolerance) {
        Random random = new Random(13);
        try (OnnxRun run = new OnnxRun(export)) {
            for (int rows : new int[] {1, 4}) {
                Tensor input = Batches.random(random, 3, rows, D);
                Tensor lengths = Batches.lengths(random, 3, rows);
                OnnxRun.assertSame(
                        run.run(Map.of("input", input, "lengths", lengths)),
                        Batches.expected(unroll, input, Lengths.of(lengths)),
                        what,
                        tolerance);
            }
        }
    }

    @Test
    void should_have_tried_every_operation_that_is_known() {
        Set<String> seen = new HashSet<>();
        for (UnaryOperator<Node> function : functions()) {
            Graph graph = Graph.rehearsal();
            assertThat(function.apply(graph.input(Tensor.zeros(DType.FLOAT32, 3, D)))
                            .shape())
                    .isEqualTo(Shape.of(3, D));
            for (int id = 0; id < graph.size(); id++) {
                Op op = graph.node(id).op();
                if (op != null) {
                    seen.add(op.name());
                }
            }
        }
        assertThat(seen).containsExactlyInAnyOrderElementsOf(OnnxOps.all().keySet());
    }

    @Test
    void should_write_cells_of_random_operations() {
        List<UnaryOperator<Node>> functions = functions();
        for (int seed = 0; seed < 25; seed++) {
            Random random = new Random(seed);
            List<UnaryOperator<Node>> chosen = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                chosen.add(functions.get(random.nextInt(functions.size())));
            }
            Unroll unroll = unroll(
                    x -> {
                        Node y = x;
                        for (UnaryOperator<Node> each : chosen) {
                            y = each.apply(Ops.tanh(y));
                        }
                        return y;
                    },
                    false);
            // Some operations multiply the differences of others by up to a hundred.
            assertSame(OnnxExport.of(unroll), unroll, "seed " + seed, 1e-3);
        }
    }

    @Test
    void should_write_an_operation_of_ones_own_once_told_how() {
        Unroll unroll = unroll(x -> x.graph().record(new OwnCells.Cube(), x), true);
        assertThatThrownBy(() -> OnnxExport.of(unroll).model())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cell 'rnn'")
                .hasMessageContaining("OnnxExport.operation(\"cube\", (graph, use) -> ...)");
        // tag::operation[]
        OnnxExport export = OnnxExport.of(unroll)
                .operation("cube", (graph, use) -> graph.node("Pow", use.input(0), graph.number(3)));
        // end::operation[]
        assertSame(export, unroll, "cube", 1e-5);
    }

    @Test
    void should_refuse_what_depends_on_the_batch() {
        assertRefused(
                x -> x.shape().dim(0) > 5 ? x.plus(1) : Ops.tanh(x),
                "records tanh #1",
                "for another",
                "for every batch");
        assertRefused(x -> x.plus(x.shape().dim(0)), "number=5.0", "number=7.0");
        assertRefused(x -> x.shape().dim(0) > 5 ? x.plus(1).plus(1) : x.plus(1), "records", "nodes");
        assertRefused(x -> x.plus(x.graph().input(x.value())), "whose values depend on the batch");
        assertRefused(
                x -> {
                    Tensor numbers = Tensor.zeros(DType.FLOAT32, x.shape().dim(0), D);
                    for (int i = 0; i < numbers.size(); i++) {
                        numbers.setFlat(i, i);
                    }
                    return x.plus(x.graph().input(numbers));
                },
                "not the same in every row");
        assertRefused(
                x -> Ops.reshape(Ops.reshape(x, x.shape().dim(0) * D), x.shape().dim(0), D)
                        .times(Ops.tanh(x).value().get(0, 0)),
                "rehearsal");
        assertRefused(x -> x.plus(CrossEntropy.meanOverTokens().of(x, rows(x, 0))), "operation 'crossEntropy'");
    }

    private static void assertRefused(UnaryOperator<Node> function, String... parts) {
        assertThatThrownBy(() -> OnnxExport.of(unroll(function, false)).model())
                .isInstanceOfAny(IllegalArgumentException.class, IllegalStateException.class)
                .hasMessageContainingAll(parts);
    }
}
