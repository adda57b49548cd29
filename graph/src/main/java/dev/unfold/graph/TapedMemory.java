package dev.unfold.graph;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What a loop works in whose steps are recorded anew, kept from batch to batch: a tape for some of them, and room for states beside it. */
final class TapedMemory {
    /** Of so many different batches it is remembered what their steps take up. */
    private static final int MOST_FOUND = 256;

    private final Loop loop;
    private final Graph outside;
    private final Graph tape;
    private Tensor room = Tensor.zeros(DType.FLOAT32, 0);
    /** The bytes that threads will work in. */
    private long scratch;

    private int[] rows = {};
    private int[] offsets = {0};
    private long[] marks = {};
    private final Map<Key, Found> found = new HashMap<>();

    /**
     * What the memory that steps take up depends on.
     *
     * @param shapes of a step of each sequence, and of each carried value
     * @param gradients by sequence, whether its gradient is wanted
     */
    record Key(List<Shape> shapes, DType dtype, boolean training, int threads, List<Boolean> gradients) {}

    /**
     * What has been found out about steps.
     *
     * @param does how much of them is to be done to find out more
     * @param results of one of them
     * @param parameters that they use
     * @param slack elements to have besides what is found to be taken up, by type
     * @param extents what numbers of steps take up
     */
    record Found(
            Graph.Does does,
            List<Node> results,
            List<Parameter> parameters,
            Map<DType, Long> slack,
            Map<Integer, Extent> extents) {}

    /**
     * What steps take up on a tape.
     *
     * @param elements of values and gradients, by type
     * @param scratch bytes that threads work in
     */
    record Extent(Map<DType, Long> elements, long scratch) {
        long bytes() {
            long bytes = scratch;
            for (Map.Entry<DType, Long> each : elements.entrySet()) {
                bytes += each.getValue() * each.getKey().bytes();
            }
            return bytes;
        }

        /** Returns this and so many elements more. */
        Extent with(Map<DType, Long> more) {
            Map<DType, Long> all = new EnumMap<>(elements);
            more.forEach((dtype, count) -> all.merge(dtype, count, Long::sum));
            return new Extent(all, scratch);
        }

        /** Returns what is enough for both. */
        Extent or(Extent other) {
            Map<DType, Long> most = new EnumMap<>(elements);
            other.elements.forEach((dtype, count) -> most.merge(dtype, count, Math::max));
            return new Extent(most, Math.max(scratch, other.scratch));
        }
    }

    TapedMemory(Loop loop, Graph outside) {
        this.loop = loop;
        this.outside = outside;
        this.tape = newTape(outside.does());
        tape.memoryOfSteps().growNoMoreThanAsked();
    }

    /** The tape that steps are recorded on. */
    Graph tape() {
        return tape;
    }

    /** Makes another tape, which may do less. */
    Graph newTape(Graph.Does does) {
        return new Graph(outside.recordsForBackward(), does, loop.name(), outside);
    }

    /** Makes room for what is noted of so many steps. */
    int[] rows(int steps) {
        if (rows.length < steps) {
            rows = new int[steps];
            offsets = new int[steps + 1];
            marks = new long[steps];
        }
        return rows;
    }

    /** By step: the rows of all steps before it. */
    int[] offsets() {
        return offsets;
    }

    /** By part: what its last results were, as a number. */
    long[] marks() {
        return marks;
    }

    /** Returns what has been found out about steps like these, which is done the first time. */
    Found found(Key key, Supplier<Found> find) {
        Found known = found.get(key);
        if (known == null) {
            if (found.size() == MOST_FOUND) {
                found.clear();
            }
            known = find.get();
            found.put(key, known);
        }
        return known;
    }

    /** Makes the tape as large as it is to be at most, and returns room for so many elements beside it. */
    Tensor begin(Extent extent, DType dtype, int elements) {
        Memory ofTape = tape.memoryOfSteps();
        scratch = extent.scratch;
        boolean fits = room.dtype() == dtype && room.size() >= elements && ofTape.holds(extent.elements);
        if (!fits || bytes() > loop.budget()) {
            tape.reset();
            tape.dropScratch();
            ofTape.reserve(extent.elements);
            boolean there = outside.does() != Graph.Does.NOTHING;
            room = there ? Tensor.zeros(dtype, elements) : Tensor.unplaced(dtype, Shape.of(elements));
        }
        return room;
    }

    /** The bytes of the tape and of the room beside it, all that there will be. */
    long bytes() {
        return tape.bytes()
                + Math.max(scratch, tape.scratchBytes())
                + (long) room.size() * room.dtype().bytes();
    }
}
