package dev.unfold.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Op;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Recorded;
import dev.unfold.graph.Rows;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds every operation to what it says about the rows of a batch, whichever of its inputs have them. */
class RowsTest {
    static List<OpSample> samples() {
        return OpSamples.all();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void rows_should_go_as_said(OpSample sample) {
        for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
            for (Recorded.Use use : sample.uses(dtype)) {
                RowsLaw.choices(use).forEach(rowed -> new RowsLaw(use, rowed).hold());
            }
        }
    }

    @Test
    void every_operation_should_let_rows_go_apart_that_can() {
        Map<String, Set<Rows>> said = new TreeMap<>();
        for (OpSample sample : samples()) {
            for (Recorded.Use use : sample.uses(DType.FLOAT32)) {
                for (boolean[] rowed : RowsLaw.choices(use)) {
                    said.computeIfAbsent(use.op().name(), any -> EnumSet.noneOf(Rows.class))
                            .add(new RowsLaw(use, rowed).said());
                }
            }
        }
        said.keySet().removeAll(Set.of("matmul", "affine", "addmm"));
        said.forEach((name, all) -> {
            switch (name) {
                case "crossEntropy", "reverseByLength" ->
                    assertThat(all).as(name).containsOnly(Rows.TOGETHER);
                case "dropout" -> assertThat(all).as(name).containsOnly(Rows.NUMBERED);
                default -> assertThat(all).as(name).contains(Rows.APART);
            }
        });
        assertThat(said).hasSizeGreaterThan(30);
    }

    private static Tensor random(int... dims) {
        // In float64 sums of so few such numbers would be exact, in whatever order.
        return new Numbers(3).awayFromZero(Shape.of(dims)).to(DType.FLOAT32);
    }

    private static Recorded.Use recorded(Op op, Tensor... inputs) {
        Graph graph = new Graph();
        graph.training(OpRun.SEED);
        Node[] nodes = Arrays.stream(inputs)
                .map(input -> input.dtype().isFloat() ? graph.variable(input) : graph.input(input))
                .toArray(Node[]::new);
        graph.record(op, nodes);
        return Recorded.uses(graph).get(0);
    }

    private static void assertRows(Rows expected, Op op, boolean[] rowed, Tensor... inputs) {
        assertThat(new RowsLaw(recorded(op, inputs), rowed).said())
                .as("%s of %s, rowed %s", op.name(), Arrays.toString(inputs), Arrays.toString(rowed))
                .isEqualTo(expected);
    }

    private static boolean[] rowed(boolean... rowed) {
        return rowed;
    }

    @Test
    void what_is_repeated_over_rows_should_have_none_itself() {
        Op plus = new Add();
        assertRows(Rows.APART, plus, rowed(true, true), random(4, 3), random(4, 3));
        assertRows(Rows.APART, plus, rowed(true, false), random(4, 3), random(3));
        assertRows(Rows.TOGETHER, plus, rowed(false, true), random(1, 3), random(4, 3));
        assertRows(Rows.TOGETHER, plus, rowed(true, false), random(1, 3), random(1, 3));
        assertRows(Rows.APART, plus, rowed(true, false), random(4), random());
        assertRows(Rows.TOGETHER, plus, rowed(true, false), random(4, 3), random(4, 3));
        assertRows(Rows.TOGETHER, plus, rowed(true, true), random(4), random(4, 4));
        assertRows(Rows.TOGETHER, plus, rowed(true, false), random(4), random(4, 4));
        assertRows(Rows.TOGETHER, plus, rowed(true, false), random(1, 3), random(4, 3));
        assertRows(Rows.TOGETHER, plus, rowed(true, true), random(1, 1, 3), random(1, 2, 3));
    }

    @Test
    void rows_should_stay_together_where_some_input_cannot_be_cut_with_them() {
        Tensor x = random(4, 3);
        Tensor mask = Tensor.of(new int[] {1, 0, 0, 1}, 4);
        assertRows(Rows.APART, new Select(false), rowed(true, true, true), mask, x, x);
        assertRows(Rows.TOGETHER, new Select(false), rowed(false, true, true), mask, x, x);
        assertRows(Rows.TOGETHER, new Select(false), rowed(true, true, false), mask, x, x);
        assertRows(Rows.APART, new Select(false), rowed(false, true, true), Tensor.of(new int[] {1}), x, x);
        assertRows(Rows.TOGETHER, new Concat(1, 2, false), rowed(true, false), x, x);
        assertRows(Rows.APART, new Concat(-1, 2, false), rowed(true, true), x, x);
        assertRows(Rows.TOGETHER, new Concat(-2, 2, false), rowed(true, true), x, x);
        assertRows(Rows.TOGETHER, new Gather(), rowed(true, true), x, mask);
        assertRows(Rows.APART, new Gather(), rowed(false, true), x, mask);
        assertRows(Rows.TOGETHER, new Softmax(), rowed(true), random(4));
        assertRows(Rows.TOGETHER, new Sum(false, AlongAxis.ALL), rowed(true), x);
        assertRows(Rows.TOGETHER, new Sum(false, -2), rowed(true), x);
        assertRows(Rows.TOGETHER, new Reshape(Shape.of(12)), rowed(true), x);
        assertRows(Rows.TOGETHER, new Reshape(Shape.scalar()), rowed(true), random(1));
        assertRows(Rows.TOGETHER, new SwapAxes(-1, 0), rowed(true), random(3, 3));
    }

