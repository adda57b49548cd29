package dev.unfold.rnn;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;

/** The heap of this JVM. */
public final class Heap {
    private Heap() {}

    /** Collects what nobody reaches and returns the bytes of the rest; some collectors count large arrays as more than they are. */
    public static long liveBytes() {
        System.gc();
        System.gc();
        // What is in use by now may be more, by room that threads have taken to allocate in.
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getCollectionUsage().getUsed())
                .sum();
    }
}
