package dev.unfold.rnn.report;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.DoubleFunction;
import java.util.stream.Stream;

/** What lines and areas are drawn in: two axes with round ticks, and stretches of x that tell their values. */
final class Frame {
    /** As many points of a line are drawn, as many stretches tell values and as many rows a table has. */
    static final int MOST_POINTS = 240;

    static final int TICKS = 6;

    private static final double WIDTH = 480;
    private static final double HEIGHT = 290;
    private static final double LEAST_LEFT = 58;
    /** About the width of a character of a tick in a narrow window, where they are largest. */
    private static final double CHARACTER = 8;

    private static final double RIGHT = 14;
    private static final double TOP = 26;
    private static final double BOTTOM = 46;

    private final Axis x;
    private final Axis y;
    private final double left;
    private final Tag svg;

    /**
     * Draws the axes.
     *
     * @param over what x is
     * @param quantity what y is
     */
    Frame(Axis x, Axis y, String title, String description, String over, String quantity) {
        this.x = x;
        this.y = y;
        int longest =
                y.ticks().stream().mapToInt(tick -> y.text(tick).length()).max().orElse(0);
        this.left = Math.max(LEAST_LEFT, 8 + CHARACTER * longest);
        this.svg = Figure.drawing("frame", WIDTH, HEIGHT, title, description);
        for (double tick : y.ticks()) {
            svg.add(Figure.line("grid", left, y(tick), WIDTH - RIGHT, y(tick)));
            svg.add(Figure.label("tick end", left - 6, y(tick) + 4, y.text(tick)));
        }
        for (double tick : x.ticks()) {
            svg.add(Figure.line("axis", x(tick), HEIGHT - BOTTOM, x(tick), HEIGHT - BOTTOM + 5));
            svg.add(Figure.label("tick middle", x(tick), HEIGHT - BOTTOM + 19, x.text(tick)));
        }
        svg.add(Figure.line("axis", left, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM));
        svg.add(Figure.label("name end", WIDTH - RIGHT, HEIGHT - 8, over));
        svg.add(Figure.label("name", 4, 14, quantity));
    }

    double x(double value) {
        return left + x.at(value) * (WIDTH - RIGHT - left);
    }

    double y(double value) {
        return HEIGHT - BOTTOM - y.at(value) * (HEIGHT - BOTTOM - TOP);
    }

    @CanIgnoreReturnValue
    Frame add(Tag... drawn) {
        svg.add(drawn);
        return this;
    }

    /** Appends the stretches that tell values, above all else, and returns the drawing. */
    Tag finish(List<Double> places, DoubleFunction<String> text) {
        for (int i = 0; i < places.size(); i++) {
            double at = x(places.get(i));
            double from = i == 0 ? left : (x(places.get(i - 1)) + at) / 2;
            double to = i == places.size() - 1 ? WIDTH - RIGHT : (x(places.get(i + 1)) + at) / 2;
            svg.add(Figure.mark(
                    text.apply(places.get(i)),
                    Figure.box("hit", from, TOP, Math.max(0, to - from), HEIGHT - BOTTOM - TOP),
                    Figure.line("at", at, TOP, at, HEIGHT - BOTTOM)));
        }
        return svg;
    }

    /** Returns all different places, or as many of them as are to tell values, evenly chosen, with the first and the last. */
    static List<Double> places(Stream<Double> all) {
        List<Double> sorted = new ArrayList<>(all.collect(TreeSet<Double>::new, TreeSet::add, TreeSet::addAll));
        if (sorted.size() <= MOST_POINTS) {
            return sorted;
        }
        List<Double> chosen = new ArrayList<>();
        for (int i = 0; i < MOST_POINTS; i++) {
            chosen.add(sorted.get((int) ((long) i * (sorted.size() - 1) / (MOST_POINTS - 1))));
        }
        return chosen;
    }
}
