package dev.unfold.rnn.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Bars from left to right, each followed by its value.
 *
 * @param title what it tells
 * @param quantity what their length tells
 * @param labels what they stand for
 * @param curves one value for each label; bars of several stand below each other
 */
public record Bars(String title, String quantity, List<String> labels, List<Curve> curves) implements Block {
    private static final int MOST_BARS = 400;
    private static final double WIDTH = 480;
    private static final double THICK = 16;
    private static final double TOP = 10;
    private static final double ROOM_FOR_VALUE = 64;
    private static final int LONGEST_LABEL = 26;
    private static final double CHARACTER = 7;

    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException where a curve has not as many values as there are labels, or there are more than 400 bars
     */
    public Bars {
        labels = List.copyOf(labels);
        curves = List.copyOf(curves);
        for (Curve curve : curves) {
            if (curve.values().size() != labels.size()) {
                throw new IllegalArgumentException("bars '" + title + "': '" + curve.name() + "' has "
                        + curve.values().size() + " values; expected " + labels.size() + ", one for each label");
            }
        }
        int bars = labels.size() * curves.size();
        if (bars > MOST_BARS || curves.size() > Palette.SERIES.size()) {
            throw new IllegalArgumentException(
                    "bars '" + title + "': " + bars + " bars of " + curves.size() + " kinds; expected at most "
                            + MOST_BARS + " of " + Palette.SERIES.size() + ", so show the greatest, or a table");
        }
    }

    @Override
    public Tag html() {
        double left = 12
                + CHARACTER
                        * Math.min(
                                LONGEST_LABEL,
                                labels.stream().mapToInt(String::length).max().orElse(0));
        double group = curves.size() * THICK + 8;
        double height = TOP + labels.size() * group + 44;
        Axis axis = Axis.over(Scale.LINEAR, DoubleStream.concat(DoubleStream.of(0), values()), Frame.TICKS);
        double room = WIDTH - left - ROOM_FOR_VALUE;
        Tag svg = Figure.drawing(
                "bars", WIDTH, height, title, labels.size() + " bars. The arrow keys go from bar to bar.");
        for (double tick : axis.ticks()) {
            double x = left + axis.at(tick) * room;
            svg.add(
                    Figure.line("grid", x, TOP, x, height - 40),
                    Figure.label("tick middle", x, height - 24, Numbers.text(tick)));
        }
        svg.add(Figure.label("name end", WIDTH - ROOM_FOR_VALUE, height - 6, quantity));
        double zero = left + axis.at(0) * room;
        for (int label = 0; label < labels.size(); label++) {
            double y = TOP + label * group;
            svg.add(Figure.label(
                    "tick end", left - 6, y + group / 2 + 2, Figure.cut(labels.get(label), LONGEST_LABEL)));
            for (int i = 0; i < curves.size(); i++) {
                double value = curves.get(i).values().get(label);
                double end = left + room * (Double.isFinite(value) ? axis.at(value) : axis.at(0));
                double at = y + 4 + i * THICK;
                svg.add(Figure.mark(
                        labels.get(label) + "\n" + curves.get(i).name() + ": " + Numbers.text(value),
                        Figure.box("hit", left, at, room, THICK),
                        Figure.box("bar c" + i, Math.min(zero, end), at + 1, Math.abs(end - zero), THICK - 3),
                        Figure.label("tick", Math.max(zero, end) + 4, at + THICK - 4, Numbers.text(value))));
            }
        }
        svg.add(Figure.line("axis", zero, TOP, zero, height - 40));
        return Figure.of("", title, "", List.of(svg), legend(), table());
    }

    private DoubleStream values() {
        return curves.stream().flatMap(curve -> curve.values().stream()).mapToDouble(Double::doubleValue);
    }

    private List<Tag> legend() {
        return curves.size() == 1
                ? List.of()
                : swatches(curves.stream().map(Curve::name).toList());
    }

    /** Returns a legend of filled colours, from the first of a page on. */
    static List<Tag> swatches(List<String> names) {
        List<Tag> legend = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            Tag sample = Tag.of("svg", "sample")
                    .set("viewBox", "0 0 14 14")
                    .set("width", 14)
                    .set("height", 14)
                    .set("aria-hidden", "true")
                    .add(Figure.box("area c" + i, 1, 1, 12, 12));
            legend.add(Tag.of("span", "entry").add(sample).add(Tag.of("span").text(names.get(i))));
        }
        return legend;
    }

    private DataTable table() {
        List<List<?>> rows = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
            List<Object> row = new ArrayList<>(List.of(labels.get(i)));
            for (Curve curve : curves) {
                row.add(curve.values().get(i));
            }
            rows.add(row);
        }
        return new DataTable(
                title,
                Stream.concat(Stream.of(""), curves.stream().map(Curve::name)).toList(),
                rows);
    }
}
