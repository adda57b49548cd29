package dev.unfold.rnn.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A table. One of more than 30 rows is folded; rows beyond the first 2,000 are left out, and it says so.
 *
 * @param title what it tells
 * @param columns the heads of the columns
 * @param rows as many cells in each: numbers, which are aligned, or anything else as text
 */
public record DataTable(String title, List<String> columns, List<? extends List<?>> rows) implements Block {
    private static final int MOST_OPEN = 30;
    private static final int MOST_ROWS = 2_000;

    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException where a row has not as many cells as there are columns
     */
    public DataTable {
        columns = List.copyOf(columns);
        List<List<?>> copies = new ArrayList<>();
        for (List<?> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException("table '" + title + "': row " + (copies.size() + 1) + " has "
                        + row.size() + " cells; expected " + columns.size() + ", one for each column");
            }
            copies.add(Collections.unmodifiableList(new ArrayList<>(row)));
        }
        rows = Collections.unmodifiableList(copies);
    }

    @Override
    public Tag html() {
        Tag block = Tag.of("div", "block wide").add(Tag.of("h3").text(title));
        return block.add(rows.size() > MOST_OPEN ? folded(Numbers.text(rows.size()) + " rows") : table());
    }

    /** Returns the table behind a line that opens it. */
    Tag folded(String summary) {
        return Tag.of("details").add(Tag.of("summary").text(summary), table());
    }

    private Tag table() {
        Tag head = Tag.of("tr");
        columns.forEach(column -> head.add(Tag.of("th").set("scope", "col").text(column)));
        Tag body = Tag.of("tbody");
        for (List<?> row : rows.subList(0, Math.min(MOST_ROWS, rows.size()))) {
            Tag line = Tag.of("tr");
            row.forEach(cell -> line.add(
                    Tag.of("td", cell instanceof Number ? "number" : "words").text(Numbers.text(cell))));
            body.add(line);
        }
        Tag scroll = Tag.of("div", "scroll")
                .set("tabindex", "0")
                .set("role", "region")
                .set("aria-label", "table: " + title)
                .add(Tag.of("table").add(Tag.of("thead").add(head), body));
        if (rows.size() > MOST_ROWS) {
            scroll.add(Tag.of("p", "note")
                    .text("The first " + Numbers.text(MOST_ROWS) + " of " + Numbers.text(rows.size()) + " rows."));
        }
        return scroll;
    }
}
