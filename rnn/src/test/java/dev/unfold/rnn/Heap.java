package dev.unfold.rnn;

import java.lang.management.ManagementFactory;

/** The heap of this JVM. */
public final class Heap {
    private Heap() {}

    /** Collects what nobody reaches and returns the bytes of the rest; the collector may count large arrays as more than they are. */
    public static long liveBytes() {
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
