package dev.unfold.graph;

import java.util.Arrays;
import java.util.Objects;

/**
 * Numbers in a dense row-major block: a shape, a type, and a place in an ordinary Java array. A tensor is data and
 * nothing else; it has no gradient (see {@link Parameter}) and no history (see {@link Node}).
 *
 * <p>Views ({@link #at}, {@link #reshape}) share the array of the tensor they were made from.
 */
public final class Tensor {
    private static final int PRINTED = 8;
    private static final float[] NO_FLOATS = {};
    private static final double[] NO_DOUBLES = {};
    private static final int[] NO_INTS = {};

    private final DType dtype;
    private Shape shape;
    private Object array;
    private int offset;
    /** The span of an arena that is its own; none for what is a view or lies elsewhere. */
    private int span = Spans.NONE;

    Tensor(DType dtype, Shape shape, Object array, int offset) {
        this.dtype = dtype;
        this.shape = shape;
        this.array = array;
        this.offset = offset;
    }

    /** Makes a tensor of garbage that lies nowhere yet: see {@link #place}. */
    static Tensor unplaced(DType dtype, Shape shape) {
        return new Tensor(dtype, shape, nowhere(dtype), 0);
    }

    private static Object nowhere(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> NO_FLOATS;
            case FLOAT64 -> NO_DOUBLES;
            case INT32 -> NO_INTS;
        };
    }

    /** Lets this tensor lie in an array, in a span of an arena that is its own. */
    void lie(Object newArray, int newOffset, int newSpan) {
        array = newArray;
        offset = newOffset;
        span = newSpan;
    }

    /** Takes away where this tensor lies, so that what looks at it fails. */
    void lieNowhere() {
        lie(nowhere(dtype), 0, Spans.NONE);
    }

    /** The span of an arena that is its own; {@link Spans#NONE} where there is none. */
    int span() {
        return span;
    }

    /** Lets this tensor lie where another does, so many elements behind its beginning: how a replay goes from step to step. */
    void place(Tensor target, int distance) {
        array = target.array;
        offset = target.offset + distance;
    }

    /** Lets this tensor lie where another does, as {@link #place(Tensor, int)}, under another shape. */
    void place(Tensor target, int distance, Shape newShape) {
        array = target.array;
        offset = target.offset + distance;
        shape = newShape;
    }

    /** Sets the elements from one position to the one before another to zero. */
    void zero(int from, int to) {
        switch (dtype) {
            case FLOAT32 -> Arrays.fill(floats(), offset + from, offset + to, 0f);
            case FLOAT64 -> Arrays.fill(doubles(), offset + from, offset + to, 0.0);
            case INT32 -> Arrays.fill(ints(), offset + from, offset + to, 0);
        }
    }

    /** Adds the elements of a tensor of the same size and type, one by one. */
    void add(Tensor source) {
        switch (dtype) {
            case FLOAT32 -> {
                float[] to = floats();
                float[] from = source.floats();
                for (int i = 0; i < size(); i++) {
                    to[offset + i] += from[source.offset + i];
                }
            }
            case FLOAT64 -> {
                double[] to = doubles();
                double[] from = source.doubles();
                for (int i = 0; i < size(); i++) {
                    to[offset + i] += from[source.offset + i];
                }
            }
            case INT32 -> throw new IllegalStateException("tensor: int32 has no gradients to add");
        }
    }

    /** Returns a number by which other values are told from these, most likely; all NaN count as one, as a compiler may choose their bits. */
    long mark() {
        long mark = 1;
        for (int i = offset; i < offset + size(); i++) {
            mark = 31 * mark
                    + switch (dtype) {
                        case FLOAT32 -> Float.floatToIntBits(((float[]) array)[i]);
                        case FLOAT64 -> Double.doubleToLongBits(((double[]) array)[i]);
                        case INT32 -> ((int[]) array)[i];
                    };
        }
        return mark;
    }

    /** Makes a tensor of zeros. */
    public static Tensor zeros(DType dtype, Shape shape) {
        return new Tensor(dtype, shape, dtype.newArray(shape.size()), 0);
    }

    /** Makes a tensor of zeros with the given lengths of axes, outermost first. */
    public static Tensor zeros(DType dtype, int... dims) {
        return zeros(dtype, Shape.of(dims));
    }

    /**
     * Wraps an array, which is not copied, as a float32 tensor.
     *
     * @throws IllegalArgumentException where the array's length is not the product of the axes
     */
    public static Tensor of(float[] values, int... dims) {
        return wrap(DType.FLOAT32, values, values.length, dims);
    }

    /**
     * Wraps an array, which is not copied, as a float64 tensor.
     *
     * @throws IllegalArgumentException where the array's length is not the product of the axes
     */
    public static Tensor of(double[] values, int... dims) {
        return wrap(DType.FLOAT64, values, values.length, dims);
    }

    /**
     * Wraps an array, which is not copied, as an int32 tensor.
     *
     * @throws IllegalArgumentException where the array's length is not the product of the axes
     */
    public static Tensor of(int[] values, int... dims) {
        return wrap(DType.INT32, values, values.length, dims);
    }

    private static Tensor wrap(DType dtype, Object array, int length, int[] dims) {
        Shape shape = Shape.of(dims);
        if (length != shape.size()) {
            throw new IllegalArgumentException(
                    "tensor: shape " + shape + " needs " + shape.size() + " values, the array holds " + length);
        }
        return new Tensor(dtype, shape, array, 0);
    }

    /** Returns the type of the elements. */
    public DType dtype() {
        return dtype;
    }

    /** Returns the lengths of the axes. */
    public Shape shape() {
        return shape;
    }

    /** Returns the number of elements. */
    public int size() {
        return shape.size();
    }

    /** Returns where in the array the first element lies. */
    public int offset() {
        return offset;
    }

    /**
     * Returns the array behind a float32 tensor; its elements begin at {@link #offset()}.
     *
     * @throws IllegalStateException for another type
     */
    public float[] floats() {
        if (array instanceof float[] floats) {
            return floats;
        }
        throw wrongType(DType.FLOAT32);
    }

    /**
     * Returns the array behind a float64 tensor; its elements begin at {@link #offset()}.
     *
     * @throws IllegalStateException for another type
     */
    public double[] doubles() {
        if (array instanceof double[] doubles) {
            return doubles;
        }
        throw wrongType(DType.FLOAT64);
    }

    /**
     * Returns the array behind an int32 tensor; its elements begin at {@link #offset()}.
     *
     * @throws IllegalStateException for another type
     */
    public int[] ints() {
        if (array instanceof int[] ints) {
            return ints;
        }
        throw wrongType(DType.INT32);
    }

    private IllegalStateException wrongType(DType wanted) {
        return new IllegalStateException("tensor " + shape + ": is " + dtype + ", not " + wanted);
    }

    /**
     * Returns one element, widened to a double.
     *
     * @param index one index per axis, each from 0
     * @throws IllegalArgumentException for a wrong number of indices or one outside its axis
     */
    public double get(int... index) {
        return getFlat(flat(index));
    }

    /**
     * Sets one element, rounding to the tensor's type.
     *
     * @param index one index per axis, each from 0
     * @throws IllegalArgumentException for a wrong number of indices or one outside its axis
     */
    public void set(double value, int... index) {
        setFlat(flat(index), value);
    }

    /** Returns the element at a position in row-major order, widened to a double. */
    public double getFlat(int position) {
        int at = offset + checkPosition(position);
        return switch (dtype) {
            case FLOAT32 -> floats()[at];
            case FLOAT64 -> doubles()[at];
            case INT32 -> ints()[at];
        };
    }

    /** Sets the element at a position in row-major order, rounding to the tensor's precision; int32 cuts off the fraction. */
    public void setFlat(int position, double value) {
        int at = offset + checkPosition(position);
        switch (dtype) {
            case FLOAT32 -> floats()[at] = (float) value;
            case FLOAT64 -> doubles()[at] = value;
            case INT32 -> ints()[at] = (int) value;
        }
    }

    /**
     * Returns the only element of a tensor of size one.
     *
     * @throws IllegalStateException where there are more or none
     */
    public double item() {
        if (size() != 1) {
            throw new IllegalStateException("item: tensor " + shape + " holds " + size() + " elements, not one");
        }
        return getFlat(0);
    }

    private int checkPosition(int position) {
        if (position < 0 || position >= size()) {
            throw new IllegalArgumentException(
                    "tensor " + shape + ": no element " + position + ", there are " + size());
        }
        return position;
    }

    private int flat(int[] index) {
        if (index.length != shape.rank()) {
            throw new IllegalArgumentException("tensor " + shape + ": " + index.length + " indices given for "
                    + shape.rank() + " axes: " + Arrays.toString(index));
        }
        int position = 0;
        for (int axis = 0; axis < index.length; axis++) {
            if (index[axis] < 0 || index[axis] >= shape.dim(axis)) {
                throw new IllegalArgumentException("tensor " + shape + ": index " + index[axis] + " is outside axis "
                        + axis + " of length " + shape.dim(axis));
            }
            position = position * shape.dim(axis) + index[axis];
        }
        return position;
    }

    /**
     * Returns a view of the slice at one index of the outermost axis: of {@code [T, N, D]} the {@code [N, D]} of a step.
     *
     * @throws IllegalArgumentException for a scalar or an index outside the axis
     */
    public Tensor at(int index) {
        int length = shape.dim(0);
        if (index < 0 || index >= length) {
            throw new IllegalArgumentException(
                    "tensor " + shape + ": index " + index + " is outside axis 0 of length " + length);
        }
        return new Tensor(dtype, shape.without(0), array, offset + index * shape.inner(0));
    }

    /**
     * Returns a view of the slices from one index of the outermost axis to the one before another: of {@code [T, N, D]} the
     * {@code [to - from, N, D]} of some steps.
     *
     * @throws IllegalArgumentException for a scalar or a range that leaves the axis
     */
    public Tensor slice(int from, int to) {
        int length = shape.dim(0);
        if (from < 0 || to < from || to > length) {
            throw new IllegalArgumentException(
                    "tensor " + shape + ": " + from + ".." + to + " is no range of axis 0 of length " + length);
        }
        return new Tensor(dtype, shape.withDim(0, to - from), array, offset + from * shape.inner(0));
    }

    /**
     * Returns a view of the same elements under another shape.
     *
     * @throws IllegalArgumentException where the sizes differ
     */
    public Tensor reshape(int... dims) {
        Shape wanted = Shape.of(dims);
        if (wanted.size() != size()) {
            throw new IllegalArgumentException(
                    "reshape: " + shape + " holds " + size() + " elements, " + wanted + " would hold " + wanted.size());
        }
        return new Tensor(dtype, wanted, array, offset);
    }

    /** Returns a tensor of the same elements in an array of its own. */
    public Tensor copy() {
        return zeros(dtype, shape).copyFrom(this);
    }

    /** Returns the elements, rounded or widened, as a new tensor of another type. */
    public Tensor to(DType wanted) {
        Tensor result = zeros(wanted, shape);
        for (int i = 0; i < size(); i++) {
            result.setFlat(i, getFlat(i));
        }
        return result;
    }

    /**
     * Overwrites the elements with those of another tensor of the same shape and type.
     *
     * @return this tensor
     * @throws IllegalArgumentException where shape or type differ
     */
    public Tensor copyFrom(Tensor source) {
        if (source.dtype != dtype || !source.shape.equals(shape)) {
            throw new IllegalArgumentException("copy: source is " + source.dtype + " " + source.shape + ", target is "
                    + dtype + " " + shape + "; both must agree");
        }
        System.arraycopy(source.array, source.offset, array, offset, size());
        return this;
    }

    /**
     * Copies a run of elements, given in row-major positions, from a tensor of the same type.
     *
     * @throws IllegalArgumentException where the types differ
     * @throws IndexOutOfBoundsException where the run leaves either tensor
     */
    public void copyRun(Tensor source, int sourcePosition, int position, int count) {
        if (source.dtype != dtype) {
            throw new IllegalArgumentException("copy: source is " + source.dtype + ", target is " + dtype);
        }
        Objects.checkFromIndexSize(sourcePosition, count, source.size());
        Objects.checkFromIndexSize(position, count, size());
        System.arraycopy(source.array, source.offset + sourcePosition, array, offset + position, count);
    }

    /**
     * Sets every element to one value, rounded to the tensor's type.
     *
     * @return this tensor
     */
    public Tensor fill(double value) {
        int end = offset + size();
        switch (dtype) {
            case FLOAT32 -> Arrays.fill(floats(), offset, end, (float) value);
            case FLOAT64 -> Arrays.fill(doubles(), offset, end, value);
            case INT32 -> Arrays.fill(ints(), offset, end, (int) value);
        }
        return this;
    }

    /** Returns the elements, widened to doubles, as a new array in row-major order. */
    public double[] toDoubles() {
        double[] result = new double[size()];
        for (int i = 0; i < result.length; i++) {
            result[i] = getFlat(i);
        }
        return result;
    }

    /**
     * Returns the row-major position of the first element that is NaN or infinite, or -1 where all are finite.
     */
    public int firstNonFinite() {
        for (int i = 0; i < size(); i++) {
            if (!Double.isFinite(getFlat(i))) {
                return i;
            }
        }
        return -1;
    }

    /** Returns whether another tensor has the same type, the same shape and the same bits in every element. */
    public boolean sameBits(Tensor other) {
        if (other.dtype != dtype || !other.shape.equals(shape)) {
            return false;
        }
        for (int i = 0; i < size(); i++) {
            if (Double.doubleToRawLongBits(getFlat(i)) != Double.doubleToRawLongBits(other.getFlat(i))) {
                return false;
            }
        }
        return true;
    }

    /** Returns the type, the shape and the first few elements. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(dtype + " " + shape + " {");
        for (int i = 0; i < Math.min(size(), PRINTED); i++) {
            text.append(i == 0 ? "" : ", ").append(dtype == DType.INT32 ? "" + (int) getFlat(i) : "" + getFlat(i));
        }
        return text.append(size() > PRINTED ? ", ...}" : "}").toString();
    }
}
