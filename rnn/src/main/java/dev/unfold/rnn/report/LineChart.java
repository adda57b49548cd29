package dev.unfold.rnn.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Lines through points of one quantity over another. Values that are not finite leave a gap. Of a line of more than 240 points the least
 * and the greatest of each stretch are drawn, and the chart says so.
 *
 * @param title what it tells
 * @param over what is told from left to right
 * @param quantity what is told upwards
 * @param scale of what is told upwards
 * @param lines at most 32, each with x ascending
 */
public record LineChart(String title, String over, String quantity, Scale scale, List<Line> lines) implements Block {
    private static final int MOST_LINES = 32;
    private static final int MOST_POINTS = Frame.MOST_POINTS;
    /** More markers than these run into each other; a longer line has a few, so that it is told by more than its colour. */
    private static final int MOST_MARKERS = 50;

    private static final int FEW_MARKERS = 8;
    private static final Object MISSING = "";
    /** A quantity whose least value is at most this share of its greatest is shown from 0 on. */
    private static final double NEAR_ZERO = 0.5;

    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException where there are too many lines, or x of one is not finite, does not ascend, or differs from y in
     *     number
     */
    public LineChart {
        lines = List.copyOf(lines);
        if (lines.size() > MOST_LINES) {
            throw new IllegalArgumentException("chart '" + title + "': " + lines.size() + " lines; expected at most "
                    + MOST_LINES + ", so divide them between several charts");
        }
        for (Line line : lines) {
            check(title, line);
        }
    }

    /** Returns a chart over the epochs, counted from 1. */
    public static LineChart epochs(String title, String quantity, Scale scale, List<Curve> curves) {
        return new LineChart(
                title,
                "epoch",
                quantity,
                scale,
                curves.stream().map(Curve::line).toList());
    }

    private static void check(String title, Line line) {
        String name = "chart '" + title + "': line '" + line.name() + "'";
        if (line.x().size() != line.y().size()) {
            throw new IllegalArgumentException(
                    name + " has " + line.x().size() + " x and " + line.y().size() + " y; expected as many of both");
        }
        for (int i = 0; i < line.x().size(); i++) {
            double x = line.x().get(i);
            if (!Double.isFinite(x) || (i > 0 && x <= line.x().get(i - 1))) {
                throw new IllegalArgumentException(name + " has x = " + x + " at point " + (i + 1)
                        + "; expected finite numbers, each greater than the one before");
            }
        }
    }

