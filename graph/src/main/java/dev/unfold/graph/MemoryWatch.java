package dev.unfold.graph;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Notes what the memory of a tape holds as a batch goes on: at each moment the most since the one before. */
final class MemoryWatch {
    private final Memory memory;
    private final List<MemoryReport.Moment> moments = new ArrayList<>();
    private boolean on;

    MemoryWatch(Memory memory) {
        this.memory = memory;
    }

    void turn(boolean newOn) {
        on = newOn;
    }

    boolean isOn() {
        return on;
    }

    /**
     * Notes a moment.
     *
     * @param scratch bytes that lie elsewhere
     */
    void note(boolean backward, int step, long scratch) {
        moments.add(present(backward, step, scratch));
        memory.beginPeak();
    }

    /** Returns what has been noted, and the present. */
    MemoryReport report(boolean backward, long scratch) {
        List<MemoryReport.Moment> all = new ArrayList<>(moments);
        all.add(present(backward, Node.NO_STEP, scratch));
        return new MemoryReport(all);
    }

    private MemoryReport.Moment present(boolean backward, int step, long scratch) {
        long values = memory.liveBytes() - memory.gradientBytes();
        Map<MemoryUse, Long> bytes = new EnumMap<>(MemoryUse.class);
        bytes.put(MemoryUse.ACTIVATIONS, values);
        bytes.put(MemoryUse.WORKSPACE, memory.peakBytes() - values + memory.loopBytes() + scratch);
        return new MemoryReport.Moment(backward, step, bytes);
    }

    /** Forgets all moments. */
    void clear() {
        moments.clear();
    }
}
