package dev.unfold.rnn.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Quantities on top of each other over the course of something, such as memory by what it holds; several panels side by side on one scale.
 * Of more than 240 events the highest of each stretch is drawn, and it says so.
 *
 * @param title what it tells
 * @param over what is told from left to right, counted from 1
 * @param quantity what is told upwards
 * @param panels of the same curves, by name and order
 */
public record StackedArea(String title, String over, String quantity, List<Panel> panels) implements Block {
    /**
     * One course of events.
     *
     * @param name what it is of, such as a mode
     * @param curves from the lowest to the highest: as many values in each, of 0 or more
     */
    public record Panel(String name, List<Curve> curves) {
        /** Copies the list. */
        public Panel {
            curves = List.copyOf(curves);
        }

        private int size() {
            return curves.isEmpty() ? 0 : curves.get(0).values().size();
        }

        /** Returns what the lowest of the curves add up to at an event. */
        private double sum(int lowest, int event) {
            return curves.subList(0, lowest).stream()
                    .mapToDouble(curve -> curve.values().get(event))
                    .sum();
        }

        private double highest() {
            return IntStream.range(0, size())
                    .mapToDouble(event -> sum(curves.size(), event))
                    .max()
                    .orElse(0);
        }
    }

    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException where there are no panels or too many curves, curves differ between panels or in length, or a value
     *     is not finite or less than 0
     */
    public StackedArea {
        panels = List.copyOf(panels);
        String name = "areas '" + title + "'";
        if (panels.isEmpty() || panels.get(0).curves().size() > Palette.SERIES.size()) {
            throw new IllegalArgumentException(name + ": " + panels.size()
                    + " panels; expected at least one, of at most " + Palette.SERIES.size() + " curves");
        }
        List<String> names = names(panels.get(0));
        for (Panel panel : panels) {
            if (!names(panel).equals(names)) {
                throw new IllegalArgumentException(name + ": panel '" + panel.name() + "' is of " + names(panel)
                        + "; expected " + names + " as in the first");
            }
            for (Curve curve : panel.curves()) {
                boolean well = curve.values().stream().allMatch(each -> Double.isFinite(each) && each >= 0);
                if (!well || curve.values().size() != panel.size()) {
                    throw new IllegalArgumentException(name + ": curve '" + curve.name() + "' of panel '" + panel.name()
                            + "'; expected " + panel.size() + " finite values of 0 or more");
                }
            }
        }
    }

    private static List<String> names(Panel panel) {
        return panel.curves().stream().map(Curve::name).toList();
    }

    @Override
    public Tag html() {
        Axis y = Axis.over(
                Scale.LINEAR,
                DoubleStream.concat(DoubleStream.of(0), panels.stream().mapToDouble(Panel::highest)),
                Frame.TICKS);
        List<Tag> drawings = new ArrayList<>();
        List<List<?>> rows = new ArrayList<>();
        for (Panel panel : panels) {
            int[] events = events(panel);
            drawings.add(drawing(panel, y, events));
            for (int event : events) {
                List<Object> row = new ArrayList<>(List.of(panel.name(), event + 1));
                panel.curves().forEach(curve -> row.add(curve.values().get(event)));
                rows.add(row);
            }
        }
        List<String> columns = new ArrayList<>(List.of("", over));
        columns.addAll(names(panels.get(0)));
        int longest = panels.stream().mapToInt(Panel::size).max().orElse(0);
        String note = longest > Frame.MOST_POINTS
                ? "Of up to " + Numbers.text(longest) + " events, the highest of each of " + Frame.MOST_POINTS
                        + " stretches is drawn."
                : "";
        return Figure.of(
                panels.size() > 1 ? "wide" : "",
                title,
                note,
                drawings,
                Bars.swatches(names(panels.get(0))),
                new DataTable(title, columns, rows));
    }

    /** Returns which events to draw: all, or the highest of each stretch. */
    private static int[] events(Panel panel) {
        int size = panel.size();
        if (size <= Frame.MOST_POINTS) {
            return IntStream.range(0, size).toArray();
        }
        int[] highest = new int[Frame.MOST_POINTS];
        for (int i = 0; i < highest.length; i++) {
            int from = (int) ((long) i * size / highest.length);
            highest[i] = from;
            for (int event = from; event < (i + 1L) * size / highest.length; event++) {
                if (panel.sum(panel.curves().size(), event)
                        > panel.sum(panel.curves().size(), highest[i])) {
                    highest[i] = event;
                }
            }
        }
        return highest;
    }

    private Tag drawing(Panel panel, Axis y, int[] events) {
        Axis x = Axis.within(DoubleStream.of(1, Math.max(2, panel.size())), Frame.TICKS);
        String name = panels.size() > 1 ? panel.name() + ", " + quantity : quantity;
        String description = quantity + " over " + panel.size() + " of " + over + ", at most "
                + Numbers.text(panel.highest()) + ". The arrow keys go from one to the next.";
        Frame frame = new Frame(x, y, title + ": " + panel.name(), description, over, name);
        int curves = panel.curves().size();
        for (int i = 0; i < curves && events.length > 0; i++) {
            StringBuilder path = new StringBuilder();
            for (int event : events) {
                path.append(path.isEmpty() ? 'M' : 'L').append(place(frame, event, panel.sum(i + 1, event)));
            }
            for (int k = events.length - 1; k >= 0; k--) {
                path.append('L').append(place(frame, events[k], panel.sum(i, events[k])));
            }
            frame.add(Tag.of("path", "area c" + i).set("d", path.append('Z').toString()));
        }
        return frame.finish(
                Arrays.stream(events).mapToObj(event -> event + 1.0).toList(), at -> text(panel, (int) at - 1));
    }

    private static String place(Frame frame, int event, double value) {
        return Numbers.place(frame.x(event + 1.0)) + " " + Numbers.place(frame.y(value));
    }

    private String text(Panel panel, int event) {
        StringBuilder text = new StringBuilder(panel.name() + ", " + over + " " + Numbers.text(event + 1));
        for (int i = panel.curves().size() - 1; i >= 0; i--) {
            Curve curve = panel.curves().get(i);
            text.append('\n')
                    .append(curve.name())
                    .append(": ")
                    .append(Numbers.text(curve.values().get(event)));
        }
        return text.append("\nin all: ")
                .append(Numbers.text(panel.sum(panel.curves().size(), event)))
                .toString();
    }
}
