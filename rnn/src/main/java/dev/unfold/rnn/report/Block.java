package dev.unfold.rnn.report;

/** A part of a section of a report. */
@FunctionalInterface
public interface Block {
    /** Returns what stands in the page: HTML that is also well-formed XML. */
    Tag html();
}
