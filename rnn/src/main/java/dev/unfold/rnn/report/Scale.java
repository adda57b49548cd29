package dev.unfold.rnn.report;

/** How a quantity is laid along an axis, or over shades. */
public enum Scale {
    /** Equal differences take equal room. */
    LINEAR,
    /** Equal ratios take equal room; 0 and less have no place. */
    LOGARITHMIC
}
