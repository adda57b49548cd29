package dev.unfold.graph;

import static dev.unfold.graph.TinyOps.COPY;
import static dev.unfold.graph.TinyOps.MEET;
import static dev.unfold.graph.TinyOps.NUMBER;
import static dev.unfold.graph.TinyOps.PICK;
import static dev.unfold.graph.TinyOps.PLUS;
import static dev.unfold.graph.TinyOps.PRODUCT;
import static dev.unfold.graph.TinyOps.SQUARE;
import static dev.unfold.graph.TinyOps.TIMES;
import static dev.unfold.graph.TinyOps.TOTAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A loop of its own: p' = w p x, with output p'^2. */
class LoopTest {
    private static final int STEPS = 4;

    private final Parameter weight = new Parameter("w", Tensor.of(new double[] {2, 3}, 2, 1));
    /** All rows meet in the weight, which has as many. */
    private final Loop product = new Loop("product", STEPS, 2, (sequences, carried) -> {
        Graph graph = sequences.get(0).graph();
        Node next = graph.record(TIMES, carried.get(0), sequences.get(0));
        Node weighted = graph.record(TIMES, weight, next);
        return List.of(graph.record(SQUARE, weighted), weighted);
    });

    /** The same without w, so that rows go apart. */
    private final Loop plain = new Loop("plain", STEPS, 2, (sequences, carried) -> {
        Node next = sequences.get(0).graph().record(TIMES, carried.get(0), sequences.get(0));
        return List.of(next.graph().record(SQUARE, next), next);
    });

    private static TinySchedule whole(int steps) {
        return TinySchedule.whole(steps, 2);
    }

    /** Of three steps of two rows; the second row comes first, the other ends after the first step. */
    private static TinySchedule packed() {
        return TinySchedule.of(3, 2, new int[][] {{1, 0}, {3}, {5}}, 1, 0);
    }

    private static Tensor column(double... values) {
        return Tensor.of(values, values.length, 1);
    }

    /** Of two rows: 1, 2, 3 and 4, 5, 6. */
    private static Tensor threeSteps() {
        return Tensor.of(new double[] {1, 4, 2, 5, 3, 6}, 3, 2, 1);
    }

    private static double[] numbers(Node node) {
        return node.value().toDoubles();
    }

