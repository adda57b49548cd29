package dev.unfold.graph;

import java.util.Objects;

/** Lies over one row of a tensor, then over another, for those who go through a few rows of many and must not allocate. */
public final class RowView {
    private final Tensor whole;
    private final Tensor row;

    /** Makes a view of the rows that {@link Shape#rows()} counts. */
    public RowView(Tensor whole) {
        this.whole = whole;
        this.row = Tensor.unplaced(whole.dtype(), Shape.of(whole.shape().columns()));
    }

    /**
     * Returns the elements of a row, {@code [columns]}. It is one tensor, which the next call moves.
     *
     * @throws IndexOutOfBoundsException where there is no such row
     */
    public Tensor at(int index) {
        Objects.checkIndex(index, whole.shape().rows());
        row.place(whole, index * row.size());
        return row;
    }
}
