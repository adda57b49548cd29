package dev.unfold.rnn.io;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/** Writes files that appear whole or not at all. */
public final class AtomicFile {
    private AtomicFile() {}

    /** Writes what a file is to hold. */
    @FunctionalInterface
    public interface Content {
        /**
         * Writes all of it.
         *
         * @throws IOException where that fails; there will be no file then
         */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes a file. Until it is whole and on the disk it has another name in the same folder; then it takes the place of what was there. A
     * symbolic link is followed. What is there but no ordinary file, a device for example, is written to as it is.
     *
     * @throws IOException where that fails; what was there is then left as it was
     */
    public static void write(Path file, Content content) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            try (OutputStream out = Files.newOutputStream(file)) {
                content.writeTo(out);
            }
            return;
        }
        Path target = Files.exists(file) ? file.toRealPath() : file;
        // No number of a process: in containers all have the same.
        Path unfinished = target.resolveSibling(target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            // No channel: it would fail in a thread that is interrupted, which is when a run wants to be saved.
            try (FileOutputStream out = new FileOutputStream(unfinished.toFile())) {
                content.writeTo(out);
                out.getFD().sync();
            }
            replace(unfinished, target);
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    private static void replace(Path unfinished, Path target) throws IOException {
        try {
            Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException notHere) {
            Files.move(unfinished, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
