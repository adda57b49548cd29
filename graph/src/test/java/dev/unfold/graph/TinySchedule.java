package dev.unfold.graph;

/** A schedule that says what a test wants. */
final class TinySchedule implements Loop.Schedule {
    private final int steps;
    private final int batch;
    private final boolean whole;
    private int[][] sources;
    private int[] rowsOfBatch;

    private TinySchedule(int steps, int batch, boolean whole, int[][] sources, int[] rowsOfBatch) {
        this.steps = steps;
        this.batch = batch;
        this.whole = whole;
        this.sources = sources;
        this.rowsOfBatch = rowsOfBatch;
    }

    /** Runs everything. */
    static TinySchedule whole(int steps, int batch) {
        return new TinySchedule(steps, batch, true, new int[0][], new int[0]);
    }

    /**
     * Runs some elements.
     *
     * @param sources by step of the run and row, where the element lies
     * @param rowsOfBatch by row, which row of the batch it is
     */
    static TinySchedule of(int steps, int batch, int[][] sources, int... rowsOfBatch) {
        return new TinySchedule(steps, batch, false, sources, rowsOfBatch);
    }

    /** Says another thing from here on. */
    void become(TinySchedule other) {
        sources = other.sources;
        rowsOfBatch = other.rowsOfBatch;
    }

    @Override
    public boolean isWhole() {
        return whole;
    }

    @Override
    public void refresh() {}

    @Override
    public int steps() {
        return steps;
    }

    @Override
    public int batch() {
        return batch;
    }

    @Override
    public int runs() {
        return whole ? steps : sources.length;
    }

    @Override
    public int rows(int run) {
        return whole ? batch : sources[run].length;
    }

    @Override
    public int source(int run, int row) {
        return whole ? run * batch + row : sources[run][row];
    }

    @Override
    public int rowOfBatch(int row) {
        return whole ? row : rowsOfBatch[row];
    }
}
