package dev.unfold.rnn.report;

import com.google.common.html.HtmlEscapers;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * An element of a page. It can be made of text and other elements only, and escapes all text and every value of an attribute, so nothing
 * from outside becomes markup. What it writes is HTML and well-formed XML at once.
 */
public final class Tag {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z][a-zA-Z0-9-]*");
    private static final Set<String> WITHOUT_END = Set.of("meta", "link", "img", "br");
    private static final Set<String> ENDS_LINE = Set.of(
            "title", "style", "script", "p", "h1", "h2", "h3", "li", "section", "figure", "svg", "g", "path", "tr",
            "table");
    /** What XML cannot hold, even escaped. */
    private static final Pattern NO_CHARACTER =
            Pattern.compile("[^\\t\\n\\r\\x{20}-\\x{D7FF}\\x{E000}-\\x{FFFD}\\x{10000}-\\x{10FFFF}]");

    private final String name;
    private final Map<String, String> attributes = new LinkedHashMap<>();
    private final List<Consumer<StringBuilder>> content = new ArrayList<>();

    private Tag(String name) {
        this.name = name;
    }

    /**
     * Begins an element.
     *
     * @throws IllegalArgumentException where that is no name of an element, or script or style, of which a page has its own only
     */
    public static Tag of(String name) {
        if (!NAME.matcher(name).matches() || name.equalsIgnoreCase("script") || name.equalsIgnoreCase("style")) {
            throw new IllegalArgumentException(
                    "element '" + name + "'; expected letters, digits and dashes, and neither script nor style");
        }
        return new Tag(name);
    }

    /** Begins an element of one class, or of several with spaces between. */
    public static Tag of(String name, String classes) {
        return of(name).set("class", classes);
    }

    /** Returns an element of a text that the browser is to take as it is: a script or style from this package. */
    static Tag verbatim(String name, String text) {
        Tag tag = new Tag(name);
        tag.content.add(out -> out.append(text));
        return tag;
    }

    /**
     * Sets an attribute.
     *
     * @throws IllegalArgumentException where that is no name of an attribute, or that of a handler of events
     */
    @CanIgnoreReturnValue
    public Tag set(String attribute, String value) {
        if (!NAME.matcher(attribute).matches() || attribute.regionMatches(true, 0, "on", 0, 2)) {
            throw new IllegalArgumentException(
                    "attribute '" + attribute + "'; expected letters, digits and dashes, and no handler of events");
        }
        attributes.put(attribute, value);
        return this;
    }

    /** Sets an attribute to a place or a length in a drawing. */
    @CanIgnoreReturnValue
    Tag set(String attribute, double value) {
        return set(attribute, Numbers.place(value));
    }

    /** Appends text. */
    @CanIgnoreReturnValue
    public Tag text(String text) {
        content.add(out -> out.append(escaped(text)));
        return this;
    }

    /** Appends elements. */
    @CanIgnoreReturnValue
    public Tag add(Tag... tags) {
        return add(List.of(tags));
    }

    /** Appends elements. */
    @CanIgnoreReturnValue
    public Tag add(List<Tag> tags) {
        tags.forEach(each -> content.add(each::write));
        return this;
    }

    private void write(StringBuilder out) {
        out.append('<').append(name);
        attributes.forEach((attribute, value) -> out.append(' ')
                .append(attribute)
                .append("=\"")
                .append(escaped(value))
                .append('"'));
        if (WITHOUT_END.contains(name)) {
            out.append("/>\n");
            return;
        }
        out.append('>');
        content.forEach(each -> each.accept(out));
        out.append("</").append(name).append('>');
        if (ENDS_LINE.contains(name)) {
            out.append('\n');
        }
    }

    private static String escaped(String text) {
        return HtmlEscapers.htmlEscaper().escape(NO_CHARACTER.matcher(text).replaceAll("\uFFFD"));
    }

    /** Returns the element as it stands in a file. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        write(out);
        return out.toString();
    }
}
