package dev.unfold.graph;

import static dev.unfold.graph.TinyOps.PICK;
import static dev.unfold.graph.TinyOps.SQUARE;
import static dev.unfold.graph.TinyOps.TIMES;
import static dev.unfold.graph.TinyOps.TOTAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import org.junit.jupiter.api.Test;

/** A loop of its own: p' = w p x, with output p'^2. */
class LoopTest {
    private static final int STEPS = 4;

    private final Parameter weight = new Parameter("w", Tensor.of(new double[] {2, 3}, 2, 1));
    private final Loop product = new Loop("product", STEPS, 2, (variant, sequences, carried) -> {
        Graph graph = sequences.get(0).graph();
        Node next = graph.record(TIMES, carried.get(0), sequences.get(0));
        Node weighted = variant == 0 ? graph.record(TIMES, weight, next) : next;
        return List.of(graph.record(SQUARE, weighted), weighted);
    });

    /** Which variant each step is run by, in an order. */
    private record Fixed(List<Integer> order, List<Integer> byStep) implements Loop.Schedule {
        static Fixed forward(Integer... byStep) {
            return new Fixed(List.of(0, 1, 2, 3), List.of(byStep));
        }

        @Override
        public int variants() {
            return 2;
        }

        @Override
        public void refresh() {}

        @Override
        public int steps() {
            return byStep.size();
        }

        @Override
        public int at(int position) {
            return order.get(position);
        }

