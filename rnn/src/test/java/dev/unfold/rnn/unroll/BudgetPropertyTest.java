package dev.unfold.rnn.unroll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.management.ThreadMXBean;
import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.MemoryUse;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Within any budget that is workable, unrolling has the bits of unrolling without one. */
class BudgetPropertyTest {
    private static final Pattern REFUSAL = Pattern.compile(
            "(cell '.*'): the budget is .* the smallest that is workable is (\\d+) bytes, and (\\d+) keep all steps;.*");
    private static final int SEEDS = 13 * 6 * 2;
    private static final int STEPS = 75;
    private static final int ROWS = 3;

    /** What a loop takes at the least, and to keep all steps. */
    private record Range(long smallest, long all) {
        long at(double share) {
            return smallest + (long) (share * (all - smallest));
        }
    }

    /** Runs something with budgets of a byte until all loops in it have refused theirs; returns what they say. */
    private static Map<String, Range> ranges(RunWithBudgets run) {
        Map<String, Range> ranges = new HashMap<>();
        while (true) {
            IllegalArgumentException refusal = catchThrowableOfType(
                    IllegalArgumentException.class, () -> run.run(name -> budget(ranges.get(name), 1)));
            if (refusal == null) {
                return ranges;
            }
            Matcher matcher = REFUSAL.matcher(Objects.requireNonNull(refusal.getMessage()));
            assertThat(matcher.matches()).as(refusal.getMessage()).isTrue();
            Range range = new Range(Long.parseLong(matcher.group(2)), Long.parseLong(matcher.group(3)));
            assertThat(ranges.put(matcher.group(1), range)).isNull();
        }
    }

    private static long budget(@Nullable Range range, double share) {
        return range == null ? 1 : range.at(share);
    }

    private interface Budgets {
        long of(String name);
    }

    private interface RunWithBudgets {
        void run(Budgets budgets);
    }

    private static Unroll within(Cell cell, int steps, int rows, Budgets budgets) {
        return Unroll.fixed(cell, steps, rows).budget(budgets.of("cell '" + cell.name() + "'"));
    }

    private static Map<String, Tensor> values(RaggedCase each, boolean fixed, int threads, Budgets budgets) {
        Graph graph = new Graph();
        graph.threads(threads);
        Unroll unroll = each.unroll(cell -> fixed
                ? within(cell, each.steps(), each.rows(), budgets)
                : Unroll.dynamic(cell).budget(budgets.of("cell '" + cell.name() + "'")));
        return RaggedRun.values(each, unroll, graph, each.x());
    }

