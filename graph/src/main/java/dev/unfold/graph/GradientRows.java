package dev.unfold.graph;

import java.util.BitSet;

/**
 * The rows, as {@link Shape#rows()} counts them, of the gradient of a parameter that may hold anything but zero. Where nothing was added
 * since it was zeroed but by operations that pick rows, as an embedding does (see {@link Op#rowsPickedBy}), these are the rows that were
 * picked; else all. Whoever clips, applies or clears the gradient may leave the others alone.
 *
 * <p>Whoever takes {@link Parameter#gradient()} may write into it at any time: from then on these are all rows, for good.
 */
public final class GradientRows {
    private final Tensor gradient;
    private final RowView view;
    private final int rows;
    private final BitSet picked;
    private boolean all;
    private boolean lent;

    GradientRows(Tensor gradient) {
        this.gradient = gradient;
        this.view = new RowView(gradient);
        this.rows = gradient.shape().rows();
        this.picked = new BitSet(rows);
    }

    /** Returns how many these are. */
    public int count() {
        return all ? rows : picked.cardinality();
    }

    /** Returns the first of these rows from one on, or -1 where there is none. */
    public int next(int from) {
        if (all) {
            return from < rows ? from : -1;
        }
        return picked.nextSetBit(from);
    }

    /**
     * Returns the gradient along one row, {@code [columns]}: one tensor, which the next call moves.
     *
     * @throws IndexOutOfBoundsException where there is no such row
     */
    public Tensor row(int index) {
        return view.at(index);
    }

    /** Returns the gradient itself, for those who read it, or change it in these rows only. */
    public Tensor gradient() {
        return gradient;
    }

    /** Returns the gradient for somebody who may write anywhere, at any time. */
    Tensor lend() {
        lent = true;
        return reach();
    }

    /** Returns the gradient to add to anywhere. */
    Tensor reach() {
        all = true;
        return gradient;
    }

    /** Returns the gradient to add to in rows of these numbers. */
    Tensor reach(Tensor numbers) {
        int from = numbers.offset();
        for (int i = from; !all && i < from + numbers.size(); i++) {
            int row = numbers.ints()[i];
            if (row < 0 || row >= rows) {
                throw new IllegalStateException("gradient " + gradient.shape() + ": an operation adds to row " + row
                        + "; there are " + rows + ", as Shape.rows counts them");
            }
            picked.set(row);
        }
        return gradient;
    }

    void zero() {
        if (all) {
            gradient.fill(0);
        } else {
            for (int row = next(0); row >= 0; row = next(row + 1)) {
                row(row).fill(0);
            }
        }
        picked.clear();
        all = lent;
    }
}
