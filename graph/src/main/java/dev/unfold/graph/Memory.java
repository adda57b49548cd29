package dev.unfold.graph;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The memory of a tape, kept from batch to batch: arenas for its own values and gradients, and what its loops work in. */
final class Memory {
    private final Map<DType, Arena> arenas = new EnumMap<>(DType.class);
    private final Map<Loop, List<LoopMemory>> loops = new HashMap<>();
    private final Map<Loop, Integer> used = new HashMap<>();

    Tensor place(DType dtype, Shape shape) {
        return arenas.computeIfAbsent(dtype, Arena::new).allocate(shape);
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

    /** Makes all of it available again. */
    void reset() {
        arenas.values().forEach(Arena::reset);
        used.clear();
    }

    long bytes() {
        long bytes = arenas.values().stream().mapToLong(Arena::bytes).sum();
        for (List<LoopMemory> own : loops.values()) {
            bytes += own.stream().mapToLong(LoopMemory::bytes).sum();
        }
        return bytes;
    }
}
