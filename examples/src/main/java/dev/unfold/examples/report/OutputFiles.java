package dev.unfold.examples.report;

import dev.unfold.examples.data.DataException;
import dev.unfold.rnn.io.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Files that appear whole or not at all. */
public final class OutputFiles {
    private OutputFiles() {}

    /** Says why no file can be written at a place, where none can. */
    public static Optional<String> whyNoFile(Path file) {
        if (file.toString().isEmpty()) {
            return Optional.of("the name is empty; expected the name of a file to write");
        }
        Path folder = folderOf(file);
        if (Files.isDirectory(file)) {
            return Optional.of(file + " is a folder; expected the name of a file to write");
        }
        if (!Files.isDirectory(folder)) {
            return Optional.of("the folder of " + file + " does not exist; make it first");
        }
        return Files.isWritable(folder) ? Optional.empty() : Optional.of("nothing can be written beside " + file);
    }

    /** Says why a folder cannot be written into, or made, where it cannot. */
    public static Optional<String> whyNoFolder(Path folder) {
        if (folder.toString().isEmpty()) {
            return Optional.of("the name is empty; expected a folder");
        }
        Path existing = folder.toAbsolutePath();
        while (existing.getParent() != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        if (!Files.isDirectory(existing)) {
            return Optional.of(existing + " is a file; expected a folder");
        }
        return Files.isWritable(existing) ? Optional.empty() : Optional.of("nothing can be written into " + existing);
    }

    /**
     * Makes a folder where there is none.
     *
     * @throws DataException where that fails
     */
    public static void makeFolder(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException exception) {
            throw new DataException(folder + ": cannot be made a folder: " + exception, exception);
        }
    }

    /**
     * Writes a file as {@link AtomicFile} does.
     *
     * @throws DataException where that fails
     */
    public static void write(Path file, byte[] content) {
        try {
            AtomicFile.write(file, out -> out.write(content));
        } catch (IOException exception) {
            throw new DataException(file + ": cannot be written: " + exception, exception);
        }
    }

    private static Path folderOf(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        return folder == null ? file : folder;
    }
}
