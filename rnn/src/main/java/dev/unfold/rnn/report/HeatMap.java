package dev.unfold.rnn.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;

/**
 * Values in rows and columns, as shades. Of more than 80 rows or columns, the greatest value of each stretch is shown, and it says so.
 *
 * @param title what it tells
 * @param down what the rows are
 * @param across what the columns are
 * @param rows their labels
 * @param columns their labels
 * @param values by row, then by column: 0 or more, NaN for none
 * @param scale over which the shades are laid; 0 has one of its own
 */
public record HeatMap(
        String title,
        String down,
        String across,
        List<String> rows,
        List<String> columns,
        List<List<Double>> values,
        Scale scale)
        implements Block {
    private static final int MOST = 80;
    private static final double ROOM = 540;
    private static final double SMALLEST = 7;
    private static final double LARGEST = 38;
    /** About the width of a character. */
    private static final double CHARACTER = 7;

    private static final int LONGEST_LABEL = 18;
    /** A wider map has all of the width, and may be scrolled. */
    private static final double HALF_A_PAGE = 540;

    /** A smaller cell has no room for a label of its own. */
    private static final double LINE = 15;

    private static final double SWATCH = 14;

    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException where sizes disagree or a value is infinite or less than 0
     */
    public HeatMap {
        rows = List.copyOf(rows);
        columns = List.copyOf(columns);
        values = values.stream().map(List::copyOf).toList();
        String name = "heat map '" + title + "'";
        if (values.size() != rows.size()) {
            throw new IllegalArgumentException(
                    name + ": " + values.size() + " rows of values; expected " + rows.size() + ", one for each label");
        }
        for (int i = 0; i < rows.size(); i++) {
            if (values.get(i).size() != columns.size()) {
                throw new IllegalArgumentException(name + ": row " + (i + 1) + " has "
                        + values.get(i).size() + " values; expected " + columns.size() + ", one for each column");
            }
            for (double value : values.get(i)) {
                if (value < 0 || Double.isInfinite(value)) {
                    throw new IllegalArgumentException(name + ": " + value + " in row " + (i + 1)
                            + "; expected finite numbers of 0 or more, or NaN for none");
                }
            }
        }
    }

    /**
     * Returns a confusion matrix.
     *
     * @param labels the classes
     * @param counts how often, by true class, then by predicted class
     */
    public static HeatMap confusion(String title, List<String> labels, int[][] counts) {
        List<List<Double>> values = Arrays.stream(counts)
                .map(row -> Arrays.stream(row).asDoubleStream().boxed().toList())
                .toList();
        return new HeatMap(title, "true", "predicted", labels, labels, values, Scale.LOGARITHMIC);
    }

    @Override
    public Tag html() {
        return rows.size() > MOST || columns.size() > MOST ? atMost(MOST).figure(foldingNote()) : figure("");
    }

    private String foldingNote() {
        return "Each cell is the greatest of up to " + stretch(rows, MOST) + " by " + stretch(columns, MOST)
                + " values. ";
    }

    private static int stretch(List<String> labels, int most) {
        return (labels.size() + most - 1) / most;
    }

    /** Returns a map of at most so many rows and as many columns: a cell is the greatest value of the stretches that its labels name. */
    public HeatMap atMost(int most) {
        int high = stretch(rows, most);
        int wide = stretch(columns, most);
        List<List<Double>> greatest = new ArrayList<>();
        for (int row = 0; row < rows.size(); row += high) {
            List<Double> line = new ArrayList<>();
            for (int column = 0; column < columns.size(); column += wide) {
                int end = Math.min(columns.size(), column + wide);
                int from = column;
                line.add(values.subList(row, Math.min(rows.size(), row + high)).stream()
                        .flatMap(each -> each.subList(from, end).stream())
                        .filter(each -> !each.isNaN())
                        .max(Double::compare)
                        .orElse(Double.NaN));
            }
            greatest.add(line);
        }
        return new HeatMap(title, down, across, folded(rows, high), folded(columns, wide), greatest, scale);
    }

    private static List<String> folded(List<String> labels, int stretch) {
        List<String> folded = new ArrayList<>();
        for (int i = 0; i < labels.size(); i += stretch) {
            int last = Math.min(labels.size(), i + stretch) - 1;
            folded.add(last == i ? labels.get(i) : labels.get(i) + "–" + labels.get(last));
        }
        return folded;
    }

    private Tag figure(String note) {
        double cell = Math.max(SMALLEST, Math.min(LARGEST, ROOM / Math.max(1, Math.max(rows.size(), columns.size()))));
        double left = 12 + CHARACTER * Math.max(down.length() + 2, longest(rows));
        boolean upright = CHARACTER * longest(columns) < cell;
        double top = 24 + (upright ? LINE : CHARACTER * longest(columns));
        double height = top + rows.size() * cell + 34;
        Shades shades = shades();
        double width = Math.max(left + Math.max(columns.size() * cell, shades.width()) + 8, 240);
        boolean written = written(cell);
        boolean fits = width <= HALF_A_PAGE;
        Tag svg = Figure.drawing(fits ? "heat fits" : "heat", width, height, title, description(shades))
                .set("data-columns", Integer.toString(columns.size()))
                .add(
                        Figure.label("name", left, 14, across + " →"),
                        Figure.label("name end", left - 5, top - 6, down + " ↓"));
        int every = (int) Math.ceil(LINE / cell);
        for (int i = 0; i < columns.size(); i += every) {
            Tag label = Figure.label("tick", 0, 0, Figure.cut(columns.get(i), LONGEST_LABEL));
            double x = left + (i + 0.5) * cell;
            label.set(
                    "transform",
                    "translate(" + Numbers.place(x + (upright ? 0 : 4)) + " " + Numbers.place(top - 6) + ")"
                            + (upright ? "" : " rotate(-90)"));
            svg.add(upright ? label.set("class", "tick middle") : label);
        }
        for (int row = 0; row < rows.size(); row++) {
            double y = top + row * cell;
            if (row % every == 0) {
                svg.add(Figure.label("tick end", left - 5, y + cell / 2 + 4, Figure.cut(rows.get(row), LONGEST_LABEL)));
            }
            for (int column = 0; column < columns.size(); column++) {
                svg.add(cell(row, column, left + column * cell, y, cell, shades, written));
            }
        }
        addShades(svg, left, height - 22, shades);
        List<String> heads = new ArrayList<>(List.of(down + " \\ " + across));
        heads.addAll(columns);
        List<List<?>> lines = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            List<Object> line = new ArrayList<>(List.of(rows.get(row)));
            line.addAll(values.get(row));
            lines.add(line);
        }
        String how = scale == Scale.LOGARITHMIC ? "Shades go by the logarithm of the value." : "";
        return Figure.of(
                fits ? "" : "wide", title, note + how, List.of(svg), List.of(), new DataTable(title, heads, lines));
    }

    private static int longest(List<String> labels) {
        return Math.min(
                LONGEST_LABEL, labels.stream().mapToInt(String::length).max().orElse(0));
    }

    private Tag cell(int row, int column, double x, double y, double size, Shades shades, boolean written) {
        double value = values.get(row).get(column);
        String text = down + " " + rows.get(row) + ", " + across + " " + columns.get(column) + ": "
                + (Double.isNaN(value) ? "none" : Numbers.text(value));
        double gap = size > LINE ? 1 : 0;
        Tag box = Figure.box(
                Double.isNaN(value) ? "cell none" : "cell h" + shades.of(value), x, y, size - gap, size - gap);
        String number = Numbers.text(value);
        if (value == 0 || Double.isNaN(value) || !written || !hasRoom(number, size)) {
            return Figure.mark(text, box);
        }
        return Figure.mark(
                text, box, Figure.label("count middle h" + shades.of(value), x + size / 2, y + size / 2 + 4, number));
    }

    /** Returns whether numbers are written into cells: counts where there is room, others where there is room for all. */
    private boolean written(double size) {
        return values.stream()
                .flatMap(List::stream)
                .allMatch(each ->
                        each.isNaN() || each == Math.rint(each) || hasRoom(Numbers.text(each.doubleValue()), size));
    }

    private static boolean hasRoom(String number, double size) {
        return CHARACTER * number.length() <= size - 2 && size >= LINE;
    }

    /**
     * Over what the shades are laid.
     *
     * @param least the least value above 0
     */
    private record Shades(Scale scale, double least, double greatest) {
        /** Returns what the second shade stands for; nothing where it has no value of its own. */
        private String second() {
            return scale == Scale.LOGARITHMIC && least < greatest ? Numbers.text(least) : "";
        }

        /** Returns where a shade is shown, and where the last ends. */
        private double place(int shade) {
            double gap = second().isEmpty() ? 0 : CHARACTER * second().length() + 10;
            return SWATCH * shade + (shade == 0 ? 0 : gap);
        }

        private double width() {
            return place(Palette.SHADES)
                    + 5
                    + CHARACTER * Numbers.text(greatest).length();
        }

        /** Returns the shade of a value: the first for 0 alone. */
        private int of(double value) {
            int last = Palette.SHADES - 1;
            if (value == 0) {
                return 0;
            }
            if (scale == Scale.LINEAR) {
                return Math.max(1, (int) Math.round(last * (value / greatest)));
            }
            double range = Math.log(greatest) - Math.log(least);
            return range == 0 ? last : 1 + (int) Math.round((last - 1) * ((Math.log(value) - Math.log(least)) / range));
        }
    }

    private Shades shades() {
        DoubleSummaryStatistics positive = values.stream()
                .flatMap(List::stream)
                .mapToDouble(Double::doubleValue)
                .filter(each -> each > 0)
                .summaryStatistics();
        return positive.getCount() == 0
                ? new Shades(scale, 1, 1)
                : new Shades(scale, positive.getMin(), positive.getMax());
    }

    private void addShades(Tag svg, double left, double y, Shades shades) {
        svg.add(Figure.label("tick end", left - 5, y + 12, "0"));
        for (int i = 0; i < Palette.SHADES; i++) {
            svg.add(Figure.box("cell h" + i, left + shades.place(i), y, SWATCH, SWATCH));
        }
        if (!shades.second().isEmpty()) {
            svg.add(Figure.label("tick end", left + shades.place(1) - 5, y + 12, shades.second()));
        }
        svg.add(Figure.label("tick", left + shades.place(Palette.SHADES) + 5, y + 12, Numbers.text(shades.greatest())));
    }

    private String description(Shades shades) {
        return rows.size() + " rows (" + down + ") and " + columns.size() + " columns (" + across
                + "); the greatest value is " + Numbers.text(shades.greatest())
                + (shades.second().isEmpty() ? "" : ", the least above 0 is " + shades.second())
                + ". The arrow keys go from cell to cell.";
    }
}
