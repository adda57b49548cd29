package dev.unfold.rnn.unroll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import dev.unfold.graph.DType;
import dev.unfold.graph.MemoryReport;
import dev.unfold.graph.MemoryReport.Moment;
import dev.unfold.graph.MemoryUse;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.ResidualCell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a plan says of its memory, by use and against what the JVM says. */
class PlanMemoryTest {
    private static final double SHARE = 0.02;
    /** What the objects of a recording, and its constants, may take beside the arrays. */
    private static final long OBJECTS = 128 << 10;

    private final NumpyRandom random = new NumpyRandom(23);

    @Test
    void should_tell_the_bytes_of_a_plan_by_use() {
        Cell cell = new ResidualCell(
                new ResidualCell(new VanillaCell(new Parameters("rnn", DType.FLOAT32, new NumpyRandom(1)), 4, 4)));
        Unroll unroll = Unroll.fixed(cell, 5, 2);
        Tensor greatest = Tensor.zeros(DType.FLOAT32, 5, 2, 4);
        Plan plan = Plan.training(
                (graph, in) -> Ops.sum(unroll.over(graph, in.get(0)).last()), greatest);
        MemoryReport report = plan.memory();
        // As ExplainTest says: 32 bytes a row are stored of each of 5 steps of 2 rows; the sum and its gradient are one
        // number each, and the gradient that comes to the last output has a place of its own.
        Map<MemoryUse, Long> expected = Map.of(
                MemoryUse.PLAN,
                160L,
                MemoryUse.ACTIVATIONS,
                5 * 2 * 32L + 4,
                MemoryUse.WORKSPACE,
                1024 - 320L + 4 + 32);
        assertThat(report.moments()).extracting(Moment::bytes).containsOnly(expected);
        assertThat(report.moments()).extracting(Moment::step).containsExactly(0, 1, 2, 3, 4, 4, 3, 2, 1, 0);
        assertThat(report.moments().stream().filter(Moment::backward)).hasSize(5);
    }

    @ParameterizedTest
    @EnumSource
    void should_add_up_to_the_bytes_of_the_plan(CellKind kind) {
        Cell cell = kind.cell("rnn", DType.FLOAT64, random, 3, 4);
        for (boolean training : new boolean[] {true, false}) {
            Unroll unroll = Unroll.fixed(cell, 6, 5);
            Plan.Recording recording = (graph, in) ->
                    Ops.sum(unroll.over(graph, in.get(0), Lengths.of(in.get(1))).outputs());
            Tensor[] greatest = {Tensor.zeros(DType.FLOAT64, 6, 5, 3), Tensor.zeros(DType.INT32, 5)};
            Plan plan = training ? Plan.training(recording, greatest) : Plan.inference(recording, greatest);
            checkAddsUp(plan, training);
            for (int rows = 5; rows >= 1; rows -= 2) {
                plan.run(RaggedCase.normal(random, DType.FLOAT64, rows, rows, 3), lengths(rows));
                checkAddsUp(plan, training);
            }
        }
    }

    private Tensor lengths(int rows) {
        int[] lengths = new int[rows];
        for (int row = 0; row < rows; row++) {
            lengths[row] = random.randint(1, rows + 1);
        }
        return Tensor.of(lengths, rows);
    }

    private static void checkAddsUp(Plan plan, boolean training) {
        MemoryReport report = plan.memory();
        assertThat(report.moments()).hasSize(training ? 12 : 6).allSatisfy(each -> {
            assertThat(each.total()).isEqualTo(plan.bytes());
            assertThat(each.bytes().values()).allMatch(bytes -> bytes >= 0);
        });
        assertThat(report.peak().bytes(MemoryUse.ACTIVATIONS)).isPositive();
    }

    @Test
    void should_tell_of_a_plan_without_steps() {
        Tensor greatest = Tensor.zeros(DType.FLOAT32, 10);
        Plan plan = Plan.inference((graph, in) -> Ops.sum(Ops.square(graph.input(in.get(0)))), greatest);
        assertThat(plan.memory().moments())
                .containsExactly(new Moment(
                        false, -1, Map.of(MemoryUse.PLAN, 40L, MemoryUse.ACTIVATIONS, 44L, MemoryUse.WORKSPACE, 0L)));
    }

    /** Tens of megabytes, so that all else hardly counts. */
    @Test
    void should_claim_what_making_a_plan_allocates() {
        Cell cell = CellKind.LSTM.cell("rnn", DType.FLOAT32, random, 28, 128);
        Tensor greatest = Tensor.zeros(DType.FLOAT32, 200, 64, 28);
        plan(cell, Tensor.zeros(DType.FLOAT32, 2, 2, 28)); // loads classes
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        Plan plan = plan(cell, greatest);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(plan.bytes()).isGreaterThan(30_000_000);
        System.out.printf("plan: claims %,d bytes, allocated %,d%n", plan.bytes(), allocated);
        assertThat(allocated).isCloseTo(plan.bytes(), within((long) (SHARE * plan.bytes()) + OBJECTS));
    }

    private static Plan plan(Cell cell, Tensor greatest) {
        Unroll unroll =
                Unroll.fixed(cell, greatest.shape().dim(0), greatest.shape().dim(1));
        return Plan.training(
                (graph, in) -> Ops.sum(unroll.over(graph, in.get(0)).last()), greatest);
    }
}
