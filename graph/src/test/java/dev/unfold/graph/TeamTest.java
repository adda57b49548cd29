package dev.unfold.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class TeamTest {
    private static final int MOST_WAITS = 200;

    private static long helpers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("unfold-"))
                .count();
    }

    @Test
    void should_do_each_part_of_each_task_once() {
        Team team = new Team(3);
        for (int task = 0; task < 2000; task++) {
            AtomicIntegerArray done = new AtomicIntegerArray(3);
            team.run(part -> done.incrementAndGet(part));
            assertThat(done.toString()).isEqualTo("[1, 1, 1]");
        }
    }

    @Test
    void helpers_should_end_when_nothing_is_left_and_come_again() throws InterruptedException {
        for (int time = 0; time < 2; time++) {
            CountDownLatch together = new CountDownLatch(3);
            new Team(3).run(part -> {
                together.countDown();
                try {
                    together.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(helpers()).isGreaterThanOrEqualTo(2);
            for (int wait = 0; helpers() > 0 && wait < MOST_WAITS; wait++) {
                Thread.sleep(50);
            }
            assertThat(helpers()).isZero();
        }
    }

    @Test
    void should_throw_what_a_part_throws_and_go_on() {
        Team team = new Team(2);
        for (int failing = 0; failing < 2; failing++) {
            int which = failing;
            assertThatThrownBy(() -> team.run(part -> {
                        if (part == which) {
                            throw new IllegalStateException("part " + part);
                        }
                    }))
                    .hasMessage("part " + which);
        }
        AtomicIntegerArray done = new AtomicIntegerArray(2);
        team.run(part -> done.incrementAndGet(part));
        assertThat(done.toString()).isEqualTo("[1, 1]");
    }

    @Test
    void one_thread_should_start_no_other() throws InterruptedException {
        for (int wait = 0; helpers() > 0 && wait < MOST_WAITS; wait++) {
            Thread.sleep(50);
        }
        Graph graph = new Graph();
        graph.threads(1);
        Node x = graph.variable(Tensor.zeros(DType.FLOAT64, 3, 2));
        graph.backward(graph.record(TinyOps.TOTAL, graph.record(TinyOps.SQUARE, x)));
        assertThat(helpers()).isZero();
    }
}
