package dev.unfold.rnn.report;

import java.util.List;

/** What charts have in common: a heading, the drawing, its legend, a note and a table that says the same. */
final class Figure {
    private Figure() {}

    /**
     * Returns a figure.
     *
     * @param classes how much room it takes
     * @param note a sentence, or nothing
     */
    static Tag of(String classes, String title, String note, List<Tag> drawings, List<Tag> legend, DataTable table) {
        Tag figure = Tag.of("figure", "block " + classes)
                .add(Tag.of("figcaption").add(Tag.of("h3").text(title)))
                .add(Tag.of("div", "drawings").add(drawings));
        if (!legend.isEmpty()) {
            figure.add(Tag.of("p", "legend").add(legend));
        }
        if (!note.isEmpty()) {
            figure.add(Tag.of("p", "note").text(note));
        }
        return figure.add(table.folded("The numbers as a table"));
    }

    /**
     * Begins a drawing that can be read with a pointer or with the arrow keys: its elements of class {@code mark} have a title each.
     *
     * @param description what a reader is told who does not see it
     */
    static Tag drawing(String classes, double width, double height, String title, String description) {
        return Tag.of("svg", "chart " + classes)
                .set("xmlns", "http://www.w3.org/2000/svg")
                .set("viewBox", "0 0 " + Numbers.place(width) + " " + Numbers.place(height))
                .set("width", width)
                .set("height", height)
                .set("role", "img")
                .set("tabindex", "0")
                .add(Tag.of("title").text(title), Tag.of("desc").text(description));
    }

    /** Returns text at a place; the class says how it is aligned. */
    static Tag label(String classes, double x, double y, String text) {
        return Tag.of("text", classes).set("x", x).set("y", y).text(text);
    }

    /** Returns a straight line. */
    static Tag line(String classes, double x1, double y1, double x2, double y2) {
        return Tag.of("line", classes).set("x1", x1).set("y1", y1).set("x2", x2).set("y2", y2);
    }

    /** Returns a rectangle. */
    static Tag box(String classes, double x, double y, double width, double height) {
        return Tag.of("rect", classes)
                .set("x", x)
                .set("y", y)
                .set("width", width)
                .set("height", height);
    }

    /** Returns a mark: what is drawn, and the text it shows to whoever points at it. */
    static Tag mark(String text, Tag... drawn) {
        return Tag.of("g", "mark").add(Tag.of("title").text(text)).add(drawn);
    }

    /** Returns a text that is cut where it is longer than some characters. */
    static String cut(String text, int most) {
        if (text.codePointCount(0, text.length()) <= most) {
            return text;
        }
        return text.substring(0, text.offsetByCodePoints(0, most - 1)) + "…";
    }
}
