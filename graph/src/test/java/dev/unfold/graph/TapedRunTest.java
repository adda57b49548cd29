package dev.unfold.graph;

import static dev.unfold.graph.TinyOps.PLUS;
import static dev.unfold.graph.TinyOps.SQUARE;
import static dev.unfold.graph.TinyOps.TIMES;
import static dev.unfold.graph.TinyOps.TOTAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Steps recorded anew within a budget: p' = (p x)^2 + x, whose output is p'^2. */
class TapedRunTest {
    private static final int STEPS = 101;
    private static final int ROWS = 2;

    private final Graph graph = new Graph();

    private static Loop loop(Loop.Body body) {
        return new Loop("squares", Integer.MAX_VALUE, Integer.MAX_VALUE, body);
    }

    private static List<Node> squares(List<Node> sequences, List<Node> carried) {
        Node x = sequences.get(0);
        Graph graph = x.graph();
        Node next = graph.record(PLUS, graph.record(SQUARE, graph.record(TIMES, carried.get(0), x)), x);
        return List.of(graph.record(SQUARE, next), next);
    }

    private static Tensor sequence(int steps) {
        return Tensor.zeros(DType.FLOAT64, steps, ROWS, 2).fill(0.5);
    }

    private TapedRun run(Loop loop, int steps) {
        graph.reset();
        return run(graph, loop, steps);
    }

    private static TapedRun run(Graph graph, Loop loop, int steps) {
        Node start = graph.variable(Tensor.zeros(DType.FLOAT64, ROWS, 2).fill(0.25));
        return (TapedRun) graph.repeatAnew(
                loop, TinySchedule.whole(steps, ROWS), List.of(graph.input(sequence(steps))), List.of(start));
    }

    private long[] smallestAndAll(Loop.Body body) {
        return LoopBudgetTest.smallestAndAll(
                () -> run(loop(body).within(1), STEPS), "squares: the budget is 1 bytes for 101 steps of 2 rows");
    }

