package dev.unfold.examples.memory;

import dev.unfold.graph.MemoryUse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Points as rows: columns aligned to be read, or apart by commas. */
final class Table {
    private static final double PERCENT = 100;
    private static final String NONE = "-";

    private Table() {}

    /**
     * Returns lines of aligned columns: the swept value, the mode, bytes by use and in all, time, padding, heap and loss; where anything has
     * a budget, that as well, and how time and loss are to those without.
     */
    static List<String> lines(String swept, List<Point> points) {
        List<List<String>> rows = rows(swept, points);
        int[] widths = new int[rows.get(0).size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        return rows.stream().map(row -> aligned(row, widths)).toList();
    }

    /** Returns the same as rows of cells, the names of the columns first. */
    static List<List<String>> rows(String swept, List<Point> points) {
        boolean budgets = points.stream().anyMatch(each -> each.within() != null);
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of(swept, "mode"));
        for (MemoryUse use : MemoryUse.values()) {
            head.add(Point.name(use));
        }
        head.addAll(List.of("peak", "predicted", "off", "ms/step", "padding", "heap/step", "loss bits"));
        if (budgets) {
            head.addAll(List.of("budget", "time", "bits"));
        }
        rows.add(head);
        points.forEach(each -> rows.add(row(each, budgets)));
        return rows;
    }

    private static List<String> row(Point point, boolean budgets) {
        List<String> row = new ArrayList<>(List.of(point.of().value(), point.mode()));
        point.byCategory().values().forEach(bytes -> row.add(Bytes.shown(bytes)));
        row.add(Bytes.shown(point.peak()));
        row.add(Bytes.shown(point.predicted().peak().total()));
        row.add(String.format(Locale.ROOT, "%.2f %%", PERCENT * point.offShare()));
        row.add(String.format(Locale.ROOT, "%.2f", point.milliseconds()));
        row.add(String.format(Locale.ROOT, "%.0f %%", PERCENT * point.of().paddingShare()));
        row.add(Bytes.shown(point.allocated()));
        row.add(point.lossBits());
        Within within = point.within();
        if (budgets && within == null) {
            row.addAll(List.of(NONE, NONE, NONE));
        } else if (within != null) {
            row.add(within.toString());
            row.add(String.format(Locale.ROOT, "x %.2f", point.timeRatio()));
            row.add(point.agrees(within.unbounded()) ? "same" : "differs");
        }
        return row;
    }

    private static String aligned(List<String> row, int[] widths) {
        StringJoiner line = new StringJoiner("  ");
        for (int i = 0; i < widths.length; i++) {
            String padding = " ".repeat(widths[i] - row.get(i).length());
            line.add(i < 2 ? row.get(i) + padding : padding + row.get(i));
        }
        return line.toString();
    }

    /** Returns all figures with a line of names before them, as CSV; what is not known is empty. */
    static String csv(List<Point> points) {
        StringBuilder csv = new StringBuilder();
        for (Point point : points) {
            StringJoiner names = new StringJoiner(",");
            StringJoiner line = new StringJoiner(",");
            point.figures().forEach((name, figure) -> {
                if (figure instanceof Map<?, ?> uses) {
                    uses.forEach((use, bytes) -> {
                        names.add(use + "_bytes");
                        line.add(String.valueOf(bytes));
                    });
                } else {
                    names.add(name);
                    line.add(quoted(figure));
                }
            });
            if (csv.isEmpty()) {
                csv.append(names).append('\n');
            }
            csv.append(line).append('\n');
        }
        return csv.toString();
    }

    private static String quoted(@Nullable Object figure) {
        String text = figure == null ? "" : figure.toString();
        return text.matches("(?s).*[\",\\v].*") ? '"' + text.replace("\"", "\"\"") + '"' : text;
    }
}
