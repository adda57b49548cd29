package dev.unfold.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unfold.graph.ReversalSchedule.Action;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReversalScheduleTest {
    private static final int NONE = -1;

    /** Does what a schedule says, on nothing but the numbers of windows, and throws where it cannot be done. */
    private static final class Replay {
        private final Recomputation way;
        private final int[] slots;
        private final int[] slotOf;
        private int atHand = NONE;
        private int internals = NONE;
        private int left;
        private long steps;
        private int actions;

        Replay(Recomputation way) {
            this.way = way;
            this.slots = new int[way.slots()];
            this.slotOf = new int[way.windows()];
            this.left = way.windows();
            Arrays.fill(slots, NONE);
            Arrays.fill(slotOf, NONE);
        }

        Replay run(ReversalSchedule schedule) {
            schedule.begin(way.windows());
            for (Action action = schedule.next(); action != Action.DONE; action = schedule.next()) {
                step(action, schedule);
                actions++;
            }
            assertThat(left).isZero();
            assertThat(schedule.next()).isEqualTo(Action.DONE);
            return this;
        }

        private void step(Action action, ReversalSchedule schedule) {
            int window = schedule.window();
            switch (action) {
                case RESTORE -> {
                    atHand = schedule.slot() == ReversalSchedule.INITIAL ? 0 : slots[schedule.slot()];
                    assertThat(atHand).isEqualTo(window).isNotEqualTo(NONE);
                }
                case RUN -> {
                    assertThat(atHand).isEqualTo(window);
                    assertThat(schedule.end()).isBetween(window + 1, left - 1);
                    steps += way.end(schedule.end() - 1) - way.begin(window);
                    atHand = schedule.end();
                }
                case KEEP -> {
                    assertThat(atHand).isEqualTo(window);
                    assertThat(slots[schedule.slot()]).as("slot is free").isEqualTo(NONE);
                    assertThat(slotOf[window]).as("kept once").isEqualTo(NONE);
                    slots[schedule.slot()] = window;
                    slotOf[window] = schedule.slot();
                }
                case INTERNALS -> {
                    assertThat(atHand).isEqualTo(window);
                    assertThat(internals).as("one window at a time").isEqualTo(NONE);
                    steps += way.end(window) - way.begin(window);
                    internals = window;
                    atHand = NONE;
                }
                case BACKWARD -> {
                    assertThat(internals).isEqualTo(window);
                    assertThat(--left).isEqualTo(window);
                    internals = NONE;
                    if (slotOf[window] != NONE) {
                        slots[slotOf[window]] = NONE;
                    }
                }
                case DONE -> throw new AssertionError("replayed behind the end");
            }
        }
    }

    @Test
    void should_do_in_as_few_steps_as_there_can_be() {
        long seed = 79;
        Random random = new Random(seed);
        for (int run = 0; run < 3000; run++) {
            int steps = 1 + random.nextInt(200);
            int window = 1 + random.nextInt(random.nextBoolean() ? steps : Math.min(steps, 3));
            Recomputation way = new Recomputation(steps, window, random.nextInt(random.nextBoolean() ? 5 : 210));
            Replay replay = new Replay(way).run(new ReversalSchedule(way.slots()));
            assertThat(replay.steps).as("seed %d, run %d: %s", seed, run, way).isEqualTo(way.forwardSteps());
            assertThat(replay.actions).as("seed %d, run %d: %s", seed, run, way).isLessThanOrEqualTo(6 * way.windows());
        }
    }

    @ParameterizedTest
    @CsvSource({"100000, 1, 0", "100000, 1, 1", "100000, 1, 10", "100000, 1, 99999", "1000000, 3, 2", "1000000, 1, 40"})
    void should_do_so_over_very_many_steps(int steps, int window, int slots) {
        Recomputation way = new Recomputation(steps, window, slots);
        Replay replay = new Replay(way).run(new ReversalSchedule(slots));
        assertThat(replay.steps).isEqualTo(way.forwardSteps());
        assertThat(replay.actions).isLessThanOrEqualTo(6 * way.windows());
    }

    @Test
    void should_serve_any_number_of_windows_in_turn() {
        ReversalSchedule schedule = new ReversalSchedule(3);
        for (int windows : new int[] {20, 1, 7, 2, 20}) {
            Recomputation way = new Recomputation(windows, 1, 3);
            assertThat(new Replay(way).run(schedule).steps).isEqualTo(way.forwardSteps());
        }
        schedule.begin(9);
        schedule.next();
        schedule.next();
        assertThat(new Replay(new Recomputation(4, 1, 3)).run(schedule).steps).isEqualTo(7);
    }

    /** What is kept in the middle of the way forward serves its window; with its slot free, two windows remain and need none. */
    @Test
    void should_read_as_described() {
        ReversalSchedule schedule = new ReversalSchedule(1);
        schedule.begin(4);
        List<String> actions = new ArrayList<>();
        for (Action action = schedule.next(); action != Action.DONE; action = schedule.next()) {
            actions.add(
                    switch (action) {
                        case RESTORE, KEEP -> action + " " + schedule.window() + " slot " + schedule.slot();
                        case RUN -> action + " " + schedule.window() + " to " + schedule.end();
                        default -> action + " " + schedule.window();
                    });
        }
        assertThat(actions)
                .containsExactly(
                        "RESTORE 0 slot -1",
                        "RUN 0 to 2",
                        "KEEP 2 slot 0",
                        "RUN 2 to 3",
                        "INTERNALS 3",
                        "BACKWARD 3",
                        "RESTORE 2 slot 0",
                        "INTERNALS 2",
                        "BACKWARD 2",
                        "RESTORE 0 slot -1",
                        "RUN 0 to 1",
                        "INTERNALS 1",
                        "BACKWARD 1",
                        "RESTORE 0 slot -1",
                        "INTERNALS 0",
                        "BACKWARD 0");
    }

    @Test
    void should_refuse_no_windows() {
        assertThatThrownBy(() -> new ReversalSchedule(2).begin(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0 windows; expected at least 1");
    }
}
