package dev.unfold.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Memory for the values of one graph, all of one type. Allocation moves a cursor; a reset moves it back, so that a
 * graph that records batch after batch keeps using the same arrays.
 */
final class Arena {
    private static final int FIRST_CHUNK = 1 << 12;
    private static final int MOST_DOUBLINGS = 10;

    private final DType dtype;
    private final List<Object> chunks = new ArrayList<>();
    private final List<Integer> capacities = new ArrayList<>();
    private int chunk = -1;
    private int used;
    private int capacity;

    Arena(DType dtype) {
        this.dtype = dtype;
    }

    /** Returns a tensor whose elements are garbage. */
    Tensor allocate(Shape shape) {
        int size = shape.size();
        if (chunk < 0 || size > capacity - used) {
            nextChunk(size);
        }
        Tensor tensor = new Tensor(dtype, shape, chunks.get(chunk), used);
        used += size;
        return tensor;
    }

    /** Makes room for so many elements in one array, in place of what there was. */
    void reserve(int elements) {
        chunks.clear();
        capacities.clear();
        chunks.add(dtype.newArray(elements));
        capacities.add(elements);
        reset();
    }

    private void nextChunk(int size) {
        chunk++;
        used = 0;
        if (chunk == chunks.size()) {
            int grown = FIRST_CHUNK << Math.min(chunk, MOST_DOUBLINGS);
            chunks.add(dtype.newArray(Math.max(size, grown)));
            capacities.add(Math.max(size, grown));
        } else if (capacities.get(chunk) < size) {
            bringLargest();
            if (capacities.get(chunk) < size) {
                chunks.set(chunk, dtype.newArray(size));
                capacities.set(chunk, size);
            }
        }
        capacity = capacities.get(chunk);
    }

    /**
     * Brings the largest of the chunks not yet used to the present place. A large tensor that comes at a different point
     * of each batch finds its chunk again, or makes that one grow, and never a second.
     */
    private void bringLargest() {
        int largest = chunk;
        for (int i = chunk + 1; i < chunks.size(); i++) {
            largest = capacities.get(i) > capacities.get(largest) ? i : largest;
        }
        Collections.swap(chunks, chunk, largest);
        Collections.swap(capacities, chunk, largest);
    }

    /** As {@link #reset}, and puts what was in several arrays into one, into which any batch fits that needs no more. */
    void resetToOne() {
        if (chunk > 0) {
            int elements = 0;
            for (int each : capacities) {
                elements = Math.addExact(elements, each);
            }
            reserve(elements);
        }
        reset();
    }

    /** Makes all memory available again; tensors handed out before must not be used any more. */
    void reset() {
        chunk = -1;
        used = 0;
        capacity = 0;
    }

    /** Returns the bytes that the arena holds, used or not. */
    long bytes() {
        long elements = 0;
        for (int each : capacities) {
            elements += each;
        }
        return elements * dtype.bytes();
    }
}
