package dev.unfold.examples.memory;

import dev.unfold.rnn.report.Curve;
import dev.unfold.rnn.report.Line;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** What was measured, over what is swept and over budgets, as curves that pictures and pages draw. */
final class MemoryCurves {
    static final double MEGA = 1 << 20;

    private final MemoryCommand.Sweep sweep;
    /** Those without a budget. */
    private final List<Point> points;

    private final List<Point> bounded;
    private final List<String> modes;

    MemoryCurves(MemoryCommand.Sweep sweep, List<Point> points) {
        this.sweep = sweep;
        this.points = points.stream().filter(each -> each.within() == null).toList();
        this.bounded = points.stream().filter(each -> each.within() != null).toList();
        this.modes = points.stream().map(Point::mode).distinct().toList();
    }

    String swept() {
        return sweep.toString();
    }

    List<String> modes() {
        return modes;
    }

    boolean hasBudgets() {
        return !bounded.isEmpty();
    }

    /** Returns whether what is swept are numbers, so that figures make lines, and not names. */
    boolean ofNumbers() {
        return sweep != MemoryCommand.Sweep.LENGTHS;
    }

    /** Returns the values that are swept, in the order of figures. */
    List<String> values() {
        return of(modes.get(0)).stream().map(each -> each.of().value()).toList();
    }

    /** Returns a figure of a mode's points; by numbers that are swept, ascending. */
    Curve curve(String name, String mode, ToDoubleFunction<Point> figure) {
        return new Curve(name, of(mode).stream().map(figure::applyAsDouble).toList());
    }

    /** Returns a curve over the numbers that are swept. */
    Line line(Curve curve) {
        return new Line(curve.name(), values().stream().map(Double::valueOf).toList(), curve.values());
    }

    private List<Point> of(String mode) {
        Comparator<Point> order = Comparator.comparingInt(
                each -> ofNumbers() ? Integer.parseInt(each.of().value()) : 0);
        return points.stream()
                .filter(each -> each.mode().equals(mode))
                .sorted(order)
                .toList();
    }

    /** Returns the points of the case that took up most, without a budget. */
    List<Point> most() {
        Case most = mostCase();
        return points.stream().filter(each -> each.of().equals(most)).toList();
    }

    /** Returns the case that took up most. */
    Case mostCase() {
        return points.stream()
                .max(Comparator.comparingLong(Point::peak))
                .orElseThrow()
                .of();
    }

    /** Returns what shrinking budgets cost: milliseconds over MiB. Of budgets that come to the same peak the fastest is told. */
    List<Line> budgets() {
        Case most = mostCase();
        List<Line> lines = new ArrayList<>();
        for (String mode : modes) {
            Map<Double, Double> times = new TreeMap<>();
            Stream.concat(points.stream(), bounded.stream())
                    .filter(each -> each.of().equals(most) && each.mode().equals(mode))
                    .forEach(each -> times.merge(each.peak() / MEGA, each.milliseconds(), Math::min));
            lines.add(new Line(mode, List.copyOf(times.keySet()), List.copyOf(times.values())));
        }
        return lines;
    }
}
