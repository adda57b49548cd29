package dev.unfold.examples.text;

import dev.unfold.examples.corpus.Line;
import dev.unfold.examples.data.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * A text.
 *
 * @param name what messages call it
 * @param content lines, each with a line end
 */
record PlainText(String name, String content) {
    private static final String SAMPLE = "moby-dick.txt.gz";

    /** Returns the first chapters of Moby-Dick. */
    static PlainText embedded() {
        try (InputStream in = Objects.requireNonNull(PlainText.class.getResourceAsStream(SAMPLE), SAMPLE)) {
            return of("embedded text", Line.of(SAMPLE, in.readAllBytes()));
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
    }

    /**
     * Reads a file in UTF-8, gzipped or not.
     *
     * @throws DataException where it cannot be read, is no such text, or is blank
     */
    static PlainText read(Path file) {
        PlainText text = of(file.toString(), Line.read(file));
        if (text.content().isBlank()) {
            throw new DataException(file + ": holds no text; expected at least some words");
        }
        return text;
    }

    private static PlainText of(String name, List<Line> lines) {
        return new PlainText(
                name, lines.stream().map(line -> line.text() + "\n").collect(Collectors.joining()));
    }
}
