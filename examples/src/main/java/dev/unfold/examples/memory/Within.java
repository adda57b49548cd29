package dev.unfold.examples.memory;

/**
 * What bounds a point.
 *
 * @param budget as it was given
 * @param unbounded the same case in the same mode without it
 */
record Within(Budget budget, Point unbounded) {
    /** Returns the most bytes: a size is for the loop alone, a share is of everything. */
    long bytes() {
        return budget.bytesOf(unbounded.peak());
    }

    @Override
    public String toString() {
        return budget.shown(unbounded.peak());
    }
}