    @Test
    void should_keep_to_any_budget_and_run_as_many_steps_as_it_says() {
        Loop loop = loop(TapedRunTest::squares);
        long[] range = smallestAndAll(TapedRunTest::squares);
        assertThat(range[1]).isGreaterThan(range[0]);
        Tensor gradient = null;
        long before = Long.MAX_VALUE;
        for (long budget = range[0];
                budget <= range[1];
                budget = budget == range[1] ? budget + 1 : Math.min(range[1], budget + 400)) {
            TapedRun run = run(loop.within(budget), STEPS);
            long known = run.bytes();
            Recomputation way = run.way();
            assertThat(way.forwardSteps()).as("budget %d", budget).isLessThanOrEqualTo(before);
            before = way.forwardSteps();
            Node last = run.result(0, STEPS - 1);
            assertThat(run.stepsRun()).as("budget %d", budget).isEqualTo(STEPS);
            graph.backward(graph.record(TOTAL, last));
            assertThat(run.stepsRun()).as("budget %d", budget).isEqualTo(way.forwardSteps());
            assertThat(known).as("known before it ran").isLessThanOrEqualTo(budget);
            assertThat(run.bytes()).as("budget %d", budget).isEqualTo(known);
            Tensor present = graph.node(0).gradient();
            assertThat(gradient == null || gradient.sameBits(present)).isTrue();
            gradient = present.copy();
        }
        assertThat(before).isEqualTo(STEPS);
        assertThat(graph.explain()).contains("recorded anew, 101 steps of 2 rows", "nothing is computed again");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run(loop.within(range[0] - 1), STEPS))
                .withMessageContaining("the smallest that is workable is " + range[0] + " bytes");
    }

    @Test
    void should_tell_what_a_budget_costs() {
        run(loop(TapedRunTest::squares).within(smallestAndAll(TapedRunTest::squares)[0]), STEPS);
        assertThat(graph.explain()).contains("recomputed: 101 steps run 371 times in windows of 16, 0 states kept");
    }

    @Test
    void results_of_all_steps_should_cost_nothing_if_taken_first_and_one_more_run_if_late() {
        Loop loop = loop(TapedRunTest::squares).within(smallestAndAll(TapedRunTest::squares)[0]);
        TapedRun first = run(loop, STEPS);
        Tensor outputs = first.results(0).value();
        Tensor last = first.result(0, STEPS - 1).value();
        assertThat(first.stepsRun()).isEqualTo(STEPS);
        assertThat(last.sameBits(outputs.at(STEPS - 1))).isTrue();
        Tensor copy = outputs.copy();
        TapedRun late = run(loop, STEPS);
        late.result(0, STEPS - 1);
        Node inside = late.result(0, 3);
        assertThat(inside.value().sameBits(copy.at(3))).isTrue();
        assertThat(late.stepsRun()).isEqualTo(2 * STEPS);
        assertThat(late.results(0).value().sameBits(copy)).isTrue();
        assertThat(late.stepsRun()).isEqualTo(2 * STEPS);
        graph.backward(graph.record(TOTAL, inside));
        assertThat(late.result(1, STEPS - 1).value().getFlat(0)).isPositive();
        assertThatIllegalStateException()
                .isThrownBy(() -> late.results(1))
                .withMessageContaining("is not kept within a budget unless it is taken out before backward");
    }

    @Test
    void steps_may_depend_on_values() {
        Loop.Body branches = (sequences, carried) -> {
            List<Node> left = squares(sequences, carried);
            return left.get(1).value().getFlat(0) > 0 ? left : List.of(left.get(0), left.get(0));
        };
        long[] range = smallestAndAll(branches);
        TapedRun run = run(loop(branches).within(range[0]), STEPS);
        graph.backward(graph.record(TOTAL, run.result(0, STEPS - 1)));
        Tensor gradient = graph.node(0).gradient().copy();
        TapedRun other = run(loop(TapedRunTest::squares).within(range[0]), STEPS);
        graph.backward(graph.record(TOTAL, other.result(0, STEPS - 1)));
        assertThat(gradient.sameBits(graph.node(0).gradient())).isTrue();
        assertThat(run.stepsRun()).isEqualTo(other.stepsRun()).isGreaterThan(STEPS);
    }

    @Test
    void steps_that_compute_something_else_when_run_again_should_be_refused() {
        Random random = new Random(1);
        Loop.Body draws = (sequences, carried) -> {
            Graph at = sequences.get(0).graph();
            Node noise = at.input(Tensor.zeros(DType.FLOAT64, ROWS, 2).fill(random.nextDouble()));
            List<Node> left = squares(sequences, carried);
            Node next = at.record(PLUS, left.get(1), noise);
            return List.of(at.record(SQUARE, next), next);
        };
        TapedRun run = run(loop(draws).within(smallestAndAll(draws)[0]), STEPS);
        Node loss = graph.record(TOTAL, run.result(0, STEPS - 1));
        assertThatIllegalStateException()
                .isThrownBy(() -> graph.backward(loss))
                .withMessageContaining("have led to other values than before")
                .withMessageContaining("draw numbers as dropout does");
    }

    @Test
    void steps_that_take_more_than_the_first_should_be_told_so() {
        int[] calls = {0};
        Loop.Body grows = (sequences, carried) -> {
            List<Node> left = squares(sequences, carried);
            Node next = left.get(1);
            for (int i = 0; next.step() > 60 && i < 40; i++) {
                next = next.graph().record(SQUARE, next);
            }
            calls[0]++;
            return List.of(next.graph().record(SQUARE, next), next);
        };
        TapedRun run = run(loop(grows).within(smallestAndAll(grows)[0]), STEPS);
        assertThatIllegalStateException()
                .isThrownBy(() -> run.result(0, STEPS - 1))
                .withMessageContaining("take more than was measured at the first")
                .withMessageContaining("; give more");
        assertThat(calls[0]).isPositive();
    }

    @Test
    void a_rehearsal_should_know_what_it_will_take() {
        Loop loop = loop(TapedRunTest::squares).within(smallestAndAll(TapedRunTest::squares)[0]);
        long[] peaks = new long[2];
        for (int i = 0; i < 2; i++) {
            Graph each = i == 0 ? Graph.rehearsal() : new Graph();
            each.backward(each.record(TOTAL, run(each, loop, STEPS).results(0)));
            peaks[i] = each.memory().peak().total();
        }
        assertThat(peaks[0]).isEqualTo(peaks[1]);
    }

    @Test
    void values_that_are_not_finite_should_be_found_at_their_step() {
        Tensor x = sequence(STEPS);
        x.set(Double.NaN, 70, 1, 0);
        Loop loop = loop(TapedRunTest::squares).within(smallestAndAll(TapedRunTest::squares)[0]);
        graph.reset();
        Node in = graph.input(x);
        Repeated run = graph.repeatAnew(
                loop,
                TinySchedule.whole(STEPS, ROWS),
                List.of(in),
                List.of(graph.variable(Tensor.zeros(DType.FLOAT64, ROWS, 2))));
        Node last = run.result(0, STEPS - 1);
        assertThat(graph.firstNonFinite().orElseThrow())
                .startsWith("in " + in)
                .contains("times")
                .contains("at step 70 of squares");
        graph.backward(graph.record(TOTAL, last));
        assertThat(graph.firstNonFinite().orElseThrow()).contains("at step 70 of squares");
    }

    @Test
    void what_cannot_be_should_be_refused() {
        Loop loop = loop(TapedRunTest::squares).within(1 << 20);
        graph.keepAll(true);
        assertThatIllegalStateException()
                .isThrownBy(() -> run(loop, STEPS))
                .withMessageContaining("keepAll() is set, but a budget lets steps go");
        graph.keepAll(false);
        graph.reset();
        graph.inStep(true);
        assertThatIllegalStateException()
                .isThrownBy(() -> run(graph, loop, STEPS))
                .withMessageContaining("cannot be unrolled inside a step; unroll it outside, or dynamically without");
        assertThatIllegalStateException()
                .isThrownBy(() ->
                        Plan.training((planned, in) -> run(planned, loop, STEPS).result(0, 0), sequence(STEPS)))
                .withMessageContaining("squares within a budget, recorded anew");
        Loop slices = loop((sequences, carried) ->
                        List.of(carried.get(0).graph().slices(sequences.get(0), 0, ROWS), carried.get(0)))
                .within(1 << 20);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run(slices, STEPS))
                .withMessageContaining("result 0")
                .withMessageContaining("is no operation of the step");
    }
}
