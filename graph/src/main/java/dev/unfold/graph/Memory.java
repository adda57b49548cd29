package dev.unfold.graph;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The memory of a tape, kept from batch to batch: arenas for its own values and gradients, and what its loops work in. */
final class Memory {
    private final Map<DType, Arena> arenas = new EnumMap<>(DType.class);
    private final Map<Loop, List<LoopMemory>> loops = new HashMap<>();
    private final Map<Loop, List<TapedMemory>> taped = new HashMap<>();
    private final Map<Loop, Integer> used = new HashMap<>();
    private final IdentityHashMap<Parameter, Prepared> ofParameter = new IdentityHashMap<>();
    private final List<Prepared> prepared = new ArrayList<>();
    private final boolean there;
    private boolean boundless;
    private boolean growsAsAsked;
    private long gradientBytes;

    /** What was asked for while it is {@link #measure measured}; null at other times. */
    private @Nullable List<Tensor> asked;

    Memory() {
        this(true);
    }

    /**
     * Makes a memory.
     *
     * @param there whether there are arrays, not only numbers of where things would lie
     */
    Memory(boolean there) {
        this.there = there;
    }

    private Arena arena(DType dtype) {
        Arena known = arenas.get(dtype);
        if (known == null) {
            known = new Arena(dtype, there);
            if (boundless) {
                known.reserve(Arena.LARGEST_ARRAY);
            }
            if (growsAsAsked) {
                known.growNoMoreThanAsked();
            }
            arenas.put(dtype, known);
        }
        return known;
    }

    /** Lets something be recorded, and makes room for all of it in one piece, into which whatever needs no more fits as well. */
    void measure(Runnable recording) {
        List<Tensor> tensors = new ArrayList<>();
        asked = tensors;
        recording.run();
        asked = null;
        Map<DType, Integer> elements = new EnumMap<>(DType.class);
        tensors.forEach(each -> elements.merge(each.dtype(), each.size(), Math::addExact));
        elements.forEach((dtype, count) -> arena(dtype).reserve(count));
        tensors.forEach(each -> each.place(place(each.dtype(), each.shape()), 0));
    }

    Tensor place(DType dtype, Shape shape) {
        if (asked != null) {
            Tensor tensor = Tensor.unplaced(dtype, shape);
            asked.add(tensor);
            return tensor;
        }
        return arena(dtype).allocate(shape);
    }

    /** As {@link #place}, for the gradient of a node. */
    Tensor placeGradient(DType dtype, Shape shape) {
        gradientBytes += (long) shape.size() * dtype.bytes();
        return place(dtype, shape);
    }

    /** As {@link #release}, for the gradient of a node. */
    void releaseGradient(Tensor gradient) {
        gradientBytes -= (long) gradient.size() * gradient.dtype().bytes();
        release(gradient);
    }

    /** Takes back what a tensor lies in, where that is its own; it lies nowhere then. */
    void release(Tensor tensor) {
        Arena arena = arenas.get(tensor.dtype());
        if (arena != null) {
            arena.release(tensor);
        }
    }

    /** Lets a tensor that lies nowhere lie here; its elements are garbage. */
    void lay(Tensor tensor) {
        arena(tensor.dtype()).allocate(tensor);
    }

    /** Returns what a loop works in; another one each time that it is run within one batch. */
    LoopMemory of(Loop loop) {
        int number = used.merge(loop, 1, Integer::sum);
        List<LoopMemory> own = loops.computeIfAbsent(loop, key -> new ArrayList<>());
        if (number > own.size()) {
            own.add(new LoopMemory(loop));
        }
        return own.get(number - 1);
    }

    /** As {@link #of}, of a loop whose steps are recorded anew. */
    TapedMemory taped(Loop loop, Graph outside) {
        int number = used.merge(loop, 1, Integer::sum);
        List<TapedMemory> own = taped.computeIfAbsent(loop, key -> new ArrayList<>());
        if (number > own.size()) {
            own.add(new TapedMemory(loop, outside));
        }
        return own.get(number - 1);
    }

    /** Lets there be one array of each type, as large as any; only where arrays are not there. */
    void makeBoundless() {
        boundless = true;
    }

    /** Returns how many elements of each type, counted from the first of all, have been in use. */
    Map<DType, Long> reached() {
        Map<DType, Long> reached = new EnumMap<>(DType.class);
        arenas.forEach((dtype, arena) -> reached.put(dtype, arena.reached()));
        return reached;
    }

    /** Lets no more be taken up at a time than is asked for. */
    void growNoMoreThanAsked() {
        growsAsAsked = true;
        arenas.values().forEach(Arena::growNoMoreThanAsked);
    }

    /** Whether there is room for so many elements. */
    boolean holds(Map<DType, Long> elements) {
        boolean holds = true;
        for (Map.Entry<DType, Long> each : elements.entrySet()) {
            holds &= arena(each.getKey()).capacity() >= each.getValue();
        }
        return holds;
    }

    /** Makes room for so many elements, and no more; where they do not go into one array, they are made as they are asked for. */
    void reserve(Map<DType, Long> elements) {
        arenas.forEach((dtype, arena) -> arena.reserve(0));
        elements.forEach((dtype, count) -> arena(dtype).reserve((int) Math.min(Arena.LARGEST_ARRAY, count)));
    }

    /** Returns where kernels keep what they derive from the value of a parameter. */
    Prepared prepared(Parameter parameter) {
        Prepared own = ofParameter.get(parameter);
        if (own == null) {
            own = new Prepared();
            ofParameter.put(parameter, own);
            prepared.add(own);
        }
        return own;
    }

    /** Forgets what was derived from parameters, since they may have been updated. */
    void forgetPrepared() {
        for (int i = 0; i < prepared.size(); i++) {
            prepared.get(i).forget();
        }
    }

    /** Makes all of it available again to another recording, while those before keep theirs. */
    void reset() {
        arenas.values().forEach(Arena::reset);
        gradientBytes = 0;
        used.clear();
        forgetPrepared();
    }

    /** Makes all of it available again, and forgets whoever had it. */
    void clear() {
        arenas.values().forEach(Arena::resetToOne);
        reset();
    }

    long bytes() {
        return arenas.values().stream().mapToLong(Arena::bytes).sum() + loopBytes();
    }

    /** The bytes of what loops work in. */
    long loopBytes() {
        long bytes = 0;
        for (List<LoopMemory> own : loops.values()) {
            bytes += own.stream().mapToLong(LoopMemory::bytes).sum();
        }
        for (List<TapedMemory> own : taped.values()) {
            bytes += own.stream().mapToLong(TapedMemory::bytes).sum();
        }
        return bytes;
    }

    /** The bytes of values in loops that are kept over all steps. */
    long keptInLoops() {
        return loops.values().stream()
                .flatMap(List::stream)
                .mapToLong(LoopMemory::keptBytes)
                .sum();
    }

    /** The most steps that a loop has room for; 0 without loops. */
    int maxSteps() {
        return loops.keySet().stream().mapToInt(Loop::maxSteps).max().orElse(0);
    }

    /** The bytes of values and gradients of nodes that are there now. */
    long liveBytes() {
        return arenas.values().stream().mapToLong(Arena::liveBytes).sum();
    }

    /** The bytes of gradients of nodes that are there now. */
    long gradientBytes() {
        return gradientBytes;
    }

    /** The most bytes of values and gradients since the last reset, or since {@link #beginPeak}; of each type for itself. */
    long peakBytes() {
        return arenas.values().stream().mapToLong(Arena::peakBytes).sum();
    }

    void beginPeak() {
        arenas.values().forEach(Arena::beginPeak);
    }
}