        @Override
        public int variant(int step) {
            return byStep.get(step);
        }
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
        Repeated run = graph.repeat(product, Fixed.forward(0, 0, 0), List.of(x), List.of(start));
        assertThat(numbers(run.carried(0, 0))).containsExactly(2, 12);
        assertThat(numbers(run.carried(0, 1))).containsExactly(8, 180);
        assertThat(numbers(run.carried(0))).containsExactly(48, 3240);
        assertThat(numbers(run.output(1))).containsExactly(64, 180 * 180);
        assertThat(numbers(run.outputs())).containsExactly(4, 144, 64, 180 * 180, 48 * 48, 3240 * 3240);
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> run.output(3))
                .withMessage("product: no step 3; steps are 0 to 2");
        graph.backward(graph.record(TOTAL, run.carried(0)));
        assertThat(weight.gradient().toDoubles()).containsExactly(3 * 48 / 2.0, 3 * 3240 / 3.0);
        assertThat(start.gradient().toDoubles()).containsExactly(48, 3240);
        assertThat(x.gradient().toDoubles()).containsExactly(48, 810, 24, 648, 16, 540);
    }

    @Test
    void should_leave_out_steps_and_run_others_by_another_variant() {
        Graph graph = new Graph();
        Node x = graph.variable(threeSteps());
        Node start = graph.variable(column(1, 1));
        Repeated run = graph.repeat(
                product, Fixed.forward(Loop.Schedule.SKIP, 1, Loop.Schedule.SKIP), List.of(x), List.of(start));
        assertThat(numbers(run.carried(0, 0))).containsExactly(1, 1);
        assertThat(numbers(run.carried(0, 2))).containsExactly(2, 5);
        assertThat(numbers(run.outputs())).containsExactly(0, 0, 4, 25, 0, 0);
        assertThat(numbers(run.output(2))).containsExactly(0, 0);
        graph.backward(graph.record(TOTAL, run.outputs()));
        assertThat(weight.gradient().toDoubles()).containsExactly(0, 0);
        assertThat(x.gradient().toDoubles()).containsExactly(0, 0, 4, 10, 0, 0);
        assertThat(start.gradient().toDoubles()).containsExactly(8, 50);
    }

    @Test
    void should_run_in_the_order_of_the_schedule() {
        Graph graph = new Graph();
        Node x = graph.input(threeSteps());
        Repeated run = graph.repeat(
                product, new Fixed(List.of(2, 1, 0), List.of(1, 1, 1)), List.of(x), List.of(graph.input(column(1, 1))));
        assertThat(numbers(run.carried(0, 2))).containsExactly(3, 6);
        assertThat(numbers(run.carried(0))).containsExactly(6, 120);
        assertThat(numbers(run.carried(0, 0))).containsExactly(6, 120);
    }

    @Test
    void several_uses_of_one_value_should_add_up() {
        Graph graph = new Graph();
        Node x = graph.variable(threeSteps());
        Repeated run = graph.repeat(product, Fixed.forward(1, 1, 1), List.of(x), List.of(graph.input(column(1, 1))));
        Node twice = graph.record(TIMES, run.carried(0, 0), run.carried(0, 0));
        graph.backward(List.of(graph.record(TOTAL, twice), graph.record(TOTAL, run.carried(0, 0))));
        assertThat(x.gradient().toDoubles()).containsExactly(3, 9, 0, 0, 0, 0);
    }

    @Test
    void should_name_the_step_in_which_a_value_is_not_finite() {
        Graph graph = new Graph();
        Node x = graph.input(Tensor.of(new double[] {1e200, 1, 1e-300, 1, 1e300, 1}, 3, 2, 1));
        graph.repeat(product, Fixed.forward(1, 1, 1), List.of(x), List.of(graph.input(column(1, 1))));
        assertThat(graph.firstNonFinite()).hasValue("in square [2, 1] of product at step 0");
    }

    private static void assertRefused(Loop.Body body, String message) {
        Loop loop = new Loop("loop", 1, 2, body);
        Graph graph = new Graph();
        Node x = graph.input(Tensor.zeros(DType.FLOAT64, 1, 2, 1));
        Node start = graph.input(column(1, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.repeat(loop, Fixed.forward(0), List.of(x), List.of(start)))
                .withMessage(message);
    }

    @Test
    void should_refuse_results_that_do_not_fit() {
        assertRefused(
                (variant, sequences, carried) -> List.of(sequences.get(0), carried.get(0)),
                "loop: result 0, input #0 [2, 1], is no operation of the step");
        assertRefused(
                (variant, sequences, carried) -> List.of(carried.get(0).graph().record(SQUARE, carried.get(0))),
                "loop: the step gives back 1 values; expected the output and the 1 that are carried");
        assertRefused(
                (variant, sequences, carried) -> {
                    Node sum = carried.get(0).graph().record(TOTAL, carried.get(0));
                    return List.of(sum, sum);
                },
                "loop: carried value 0 comes as float64 [2, 1] and is left as float64 []; it must stay alike");
    }

    @Test
    void should_refuse_operands_and_parameters_that_change_places() {
        int[] calls = {0};
        Parameter other = new Parameter("v", column(5, 7));
        Loop.Body swapsOperands = (variant, sequences, carried) -> {
            boolean even = calls[0]++ % 2 == 0;
            Node x = sequences.get(0);
            Node next = x.graph().record(TIMES, even ? x : carried.get(0), even ? carried.get(0) : x);
            return List.of(next, next);
        };
        Loop.Body swapsParameters = (variant, sequences, carried) -> {
            Node next = carried.get(0).graph().record(TIMES, carried.get(0), calls[0]++ % 2 == 0 ? weight : other);
            return List.of(next, next);
        };
        Loop.Body swapsResults = (variant, sequences, carried) -> {
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
                            Fixed.forward(0),
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
                        Fixed.forward(1, 1),
                        List.of(graph.input(Tensor.zeros(DType.FLOAT64, 2, 3, 1))),
                        List.of(graph.input(column(1, 1, 1)))))
                .withMessage(
                        "product: the sequences have 2 steps of 3 rows; it is planned for 1 to 4 steps of at most 2"
                                + " rows; cut the batch or plan for more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.repeat(product, Fixed.forward(1, 1), List.of(x), List.of(start)))
                .withMessage(
                        "product: a sequence is [3, 2, 1] where the first is [3, 2, 1] and the schedule has 2 steps;"
                                + " expected [time, batch, ...], alike in both");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        graph.repeat(product, Fixed.forward(1, 1, 1), List.of(x), List.of(graph.input(column(1)))))
                .withMessage("product: a carried value is [1, 1]; expected [batch 2, ...]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.repeat(product, Fixed.forward(), List.of(), List.of()))
                .withMessage("product: no sequences are given; expected at least one");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Loop("none", 1, 0, (variant, sequences, carried) -> carried))
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
                .isThrownBy(() -> graph.repeat(product, Fixed.forward(1, 1, 1), List.of(stale), List.of(start)))
                .withMessageContaining("its graph has been reset since");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.repeat(product, Fixed.forward(1, 1, 1), List.of(x), List.of(foreign)))
                .withMessageContaining("product: carried value, input #0 [2, 1], belongs to another graph");
        Repeated run = graph.repeat(product, Fixed.forward(1, 1, 1), List.of(x), List.of(start));
        graph.reset();
        assertThatIllegalStateException().isThrownBy(() -> run.output(0)).withMessageContaining("has been reset");
        assertThatIllegalStateException().isThrownBy(() -> run.carried(0)).withMessageContaining("has been reset");
        assertThatIllegalStateException().isThrownBy(run::outputs).withMessageContaining("has been reset");
    }

    @Test
    void a_value_that_no_root_uses_directly_should_have_its_gradient() {
        Graph graph = new Graph();
        Node x = graph.variable(threeSteps());
        Repeated run = graph.repeat(product, Fixed.forward(1, 1, 1), List.of(x), List.of(graph.input(column(1, 1))));
        Node first = run.carried(0, 0);
        Node unused = run.output(2);
        graph.backward(graph.record(TOTAL, run.carried(0)));
        assertThat(first.gradient().toDoubles()).containsExactly(6, 30);
        assertThat(run.carried(0, 1).gradient().toDoubles()).containsExactly(3, 6);
        assertThat(unused.gradient().toDoubles()).containsExactly(0, 0);
    }

    @Test
    void many_loops_that_run_no_step_should_need_no_deep_stack() throws InterruptedException {
        Tensor[] gradient = new Tensor[1];
        Thread thread = new Thread(
                null,
                () -> {
                    Graph graph = new Graph();
                    Node start = graph.variable(column(1, 1));
                    Node carried = start;
                    for (int i = 0; i < 6000; i++) {
                        Node x = graph.input(Tensor.zeros(DType.FLOAT64, 1, 2, 1));
                        carried = graph.repeat(product, Fixed.forward(Loop.Schedule.SKIP), List.of(x), List.of(carried))
                                .carried(0);
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
    void should_refuse_a_variant_that_there_is_not() {
        Graph graph = new Graph();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.repeat(
                        product,
                        Fixed.forward(1, 2, 1),
                        List.of(graph.input(threeSteps())),
                        List.of(graph.input(column(1, 1)))))
                .withMessage("product: step 1 is to be run by variant 2; expected 0 to 1, or SKIP");
    }

    @Test
    void a_first_sequence_of_integers_should_leave_room_for_gradients() {
        Loop picks = new Loop("picks", STEPS, 2, (variant, sequences, carried) -> {
            Node picked = carried.get(0).graph().record(PICK, weight, sequences.get(0));
            Node next = picked.graph().record(TIMES, picked, carried.get(0));
            return List.of(next, next);
        });
        Graph graph = new Graph();
        Node indices = graph.input(Tensor.of(new int[] {0, 1, 1, 1}, 2, 2));
        Node start = graph.input(Tensor.of(new double[] {1, 1}, 2));
        Repeated run = graph.repeat(picks, Fixed.forward(0, 0), List.of(indices), List.of(start));
        assertThat(numbers(run.carried(0))).containsExactly(6, 9);
        graph.backward(graph.record(TOTAL, run.carried(0)));
        assertThat(weight.gradient().toDoubles()).containsExactly(3, 8);
    }

    @Test
    void outputs_should_be_taken_out_before_backward() {
        Graph graph = new Graph();
        Repeated run = graph.repeat(
                product,
                Fixed.forward(0, 0, 0),
                List.of(graph.input(threeSteps())),
                List.of(graph.input(column(1, 1))));
        graph.backward(graph.record(TOTAL, run.carried(0)));
        assertThatIllegalStateException().isThrownBy(run::outputs).withMessageContaining("spent by backward");
        assertThat(numbers(run.carried(0))).containsExactly(48, 3240);
    }

    @Test
    void bytes_should_count_the_room_for_all_steps() {
        Graph graph = new Graph();
        Node x = graph.variable(threeSteps());
        graph.repeat(product, Fixed.forward(0, 0, 0), List.of(x), List.of(graph.input(column(1, 1))));
        // Values of three operations and what square saves, gradients of three; of 4 steps, 2 rows, 8 bytes; and of one
        // step each: x, p.
        long loop = graph.bytes() - new Graph().bytes();
        assertThat(loop).isGreaterThanOrEqualTo(6L * STEPS * 2 * 8);
        assertThat(loop).isLessThanOrEqualTo(8L * STEPS * 2 * 8);
    }
}