    /** An operation that says of its rows what is not so. */
    private record Claims(Op op, Rows claimed) implements Op {
        @Override
        public String name() {
            return op.name();
        }

        @Override
        public Shape shape(Shape[] inputs) {
            return op.shape(inputs);
        }

        @Override
        public int saved(Shape[] inputs) {
            return op.saved(inputs);
        }

        @Override
        public boolean takesIntegers(int input) {
            return op.takesIntegers(input);
        }

        @Override
        public boolean differentiates(int input) {
            return op.differentiates(input);
        }

        @Override
        public Reads backwardReads(int input) {
            return op.backwardReads(input);
        }

        @Override
        public Rows rows(Shape[] inputs, boolean[] rowed) {
            return claimed;
        }

        @Override
        public void forward(Pass pass) {
            op.forward(pass);
        }

        @Override
        public void backward(Pass pass, int input) {
            op.backward(pass, input);
        }
    }

    /** y = x + b for b [H], with a fault or none. */
    private record OddSum(Odd odd) implements Op {
        enum Odd {
            NOTHING,
            DESCENDS,
            READS_RECORDED_SHAPE,
            SAVES_BEHIND_THE_ROWS
        }

        @Override
        public String name() {
            return "oddSum";
        }

        @Override
        public Shape shape(Shape[] inputs) {
            return inputs[0];
        }

        @Override
        public int saved(Shape[] inputs) {
            return inputs[0].dim(0) + (odd == Odd.SAVES_BEHIND_THE_ROWS ? inputs[0].dim(1) : 0);
        }

        @Override
        public Reads backwardReads(int input) {
            return Reads.NOTHING;
        }

        @Override
        public Rows rows(Shape[] inputs, boolean[] rowed) {
            return Rows.APART;
        }

        @Override
        public void forward(Pass pass) {
            Tensor x = pass.input(0);
            Tensor y = pass.output();
            int columns = y.shape().dim(1);
            pass.saved().fill(2);
            for (int i = 0; i < y.size(); i++) {
                y.setFlat(i, x.getFlat(i) + pass.input(1).getFlat(i % columns));
            }
        }

        @Override
        public void backward(Pass pass, int input) {
            Tensor dy = pass.outputGradient();
            Tensor dx = pass.inputGradient();
            int size = odd == Odd.READS_RECORDED_SHAPE
                    ? Math.min(dy.size(), pass.inputShape(0).size() / 2)
                    : dy.size();
            for (int i = 0; i < size; i++) {
                int from = odd == Odd.DESCENDS ? size - 1 - i : i;
                int to = from % dx.size();
                dx.setFlat(to, dx.getFlat(to) + dy.getFlat(from));
            }
        }
    }

    private static void assertCaught(String message, Op op, boolean[] rowed, Tensor... inputs) {
        RowsLaw law = new RowsLaw(recorded(op, inputs), rowed);
        assertThatThrownBy(law::hold)
                .as(op.name())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(message);
    }

    @Test
    void operations_that_say_what_is_not_so_should_be_caught() {
        Tensor x = random(4, 4);
        Tensor y = random(4, 4, 3);
        assertCaught("output of swapAxes", new Claims(new SwapAxes(0, 1), Rows.NUMBERED), rowed(true), y);
        assertCaught("output of dropout", new Claims(new Dropout(0.5, 1, false), Rows.APART), rowed(true), x);
        assertCaught("the output []", new Claims(new Sum(true, AlongAxis.ALL), Rows.APART), rowed(true), x);
        assertCaught("output of minus", new Claims(new Subtract(), Rows.NUMBERED), rowed(true, false), x, x.copy());
        assertCaught("output of plus", new Claims(new Add(), Rows.APART), rowed(true, true), random(4), x);
        assertCaught(
                "gradient of oddSum", new OddSum(OddSum.Odd.READS_RECORDED_SHAPE), rowed(true, false), x, random(4));
        assertCaught(
                "gradient of an input without rows of oddSum",
                new OddSum(OddSum.Odd.DESCENDS),
                rowed(true, false),
                x,
                random(4));
        assertCaught(
                "saved numbers of oddSum",
                new OddSum(OddSum.Odd.SAVES_BEHIND_THE_ROWS),
                rowed(true, false),
                random(4, 4),
                random(4));
    }

    @Test
    void what_says_the_truth_should_pass() {
        new RowsLaw(recorded(new OddSum(OddSum.Odd.NOTHING), random(4, 4), random(4)), rowed(true, false)).hold();
        new RowsLaw(recorded(new Claims(new Dropout(0.5, 1, true), Rows.NUMBERED), random(4, 4)), rowed(true)).hold();
    }
}