    @Test
    void should_run_each_step_on_what_the_one_before_left() {
        Graph graph = new Graph();
        Node x = graph.variable(threeSteps());
        Node start = graph.variable(column(1, 1));
        Repeated run = graph.repeat(product, whole(3), List.of(x), List.of(start));
        assertThat(numbers(run.result(1, 0))).containsExactly(2, 12);
        assertThat(numbers(run.result(1, 1))).containsExactly(8, 180);
        assertThat(numbers(run.result(1, 2))).containsExactly(48, 3240);
        assertThat(numbers(run.result(0, 1))).containsExactly(64, 180 * 180);
        assertThat(numbers(run.results(0))).containsExactly(4, 144, 64, 180 * 180, 48 * 48, 3240 * 3240);
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> run.result(0, 3))
                .withMessage("product: no step 3; steps are 0 to 2");
        graph.backward(graph.record(TOTAL, run.result(1, 2)));
        assertThat(weight.gradient().toDoubles()).containsExactly(3 * 48 / 2.0, 3 * 3240 / 3.0);
        assertThat(start.gradient().toDoubles()).containsExactly(48, 3240);
        assertThat(x.gradient().toDoubles()).containsExactly(48, 810, 24, 648, 16, 540);
    }

    @Test
    void should_run_only_what_the_schedule_names() {
        Graph graph = new Graph();
        Node x = graph.variable(threeSteps());
        Node start = graph.variable(column(1, 1));
        TinySchedule second = TinySchedule.of(3, 2, new int[][] {{2, 3}}, 0, 1);
        Repeated run = graph.repeat(plain, second, List.of(x), List.of(start));
        Node outputs = run.results(0);
        assertThat(outputs.shape()).isEqualTo(Shape.of(6, 1));
        assertThat(numbers(outputs)).containsExactly(4, 25, 0, 0, 0, 0);
        assertThat(numbers(run.results(1))).containsExactly(2, 5, 0, 0, 0, 0);
        graph.backward(graph.record(TOTAL, outputs));
        assertThat(x.gradient().toDoubles()).containsExactly(0, 0, 4, 10, 0, 0);
        assertThat(start.gradient().toDoubles()).containsExactly(8, 50);
    }

    @Test
    void should_run_in_the_order_of_the_schedule() {
        Graph graph = new Graph();
        Node x = graph.input(threeSteps());
        TinySchedule reversed = TinySchedule.of(3, 2, new int[][] {{4, 5}, {2, 3}, {0, 1}}, 0, 1);
        Repeated run = graph.repeat(plain, reversed, List.of(x), List.of(graph.input(column(1, 1))));
        assertThat(numbers(run.results(1))).containsExactly(3, 6, 6, 30, 6, 120);
    }

    @Test
    void should_leave_out_rows_that_have_ended() {
        Graph graph = new Graph();
        Node x = graph.variable(threeSteps());
        Node start = graph.variable(column(2, 3));
        Repeated run = graph.repeat(plain, packed(), List.of(x), List.of(start));
        Node states = run.results(1);
        assertThat(numbers(states)).containsExactly(12, 2, 60, 360, 0, 0);
        graph.backward(graph.record(TOTAL, states));
        assertThat(start.gradient().toDoubles()).containsExactly(1, 144);
        assertThat(x.gradient().toDoubles()).containsExactly(2, 108, 0, 84, 0, 60);
    }

    @Test
    void an_element_that_comes_twice_should_have_both_gradients() {
        Graph graph = new Graph();
        Node x = graph.variable(threeSteps());
        TinySchedule twice = TinySchedule.of(3, 2, new int[][] {{2}, {2}}, 1);
        Node start = graph.variable(column(7, 3));
        Node states = graph.repeat(plain, twice, List.of(x), List.of(start)).results(1);
        assertThat(numbers(states)).containsExactly(6, 12, 0, 0, 0, 0);
        graph.backward(graph.record(TOTAL, states));
        assertThat(x.gradient().toDoubles()).containsExactly(0, 0, 3 + 12, 0, 0, 0);
        assertThat(start.gradient().toDoubles()).containsExactly(0, 6);
    }

    @Test
    void should_leave_zeros_where_nothing_is_run() {
        Graph graph = new Graph();
        Node x = graph.variable(threeSteps());
        Node start = graph.variable(column(2, 3));
        graph.repeat(plain, whole(3), List.of(x), List.of(start));
        graph.reset();
        x = graph.variable(threeSteps());
        start = graph.variable(column(2, 3));
        TinySchedule none = TinySchedule.of(3, 2, new int[0][]);
        Node outputs = graph.repeat(plain, none, List.of(x), List.of(start)).results(0);
        assertThat(numbers(outputs)).hasSize(6).containsOnly(0);
        assertThat(graph.firstNonFinite()).isEmpty();
        graph.backward(graph.record(TOTAL, outputs));
        assertThat(start.gradient().toDoubles()).containsExactly(0, 0);
        assertThat(x.gradient().toDoubles()).containsOnly(0);
    }

    @Test
    void should_refuse_a_result_of_one_step_of_a_run_that_is_not_whole() {
        Graph graph = new Graph();
        Repeated run =
                graph.repeat(plain, packed(), List.of(graph.input(threeSteps())), List.of(graph.input(column(1, 1))));
        assertThatIllegalStateException()
                .isThrownBy(() -> run.result(0, 0))
                .withMessage("plain: the run is not whole; take out the results of all steps");
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> run.results(2));
    }

    @Test
    void should_refuse_rows_that_are_none_or_more_than_before() {
        assertRowsRefused(new int[][] {{0}, {2, 3}}, "step 1 of the run has 2 rows; expected 1 to 1");
        assertRowsRefused(new int[][] {{0, 1}, {}}, "step 1 of the run has 0 rows; expected 1 to 2");
        assertRowsRefused(new int[][] {{0, 1, 0}}, "step 0 of the run has 3 rows; expected 1 to 2");
    }

    private void assertRowsRefused(int[][] sources, String message) {
        Graph graph = new Graph();
        Node x = graph.input(threeSteps());
        Node start = graph.input(column(1, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> graph.repeat(plain, TinySchedule.of(3, 2, sources, 0, 1, 0), List.of(x), List.of(start)))
                .withMessage("plain: " + message + ", no more than the step before");
    }

    @Test
    void rows_that_meet_should_be_those_that_have_not_ended() {
        Loop meets = new Loop("meets", STEPS, 2, (sequences, carried) -> {
            Graph graph = sequences.get(0).graph();
            Node next = graph.record(PLUS, graph.record(MEET, carried.get(0)), sequences.get(0));
            return List.of(next, next);
        });
        Graph graph = new Graph();
        Node x = graph.variable(Tensor.of(new double[] {20, 10, 0, 30, 0, 40}, 3, 2, 1));
        Node start = graph.variable(column(2, 1));
        Node states = graph.repeat(meets, packed(), List.of(x), List.of(start)).results(1);
        assertThat(numbers(states)).containsExactly(13, 23, 43, 83, 0, 0);
        graph.backward(graph.record(TOTAL, states));
        assertThat(start.gradient().toDoubles()).containsExactly(4, 4);
        assertThat(x.gradient().toDoubles()).containsExactly(1, 3, 0, 2, 0, 1);
    }

    @Test
    void should_know_the_step_and_the_row_of_what_runs() {
        Loop numbers = new Loop("numbers", STEPS, 2, (sequences, carried) -> {
            Node output = sequences.get(0).graph().record(NUMBER, sequences.get(0));
            return List.of(output, output.graph().record(COPY, carried.get(0)));
        });
        Graph graph = new Graph();
        Node x = graph.input(Tensor.zeros(DType.FLOAT64, 3, 2, 1));
        List<Node> start = List.of(graph.input(column(0, 0)));
        assertThat(numbers(graph.repeat(numbers, whole(3), List.of(x), start).results(0)))
                .containsExactly(0, 1, 10, 11, 20, 21);
        assertThat(numbers(graph.repeat(numbers, packed(), List.of(x), start).results(0)))
                .containsExactly(1, 0, 11, 21, 0, 0);
        TinySchedule reversed = TinySchedule.of(3, 2, new int[][] {{4, 1}, {2}}, 0, 1);
        assertThat(numbers(graph.repeat(numbers, reversed, List.of(x), start).results(0)))
                .containsExactly(20, 1, 10, 0, 0, 0);
    }

    @Test
    void should_record_a_step_once_for_all_batches_where_rows_go_apart() {
        int[] calls = {0};
        assertThat(recordings(calls, COPY)).containsExactly(2, 2, 2, 2);
        calls[0] = 0;
        assertThat(recordings(calls, MEET)).containsExactly(4, 6, 6, 6);
    }

    /** Returns how often a step has been recorded after batches of 1, 2, 1 and 3 rows; each recording is held against a second. */
    private static List<Integer> recordings(int[] calls, Op op) {
        Loop loop = new Loop("loop", 2, 3, (sequences, carried) -> {
            calls[0]++;
            Graph graph = sequences.get(0).graph();
            Node next = graph.record(PLUS, graph.record(op, carried.get(0)), sequences.get(0));
            return List.of(next, next);
        });
        Graph graph = new Graph();
        List<Integer> counts = new ArrayList<>();
        for (int rows : new int[] {1, 2, 1, 3}) {
            graph.reset();
            Node x = graph.input(Tensor.zeros(DType.FLOAT64, 2, rows, 1).fill(1));
            Node start = graph.input(Tensor.zeros(DType.FLOAT64, rows, 1).fill(5));
            Repeated run = graph.repeat(loop, TinySchedule.whole(2, rows), List.of(x), List.of(start));
            int factor = op == MEET ? rows : 1;
            assertThat(numbers(run.result(1, 1))).hasSize(rows).containsOnly((5 * factor + 1) * factor + 1);
            counts.add(calls[0]);
        }
        return counts;
    }

    @Test
    void carried_values_should_be_able_to_share_a_result() {
        Loop shares = new Loop("shares", STEPS, 2, (sequences, carried) -> {
            Graph graph = sequences.get(0).graph();
            Node next = graph.record(TIMES, graph.record(PLUS, carried.get(0), carried.get(1)), sequences.get(0));
            return List.of(next, next, next);
        });
        for (int result = 0; result <= 2; result++) {
            Graph graph = new Graph();
            Node x = graph.variable(Tensor.of(new double[] {3, 7, 4, 0}, 2, 2, 1));
            Node a = graph.variable(column(1, 5));
            Node b = graph.variable(column(2, 6));
            TinySchedule schedule = TinySchedule.of(2, 2, new int[][] {{0, 1}, {2}}, 0, 1);
            Node states =
                    graph.repeat(shares, schedule, List.of(x), List.of(a, b)).results(result);
            assertThat(numbers(states)).containsExactly(9, 77, 72, 0);
            graph.backward(graph.record(TOTAL, states));
            assertThat(a.gradient().toDoubles()).containsExactly(27, 7);
            assertThat(b.gradient().toDoubles()).containsExactly(27, 7);
            assertThat(x.gradient().toDoubles()).containsExactly(27, 11, 18, 0);
        }
    }

    @Test
    void a_shared_result_should_have_the_gradients_of_all_it_is_carried_as() {
        Loop shares = new Loop("shares", STEPS, 2, (sequences, carried) -> {
            Graph graph = sequences.get(0).graph();
            Node next = graph.record(TIMES, graph.record(PLUS, carried.get(0), carried.get(1)), sequences.get(0));
            return List.of(graph.record(SQUARE, next), next, next);
        });
        Graph graph = new Graph();
        Node x = graph.variable(threeSteps());
        Node a = graph.variable(column(1, 0));
        Node b = graph.variable(column(0, 1));
        Repeated run = graph.repeat(shares, whole(3), List.of(x), List.of(a, b));
        Node first = run.result(1, 0);
        graph.backward(graph.record(TOTAL, run.result(2, 2)));
        assertThat(a.gradient().toDoubles()).containsExactly(4 * 6, 4 * 120);
        assertThat(b.gradient().toDoubles()).containsExactly(4 * 6, 4 * 120);
        assertThat(first.gradient().toDoubles()).containsExactly(2 * 2 * 2 * 3, 2 * 5 * 2 * 6);
    }

    @Test
    void products_of_all_steps_should_go_back_only_over_those_that_gradients_come_to() {
        Parameter matrix = new Parameter("m", column(3));
        Loop products = new Loop("products", STEPS, 2, (sequences, carried) -> {
            Graph graph = sequences.get(0).graph();
            Node made = graph.record(PRODUCT, sequences.get(0), matrix);
            return List.of(graph.record(SQUARE, made), graph.record(COPY, carried.get(0)));
        });
        Graph graph = new Graph();
        // What was there before must not come back.
        for (int step : new int[] {0, 2, 1}) {
            graph.reset();
            matrix.zeroGradient();
            Node x = graph.variable(threeSteps());
            Repeated run = graph.repeat(products, whole(3), List.of(x), List.of(graph.input(column(1, 1))));
            graph.backward(graph.record(TOTAL, run.result(0, step)));
            double[] expected = new double[6];
            expected[2 * step] = 2 * 9 * (step + 1);
            expected[2 * step + 1] = 2 * 9 * (step + 4);
            assertThat(x.gradient().toDoubles()).containsExactly(expected);
            assertThat(matrix.gradient().toDoubles())
                    .containsExactly(2 * 3 * ((step + 1) * (step + 1) + (step + 4) * (step + 4)));
        }
    }

    /** p' = p x, c' = c, and d' = p' though nobody looks at d. */
    private static Repeated handOn(Graph graph, TinySchedule schedule, Node x, Node p, Node c, Node d) {
        Loop loop = new Loop("hands on", STEPS, 2, (sequences, carried) -> {
            Node next = sequences.get(0).graph().record(TIMES, carried.get(0), sequences.get(0));
            return List.of(next.graph().record(SQUARE, next), next, next.graph().record(COPY, carried.get(1)), next);
        });
        return graph.repeat(loop, schedule, List.of(x), List.of(p, c, d));
    }

    @Test
    void a_state_that_is_only_handed_on_should_have_the_gradient_of_all_its_steps() {
        for (TinySchedule schedule : List.of(whole(3), packed())) {
            Graph graph = new Graph();
            Node x = graph.variable(threeSteps());
            Node p = graph.variable(column(2, 3));
            Node c = graph.variable(column(5, 7));
            Node d = graph.variable(column(8, 9));
            Repeated run = handOn(graph, schedule, x, p, c, d);
            boolean all = schedule.isWhole();
            Node kept = run.results(2);
            assertThat(numbers(kept))
                    .containsExactly(all ? new double[] {5, 7, 5, 7, 5, 7} : new double[] {7, 5, 7, 7, 0, 0});
            assertThat(numbers(run.results(3))).containsExactly(numbers(run.results(1)));
            graph.backward(graph.record(TOTAL, kept));
            assertThat(c.gradient().toDoubles()).containsExactly(all ? 3 : 1, 3);
            assertThat(p.gradient().toDoubles()).containsOnly(0);
            assertThat(d.gradient().toDoubles()).containsOnly(0);
            assertThat(x.gradient().toDoubles()).containsOnly(0);
        }
    }

    @Test
    void several_uses_of_one_value_should_add_up() {
        Graph graph = new Graph();
        Node x = graph.variable(threeSteps());
        Repeated run = graph.repeat(plain, whole(3), List.of(x), List.of(graph.input(column(1, 1))));
        Node twice = graph.record(TIMES, run.result(1, 0), run.result(1, 0));
        graph.backward(List.of(graph.record(TOTAL, twice), graph.record(TOTAL, run.result(1, 0))));
        assertThat(x.gradient().toDoubles()).containsExactly(3, 9, 0, 0, 0, 0);
    }

    @Test
    void should_name_the_step_in_which_a_value_is_not_finite() {
        Graph graph = new Graph();
        Node x = graph.input(Tensor.of(new double[] {1e200, 1, 1e-300, 1, 1e300, 1}, 3, 2, 1));
        graph.repeat(plain, whole(3), List.of(x), List.of(graph.input(column(1, 1))));
        assertThat(graph.firstNonFinite()).hasValue("in square [2, 1] of plain at step 0");
    }

    @Test
    void should_name_a_value_that_is_not_finite_among_rows_that_have_not_ended() {
        Graph graph = new Graph();
        Node x = graph.input(Tensor.of(new double[] {1, 1, 1, 1e200, 1, 1}, 3, 2, 1));
        graph.repeat(plain, packed(), List.of(x), List.of(graph.input(column(1, 1))));
        assertThat(graph.firstNonFinite()).hasValue("in square [1, 1] of plain at step 1");
    }

    private static void assertRefused(Loop.Body body, String message) {
        Loop loop = new Loop("loop", 1, 2, body);
        Graph graph = new Graph();
        Node x = graph.input(Tensor.zeros(DType.FLOAT64, 1, 2, 1));
        Node start = graph.input(column(1, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.repeat(loop, whole(1), List.of(x), List.of(start)))
                .withMessage(message);
    }

    @Test
    void should_refuse_results_that_do_not_fit() {
        assertRefused(
                (sequences, carried) -> List.of(sequences.get(0), carried.get(0)),
                "loop: result 0, input #0 [2, 1], is no operation of the step");
        assertRefused(
                (sequences, carried) -> List.of(carried.get(0).graph().record(SQUARE, carried.get(0))),
                "loop: the step gives back 1 values; expected the output and the 1 that are carried");
        assertRefused(
                (sequences, carried) -> {
                    Node sum = carried.get(0).graph().record(TOTAL, carried.get(0));
                    return List.of(sum, sum);
                },
                "loop: carried value 0 comes as float64 [2, 1] and is left as float64 []; it must stay alike");
    }

    @Test
    void should_refuse_operands_and_parameters_that_change_places() {
        int[] calls = {0};
        Parameter other = new Parameter("v", column(5, 7));
        Loop.Body swapsOperands = (sequences, carried) -> {
            boolean even = calls[0]++ % 2 == 0;
            Node x = sequences.get(0);
            Node next = x.graph().record(TIMES, even ? x : carried.get(0), even ? carried.get(0) : x);
            return List.of(next, next);
        };
        Loop.Body swapsParameters = (sequences, carried) -> {
            Node next = carried.get(0).graph().record(TIMES, carried.get(0), calls[0]++ % 2 == 0 ? weight : other);
            return List.of(next, next);
        };
        Loop.Body swapsResults = (sequences, carried) -> {
            Node one = carried.get(0).graph().record(SQUARE, carried.get(0));
            Node two = carried.get(0).graph().record(SQUARE, one);
            return calls[0]++ % 2 == 0 ? List.of(one, two) : List.of(two, one);
        };
        for (Loop.Body body : List.of(swapsOperands, swapsParameters, swapsResults)) {
            calls[0] = 0;
            Graph graph = new Graph();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> graph.repeat(
                            new Loop("loop", 1, 2, body),
                            whole(1),
                            List.of(graph.input(Tensor.zeros(DType.FLOAT64, 1, 2, 1))),
                            List.of(graph.input(column(1, 1)))))
                    .withMessageContaining("recorded twice, its step differs; ");
        }
    }

    @Test
    void should_refuse_what_does_not_fit_its_room_or_each_other() {
        Graph graph = new Graph();
        Node x = graph.input(threeSteps());
        Node start = graph.input(column(1, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.repeat(
                        product,
                        whole(2),
                        List.of(graph.input(Tensor.zeros(DType.FLOAT64, 2, 3, 1))),
                        List.of(graph.input(column(1, 1, 1)))))
                .withMessage(
                        "product: the sequences have 2 steps of 3 rows; it is planned for 1 to 4 steps of at most 2"
                                + " rows; cut the batch or plan for more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.repeat(product, whole(2), List.of(x), List.of(start)))
                .withMessage(
                        "product: a sequence is [3, 2, 1] where the first is [3, 2, 1] and the schedule has 2 steps;"
                                + " expected [time, batch, ...], alike in both");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.repeat(product, whole(3), List.of(x), List.of(graph.input(column(1)))))
                .withMessage("product: a carried value is [1, 1]; expected [batch 2, ...]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.repeat(product, whole(0), List.of(), List.of()))
                .withMessage("product: no sequences are given; expected at least one");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Loop("none", 1, 0, (sequences, carried) -> carried))
                .withMessage("none: room for 1 steps and 0 rows is asked for; expected at least 1 of each");
    }

    @Test
    void should_refuse_nodes_of_another_graph_or_batch() {
        Graph graph = new Graph();
        Node stale = graph.input(threeSteps());
        graph.reset();
        Node x = graph.input(threeSteps());
        Node start = graph.input(column(1, 1));
        Node foreign = new Graph().input(column(1, 1));
        assertThatIllegalStateException()
                .isThrownBy(() -> graph.repeat(product, whole(3), List.of(stale), List.of(start)))
                .withMessageContaining("its graph has been reset since");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.repeat(product, whole(3), List.of(x), List.of(foreign)))
                .withMessageContaining("product: carried value, input #0 [2, 1], belongs to another graph");
        Repeated run = graph.repeat(product, whole(3), List.of(x), List.of(start));
        graph.reset();
        assertThatIllegalStateException().isThrownBy(() -> run.result(0, 0)).withMessageContaining("has been reset");
        assertThatIllegalStateException().isThrownBy(() -> run.result(1, 2)).withMessageContaining("has been reset");
        assertThatIllegalStateException().isThrownBy(() -> run.results(0)).withMessageContaining("has been reset");
    }

    @Test
    void a_value_that_no_root_uses_directly_should_have_its_gradient() {
        Graph graph = new Graph();
        Node x = graph.variable(threeSteps());
        Repeated run = graph.repeat(plain, whole(3), List.of(x), List.of(graph.input(column(1, 1))));
        Node first = run.result(1, 0);
        Node second = run.result(1, 1);
        Node unused = run.result(0, 2);
        graph.backward(graph.record(TOTAL, run.result(1, 2)));
        assertThat(first.gradient().toDoubles()).containsExactly(6, 30);
        assertThat(second.gradient().toDoubles()).containsExactly(3, 6);
        assertThat(unused.gradient().toDoubles()).containsExactly(0, 0);
    }

    @Test
    void many_loops_one_behind_the_other_should_need_no_deep_stack() throws InterruptedException {
        Tensor[] gradient = new Tensor[1];
        Thread thread = new Thread(
                null,
                () -> {
                    Graph graph = new Graph();
                    Node start = graph.variable(column(1, 1));
                    Node carried = start;
                    for (int i = 0; i < 6000; i++) {
                        Node x =
                                graph.input(Tensor.zeros(DType.FLOAT64, 1, 2, 1).fill(1));
                        carried = graph.repeat(plain, whole(1), List.of(x), List.of(carried))
                                .result(1, 0);
                    }
                    graph.backward(graph.record(TOTAL, carried));
                    gradient[0] = start.gradient();
                },
                "small stack",
                256 << 10);
        thread.start();
        thread.join();
        assertThat(gradient[0].toDoubles()).containsExactly(1, 1);
    }

    @Test
    void a_first_sequence_of_integers_should_leave_room_for_gradients() {
        Loop picks = new Loop("picks", STEPS, 2, (sequences, carried) -> {
            Node picked = carried.get(0).graph().record(PICK, weight, sequences.get(0));
            Node next = picked.graph().record(TIMES, picked, carried.get(0));
            return List.of(next, next);
        });
        Graph graph = new Graph();
        Node indices = graph.input(Tensor.of(new int[] {0, 1, 1, 1}, 2, 2));
        Node start = graph.input(Tensor.of(new double[] {1, 1}, 2));
        Repeated run = graph.repeat(picks, whole(2), List.of(indices), List.of(start));
        assertThat(numbers(run.result(1, 1))).containsExactly(6, 9);
        graph.backward(graph.record(TOTAL, run.result(1, 1)));
        assertThat(weight.gradient().toDoubles()).containsExactly(3, 8);
    }

    @Test
    void results_should_be_there_to_be_read_behind_backward() {
        Graph graph = new Graph();
        Node x = graph.variable(threeSteps());
        Repeated run = graph.repeat(product, whole(3), List.of(x), List.of(graph.input(column(1, 1))));
        graph.backward(graph.record(TOTAL, run.result(1, 2)));
        assertThat(numbers(run.results(1))).containsExactly(2, 12, 8, 180, 48, 3240);
        assertThat(numbers(run.result(1, 2))).containsExactly(48, 3240);
        assertThat(run.result(1, 2).gradient().toDoubles()).containsExactly(1, 1);
        Node late = run.result(1, 1);
        assertThatIllegalStateException()
                .isThrownBy(late::gradient)
                .withMessageContaining("take it out before backward");
    }

    @Test
    void bytes_should_count_the_room_for_all_steps() {
        Graph graph = new Graph();
        Node x = graph.variable(threeSteps());
        graph.repeat(product, whole(3), List.of(x), List.of(graph.input(column(1, 1))));
        // Values of three operations and what square saves, gradients of three; of 4 steps, 2 rows, 8 bytes; and of one
        // step each: x, p.
        long loop = graph.bytes() - new Graph().bytes();
        assertThat(loop).isGreaterThanOrEqualTo(6L * STEPS * 2 * 8);
        assertThat(loop).isLessThanOrEqualTo(8L * STEPS * 2 * 8);
    }
}
