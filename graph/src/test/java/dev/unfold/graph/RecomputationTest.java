package dev.unfold.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unfold.graph.Recomputation.Sizes;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecomputationTest {
    private static final int WINDOWS = 60;
    private static final int SLOTS = 12;

    /** C(t, m) by the recursion. */
    private static long[][] table() {
        long[][] table = new long[WINDOWS + 1][SLOTS + 1];
        for (int t = 1; t <= WINDOWS; t++) {
            table[t][0] = t * (t + 1L) / 2;
            for (int m = 1; m <= SLOTS; m++) {
                table[t][m] = t == 1 ? 1 : Long.MAX_VALUE;
                for (int y = 1; y < t; y++) {
                    table[t][m] = Math.min(table[t][m], y + table[t - y][m - 1] + table[y][m]);
                }
            }
        }
        return table;
    }

    @Test
    void runs_should_be_what_the_recursion_gives() {
        long[][] table = table();
        for (int t = 1; t <= WINDOWS; t++) {
            for (int m = 0; m <= SLOTS; m++) {
                assertThat(Recomputation.runs(t, m))
                        .as("%d windows, %d slots", t, m)
                        .isEqualTo(table[t][m]);
            }
        }
    }

    @Test
    void should_go_on_by_the_most_windows_that_are_best() {
        long[][] table = table();
        for (int t = 2; t <= WINDOWS; t++) {
            for (int m = 1; m <= SLOTS; m++) {
                int y = t - 1;
                while (y + table[t - y][m - 1] + table[y][m] > table[t][m]) {
                    y--;
                }
                assertThat(Recomputation.goOn(t, m))
                        .as("%d windows, %d slots", t, m)
                        .isEqualTo(y);
            }
        }
    }

    /** Windows of 5 steps, the first of 1 to 5, against every legal schedule there is. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 5})
    void no_schedule_should_run_fewer_steps(int first) {
        for (int windows = 1; windows <= 7; windows++) {
            for (int slots = 0; slots <= 3; slots++) {
                int steps = (windows - 1) * 5 + first;
                int window = Math.min(5, steps);
                assertThat(new Recomputation(steps, window, slots).forwardSteps())
                        .as("%d windows, the first of %d, %d slots", windows, first, slots)
                        .isEqualTo(shortest(windows, slots, window, first));
            }
        }
    }

    /** As the recursion has it, with the first window of fewer steps than the others. */
    @Test
    void steps_should_be_what_the_recursion_gives() {
        long[][] table = table();
        for (int window = 1; window <= 5; window += 2) {
            for (int first = 1; first <= window; first++) {
                long[][] steps = new long[WINDOWS + 1][SLOTS + 1];
                for (int t = 1; t <= WINDOWS; t++) {
                    for (int m = 0; m <= SLOTS; m++) {
                        steps[t][m] = (long) t * first + window * (t * (t - 1L) / 2);
                        for (int y = 1; y < t && m > 0; y++) {
                            long front = first + (y - 1L) * window + steps[y][m];
                            steps[t][m] = Math.min(steps[t][m], front + window * table[t - y][m - 1]);
                        }
                        if (t > 1 || first == window) {
                            assertThat(new Recomputation(first + (t - 1) * window, window, m).forwardSteps())
                                    .as("%d windows of %d, the first of %d, %d slots", t, window, first, m)
                                    .isEqualTo(steps[t][m]);
                        }
                    }
                }
            }
        }
    }

    /** A point of a schedule: the windows in front of which states are kept (0 always is), the state at hand, windows left. */
    private record Point(int kept, int at, int left, long cost) {
        int key() {
            return kept << 8 | at << 4 | left;
        }
    }

    /** The shortest path from nothing done to no window left, by Dijkstra; any state may be kept, restored and dropped at any time. */
    private static long shortest(int windows, int slots, int window, int first) {
        PriorityQueue<Point> queue = new PriorityQueue<>((a, b) -> Long.compare(a.cost, b.cost));
        Map<Integer, Long> done = new HashMap<>();
        queue.add(new Point(1, 0, windows, 0));
        while (true) {
            Point point = queue.remove();
            if (point.left == 0) {
                return point.cost;
            }
            if (done.putIfAbsent(point.key(), point.cost) != null) {
                continue;
            }
            long run = point.cost + (point.at == 0 ? first : window);
            if (point.at < point.left - 1) {
                queue.add(new Point(point.kept, point.at + 1, point.left, run));
            } else if (point.at == point.left - 1) {
                queue.add(new Point(point.kept, 0, point.left - 1, run));
            }
            if (Integer.bitCount(point.kept) <= slots) {
                queue.add(new Point(point.kept | 1 << point.at, point.at, point.left, point.cost));
            }
            for (int w = 0; w < windows; w++) {
                if ((point.kept >> w & 1) == 1) {
                    queue.add(new Point(point.kept, w, point.left, point.cost));
                    queue.add(new Point((point.kept & ~(1 << w)) | 1, point.at, point.left, point.cost));
                }
            }
        }
    }

    @Test
    void should_choose_the_best_of_all_windows_and_slots() {
        long seed = 73;
        Random random = new Random(seed);
        for (int run = 0; run < 3000; run++) {
            int unit = run % 2 == 0 ? 1 : 1 + random.nextInt(4);
            int steps = unit + random.nextInt(40);
            int rooms = unit * (1 + random.nextInt(8));
            int room = run % 2 == 0 ? 0 : random.nextInt(20);
            Sizes sizes = new Sizes(random.nextInt(50), random.nextInt(30), random.nextInt(12), room, rooms, unit);
            long budget = sizes.smallest() + random.nextInt(20 + (room + (int) sizes.step()) * steps);
            int most = run % 2 == 0 ? steps : unit * (1 + random.nextInt(steps / unit));
            Recomputation best = null;
            for (int window = unit; window <= most; window += unit) {
                for (int slots = 0; slots < Math.max(1, (steps + window - 1) / window); slots++) {
                    Recomputation way = new Recomputation(steps, window, slots);
                    if (sizes.bytes(way) <= budget && (best == null || isBetter(way, best, sizes))) {
                        best = way;
                    }
                }
            }
            assertThat(Recomputation.within(budget, steps, most, sizes))
                    .as("seed %d, run %d: %d bytes for %d steps, %s", seed, run, budget, steps, sizes)
                    .isEqualTo(best);
        }
    }

    private static boolean isBetter(Recomputation a, Recomputation b, Sizes sizes) {
        if (a.forwardSteps() != b.forwardSteps()) {
            return a.forwardSteps() < b.forwardSteps();
        }
        long more = sizes.bytes(a) - sizes.bytes(b);
        return more == 0 ? a.window() > b.window() : more < 0;
    }

    @Test
    void should_compute_nothing_again_where_all_fits() {
        Sizes sizes = new Sizes(7, 100, 20);
        assertThat(Recomputation.within(7 + 100 * 50, 50, sizes)).isEqualTo(new Recomputation(50, 50, 0));
        assertThat(Recomputation.within(Long.MAX_VALUE, 50, sizes)).isEqualTo(new Recomputation(50, 50, 0));
        assertThat(new Recomputation(50, 50, 0).forwardSteps()).isEqualTo(50);
        assertThat(Recomputation.within(7 + 100 * 50 - 1, 50, sizes).forwardSteps())
                .isEqualTo(51);
    }

    @Test
    void should_take_no_more_than_the_smallest_budget_where_there_is_no_more() {
        Sizes sizes = new Sizes(7, 100, 20);
        Recomputation way = Recomputation.within(107, 50, sizes);
        assertThat(way).isEqualTo(new Recomputation(50, 1, 0));
        assertThat(way.forwardSteps()).isEqualTo(50 * 51 / 2);
        assertThat(sizes.bytes(way)).isEqualTo(sizes.smallest());
    }

    @Test
    void should_refuse_a_budget_that_nothing_fits_into() {
        for (long budget : new long[] {106, 0, -1, Long.MIN_VALUE}) {
            assertThatThrownBy(() -> Recomputation.within(budget, 50, new Sizes(7, 100, 20)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the budget is " + budget + " bytes")
                    .hasMessageContaining("50 steps takes at least 107 bytes")
                    .hasMessageContaining("run fewer rows");
        }
    }

    @Test
    void should_refuse_what_makes_no_sense() {
        assertThatThrownBy(() -> new Sizes(0, -1, 0)).hasMessageContaining("-1 for a step");
        assertThatThrownBy(() -> new Recomputation(5, 6, 0)).hasMessageContaining("5 steps in windows of 6");
        assertThatThrownBy(() -> new Recomputation(5, 5, -1)).hasMessageContaining("-1 slots");
        assertThatThrownBy(() -> Recomputation.within(9, 0, new Sizes(1, 1, 1))).hasMessageContaining("0 steps");
    }

    @Test
    void should_not_overflow() {
        int steps = Integer.MAX_VALUE;
        long much = Long.MAX_VALUE / 2;
        Sizes sizes = new Sizes(much, much, much);
        assertThat(Recomputation.within(Long.MAX_VALUE, steps, sizes)).isEqualTo(new Recomputation(steps, 1, 0));
        assertThat(new Recomputation(steps, 1, 0).forwardSteps()).isEqualTo(steps * (steps + 1L) / 2);
        assertThatThrownBy(() -> new Sizes(Long.MAX_VALUE, 1, 0).smallest()).isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> sizes.bytes(new Recomputation(9, 3, 1))).isInstanceOf(ArithmeticException.class);
        assertThat(new Recomputation(steps, 1, steps).forwardSteps()).isEqualTo(2L * steps - 1);
        assertThat(Recomputation.within(1, steps, new Sizes(1, 0, 9))).isEqualTo(new Recomputation(steps, steps, 0));
    }

    @Test
    void windows_should_cover_the_steps() {
        Recomputation way = new Recomputation(17, 5, 1);
        assertThat(way.windows()).isEqualTo(4);
        assertThat(Arrays.asList(way.begin(0), way.end(0), way.begin(3), way.end(3)))
                .containsExactly(0, 2, 12, 17);
        Recomputation longest = new Recomputation(Integer.MAX_VALUE, Integer.MAX_VALUE - 1, 0);
        assertThat(longest.end(0) - longest.begin(0)).isEqualTo(1);
    }

    /**
     * MSM of Gruslys et al. 2016: at each step kept is nothing, the state, or all internals, as is best with the memory left. Units are
     * the bytes of a state; the internals of one step are there besides.
     */
    private static long[][] mixed(int steps, int internals, int units) {
        long[][] table = new long[steps + 1][units + 1];
        for (int t = 1; t <= steps; t++) {
            for (int m = 0; m <= units; m++) {
                long best = t * (t + 1L) / 2;
                for (int y = 1; y < t; y++) {
                    if (m >= 1) {
                        best = Math.min(best, y + table[t - y][m - 1] + table[y][m]);
                    }
                    if (m >= internals) {
                        best = Math.min(best, y + table[t - y][m - internals] + table[y - 1][m]);
                    }
                }
                table[t][m] = best;
            }
        }
        return table;
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 6, 8, 10})
    void should_stay_close_to_a_choice_for_each_step(int internals) {
        int steps = 50;
        long[][] mixed = mixed(steps, internals, (steps - 1) * internals);
        Sizes sizes = new Sizes(0, internals, 1);
        double sum = 0;
        double worst = 0;
        for (int units = 0; units <= (steps - 1) * internals; units++) {
            long fixed = Recomputation.within(units + internals, steps, sizes).forwardSteps();
            assertThat(fixed).as("%d units", units).isGreaterThanOrEqualTo(mixed[steps][units]);
            sum += (double) fixed / mixed[steps][units];
            worst = Math.max(worst, (double) fixed / mixed[steps][units]);
        }
        assertThat(sum / ((steps - 1) * internals + 1)).isBetween(1.004, 1.010);
        assertThat(worst).isBetween(1.14, 1.17);
    }
}
