package dev.unfold.rnn.report;

/**
 * Sentences, or lines whose spaces count.
 *
 * @param text paragraphs with an empty line between, or lines
 * @param asItIs whether spaces and ends of lines are kept
 */
public record Text(String text, boolean asItIs) implements Block {
    /** Returns paragraphs, which end at an empty line. */
    public static Text paragraphs(String text) {
        return new Text(text, false);
    }

    /** Returns lines as a program prints them. */
    public static Text lines(String text) {
        return new Text(text, true);
    }

    @Override
    public Tag html() {
        Tag block = Tag.of("div", "block wide");
        if (asItIs) {
            return block.add(Tag.of("pre").set("tabindex", "0").text(text));
        }
        for (String paragraph : text.split("\\R\\s*\\R", -1)) {
            block.add(Tag.of("p").text(paragraph.strip()));
        }
        return block;
    }
}
