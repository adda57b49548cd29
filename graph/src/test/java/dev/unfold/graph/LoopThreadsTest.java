package dev.unfold.graph;

import static dev.unfold.graph.TinyOps.MEET;
import static dev.unfold.graph.TinyOps.PLUS;
import static dev.unfold.graph.TinyOps.TOTAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Threads share out the rows of a loop. */
class LoopThreadsTest {
    private static final int STEPS = 3;
    private static final int ROWS = 4;

    private final Graph graph = new Graph();

    /** y = x; the threads that run it wait for each other, and the rows of each are counted. */
    private static final class Watched implements Op {
        private final CountDownLatch forward;
        private final CountDownLatch backward;
        private final Map<Thread, Integer> rowsForward = new ConcurrentHashMap<>();
        private final Map<Thread, Integer> rowsBackward = new ConcurrentHashMap<>();
        private final Set<Integer> heights = ConcurrentHashMap.newKeySet();

        Watched(int threads) {
            forward = new CountDownLatch(threads);
            backward = new CountDownLatch(threads);
        }

        @Override
        public String name() {
            return "watched";
        }

        @Override
        public Shape shape(Shape[] inputs) {
            return inputs[0];
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
            int rows = pass.output().shape().dim(0);
            heights.add(rows);
            arrive(forward, rowsForward, rows);
            pass.output().copyFrom(pass.input(0));
        }

        @Override
        public void backward(Pass pass, int input) {
            arrive(backward, rowsBackward, pass.outputGradient().shape().dim(0));
            pass.inputGradient().add(pass.outputGradient());
        }

        /** The first time, waits for the other threads; far longer than they ever take. */
        private static void arrive(CountDownLatch all, Map<Thread, Integer> rows, int more) {
            if (rows.merge(Thread.currentThread(), more, Integer::sum) == more) {
                all.countDown();
                try {
                    assertThat(all.await(20, TimeUnit.SECONDS))
                            .as("all threads have come")
                            .isTrue();
                } catch (InterruptedException interrupted) {
                    throw new AssertionError(interrupted);
                }
            }
        }
    }

    @BeforeEach
    void tests_should_have_threads_however_little_there_is_to_do() {
        assertThat(Team.WORTH_THREADS)
                .as("set dev.unfold.worthThreads to 0, as the build does")
                .isZero();
    }

    /** Runs h' = h + x, watched before or behind the sum, and goes back. */
    private void run(Op watched, boolean before, TinySchedule schedule) {
        Loop loop = new Loop("loop", STEPS, ROWS, (sequences, carried) -> {
            Node x = sequences.get(0);
            Graph step = x.graph();
            Node taken = before ? step.record(watched, x) : x;
            Node sum = step.record(PLUS, carried.get(0), taken);
            Node next = before ? sum : step.record(watched, sum);
            return List.of(next, next);
        });
        Node x = graph.variable(Tensor.zeros(DType.FLOAT64, STEPS, ROWS, 1).fill(1));
        Node start = graph.variable(Tensor.zeros(DType.FLOAT64, ROWS, 1));
        Node states = graph.repeat(loop, schedule, List.of(x), List.of(start)).results(1);
        graph.backward(graph.record(TOTAL, states));
    }

    @Test
    void each_should_go_through_all_steps_with_its_rows() {
        graph.threads(2);
        Watched watched = new Watched(2);
        run(watched, false, TinySchedule.whole(STEPS, ROWS));
        assertThat(watched.rowsForward.values()).containsExactly(STEPS * 2, STEPS * 2);
        assertThat(watched.rowsBackward.values()).containsExactly(STEPS * 2, STEPS * 2);
        assertThat(watched.heights).containsExactly(2);
    }

    @Test
    void each_should_have_its_share_of_the_rows_of_all_steps_at_once() {
        graph.threads(2);
        Watched watched = new Watched(2);
        run(watched, true, TinySchedule.whole(STEPS, ROWS));
        assertThat(watched.rowsForward.values()).containsExactly(STEPS * 2, STEPS * 2);
        assertThat(watched.rowsBackward.values()).containsExactly(STEPS * 2, STEPS * 2);
        assertThat(watched.heights).containsExactly(STEPS * 2);
    }

    @Test
    void each_should_have_about_as_many_steps_where_rows_end() {
        graph.threads(2);
        Watched watched = new Watched(2);
        // Of 3, 1, 1 and 1 steps: the first row is as much as the others.
        run(watched, false, TinySchedule.of(STEPS, ROWS, new int[][] {{0, 1, 2, 3}, {4}, {8}}, 0, 1, 2, 3));
        assertThat(watched.rowsForward.values()).containsExactly(3, 3);
        assertThat(watched.rowsBackward.values()).containsExactly(3, 3);
        assertThat(watched.heights).containsExactlyInAnyOrder(1, 3);
    }

    @Test
    void those_without_rows_should_do_nothing() {
        graph.threads(3);
        Watched watched = new Watched(1);
        run(watched, false, TinySchedule.of(STEPS, ROWS, new int[][] {{2}, {6}}, 2));
        assertThat(watched.rowsForward.values()).containsExactly(2);
        assertThat(watched.rowsBackward.values()).containsExactly(2);
    }

    @Test
    void rows_that_meet_should_stay_with_one() {
        graph.threads(2);
        Watched watched = new Watched(1);
        Loop loop = new Loop("loop", STEPS, ROWS, (sequences, carried) -> {
            Graph step = sequences.get(0).graph();
            Node met = step.record(MEET, step.record(watched, carried.get(0)));
            Node next = step.record(PLUS, met, sequences.get(0));
            return List.of(next, next);
        });
        Node x = graph.variable(Tensor.zeros(DType.FLOAT64, STEPS, ROWS, 1).fill(1));
        Node start = graph.variable(Tensor.zeros(DType.FLOAT64, ROWS, 1));
        Node states = graph.repeat(loop, TinySchedule.whole(STEPS, ROWS), List.of(x), List.of(start))
                .results(1);
        graph.backward(graph.record(TOTAL, states));
        assertThat(watched.rowsForward).isEqualTo(Map.of(Thread.currentThread(), STEPS * ROWS));
        assertThat(watched.rowsBackward).isEqualTo(Map.of(Thread.currentThread(), STEPS * ROWS));
    }

    @Test
    void what_one_of_them_throws_should_reach_the_caller_and_leave_the_graph_usable() {
        graph.threads(2);
        Op fails = new Op() {
            @Override
            public String name() {
                return "fails";
            }

            @Override
            public Shape shape(Shape[] inputs) {
                return inputs[0];
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
                if (pass.rowOf(0) > 0) {
                    throw new IllegalStateException("row " + pass.rowOf(0));
                }
            }

            @Override
            public void backward(Pass pass, int input) {}
        };
        assertThatIllegalStateException()
                .isThrownBy(() -> run(fails, false, TinySchedule.whole(STEPS, ROWS)))
                .withMessage("row 2");
        graph.reset();
        Watched watched = new Watched(2);
        run(watched, false, TinySchedule.whole(STEPS, ROWS));
        assertThat(watched.rowsForward).hasSize(2);
    }
}
