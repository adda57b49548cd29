package dev.unfold.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * Memory for the values of one graph, all of one type. What is released is handed out again; a reset makes all of it available, so that a
 * graph that records batch after batch keeps using the same arrays.
 *
 * <p>It grows by little at a time, and a reset puts what was in several arrays into one, so that it holds about what was in use at most.
 */
final class Arena {
    private static final int LEAST_GROWTH = 1 << 12;
    /** What it holds by the elements that it grows by. */
    private static final int GROWTH = 16;
    /** More elements than these do not go into one array. */
    static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

    private final DType dtype;
    private final boolean there;
    private final Spans spans = new Spans();
    private final List<Object> arrays = new ArrayList<>();
    private final List<Integer> capacities = new ArrayList<>();
    private boolean growsAsAsked;
    private long capacity;
    private long live;
    private long peak;

    Arena(DType dtype) {
        this(dtype, true);
    }

    /**
     * Makes an empty arena.
     *
     * @param there whether there are arrays; else tensors have places in none
     */
    Arena(DType dtype, boolean there) {
        this.dtype = dtype;
        this.there = there;
    }

    /** Returns a tensor whose elements are garbage. */
    Tensor allocate(Shape shape) {
        Tensor tensor = Tensor.unplaced(dtype, shape);
        allocate(tensor);
        return tensor;
    }

    /** Lets a tensor that lies nowhere lie here. */
    void allocate(Tensor tensor) {
        int size = tensor.size();
        if (size == 0) {
            return;
        }
        int span = spans.take(size);
        if (span == Spans.NONE) {
            grow(size);
            span = spans.take(size);
        }
        tensor.lie(arrays.get(spans.array(span)), spans.from(span), span);
        live += size;
        peak = Math.max(peak, live);
    }

    /** Takes back what a tensor lies in, which it does no longer. */
    void release(Tensor tensor) {
        int span = tensor.span();
        if (span != Spans.NONE) {
            spans.giveBack(span);
            tensor.lieNowhere();
            live -= tensor.size();
        }
    }

    private void grow(int size) {
        long more = growsAsAsked ? size : Math.max(size, Math.max(LEAST_GROWTH, capacity / GROWTH));
        add((int) Math.min(LARGEST_ARRAY, more));
    }

    private void add(int elements) {
        spans.add(arrays.size(), elements);
        arrays.add(dtype.newArray(there ? elements : 0));
        capacities.add(elements);
        capacity += elements;
    }

    /** Makes room for so many elements in one array, in place of what there was. */
    void reserve(int elements) {
        arrays.clear();
        capacities.clear();
        capacity = 0;
        reset();
        add(elements);
    }

    /** As {@link #reset}, and puts what was in several arrays into one, into which any batch fits that needs no more. */
    void resetToOne() {
        if (arrays.size() > 1 && capacity <= LARGEST_ARRAY) {
            reserve((int) capacity);
        } else {
            reset();
        }
    }

    /** Makes all memory available again; tensors handed out before must not be used any more. */
    void reset() {
        spans.clear();
        for (int i = 0; i < capacities.size(); i++) {
            spans.add(i, capacities.get(i));
        }
        live = 0;
        peak = 0;
    }

    /** Returns the bytes that the arena holds, used or not. */
    long bytes() {
        return capacity * dtype.bytes();
    }

    /** Lets it grow by no more at a time than is asked for. */
    void growNoMoreThanAsked() {
        growsAsAsked = true;
    }

    /** Returns the elements that it holds, used or not. */
    long capacity() {
        return capacity;
    }

    /** Returns how many elements have been in use, counted from the first; all of them where there are several arrays. */
    long reached() {
        return arrays.size() == 1 ? spans.reached() : capacity;
    }

    /** Returns the bytes of the tensors that lie here. */
    long liveBytes() {
        return live * dtype.bytes();
    }

    /** Lets the peak count from here on. */
    void beginPeak() {
        peak = live;
    }

    /** Returns the most bytes of tensors that have lain here at a time since the last reset, or since {@link #beginPeak}. */
    long peakBytes() {
        return peak * dtype.bytes();
    }
}
