package dev.unfold.examples.corpus;

import java.util.List;

/**
 * One sentence.
 *
 * @param forms its words as they are written, at least one
 * @param tags one for each word, or none at all where no tags were asked for
 */
public record Sentence(List<String> forms, List<String> tags) {
    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException for no words, or for other than no tags or one for each word
     */
    public Sentence {
        forms = List.copyOf(forms);
        tags = List.copyOf(tags);
        if (forms.isEmpty() || !(tags.isEmpty() || tags.size() == forms.size())) {
            throw new IllegalArgumentException("sentence: " + forms.size() + " words and " + tags.size()
                    + " tags; expected at least one word, and no tags or one for each");
        }
    }

    /** Returns the number of words. */
    public int length() {
        return forms.size();
    }
}
