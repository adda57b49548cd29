package dev.unfold.rnn.report;

import java.util.List;

/**
 * Sentences with a tag below each word; a wrong tag is crossed out and followed by the right one. At most 200 sentences are shown, and it
 * says so.
 *
 * @param title what they are
 * @param sentences in the order to show
 */
public record TaggedText(String title, List<List<Word>> sentences) implements Block {
    private static final int MOST = 200;

    /**
     * A word.
     *
     * @param text as it is written
     * @param tag that it was given
     * @param right that it should have; the same where none is wrong
     */
    public record Word(String text, String tag, String right) {
        private Tag html() {
            if (tag.equals(right)) {
                return Tag.of("span", "word")
                        .text(text)
                        .add(Tag.of("span", "tag").text(tag));
            }
            return Tag.of("span", "word")
                    .add(
                            Tag.of("span", "wrong").text(text),
                            Tag.of("span", "tag")
                                    .add(
                                            Tag.of("span", "unseen").text(" wrongly "),
                                            Tag.of("del").text(tag),
                                            Tag.of("span", "unseen").text(", right is "))
                                    .text(" ")
                                    .add(Tag.of("ins").text("✓ " + right)));
        }
    }

    /** Copies the lists. */
    public TaggedText {
        sentences = sentences.stream().map(List::copyOf).toList();
    }

    @Override
    public Tag html() {
        Tag block = Tag.of("div", "block wide").add(Tag.of("h3").text(title));
        for (List<Word> sentence : sentences.subList(0, Math.min(MOST, sentences.size()))) {
            Tag line = Tag.of("p", "sentence");
            sentence.forEach(word -> line.add(word.html()).text(" "));
            block.add(line);
        }
        if (sentences.size() > MOST) {
            block.add(Tag.of("p", "note")
                    .text("The first " + MOST + " of " + Numbers.text(sentences.size()) + " sentences."));
        }
        return block;
    }
}
