package dev.unfold.graph;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The arrays that a loop works in. Ways to record its step, and recordings for other numbers of rows, share them: of all those one runs
 * at a time, and of one run each step belongs to one way.
 */
final class Slabs {
    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - Long.BYTES;

    private final boolean measuring;
    private final List<Slab> slabs = new ArrayList<>();
    private final Map<String, Tensor> shared = new HashMap<>();
    private final Map<DType, Tensor> unwanted = new EnumMap<>(DType.class);
    /** Of what is only counted, the bytes that do not go into arrays. */
    private long bytesBeyond;

    private static final class Slab {
        private final Tensor whole;
        private final boolean moves;
        /** The size of a step, by the number of rows. */
        private final Map<Integer, Integer> strides = new HashMap<>();

        private boolean taken;

        Slab(Tensor whole, boolean moves) {
            this.whole = whole;
            this.moves = moves;
        }

        boolean serves(DType dtype, int rows, int stride, long capacity, boolean moving) {
            return !taken
                    && moves == moving
                    && whole.dtype() == dtype
                    && whole.size() >= capacity
                    && (!moves || strides.getOrDefault(rows, stride) == stride);
        }
    }

    Slabs() {
        this(false);
    }

    /**
     * Makes none yet.
     *
     * @param measuring whether the arrays are only counted, and not there
     */
    Slabs(boolean measuring) {
        this.measuring = measuring;
    }

    private Tensor make(String who, DType dtype, long size) {
        int held = (int) Math.min(size, LARGEST_ARRAY);
        if (measuring) {
            bytesBeyond += (size - held) * dtype.bytes();
            return Tensor.unplaced(dtype, Shape.of(held));
        }
        if (size > held) {
            throw new IllegalArgumentException(
                    who + ": " + size
                            + " elements for all steps are more than an array holds; plan for fewer steps or rows, or within a budget");
        }
        return Tensor.zeros(dtype, held);
    }

    /** Begins another recording, which may take all slabs again. */
    void begin() {
        slabs.forEach(slab -> slab.taken = false);
    }

    /**
     * Returns room for the values of one operation, exclusive within a recording.
     *
     * @param stride the size of a step
     * @param steps the number of steps; 0 for room that all steps use one after the other
     */
    Tensor take(String who, DType dtype, int rows, int stride, int steps) {
        long size = (long) stride * Math.max(1, steps);
        Slab slab = null;
        for (Slab each : slabs) {
            boolean smaller = slab == null || each.whole.size() < slab.whole.size();
            slab = smaller && each.serves(dtype, rows, stride, size, steps > 0) ? each : slab;
        }
        if (slab == null) {
            slab = new Slab(make(who, dtype, size), steps > 0);
            slabs.add(slab);
        }
        slab.taken = true;
        slab.strides.put(rows, stride);
        return slab.whole;
    }

    /** Returns room that all recordings have in common. */
    Tensor shared(String who, String role, DType dtype, long size) {
        return atLeast(who + ", " + role, shared, role + " in " + dtype, dtype, size);
    }

    /** Returns room for what nobody reads, the same for all. */
    Tensor unwanted(DType dtype, int size) {
        return atLeast("unwanted", unwanted, dtype, dtype, size);
    }

    private <K> Tensor atLeast(String who, Map<K, Tensor> known, K key, DType dtype, long size) {
        Tensor large = known.get(key);
        if (large == null || large.size() < size) {
            large = make(who, dtype, size);
            known.put(key, large);
        }
        return large;
    }

    /** Whether there are arrays of all sizes that have been asked for. */
    boolean fit() {
        return bytesBeyond == 0;
    }

    long bytes() {
        return bytesBeyond
                + Stream.of(
                                slabs.stream().map(slab -> slab.whole),
                                shared.values().stream(),
                                unwanted.values().stream())
                        .flatMap(tensors -> tensors)
                        .mapToLong(
                                tensor -> (long) tensor.size() * tensor.dtype().bytes())
                        .sum();
    }
}