    @Override
    public Tag html() {
        List<Double> places = Frame.places(lines.stream().flatMap(line -> line.x().stream()));
        Axis x = Axis.within(numbers(places.stream()), Frame.TICKS);
        Axis y = axis();
        Frame frame = new Frame(x, y, title, description(), over, quantity);
        List<Tag> legend = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            draw(frame, y, i);
            legend.add(legend(i));
        }
        Tag svg = frame.finish(places, at -> text(at));
        List<String> columns = new ArrayList<>(List.of(over));
        lines.forEach(line -> columns.add(line.name()));
        List<List<?>> rows = new ArrayList<>();
        for (double at : places) {
            List<Object> row = new ArrayList<>(List.of(at));
            lines.forEach(line -> row.add(value(line, at)));
            rows.add(row);
        }
        return Figure.of("", title, note(places, y), List.of(svg), legend, new DataTable(title, columns, rows));
    }

    private Axis axis() {
        double[] all = numbers(lines.stream().flatMap(line -> line.y().stream()))
                .filter(Double::isFinite)
                .toArray();
        double least = Arrays.stream(all).min().orElse(0);
        double most = Arrays.stream(all).max().orElse(1);
        boolean fromZero = scale == Scale.LINEAR && least >= 0 && least <= NEAR_ZERO * most;
        return Axis.over(scale, fromZero ? DoubleStream.of(0, most) : Arrays.stream(all), Frame.TICKS);
    }

    private static DoubleStream numbers(Stream<Double> values) {
        return values.mapToDouble(Double::doubleValue);
    }

    private String description() {
        StringBuilder text = new StringBuilder(quantity + " over " + over + ". ");
        for (Line line : lines) {
            int size = line.y().size();
            text.append(line.name());
            text.append(
                    size == 0
                            ? ": no points. "
                            : ": from " + Numbers.text(line.y().get(0)) + " to "
                                    + Numbers.text(line.y().get(size - 1)) + ". ");
        }
        return text + "The arrow keys go from point to point.";
    }

    private void draw(Frame frame, Axis y, int index) {
        Line line = lines.get(index);
        StringBuilder path = new StringBuilder();
        boolean gap = true;
        List<Integer> drawn = new ArrayList<>();
        for (int point : thinned(line.y())) {
            double value = line.y().get(point);
            if (y.holds(value)) {
                path.append(gap ? 'M' : 'L').append(place(frame, line, point));
                drawn.add(point);
            }
            gap = !y.holds(value);
        }
        frame.add(Tag.of("path", "line " + style(index)).set("d", path.toString()));
        int markers = drawn.size() <= MOST_MARKERS ? drawn.size() : FEW_MARKERS;
        for (int i = 0; i < markers; i++) {
            int point = drawn.get((int) ((i + 0.5) * drawn.size() / markers));
            frame.add(
                    marker(index, frame.x(line.x().get(point)), frame.y(line.y().get(point))));
        }
    }

    private static String place(Frame frame, Line line, int point) {
        return Numbers.place(frame.x(line.x().get(point))) + " "
                + Numbers.place(frame.y(line.y().get(point)));
    }

    /** Returns which points to draw: all, or the least and the greatest of each of equal stretches, with the first and the last. */
    static List<Integer> thinned(List<Double> values) {
        int size = values.size();
        if (size <= MOST_POINTS) {
            return IntStream.range(0, size).boxed().toList();
        }
        TreeSet<Integer> kept = new TreeSet<>(List.of(0, size - 1));
        int stretches = MOST_POINTS / 2 - 1;
        for (int i = 0; i < stretches; i++) {
            int from = (int) ((long) i * size / stretches);
            List<Double> stretch = values.subList(from, (int) ((i + 1L) * size / stretches));
            kept.add(from + stretch.indexOf(Collections.min(stretch)));
            kept.add(from + stretch.indexOf(Collections.max(stretch)));
        }
        return List.copyOf(kept);
    }

    private Tag legend(int index) {
        Tag sample = Tag.of("svg", "sample")
                .set("viewBox", "0 0 34 14")
                .set("width", 34)
                .set("height", 14)
                .set("aria-hidden", "true")
                .add(Figure.line("line " + style(index), 1, 7, 33, 7), marker(index, 17, 7));
        return Tag.of("span", "entry")
                .add(sample)
                .add(Tag.of("span").text(lines.get(index).name()));
    }

    /** The ninth line has the colour and marker of the first, and dashes of its own. */
    private static String style(int index) {
        int colours = Palette.SERIES.size();
        return "c" + index % colours + " d" + (index + index / colours) % 4;
    }

    private static Tag marker(int index, double x, double y) {
        String shape = switch (index % Palette.SERIES.size()) {
            case 0 -> "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0z";
            case 1 -> "M-3.2-3.2h6.4v6.4h-6.4z";
            case 2 -> "M0-4.4L4.2 3H-4.2z";
            case 3 -> "M0-4.6L4.6 0L0 4.6L-4.6 0z";
            case 4 -> "M-1.2-4h2.4v2.8h2.8v2.4h-2.8v2.8h-2.4v-2.8h-2.8v-2.4h2.8z";
            case 5 -> "M0 4.4L4.2-3H-4.2z";
            case 6 -> "M-4-1.4h8v2.8h-8z";
            default -> "M-1.4-4h2.8v8h-2.8z";
        };
        return Tag.of("path", "point c" + index % Palette.SERIES.size())
                .set("transform", "translate(" + Numbers.place(x) + " " + Numbers.place(y) + ")")
                .set("d", shape);
    }

    private String text(double at) {
        StringBuilder text = new StringBuilder(over + " " + Numbers.text(at));
        for (Line line : lines) {
            Object value = value(line, at);
            if (value != MISSING) {
                text.append('\n').append(line.name()).append(": ").append(Numbers.text(value));
            }
        }
        return text.toString();
    }

    private static Object value(Line line, double at) {
        int point = Collections.binarySearch(line.x(), at);
        return point < 0 ? MISSING : line.y().get(point);
    }

    private String note(List<Double> places, Axis y) {
        StringBuilder note = new StringBuilder();
        int longest = lines.stream().mapToInt(line -> line.y().size()).max().orElse(0);
        if (longest > MOST_POINTS) {
            note.append("Of lines of up to ")
                    .append(Numbers.text(longest))
                    .append(" points, the least and the greatest of each of ");
            note.append(MOST_POINTS / 2 - 1).append(" stretches are drawn. ");
        }
        long all = lines.stream().flatMap(line -> line.x().stream()).distinct().count();
        if (all > places.size()) {
            note.append("Values are told at ")
                    .append(places.size())
                    .append(" places of ")
                    .append(Numbers.text((double) all))
                    .append(". ");
        }
        long without = numbers(lines.stream().flatMap(line -> line.y().stream()))
                .filter(value -> !y.holds(value))
                .count();
        if (without > 0) {
            note.append(Numbers.text((double) without))
                    .append(" values have no place on the axis: they are not finite");
            note.append(scale == Scale.LOGARITHMIC ? ", or 0 or less." : ".");
        }
        return note.toString();
    }
}
