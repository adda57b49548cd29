package dev.unfold.rnn.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;

/** A part of a file that is mapped into memory; it goes along with what is read. One buffer reaches over 2 GB at most, a file need not. */
final class Window {
    private final FileChannel channel;
    private final long end;
    private final int size;
    private long start;
    private ByteBuffer mapped = ByteBuffer.allocate(0);

    /** Makes a window over a file up to an end, of so many bytes, at least those of an element. */
    Window(FileChannel channel, long end, int size) {
        this.channel = channel;
        this.end = end;
        this.size = size;
    }

    /** Returns the bytes from a position on, as many as the window shows but at least so many. */
    ByteBuffer at(long position, int least) throws IOException {
        if (position < start || position + least > start + mapped.capacity()) {
            mapped = channel.map(MapMode.READ_ONLY, position, Math.min(size, end - position))
                    .order(ByteOrder.LITTLE_ENDIAN);
            start = position;
        }
        return mapped.position((int) (position - start));
    }
}
