package dev.unfold.graph;

import static dev.unfold.graph.TinyOps.MEET;
import static dev.unfold.graph.TinyOps.PLUS;
import static dev.unfold.graph.TinyOps.SQUARE;
import static dev.unfold.graph.TinyOps.TIMES;
import static dev.unfold.graph.TinyOps.TOTAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** A loop of 101 steps whose states take 32 bytes a step: p' = (p x)^2 + x, whose output is p'^2. */
class LoopBudgetTest {
    private static final int STEPS = 101;
    private static final int ROWS = 2;

    private static Loop loop(int steps) {
        return new Loop("squares", steps, ROWS, (sequences, carried) -> {
            Node x = sequences.get(0);
            Graph graph = x.graph();
            Node next = graph.record(PLUS, graph.record(SQUARE, graph.record(TIMES, carried.get(0), x)), x);
            return List.of(graph.record(SQUARE, next), next);
        });
    }

    private static Tensor sequence(int steps) {
        return Tensor.zeros(DType.FLOAT64, steps, ROWS, 2).fill(0.5);
    }

    /** A training of the last output. */
    private static Plan plan(Loop loop, LoopRun[] run) {
        return Plan.training(
                (graph, in) -> {
                    Node start = graph.variable(Tensor.zeros(DType.FLOAT64, ROWS, 2));
                    int steps = in.get(0).shape().dim(0);
                    TinySchedule whole = TinySchedule.whole(steps, ROWS);
                    Repeated repeated = graph.repeat(loop, whole, List.of(graph.input(in.get(0))), List.of(start));
                    run[0] = (LoopRun) repeated;
                    return graph.record(TOTAL, repeated.result(0, steps - 1));
                },
                sequence(loop.maxSteps()));
    }

    private static long[] smallestAndAll(Loop loop) {
        return smallestAndAll(
                () -> plan(loop.within(1), new LoopRun[1]),
                "squares: the budget is 1 bytes for up to 101 steps of 2 rows");
    }

    /** Returns the bytes that the refusal of a budget names: the smallest that is workable, and those that keep all steps. */
    static long[] smallestAndAll(ThrowingCallable refused, String begins) {
        String message = Objects.requireNonNull(
                catchThrowableOfType(IllegalArgumentException.class, refused).getMessage());
        assertThat(message).startsWith(begins);
        Matcher found =
                Pattern.compile("workable is (\\d+) bytes, and (\\d+) keep all").matcher(message);
        assertThat(found.find()).as(message).isTrue();
        return new long[] {Long.parseLong(found.group(1)), Long.parseLong(found.group(2))};
    }

    @Test
    void should_keep_to_any_budget_and_run_as_many_steps_as_it_says() {
        long[] range = smallestAndAll(loop(STEPS));
        long before = Long.MAX_VALUE;
        for (long budget = range[0];
                budget <= range[1];
                budget = budget == range[1] ? budget + 1 : Math.min(range[1], budget + 40)) {
            LoopRun[] run = new LoopRun[1];
            Plan plan = plan(loop(STEPS).within(budget), run);
            Recomputation way = run[0].way();
            assertThat(run[0].bytes()).as("budget %d", budget).isLessThanOrEqualTo(budget);
            assertThat(run[0].bytes())
                    .as("budget %d", budget)
                    .isEqualTo(run[0].record().bytes(way));
            assertThat(way.forwardSteps()).as("budget %d", budget).isLessThanOrEqualTo(before);
            before = way.forwardSteps();
            plan.run(sequence(STEPS));
            plan.backward();
            assertThat(run[0].stepsRun()).as("budget %d", budget).isEqualTo(way.forwardSteps());
            for (int steps : new int[] {1, 16, 17, 50, 96}) {
                plan.run(sequence(steps));
                plan.backward();
                int window = Math.min(steps, way.window());
                assertThat(run[0].stepsRun())
                        .as("budget %d, %d steps", budget, steps)
                        .isEqualTo(new Recomputation(steps, window, way.slots()).forwardSteps());
            }
            if (budget == range[1]) {
                assertThat(way.forwardSteps()).isEqualTo(STEPS);
                assertThat(plan.explain()).contains("nothing is computed again");
            }
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plan(loop(STEPS).within(range[0] - 1), new LoopRun[1]))
                .withMessageContaining("the smallest that is workable is " + range[0] + " bytes");
    }

    @Test
    void should_tell_what_a_budget_costs() {
        Plan plan = plan(loop(STEPS).within(smallestAndAll(loop(STEPS))[0]), new LoopRun[1]);
        // Seven windows of 16, the first of 5: each but the last is run again for each window behind it.
        assertThat(plan.explain()).contains("recomputed: 101 steps run 371 times in windows of 16, 0 states kept");
    }

    @Test
    void should_record_its_step_no_more_where_orders_alternate() {
        AtomicInteger recorded = new AtomicInteger();
        Loop plain = loop(STEPS);
        Loop loop = new Loop("counted", STEPS, ROWS, (sequences, carried) -> {
                    recorded.incrementAndGet();
                    return plain.body().record(sequences, carried);
                })
                .within(100_000);
        Graph graph = new Graph();
        int twice = 0;
        for (int batch = 0; batch < 6; batch++) {
            graph.reset();
            TinySchedule schedule = batch % 2 == 0
                    ? TinySchedule.whole(2, ROWS)
                    : TinySchedule.of(2, ROWS, new int[][] {{1, 0}, {2}}, 1, 0);
            Node start = graph.variable(Tensor.zeros(DType.FLOAT64, ROWS, 2));
            Repeated repeated = graph.repeat(loop, schedule, List.of(graph.input(sequence(2))), List.of(start));
            graph.backward(graph.record(TOTAL, repeated.results(0)));
            twice = batch == 1 ? recorded.get() : twice;
        }
        assertThat(recorded.get()).as("behind one batch of either").isEqualTo(twice);
    }

    @Test
    void should_refuse_steps_in_which_rows_meet_and_budgets_of_nothing() {
        Loop meets = new Loop("meets", STEPS, ROWS, (sequences, carried) -> {
            Graph graph = carried.get(0).graph();
            Node next = graph.record(TIMES, sequences.get(0), graph.record(MEET, carried.get(0)));
            return List.of(graph.record(SQUARE, next), next);
        });
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plan(meets.within(1 << 20), new LoopRun[1]))
                .withMessageContaining("meets: the budget is 1048576 bytes, but rows meet in a step");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> meets.within(0))
                .withMessage("meets: the budget is 0 bytes; expected at least 1");
        assertThat(meets.within(5))
                .isEqualTo(meets.within(5))
                .isNotEqualTo(meets)
                .isNotEqualTo(meets.within(6));
    }
}
