package dev.unfold.examples.corpus;

/** Which of the tags of a word are read. Where a format has one only, it is taken for either. */
public enum TagColumn {
    /** The universal part of speech; in CoNLL-X the coarse one. */
    UPOS,
    /** The part of speech in the terms of the language or treebank; in CoNLL-X the fine one. */
    XPOS,
    /** None, and words need not have any. */
    NONE
}
