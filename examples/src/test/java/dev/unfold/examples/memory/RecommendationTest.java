package dev.unfold.examples.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.examples.mnist.CellKind;
import dev.unfold.graph.MemoryReport;
import dev.unfold.graph.MemoryReport.Moment;
import dev.unfold.graph.MemoryUse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecommendationTest {
    private static final long HEAP = 100 << 20;

    private final List<Point> points = new ArrayList<>();

    @Test
    void should_name_the_mode_that_takes_less_of_both() {
        add("28", 40, 50, 10, 20);
        add("56", 60, 100, 10, 40);
        assertThat(lines())
                .containsExactly(
                        "Recommendation: static: it needs fewer bytes and less time.",
                        "Memory: static takes 20 to 40 % fewer bytes; at most 100.0 MiB of a heap of 100.0 MiB.",
                        "At steps 56 the modes differ most in activations: static 59.0 MiB, dynamic 99.0 MiB.",
                        "Time: static takes 50 to 75 % less time a step.");
        points.clear();
        add("28", 50, 40, 20, 10);
        assertThat(lines().get(0)).isEqualTo("Recommendation: dynamic: it needs fewer bytes and less time.");
    }

    @Test
    void should_say_what_for_where_the_modes_are_good_at_different_things() {
        add("28", 50, 40, 10, 20);
        assertThat(lines())
                .containsExactly(
                        "Recommendation: dynamic where memory is short, static where time is: the one needs fewer bytes, the other"
                                + " less time.",
                        "Memory: dynamic takes 20 % fewer bytes; at most 50.0 MiB of a heap of 100.0 MiB.",
                        "At steps 28 the modes differ most in activations: static 49.0 MiB, dynamic 39.0 MiB.",
                        "Time: static takes 50 % less time a step.");
    }

    @Test
    void should_say_where_one_thing_alone_decides() {
        add("28", 50, 51, 10, 20);
        assertThat(lines().get(0))
                .isEqualTo("Recommendation: static: it takes less time, and bytes are about the same.");
        points.clear();
        add("28", 50, 60, 10, 10.5);
        assertThat(lines().get(0))
                .isEqualTo("Recommendation: static: it needs fewer bytes, and time is about the same.");
        points.clear();
        add("28", 5, 6, 20, 10);
        assertThat(Recommendation.of("steps", points, 100 * HEAP))
                .startsWith("Recommendation: dynamic: it takes less time, and memory is little either way.")
                .anyMatch(line -> line.endsWith("of a heap of 9.8 GiB, so it need not decide."));
    }

    @Test
    void should_say_where_neither_matters() {
        add("28", 50, 52, 10, 10.9);
        assertThat(lines())
                .containsExactly(
                        "Recommendation: either; bytes are about the same and time about the same, and dynamic need not know the"
                                + " greatest batch beforehand.",
                        "Memory: both modes take about the same, within 5 %; at most 52.0 MiB of a heap of 100.0 MiB.",
                        "Time: both modes take about the same, within 10 %.");
    }

    @Test
    void should_say_where_it_depends() {
        add("28", 50, 40, 10, 10);
        add("56", 60, 90, 10, 10);
        add("112", 90, 90, 10, 30);
        assertThat(lines())
                .startsWith("Recommendation: it depends on steps, as told below.")
                .contains(
                        "Memory: static takes 33 % fewer bytes at steps 56; dynamic takes 20 % fewer bytes at steps 28; both modes"
                                + " take about the same at steps 112, within 5 %; at most 90.0 MiB of a heap of 100.0 MiB.");
    }

    @Test
    void should_not_compare_what_was_not_measured() {
        points.add(point("static", of("28"), 50, 10));
        assertThat(lines())
                .containsExactly("Recommendation: none, since one mode alone was measured; --mode both compares.");
    }

    @Test
    void should_tell_of_padding() {
        Case of = new Case("file", CellKind.LSTM, 4, 3, "file", List.of(new int[] {10, 2, 3}));
        points.add(point("static", of, 50, 10));
        points.add(point("dynamic", of, 50, 10));
        assertThat(lines())
                .endsWith(
                        "Padding: up to 50 % of the steps of a batch; batches of like lengths (LengthBuckets) have less.");
    }

    @Test
    void should_tell_what_the_least_memory_costs() {
        add("28", 50, 60, 10, 10.5);
        add("56", 100, 120, 20, 20.5);
        for (Point unbounded : List.copyOf(points)) {
            bound(unbounded, "1/2", 2, 1.2);
            bound(unbounded, "1/4", 4, 1.5);
        }
        assertThat(lines())
                .startsWith("Recommendation: static: it needs fewer bytes, and time is about the same.")
                .endsWith(
                        "Budgets, where memory is short: at steps 56 static takes 25.0 MiB, 25 % of what it takes without, in"
                                + " 1.50 times the time; dynamic takes 30.0 MiB, 25 % of what it takes without, in 1.50 times the time.");
        points.removeIf(each -> each.mode().equals("dynamic"));
        assertThat(lines())
                .containsExactly(
                        "Recommendation: none, since one mode alone was measured; --mode both compares.",
                        "Budgets, where memory is short: at steps 56 static takes 25.0 MiB, 25 % of what it takes without, in"
                                + " 1.50 times the time.");
    }

    private void bound(Point unbounded, String budget, int divisor, double times) {
        Within within = new Within(Budget.of(budget).orElseThrow(), unbounded);
        points.add(point(
                unbounded.mode(),
                unbounded.of(),
                within,
                (unbounded.peak() >> 20) / divisor,
                times * unbounded.milliseconds()));
    }

    private List<String> lines() {
        return Recommendation.of("steps", points, HEAP);
    }

    private void add(String value, long megaStatic, long megaDynamic, double millisStatic, double millisDynamic) {
        Case of = of(value);
        points.add(point("static", of, megaStatic, millisStatic));
        points.add(point("dynamic", of, megaDynamic, millisDynamic));
    }

    private static Case of(String value) {
        return new Case(value, CellKind.LSTM, 4, 3, "equal", List.of(new int[] {5, 5}));
    }

    private static Point point(String mode, Case of, long mega, double millis) {
        return point(mode, of, null, mega, millis);
    }

    private static Point point(String mode, Case of, @Nullable Within within, long mega, double millis) {
        Map<MemoryUse, Long> bytes = Map.of(MemoryUse.ACTIVATIONS, (mega - 1) << 20, MemoryUse.PARAMETERS, 1L << 20);
        MemoryReport report = new MemoryReport(List.of(new Moment(false, -1, bytes)));
        return new Point(mode, of, within, report, report, millis, 0, "0");
    }
}
