package dev.unfold.graph;

import static dev.unfold.graph.TinyOps.PICK;
import static dev.unfold.graph.TinyOps.SQUARE;
import static dev.unfold.graph.TinyOps.TIMES;
import static dev.unfold.graph.TinyOps.TOTAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanTest {
    private final Parameter weight = new Parameter("w", vector(2, 3));

    private static Tensor vector(double... values) {
        return Tensor.of(values, values.length);
    }

    /** The sum of the squares of x, with x as long as it comes. */
    private static Node sumOfSquares(Graph graph, List<Tensor> in) {
        return graph.record(TOTAL, graph.record(SQUARE, graph.input(in.get(0))));
    }

    private Node weighted(Graph graph, List<Tensor> in) {
        return graph.record(TOTAL, graph.record(TIMES, weight, graph.input(in.get(0))));
    }

    @Test
    void should_compute_each_batch_anew_whatever_its_size() {
        Plan plan = Plan.inference(PlanTest::sumOfSquares, Tensor.zeros(DType.FLOAT64, 3));
        long bytes = plan.bytes();
        assertThat(plan.run(vector(1, 2, 3)).item()).isEqualTo(14);
        assertThat(plan.run(vector(5)).item()).isEqualTo(25);
        assertThat(plan.run(vector(4, 1)).item()).isEqualTo(17);
        assertThat(plan.run(vector(1, 1, 1)).item()).isEqualTo(3);
        assertThat(plan.run(vector()).item()).isZero();
        assertThat(plan.bytes()).isEqualTo(bytes);
    }

    @Test
    void should_add_to_the_gradients_of_parameters_at_each_backward() {
        Plan plan = Plan.training(this::weighted, Tensor.zeros(DType.FLOAT64, 2));
        assertThat(plan.run(vector(1, 10)).item()).isEqualTo(32);
        plan.backward();
        assertThat(weight.gradient().toDoubles()).containsExactly(1, 10);
        weight.value().fill(1);
        assertThat(plan.run(vector(2, 20)).item()).isEqualTo(22);
        plan.backward();
        assertThat(weight.gradient().toDoubles()).containsExactly(3, 30);
    }

    @Test
    void should_be_deaf_to_what_happens_to_a_batch_afterwards() {
        Plan plan = Plan.training(this::weighted, Tensor.zeros(DType.FLOAT64, 2));
        Tensor batch = vector(1, 10);
        plan.run(batch);
        batch.fill(Double.NaN);
        plan.backward();
        assertThat(weight.gradient().toDoubles()).containsExactly(1, 10);
    }

    @Test
    void should_keep_gradients_of_one_size_apart_from_values_of_another() {
        Parameter one = new Parameter("one", vector(3));
        Plan plan = Plan.training(
                (graph, in) -> {
                    Node x = graph.input(in.get(0));
                    Node squares = graph.record(SQUARE, graph.record(SQUARE, x));
                    return graph.record(TIMES, graph.record(TOTAL, squares), graph.record(TOTAL, one));
                },
                Tensor.zeros(DType.FLOAT64, 4));
        for (int round = 0; round < 3; round++) {
            one.zeroGradient();
            assertThat(plan.run(vector(1, 2, 1, 2)).item()).isEqualTo(3 * 34);
            plan.backward();
            assertThat(plan.run(vector(2, 2)).item()).isEqualTo(3 * 32);
            plan.backward();
            assertThat(plan.run(vector(1, 1, 1)).item()).isEqualTo(3 * 3);
            plan.backward();
            assertThat(one.gradient().item()).isEqualTo(34 + 32 + 3);
        }
    }

    @Test
    void should_refuse_a_batch_that_there_is_no_room_for() {
        Plan plan = Plan.inference(PlanTest::sumOfSquares, Tensor.zeros(DType.FLOAT64, 3));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plan.run(vector(1, 2, 3, 4)))
                .withMessage("plan: input 0 is float64 [4]; it is planned for at most float64 [3];"
                        + " cut the batch or plan for more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plan.run(vector(1).to(DType.FLOAT32)))
                .withMessageStartingWith("plan: input 0 is float32 [1]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plan.run(Tensor.zeros(DType.FLOAT64, 1, 1)))
                .withMessageStartingWith("plan: input 0 is float64 [1, 1]");
        assertThatIllegalArgumentException()
                .isThrownBy(plan::run)
                .withMessage("plan: tensors in the batch: 0; planned for: 1");
        assertThat(plan.run(vector(3)).item()).isEqualTo(9);
    }

    @Test
    void should_refuse_a_recording_that_looks_at_values() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Plan.inference(
                        (graph, in) -> {
                            Node loss = sumOfSquares(graph, in);
                            return loss.item() > 0 ? loss : graph.record(SQUARE, loss);
                        },
                        Tensor.zeros(DType.FLOAT64, 3)))
                .withMessage(
                        "plan: asks for the value of total #2 [], which has none while it is recorded to be replayed, or"
                                + " while a batch of another size runs; what branches on values can only be run dynamically");
    }

    @Test
    void should_refuse_to_differentiate_what_it_cannot() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Plan.training(
                        (graph, in) -> graph.record(TIMES, weight, graph.input(in.get(0))),
                        Tensor.zeros(DType.FLOAT64, 2)))
                .withMessage(
                        "plan: the recording ends in times #2 [2]; a loss is one number, so reduce it by a sum or a"
                                + " mean");
        Plan training = Plan.training(this::weighted, Tensor.zeros(DType.FLOAT64, 2));
        assertThatIllegalStateException()
                .isThrownBy(training::backward)
                .withMessage("plan: nothing has run, or the last run failed; run a batch first");
        training.run(vector(1, 2));
        training.backward();
        assertThatIllegalStateException()
                .isThrownBy(training::backward)
                .withMessage("plan: this run is already differentiated; run the next batch first");
        Plan inference = Plan.inference(this::weighted, Tensor.zeros(DType.FLOAT64, 2));
        inference.run(vector(1, 2));
        assertThatIllegalStateException()
                .isThrownBy(inference::backward)
                .withMessage("plan: made for inference and cannot be differentiated; make it by Plan.training");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Plan.training(PlanTest::sumOfSquares, Tensor.zeros(DType.FLOAT64, 2)))
                .withMessage("plan: the recording ends in total #2 [], which depends on no parameter and no variable");
        Node foreign = new Graph().input(vector(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Plan.inference((graph, in) -> foreign))
                .withMessage("plan: the recording gives back input #0 [1] of another graph");
    }

    @Test
    void should_say_where_a_value_is_not_finite() {
        Plan plan = Plan.inference(PlanTest::sumOfSquares, Tensor.zeros(DType.FLOAT64, 3));
        plan.run(vector(1, 1e200));
        assertThat(plan.firstNonFinite()).hasValue("in square #1 [2]");
        plan.run(vector(1, 2));
        assertThat(plan.firstNonFinite()).isEmpty();
    }

    @Test
    void several_threads_should_add_the_same_gradients() {
        Parameter other = new Parameter("v", vector(5, 7));
        Plan plan = Plan.training(
                (graph, in) -> graph.record(
                        TOTAL, graph.record(TIMES, graph.record(TIMES, weight, other), graph.input(in.get(0)))),
                Tensor.zeros(DType.FLOAT64, 2));
        plan.threads(3);
        plan.run(vector(1, 10));
        plan.backward();
        assertThat(weight.gradient().toDoubles()).containsExactly(5, 70);
        assertThat(other.gradient().toDoubles()).containsExactly(2, 30);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plan.threads(0))
                .withMessage("threads: 0; expected at least 1");
    }

    @Test
    void another_number_of_threads_should_be_welcome_at_any_time() {
        Plan plan = Plan.training(this::weighted, Tensor.zeros(DType.FLOAT64, 2));
        for (int threads : new int[] {3, 1, 2}) {
            plan.threads(threads);
            plan.run(vector(1, 10));
            plan.backward();
        }
        assertThat(weight.gradient().toDoubles()).containsExactly(3, 30);
    }

    @Test
    void a_run_that_fails_should_leave_a_plan_that_can_run() {
        Plan plan = Plan.training(
                (graph, in) -> graph.record(TOTAL, graph.record(PICK, weight, graph.input(in.get(0)))),
                Tensor.zeros(DType.INT32, 1));
        assertThatIllegalStateException().isThrownBy(plan::firstNonFinite).withMessageContaining("nothing has run");
        assertThatThrownBy(() -> plan.run(Tensor.of(new int[] {7}, 1))).isInstanceOf(RuntimeException.class);
        assertThatIllegalStateException().isThrownBy(plan::backward).withMessageContaining("the last run failed");
        assertThat(plan.run(Tensor.of(new int[] {1}, 1)).item()).isEqualTo(3);
        plan.backward();
        assertThat(weight.gradient().toDoubles()).containsExactly(0, 1);
    }

    @Test
    void values_beside_the_result_should_be_read_as_long_as_their_size_runs() {
        List<Node> squares = new ArrayList<>();
        Plan plan = Plan.inference(
                (graph, in) -> {
                    squares.add(graph.record(SQUARE, graph.input(in.get(0))));
                    return graph.record(TOTAL, squares.get(squares.size() - 1));
                },
                Tensor.zeros(DType.FLOAT64, 3));
        assertThatIllegalStateException()
                .isThrownBy(() -> squares.get(0).graph().record(SQUARE, squares.get(0)))
                .withMessage("plan: is recorded to its end and takes in nothing more");
        plan.run(vector(1, 2, 3));
        assertThat(squares.get(0).value().toDoubles()).containsExactly(1, 4, 9);
        plan.run(vector(5));
        assertThat(squares.get(1).value().toDoubles()).containsExactly(25);
        assertThatIllegalStateException()
                .isThrownBy(() -> squares.get(0).value())
                .withMessageContaining("while a batch of another size runs");
    }

    @Test
    void what_is_recorded_should_leave_backward_and_reset_to_the_plan() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Plan.training(
                        (graph, in) -> {
                            Node loss = weighted(graph, in);
                            graph.backward(loss);
                            return loss;
                        },
                        Tensor.zeros(DType.FLOAT64, 2)))
                .withMessage("plan: backward inside what is recorded to be replayed; leave it to whoever replays it");
        assertThatIllegalStateException()
                .isThrownBy(() -> Plan.training(
                        (graph, in) -> {
                            graph.reset();
                            return weighted(graph, in);
                        },
                        Tensor.zeros(DType.FLOAT64, 2)))
                .withMessage("plan: reset inside what is recorded to be replayed; leave it to whoever replays it");
        assertThatIllegalStateException()
                .isThrownBy(() -> Plan.training(
                        (graph, in) -> {
                            graph.training(7);
                            return weighted(graph, in);
                        },
                        Tensor.zeros(DType.FLOAT64, 2)))
                .withMessageStartingWith("plan: training inside what is recorded to be replayed");
    }
}
