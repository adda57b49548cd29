package dev.unfold.examples.report;

import dev.unfold.examples.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Files that appear whole or not at all. */
public final class OutputFiles {
    private OutputFiles() {}

    /**
     * Refuses a place where no file can be written.
     *
     * @throws DataException naming it
     */
    public static void checkFile(Path file) {
        Path folder = folderOf(file);
        if (Files.isDirectory(file)) {
            throw new DataException(file + ": is a folder; expected the name of a file to write");
        }
        if (!Files.isDirectory(folder)) {
            throw new DataException(file + ": the folder " + folder + " does not exist; make it first");
        }
        if (!Files.isWritable(folder)) {
            throw new DataException(file + ": nothing can be written into the folder " + folder);
        }
    }

    /**
     * Makes a folder where there is none.
     *
     * @throws DataException where it cannot be made or written into
     */
    public static void makeFolder(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException exception) {
            throw new DataException(folder + ": cannot be made a folder: " + exception.getMessage(), exception);
        }
        if (!Files.isWritable(folder)) {
            throw new DataException(folder + ": nothing can be written into this folder");
        }
    }

    /**
     * Writes a file; until it is whole it has another name.
     *
     * @throws DataException where that fails
     */
    public static void write(Path file, byte[] content) {
        try {
            Path unfinished = Files.createTempFile(folderOf(file), file.getFileName() + ".", ".tmp");
            try {
                Files.write(unfinished, content);
                Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(unfinished);
            }
        } catch (IOException exception) {
            throw new DataException(file + ": cannot be written: " + exception.getMessage(), exception);
        }
    }

    private static Path folderOf(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        return folder == null ? file : folder;
    }
}
