package dev.unfold.tribuo;

/** How training unfolds a network over time. Both give the same bits. */
public enum UnrollMode {
    /** Every step is recorded as it runs, as many as each batch has. */
    DYNAMIC,
    /** One step is recorded, planned for the longest sequence and replayed. */
    STATIC
}
