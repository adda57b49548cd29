package dev.unfold.examples.memory;

import dev.unfold.graph.MemoryUse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Which mode to take, in plain words, and why: from what was measured alone. */
final class Recommendation {
    /** Bytes that differ by less are about the same. */
    private static final double SAME_BYTES = 0.05;
    /** Times vary more from run to run. */
    private static final double SAME_TIME = 0.10;
    /** A smaller share of the heap is not worth a choice. */
    private static final double LITTLE = 0.01;

    private static final double MUCH_PADDING = 0.2;
    private static final double PERCENT = 100;

    private final String swept;
    private final List<Both> both = new ArrayList<>();
    private final List<Point> bounded;
    private final long heap;

    /** A case as measured in both modes. */
    private record Both(Point fixed, Point dynamic) {
        String value() {
            return fixed.of().value();
        }
    }

    /** The mode that takes less of something. */
    private enum Less {
        STATIC,
        DYNAMIC,
        NEITHER;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private Recommendation(String swept, List<Point> points, long heap) {
        this.swept = swept;
        this.heap = heap;
        Map<String, Point> first = new LinkedHashMap<>();
        this.bounded = points.stream().filter(each -> each.within() != null).toList();
        for (Point point : points.stream().filter(each -> each.within() == null).toList()) {
            Point other = first.putIfAbsent(point.of().value(), point);
            if (other != null) {
                both.add(point.mode().equals("static") ? new Both(point, other) : new Both(other, point));
            }
        }
    }

    /**
     * Returns lines: what to do, then why.
     *
     * @param swept what differs from case to case
     * @param heap the bytes that there are at the most
     */
    static List<String> of(String swept, List<Point> points, long heap) {
        return new Recommendation(swept, points, heap).lines();
    }

    private List<String> lines() {
        List<String> lines = new ArrayList<>(
                both.isEmpty()
                        ? List.of("Recommendation: none, since one mode alone was measured; --mode both compares.")
                        : ofModes());
        ofBudgets().ifPresent(lines::add);
        return lines;
    }

    private List<String> ofModes() {
        Map<Less, List<Both>> byBytes = by(Point::peak, SAME_BYTES);
        Map<Less, List<Both>> byTime = by(Point::milliseconds, SAME_TIME);
        long most = both.stream()
                .mapToLong(each -> Math.max(each.fixed.peak(), each.dynamic.peak()))
                .max()
                .orElse(0);
        boolean little = most < LITTLE * heap;
        List<String> lines = new ArrayList<>();
        lines.add("Recommendation: " + verdict(winners(byBytes), winners(byTime), little));
        lines.add("Memory: " + told(byBytes, Point::peak, "fewer bytes", SAME_BYTES) + "; at most " + Bytes.shown(most)
                + " of a heap of " + Bytes.shown(heap) + (little ? ", so it need not decide." : "."));
        why(byBytes).ifPresent(lines::add);
        lines.add("Time: " + told(byTime, Point::milliseconds, "less time a step", SAME_TIME) + ".");
        double padding = both.stream()
                .mapToDouble(each -> each.fixed.of().paddingShare())
                .max()
                .orElse(0);
        if (padding >= MUCH_PADDING) {
            lines.add(String.format(
                    Locale.ROOT,
                    "Padding: up to %.0f %% of the steps of a batch; batches of like lengths (LengthBuckets) have less.",
                    PERCENT * padding));
        }
        return lines;
    }

    /** Tells what the least memory costs, where most is taken up without a budget. */
    private Optional<String> ofBudgets() {
        Case most = bounded.stream()
                .max(Comparator.comparingLong(each -> unbounded(each).peak()))
                .map(Point::of)
                .orElse(null);
        if (most == null) {
            return Optional.empty();
        }
        Map<String, Point> least = new LinkedHashMap<>();
        for (Point each : bounded) {
            if (each.of().equals(most)) {
                least.merge(each.mode(), each, (a, b) -> b.peak() < a.peak() ? b : a);
            }
        }
        return Optional.of("Budgets, where memory is short: at " + swept + " " + most.value() + " "
                + least.values().stream().map(Recommendation::price).collect(Collectors.joining("; ")) + ".");
    }

    private static String price(Point point) {
        return String.format(
                Locale.ROOT,
                "%s takes %s, %.0f %% of what it takes without, in %.2f times the time",
                point.mode(),
                Bytes.shown(point.peak()),
                PERCENT * point.peak() / unbounded(point).peak(),
                point.timeRatio());
    }

    private static Point unbounded(Point point) {
        Within within = point.within();
        return within == null ? point : within.unbounded();
    }

