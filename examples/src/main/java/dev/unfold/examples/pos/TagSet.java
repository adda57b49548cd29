package dev.unfold.examples.pos;

import dev.unfold.examples.corpus.TagColumn;

/** The tags to learn, as users name them. */
public enum TagSet {
    /** As the universal column has them. */
    UPOS(TagColumn.UPOS),
    /** As the column of the language or treebank has them. */
    XPOS(TagColumn.XPOS),
    /** Penn tags of that column, mapped to the twelve universal ones. */
    UNIVERSAL(TagColumn.XPOS);

    private final TagColumn column;

    TagSet(TagColumn column) {
        this.column = column;
    }

    TagColumn column() {
        return column;
    }
}
