package dev.unfold.examples.pos;

/** What a recurrent tagger is compared with. */
public enum Baseline {
    /** Tribuo's conditional random field. */
    CRF,
    /** Nothing. */
    NONE
}