    private Map<Less, List<Both>> by(ToDoubleFunction<Point> figure, double same) {
        return both.stream()
                .collect(Collectors.groupingBy(
                        each -> less(each, figure, same), LinkedHashMap::new, Collectors.toList()));
    }

    private static Less less(Both each, ToDoubleFunction<Point> figure, double same) {
        return saving(each, figure) <= same
                ? Less.NEITHER
                : figure.applyAsDouble(each.fixed) < figure.applyAsDouble(each.dynamic) ? Less.STATIC : Less.DYNAMIC;
    }

    /** Returns how much less the mode that takes less takes, as a share of the other. */
    private static double saving(Both each, ToDoubleFunction<Point> figure) {
        double one = figure.applyAsDouble(each.fixed);
        double other = figure.applyAsDouble(each.dynamic);
        return 1 - Math.min(one, other) / Math.max(one, other);
    }

    private static Set<Less> winners(Map<Less, List<Both>> by) {
        Set<Less> winners = EnumSet.noneOf(Less.class);
        winners.addAll(by.keySet());
        winners.remove(Less.NEITHER);
        return winners;
    }

    private String verdict(Set<Less> byBytes, Set<Less> byTime, boolean little) {
        Set<Less> memory = little ? Set.of() : byBytes;
        if (memory.size() > 1 || byTime.size() > 1) {
            return "it depends on " + swept + ", as told below.";
        }
        if (memory.isEmpty() && byTime.isEmpty()) {
            return "either; " + (little ? "memory is little" : "bytes are about the same")
                    + " and time about the same, and dynamic need not know the greatest batch beforehand.";
        }
        if (memory.isEmpty()) {
            return only(byTime) + ": it takes less time, and "
                    + (little ? "memory is little either way." : "bytes are about the same.");
        }
        if (byTime.isEmpty()) {
            return only(memory) + ": it needs fewer bytes, and time is about the same.";
        }
        return memory.equals(byTime)
                ? only(memory) + ": it needs fewer bytes and less time."
                : only(memory) + " where memory is short, " + only(byTime)
                        + " where time is: the one needs fewer bytes, the" + " other less time.";
    }

    private static Less only(Set<Less> one) {
        return one.iterator().next();
    }

    /** Tells which mode takes less where, and by how much. */
    private String told(Map<Less, List<Both>> by, ToDoubleFunction<Point> figure, String what, double same) {
        List<String> parts = new ArrayList<>();
        for (Less less : Less.values()) {
            List<Both> where = by.getOrDefault(less, List.of());
            String at = where.size() == both.size()
                    ? ""
                    : " at " + swept + " " + where.stream().map(Both::value).collect(Collectors.joining(", "));
            if (less == Less.NEITHER && !where.isEmpty()) {
                parts.add(String.format(
                        Locale.ROOT, "both modes take about the same%s, within %.0f %%", at, PERCENT * same));
            } else if (!where.isEmpty()) {
                parts.add(less + " takes " + range(where, figure) + " " + what + at);
            }
        }
        return String.join("; ", parts);
    }

    private static String range(List<Both> where, ToDoubleFunction<Point> figure) {
        long least = Math.round(PERCENT
                * where.stream().mapToDouble(each -> saving(each, figure)).min().orElse(0));
        long most = Math.round(PERCENT
                * where.stream().mapToDouble(each -> saving(each, figure)).max().orElse(0));
        return least == most ? least + " %" : least + " to " + most + " %";
    }

    /** Tells what differs most, where the modes differ most. */
    private Optional<String> why(Map<Less, List<Both>> by) {
        Both greatest = both.stream()
                .filter(each -> !by.getOrDefault(Less.NEITHER, List.of()).contains(each))
                .max(Comparator.comparingLong(each -> Math.abs(each.fixed.peak() - each.dynamic.peak())))
                .orElse(null);
        if (greatest == null) {
            return Optional.empty();
        }
        MemoryUse most = MemoryUse.PARAMETERS;
        for (MemoryUse use : MemoryUse.values()) {
            most = apart(greatest, use) > apart(greatest, most) ? use : most;
        }
        return Optional.of("At " + swept + " " + greatest.value() + " the modes differ most in " + Point.name(most)
                + ": static " + Bytes.shown(greatest.fixed.measured().peak().bytes(most)) + ", dynamic "
                + Bytes.shown(greatest.dynamic.measured().peak().bytes(most)) + ".");
    }

    private static long apart(Both each, MemoryUse use) {
        return Math.abs(each.fixed.measured().peak().bytes(use)
                - each.dynamic.measured().peak().bytes(use));
    }
}
