package dev.unfold.rnn.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.Bytes;
import com.sun.management.ThreadMXBean;
import dev.unfold.graph.Tensor;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;

/** Files of weights put together by hand. */
final class WeightBytes {
    private WeightBytes() {}

    /** Returns a file of a header, in front of which its length is put, and data in hexadecimal. */
    static byte[] file(String header, String data) {
        return file(header.getBytes(UTF_8), HexFormat.of().parseHex(data));
    }

    static byte[] file(byte[] header, byte[] data) {
        return Bytes.concat(length(header.length), header, data);
    }

    static byte[] length(long length) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .array();
    }

    /** Returns what a map holds. */
    static <T> T at(String key, Map<String, T> map) {
        return Objects.requireNonNull(map.get(key), () -> key + " is not in " + map.keySet());
    }

    /** Returns the bits of all elements; those of NaN are told apart. */
    static long[] bits(Tensor tensor) {
        long[] bits = new long[tensor.size()];
        for (int i = 0; i < bits.length; i++) {
            int at = tensor.offset() + i;
            bits[i] = switch (tensor.dtype()) {
                case FLOAT32 -> Float.floatToRawIntBits(tensor.floats()[at]);
                case FLOAT64 -> Double.doubleToRawLongBits(tensor.doubles()[at]);
                case INT32 -> tensor.ints()[at];
            };
        }
        return bits;
    }

    /** What a hostile file may cost, of memory and of time: the second time at the latest, since classes are loaded at first. */
    static void assertCheap(Runnable action) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        assertThat(allocated(action)).isLessThan(100_000_000);
        long before = threads.getCurrentThreadCpuTime();
        action.run();
        assertThat(threads.getCurrentThreadCpuTime() - before).isLessThan(1_000_000_000);
    }

    /** Returns the bytes that this thread allocates. */
    static long allocated(Runnable action) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        action.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }
}
