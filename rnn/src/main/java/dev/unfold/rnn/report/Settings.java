package dev.unfold.rnn.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Names and what they are set to.
 *
 * @param title what they are
 * @param values in the order to show; null is shown as none
 */
public record Settings(String title, Map<String, ?> values) implements Block {
    /** Copies the map. */
    public Settings {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** A seed is no amount: whole numbers are written as they are given. */
    private static String text(@Nullable Object value) {
        return value instanceof Integer || value instanceof Long ? value.toString() : Numbers.text(value);
    }

    @Override
    public Tag html() {
        Tag rows = Tag.of("tbody");
        values.forEach((name, value) -> rows.add(Tag.of("tr")
                .add(Tag.of("th").set("scope", "row").text(name), Tag.of("td").text(text(value)))));
        return Tag.of("div", "block")
                .add(Tag.of("h3").text(title), Tag.of("table", "settings").add(rows));
    }
}