    @ParameterizedTest
    @CsvSource({"true, 1", "true, 2", "true, 3", "false, 1", "false, 2"})
    void should_have_the_bits_of_no_budget(boolean fixed, int threads) {
        int cases = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            RaggedCase each = RaggedCase.random(seed);
            if (each.steps() <= 16) {
                continue;
            }
            Map<String, Tensor> expected = RaggedRun.values(each, new Graph(), each.x());
            Map<String, Range> ranges = ranges(budgets -> values(each, fixed, threads, budgets));
            if (ranges.isEmpty()) {
                continue;
            }
            cases++;
            for (double share : threads == 1 ? new double[] {0, 0.1, 0.3, 0.6, 0.99, 1} : new double[] {0, 0.3, 0.99}) {
                String what = each + (fixed ? ", static, " : ", dynamic, ") + threads + " threads, budgets at " + share;
                Bits.assertSameAll(
                        what, expected, values(each, fixed, threads, name -> budget(ranges.get(name), share)));
            }
            Range any = ranges.values().iterator().next();
            assertThat(catchThrowableOfType(
                            IllegalArgumentException.class,
                            () -> values(each, fixed, threads, name -> any.smallest - 1)))
                    .as(each + ", one byte less than the smallest")
                    .isNotNull();
        }
        assertThat(cases).isGreaterThan(20);
    }

    /** A model that takes results out in all ways. */
    private static Node loss(Unroll unroll, Graph graph, List<Tensor> in) {
        Unrolled ragged = unroll.over(graph, in.get(0), Lengths.of(in.get(1)));
        Unrolled whole = unroll.over(graph, in.get(0));
        int steps = whole.steps();
        Node loss = Ops.sum(ragged.last()).plus(Ops.sum(Ops.tanh(whole.output(steps / 2))));
        for (String name : whole.finalNodes().names()) {
            loss = loss.plus(Ops.sum(Ops.tanh(ragged.finalNodes().get(name))))
                    .plus(Ops.sum(whole.finalNodes().get(name)))
                    .plus(Ops.sum(whole.state(steps / 3).get(name)));
        }
        return loss.plus(Ops.sum(Ops.sigmoid(whole.outputs()))).plus(Ops.sum(whole.output(steps / 2)));
    }

    private static Tensor[] batch(NumpyRandom random, DType dtype, int steps, int rows, int inputSize) {
        Tensor lengths = Tensor.zeros(DType.INT32, rows);
        for (int row = 0; row < rows; row++) {
            lengths.set(random.randint(0, steps + 1), row);
        }
        return new Tensor[] {RaggedCase.normal(random, dtype, steps, rows, inputSize), lengths};
    }

    private static Plan plan(Cell cell, DType dtype, Budgets budgets) {
        Unroll unroll = within(cell, STEPS, ROWS, budgets);
        return Plan.training(
                (graph, in) -> loss(unroll, graph, in),
                batch(new NumpyRandom(1), dtype, STEPS, ROWS, unroll.inputSize()));
    }

    @Test
    void plans_of_all_sizes_should_have_the_bits_of_no_budget() {
        List<CellKind> kinds = List.of(CellKind.values());
        for (int number = 0; number < kinds.size(); number++) {
            CellKind kind = kinds.get(number);
            NumpyRandom random = new NumpyRandom(number);
            DType dtype = number % 2 == 0 ? DType.FLOAT32 : DType.FLOAT64;
            Cell cell = kind.cell("budgeted", dtype, random, 2, 3);
            Unroll dynamic = Unroll.dynamic(cell);
            Map<String, Range> ranges = ranges(budgets -> plan(cell, dtype, budgets));
            for (double share : new double[] {0, 0.25, 0.5, 1}) {
                Plan plan = plan(cell, dtype, name -> budget(ranges.get(name), share));
                long bytes = plan.bytes();
                assertThat(plan.explain().contains("recomputed: "))
                        .as(kind + " at " + share)
                        .isEqualTo(share < 1);
                for (int i = 0; i < 8; i++) {
                    int steps = i % 4 == 0 ? STEPS : random.randint(1, STEPS);
                    Tensor[] batch = batch(random, dtype, steps, random.randint(1, ROWS + 1), 2);
                    String what = kind + ", budget at " + share + ", batch " + i + " of " + batch[0].shape();
                    plan.threads(1 + i % 3);
                    plan.seed(i);
                    Graph graph = new Graph();
                    graph.training(i);
                    cell.parameters().forEach(Parameter::zeroGradient);
                    Node loss = loss(dynamic, graph, List.of(batch));
                    graph.backward(loss);
                    List<Tensor> expected = cell.parameters().stream()
                            .map(parameter -> parameter.gradient().copy())
                            .toList();
                    cell.parameters().forEach(Parameter::zeroGradient);
                    Bits.assertSame(what, loss.value(), plan.run(batch));
                    assertThat(plan.firstNonFinite()).as(what).isEmpty();
                    plan.backward();
                    for (int p = 0; p < expected.size(); p++) {
                        Bits.assertSame(
                                what + ": gradient of " + cell.parameters().get(p),
                                expected.get(p),
                                cell.parameters().get(p).gradient());
                    }
                    assertThat(plan.bytes()).as(what).isEqualTo(bytes);
                }
            }
        }
    }

    @Test
    void should_allocate_nothing_after_a_warm_up() {
        NumpyRandom random = new NumpyRandom(3);
        Cell cell = CellKind.LSTM.cell("budgeted", DType.FLOAT32, random, 2, 3);
        Map<String, Range> ranges = ranges(budgets -> plan(cell, DType.FLOAT32, budgets));
        Plan plan = plan(cell, DType.FLOAT32, name -> budget(ranges.get(name), 0.3));
        List<Tensor[]> batches = List.of(
                batch(random, DType.FLOAT32, STEPS, ROWS, 2),
                batch(random, DType.FLOAT32, 40, ROWS, 2),
                batch(random, DType.FLOAT32, 7, 1, 2));
        ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = Long.MAX_VALUE;
        // The compiler may put back objects that it had optimised away, so the quietest round counts; it may also be
        // late.
        for (int round = 0; allocated > 0 && round < 4_000; round++) {
            long before = bean.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < batches.size(); i++) {
                plan.run(batches.get(i));
                plan.backward();
            }
            allocated = Math.min(allocated, bean.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(allocated).as("bytes allocated by three updates").isZero();
    }

    @Test
    void should_keep_windows_of_more_values_than_an_array_holds() {
        int steps = (1 << 16) + 1;
        int rows = 1 << 6;
        int hidden = 1 << 9;
        Cell cell = new VanillaCell(new Parameters("wide", DType.FLOAT32, new NumpyRandom(1)), 1, hidden);
        Tensor greatest = Tensor.zeros(DType.FLOAT32, steps, rows, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> planLast(Unroll.fixed(cell, steps, rows), greatest))
                .withMessageContaining(
                        (long) steps * rows * hidden + " elements for all steps are more than an array holds");
        long budget = 64 << 20;
        Plan plan = planLast(Unroll.fixed(cell, steps, rows).budget(budget), greatest);
        assertThat(plan.explain()).contains("recomputed: 65,537 steps");
        assertThat(plan.memory().peak().bytes(MemoryUse.WORKSPACE)).isLessThan(budget);
        // All steps could be kept, if there were arrays for them.
        assertThat(catchThrowableOfType(
                        IllegalArgumentException.class,
                        () -> planLast(Unroll.fixed(cell, steps, rows).budget(1), greatest)))
                .hasMessageContaining("workable is 8912896 bytes, and 8596750336 keep all steps;");
    }

    private static Plan planLast(Unroll unroll, Tensor greatest) {
        return Plan.training(
                (graph, in) -> Ops.sum(unroll.over(graph, in.get(0)).last()), greatest);
    }

    @Test
    void should_name_the_mend_where_there_is_no_one_loop() {
        Cell cell = CellKind.LSTM.cell("budgeted", DType.FLOAT32, new NumpyRandom(1), 2, 3);
        Unroll stack = Unroll.stacked(List.of(Unroll.dynamic(cell)));
        assertThatIllegalStateException()
                .isThrownBy(() -> stack.budget(1))
                .withMessageContaining("give each its own budget");
    }

    @Test
    void running_without_backward_should_need_little() {
        NumpyRandom random = new NumpyRandom(1);
        Cell cell = CellKind.LSTM.cell("budgeted", DType.FLOAT32, random, 2, 3);
        Tensor[] batch = batch(random, DType.FLOAT32, STEPS, ROWS, 2);
        Map<String, Range> ranges = ranges(budgets ->
                Plan.inference((graph, in) -> loss(within(cell, STEPS, ROWS, budgets), graph, in), batch));
        Unroll unroll = within(cell, STEPS, ROWS, name -> budget(ranges.get(name), 0));
        Plan plan = Plan.inference((graph, in) -> loss(unroll, graph, in), batch);
        assertThat(plan.explain()).contains("run in windows of 16 steps");
        assertThat(plan.run(batch)
                        .sameBits(loss(Unroll.dynamic(cell), Graph.inference(), List.of(batch))
                                .value()))
                .isTrue();
    }
}
