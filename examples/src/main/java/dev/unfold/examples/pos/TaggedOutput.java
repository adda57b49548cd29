package dev.unfold.examples.pos;

/** How {@code pos tag} writes sentences. */
public enum TaggedOutput {
    /** One a line, each word with its tag behind an underscore. */
    WORD_TAG,
    /** CoNLL-U, with tags in the universal column. */
    CONLLU
}
