package dev.unfold.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The bytes that a run takes up over its course, by what they are for: what arrays hold, without the few bytes of objects around them.
 *
 * @param moments in the order of time; at least one
 */
public record MemoryReport(List<Moment> moments) {
    /** Copies the list. */
    public MemoryReport {
        if (moments.isEmpty()) {
            throw new IllegalArgumentException("memory report: has no moments; expected at least one");
        }
        moments = List.copyOf(moments);
    }

    /**
     * A moment of a run.
     *
     * @param backward whether in backward
     * @param step the step of the sequence that has just been run, forwards or backwards; -1 outside of any
     * @param bytes what is taken up, by use; a use that is not there takes none
     */
    public record Moment(boolean backward, int step, Map<MemoryUse, Long> bytes) {
        /** Copies the map. */
        public Moment {
            Map<MemoryUse, Long> copy = new EnumMap<>(MemoryUse.class);
            copy.putAll(bytes);
            bytes = Collections.unmodifiableMap(copy);
        }

        /** Returns the bytes for one use. */
        public long bytes(MemoryUse use) {
            return bytes.getOrDefault(use, 0L);
        }

        /** Returns the bytes for all uses. */
        public long total() {
            return bytes.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /** Returns the first of the moments at which most is taken up. */
    public Moment peak() {
        Moment peak = moments.get(0);
        for (Moment each : moments) {
            peak = each.total() > peak.total() ? each : peak;
        }
        return peak;
    }

    /** Returns this report with so many bytes more for a use, at every moment. */
    public MemoryReport with(MemoryUse use, long bytes) {
        List<Moment> with = new ArrayList<>();
        for (Moment each : moments) {
            Map<MemoryUse, Long> sum = new EnumMap<>(MemoryUse.class);
            sum.putAll(each.bytes);
            sum.merge(use, bytes, Long::sum);
            with.add(new Moment(each.backward, each.step, sum));
        }
        return new MemoryReport(with);
    }
}
