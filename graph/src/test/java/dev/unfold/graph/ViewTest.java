package dev.unfold.graph;

import static dev.unfold.graph.TinyOps.SQUARE;
import static dev.unfold.graph.TinyOps.TIMES;
import static dev.unfold.graph.TinyOps.TOTAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Parts of values that lie where those do. */
class ViewTest {
    private final Graph graph = new Graph();
    private final Tensor six = Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 3, 2);

    private static double[] numbers(Node node) {
        return node.value().toDoubles();
    }

    private static double[] gradient(Node node) {
        return node.gradient().toDoubles();
    }

    @Test
    void should_show_a_part_of_the_value() {
        Node x = graph.input(six);
        Node rows = graph.slices(x, 1, 3);
        assertThat(rows.shape()).isEqualTo(Shape.of(2, 2));
        assertThat(numbers(rows)).containsExactly(3, 4, 5, 6);
        Node row = graph.slice(x, 2);
        assertThat(row.shape()).isEqualTo(Shape.of(2));
        assertThat(numbers(row)).containsExactly(5, 6);
        assertThat(graph.slice(row, 1).item()).isEqualTo(6);
        Node none = graph.slices(x, 3, 3);
        assertThat(none.shape()).isEqualTo(Shape.of(0, 2));
        assertThat(graph.record(TOTAL, none).item()).isZero();
        assertThat(row).hasToString("slice of input #2 [2]");
        assertThat(row.isLeaf()).isFalse();
    }

    @Test
    void should_take_integers() {
        Node labels = graph.input(Tensor.of(new int[] {7, 8, 9}, 3));
        Node two = graph.slices(labels, 1, 3);
        assertThat(two.dtype()).isEqualTo(DType.INT32);
        assertThat(numbers(two)).containsExactly(8, 9);
    }

    @Test
    void should_pass_the_gradient_on_to_where_it_belongs() {
        Node x = graph.variable(six);
        Node middle = graph.slices(x, 0, 2);
        Node other = graph.slices(x, 1, 3);
        graph.backward(graph.record(TOTAL, graph.record(TIMES, middle, other)));
        assertThat(gradient(x)).containsExactly(3, 4, 1 + 5, 2 + 6, 3, 4);
        assertThat(gradient(middle)).containsExactly(3, 4, 6, 8);
        assertThat(gradient(other)).containsExactly(6, 8, 3, 4);
    }

    @Test
    void should_pass_the_gradient_through_the_operation_that_made_the_value() {
        Node x = graph.variable(six);
        Node squares = graph.record(SQUARE, x);
        Node last = graph.slice(squares, 2);
        graph.backward(List.of(graph.record(TOTAL, last), graph.record(TOTAL, squares)));
        assertThat(gradient(squares)).containsExactly(1, 1, 1, 1, 2, 2);
        assertThat(gradient(x)).containsExactly(2, 4, 6, 8, 20, 24);
    }

    @Test
    void should_have_no_gradient_where_none_has_come() {
        Node x = graph.variable(six);
        Node squares = graph.record(SQUARE, x);
        Node unused = graph.slice(squares, 1);
        graph.backward(graph.record(TOTAL, graph.slice(x, 0)));
        assertThat(gradient(unused)).containsExactly(0, 0);
        assertThat(gradient(x)).containsExactly(1, 1, 0, 0, 0, 0);
    }

    @Test
    void should_be_a_root() {
        Node x = graph.variable(six);
        Node row = graph.slice(graph.record(SQUARE, x), 1);
        graph.backward(
                List.of(row, graph.slice(row, 0)),
                List.of(Tensor.of(new double[] {1, 10}, 2), Tensor.of(new double[] {5})));
        assertThat(gradient(x)).containsExactly(0, 0, 6 * 6, 8 * 10, 0, 0);
    }

    @Test
    void should_be_taken_of_views() {
        Node x = graph.variable(Tensor.of(new double[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 3, 2, 2));
        Node behind = graph.slices(graph.slices(x, 1, 3), 1, 2);
        Node row = graph.slice(graph.slice(behind, 0), 1);
        assertThat(numbers(row)).containsExactly(10, 11);
        graph.backward(List.of(graph.record(TOTAL, graph.record(SQUARE, row)), graph.record(TOTAL, behind)));
        assertThat(gradient(x)).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 21, 23);
        assertThat(gradient(behind)).containsExactly(1, 1, 21, 23);
        assertThat(gradient(row)).containsExactly(21, 23);
    }

    @Test
    void should_be_taken_of_parameters_whose_gradients_add_up_over_batches() {
        Parameter weight = new Parameter("w", six);
        for (int batch = 1; batch <= 2; batch++) {
            graph.reset();
            Node row = graph.slice(graph.use(weight), 1);
            assertThat(row.name()).isEqualTo("slice of parameter 'w'");
            graph.backward(graph.record(TOTAL, graph.record(TIMES, row, row)));
            assertThat(weight.gradient().toDoubles()).containsExactly(0, 0, 6 * batch, 8 * batch, 0, 0);
            assertThat(gradient(row)).containsExactly(6 * batch, 8 * batch);
        }
        weight.zeroGradient();
        assertThat(weight.gradient().toDoubles()).containsOnly(0);
    }

    @Test
    void should_follow_a_parameter_that_has_changed() {
        Parameter weight = new Parameter("w", six);
        Plan plan = Plan.inference(
                (recorded, in) -> recorded.record(
                        TIMES, recorded.slice(recorded.use(weight), 2), recorded.slice(recorded.input(in.get(0)), 0)),
                Tensor.zeros(DType.FLOAT64, 1, 2));
        Tensor ones = Tensor.zeros(DType.FLOAT64, 1, 2).fill(1);
        assertThat(plan.run(ones).toDoubles()).containsExactly(5, 6);
        weight.value().set(-5, 2, 0);
        assertThat(plan.run(ones).toDoubles()).containsExactly(-5, 6);
    }

    @Test
    void should_be_taken_of_results_of_loops() {
        Loop loop = new Loop("loop", 2, 2, (sequences, carried) -> {
            Node next = sequences.get(0).graph().record(TIMES, carried.get(0), sequences.get(0));
            return List.of(next, next);
        });
        TinySchedule packed = TinySchedule.of(2, 2, new int[][] {{0, 1}, {3}}, 0, 1);
        for (TinySchedule schedule : List.of(TinySchedule.whole(2, 2), packed)) {
            graph.reset();
            Node x = graph.variable(Tensor.of(new double[] {2, 3, 4, 5}, 2, 2, 1));
            Node start = graph.variable(Tensor.of(new double[] {1, 1}, 2, 1));
            Repeated run = graph.repeat(loop, schedule, List.of(x), List.of(start));
            Node results = run.results(1);
            Node part = schedule.isWhole() ? graph.slice(results, 1) : graph.slices(results, 1, 3);
            assertThat(numbers(part)).containsExactly(schedule.isWhole() ? new double[] {8, 15} : new double[] {3, 10});
            graph.backward(graph.record(TOTAL, part));
            assertThat(gradient(part)).containsExactly(1, 1);
            assertThat(gradient(x))
                    .containsExactly(schedule.isWhole() ? new double[] {4, 5, 2, 3} : new double[] {5, 1, 0, 2});
        }
        graph.reset();
        Node x = graph.variable(Tensor.of(new double[] {2, 3, 4, 5}, 2, 2, 1));
        Node start = graph.variable(Tensor.of(new double[] {1, 1}, 2, 1));
        Repeated run = graph.repeat(loop, TinySchedule.whole(2, 2), List.of(x), List.of(start));
        Node second = graph.slice(run.result(1, 1), 1);
        Node first = graph.slice(run.result(1, 0), 0);
        assertThat(numbers(second)).containsExactly(15);
        graph.backward(List.of(graph.record(TOTAL, second), graph.record(TOTAL, first)));
        assertThat(gradient(x)).containsExactly(1, 5, 0, 3);
        assertThat(gradient(second)).containsExactly(1);
        assertThat(gradient(first)).containsExactly(1);
    }

    @Test
    void should_go_into_loops() {
        Loop loop = new Loop("loop", 3, 2, (sequences, carried) -> {
            Node next = sequences.get(0).graph().record(TIMES, carried.get(0), sequences.get(0));
            return List.of(next, next);
        });
        Node x = graph.variable(Tensor.of(new double[] {9, 9, 2, 3, 4, 5}, 3, 2, 1));
        Node starts = graph.variable(Tensor.of(new double[] {7, 7, 1, 2}, 4, 1));
        Node sequence = graph.slices(x, 1, 3);
        Node start = graph.slices(starts, 2, 4);
        Repeated run = graph.repeat(loop, TinySchedule.whole(2, 2), List.of(sequence), List.of(start));
        assertThat(numbers(run.result(1, 1))).containsExactly(8, 30);
        graph.backward(graph.record(TOTAL, run.result(1, 1)));
        assertThat(gradient(x)).containsExactly(0, 0, 4, 10, 2, 6);
        assertThat(gradient(starts)).containsExactly(0, 0, 8, 15);
    }

    @Test
    void should_show_what_a_plan_runs_on() {
        Parameter weight = new Parameter("w", Tensor.of(new double[] {2, 3}, 2));
        Plan plan = Plan.training(
                (recorded, in) -> {
                    Node squares = recorded.record(SQUARE, recorded.input(in.get(0)));
                    Node last = recorded.slice(
                            recorded.slices(squares, 1, squares.shape().dim(0)), 0);
                    Node weighted = recorded.record(TIMES, last, weight);
                    return recorded.slice(recorded.record(TIMES, weighted, recorded.slice(squares, 0)), 1);
                },
                six);
        assertThat(plan.run(six).item()).isEqualTo(16 * 3 * 4);
        plan.backward();
        assertThat(weight.gradient().toDoubles()).containsExactly(0, 64);
        weight.zeroGradient();
        for (int batch = 0; batch < 2; batch++) {
            assertThat(plan.run(Tensor.of(new double[] {1, 10, 1, 1}, 2, 2)).item())
                    .isEqualTo(1 * 3 * 100);
            assertThat(plan.run(Tensor.of(new double[] {1, 1, 1, 5, 0, 0}, 3, 2))
                            .item())
                    .isEqualTo(25 * 3 * 1);
        }
        plan.backward();
        assertThat(weight.gradient().toDoubles()).containsExactly(0, 25);
    }

    @Test
    void should_refuse_what_is_not_there() {
        Node x = graph.input(six);
        for (int[] range : new int[][] {{-1, 1}, {2, 1}, {1, 4}}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> graph.slices(x, range[0], range[1]))
                    .withMessage("slices: " + range[0] + " to " + range[1]
                            + " is no range of the first axis of input #0 [3, 2]");
        }
        for (int index : new int[] {-1, 3}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> graph.slice(x, index))
                    .withMessage("slice: there is no " + index + " along the first axis of input #0 [3, 2]");
        }
        Node number = graph.record(TOTAL, x);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.slice(number, 0))
                .withMessage("slice: there is no 0 along the first axis of total #1 []");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.slices(number, 0, 0))
                .withMessage("slices: 0 to 0 is no range of the first axis of total #1 []");
    }

    @Test
    void should_refuse_what_is_another_graphs_or_gone() {
        Node foreign = new Graph().input(six);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.slice(foreign, 0))
                .withMessageContaining("operand, input #0 [3, 2], belongs to another graph");
        Node stale = graph.input(six);
        graph.reset();
        assertThatIllegalStateException()
                .isThrownBy(() -> graph.slices(stale, 0, 1))
                .withMessageContaining("has been reset since");
        Node x = graph.variable(six);
        graph.backward(graph.record(TOTAL, x));
        assertThatIllegalStateException()
                .isThrownBy(() -> graph.slice(x, 0))
                .withMessageContaining("spent by backward");
    }

    @Test
    void should_be_refused_inside_a_step() {
        Loop loop = new Loop("loop", 1, 3, (sequences, carried) -> {
            Node next = graph(sequences).slices(sequences.get(0), 0, 1);
            return List.of(next, next);
        });
        Node x = graph.input(Tensor.zeros(DType.FLOAT64, 1, 3, 2));
        assertThatIllegalStateException()
                .isThrownBy(() -> graph.repeat(loop, TinySchedule.whole(1, 3), List.of(x), List.of(graph.input(six))))
                .withMessage(
                        "loop: a slice of input #0 [3, 2] that is not copied cannot be recorded in a step; use Ops.slice"
                                + " or Ops.at");
    }

    private static Graph graph(List<Node> nodes) {
        return nodes.get(0).graph();
    }
}
