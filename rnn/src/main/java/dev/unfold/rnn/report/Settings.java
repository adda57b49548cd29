package dev.unfold.rnn.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

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

    @Override
    public Tag html() {
        Tag rows = Tag.of("tbody");
        values.forEach((name, value) -> rows.add(Tag.of("tr")
                .add(Tag.of("th").set("scope", "row").text(name), Tag.of("td").text(Numbers.text(value)))));
        return Tag.of("div", "block")
                .add(Tag.of("h3").text(title), Tag.of("table", "settings").add(rows));
    }
}
