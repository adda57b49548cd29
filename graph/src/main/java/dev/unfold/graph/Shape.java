package dev.unfold.graph;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The lengths of a tensor's axes, outermost first: none (a scalar) up to three ({@code [T, N, D]}: steps, rows of the
 * batch, features). Immutable. An axis may have length 0: a sequence without steps, a batch without rows.
 */
public final class Shape {
    /** The largest rank, that of a batch of sequences. */
    public static final int MAX_RANK = 3;

    private static final Shape SCALAR = new Shape(0, 1, 1, 1);

    private final int rank;
    private final int first;
    private final int second;
    private final int third;
    private final int size;

    private Shape(int rank, int first, int second, int third) {
        this.rank = rank;
        this.first = first;
        this.second = second;
        this.third = third;
        long product = (long) first * second;
        if (product > Integer.MAX_VALUE || product * third > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("shape " + this + ": more than 2^31 - 1 elements; make it smaller");
        }
        this.size = (int) product * third;
    }

    /**
     * Makes a shape.
     *
     * @param dims the lengths of the axes, at most three, none negative; none at all is a scalar
     * @throws IllegalArgumentException for more than three axes, a negative length, or more than 2^31 - 1 elements
     */
    public static Shape of(int... dims) {
        for (int dim : dims) {
            if (dim < 0) {
                throw new IllegalArgumentException(
                        "shape " + Arrays.toString(dims) + ": an axis has negative length " + dim);
            }
        }
        return switch (dims.length) {
            case 0 -> SCALAR;
            case 1 -> new Shape(1, dims[0], 1, 1);
            case 2 -> new Shape(2, dims[0], dims[1], 1);
            case 3 -> new Shape(3, dims[0], dims[1], dims[2]);
            default ->
                throw new IllegalArgumentException("shape " + Arrays.toString(dims) + ": rank " + dims.length
                        + " is more than " + MAX_RANK + "; fold leading axes together");
        };
    }

    /** Returns the shape of a single number, {@code []}. */
    public static Shape scalar() {
        return SCALAR;
    }

    /** Returns the number of axes, 0 to 3. */
    public int rank() {
        return rank;
    }

    /**
     * Returns the length of an axis.
     *
     * @param axis from 0, the outermost; negative counts from the end, -1 being the innermost
     * @throws IllegalArgumentException where there is no such axis
     */
    public int dim(int axis) {
        return switch (axis(axis)) {
            case 0 -> first;
            case 1 -> second;
            default -> third;
        };
    }

    /**
     * Returns an axis counted from 0.
     *
     * @param axis from 0, the outermost; negative counts from the end
     * @throws IllegalArgumentException where there is no such axis
     */
    public int axis(int axis) {
        int counted = axis < 0 ? axis + rank : axis;
        if (counted < 0 || counted >= rank) {
            throw new IllegalArgumentException("axis " + axis + " of shape " + this + ": there are " + rank + " axes");
        }
        return counted;
    }

    /** Returns the number of elements. */
    public int size() {
        return size;
    }

    /** Returns the length of the innermost axis; 1 for a scalar. */
    public int columns() {
        return rank == 0 ? 1 : dim(-1);
    }

    /** Returns the product of all lengths but the innermost: the rows of the matrix that the elements form. */
    public int rows() {
        return switch (rank) {
            case 3 -> first * second;
            case 2 -> first;
            default -> 1;
        };
    }

    /** Returns the product of the lengths before an axis given from 0. */
    public int outer(int axis) {
        int product = 1;
        for (int i = 0; i < axis; i++) {
            product *= dim(i);
        }
        return product;
    }

    /** Returns the product of the lengths behind an axis given from 0: the stride of that axis. */
    public int inner(int axis) {
        int product = 1;
        for (int i = axis + 1; i < rank; i++) {
            product *= dim(i);
        }
        return product;
    }

    /** Returns the index of an element by its position in row-major order. */
    public int[] index(int position) {
        int[] index = new int[rank];
        for (int axis = 0; axis < rank; axis++) {
            index[axis] = position / inner(axis) % dim(axis);
        }
        return index;
    }

    /**
     * Returns this shape with one axis at another length.
     *
     * @param axis from 0
     * @throws IllegalArgumentException where there is no such axis, or for a negative length
     */
    public Shape withDim(int axis, int length) {
        checkAxisAndLength(axis, rank - 1, length);
        return switch (rank) {
            case 1 -> new Shape(1, length, 1, 1);
            case 2 -> new Shape(2, axis == 0 ? length : first, axis == 1 ? length : second, 1);
            default ->
                new Shape(3, axis == 0 ? length : first, axis == 1 ? length : second, axis == 2 ? length : third);
        };
    }

    /**
     * Returns this shape without one axis.
     *
     * @param axis from 0
     * @throws IllegalArgumentException where there is no such axis
     */
    public Shape without(int axis) {
        checkAxisAndLength(axis, rank - 1, 0);
        return switch (rank) {
            case 1 -> SCALAR;
            case 2 -> new Shape(1, axis == 0 ? second : first, 1, 1);
            default -> new Shape(2, axis == 0 ? second : first, axis == 2 ? second : third, 1);
        };
    }

    /**
     * Returns this shape with one more axis.
     *
     * @param axis where the new axis will be, from 0 to the rank
     * @throws IllegalArgumentException for an axis outside that, a negative length, or where the rank would exceed three
     */
    public Shape with(int axis, int length) {
        checkAxisAndLength(axis, rank, length);
        int[] dims = dims();
        int[] more = new int[rank + 1];
        System.arraycopy(dims, 0, more, 0, axis);
        more[axis] = length;
        System.arraycopy(dims, axis, more, axis + 1, rank - axis);
        return of(more);
    }

    private void checkAxisAndLength(int axis, int lastAxis, int length) {
        if (axis < 0 || axis > lastAxis || length < 0) {
            throw new IllegalArgumentException("axis " + axis + " of length " + length + " for shape " + this
                    + ": expected an axis from 0 to " + lastAxis + " and a length of at least 0");
        }
    }

    /** Returns the lengths as a new array. */
    public int[] dims() {
        return switch (rank) {
            case 0 -> new int[0];
            case 1 -> new int[] {first};
            case 2 -> new int[] {first, second};
            default -> new int[] {first, second, third};
        };
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || (other instanceof Shape shape
                        && rank == shape.rank
                        && first == shape.first
                        && second == shape.second
                        && third == shape.third);
    }

    @Override
    public int hashCode() {
        return ((rank * 31 + first) * 31 + second) * 31 + third;
    }

    /** Returns the lengths in brackets, as in {@code [28, 100, 128]}. */
    @Override
    public String toString() {
        return Arrays.toString(dims());
    }
}
