package dev.unfold.examples.corpus;

import dev.unfold.examples.data.DataException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * A line of a text file.
 *
 * @param number counted from 1
 * @param text without its end, be it that of Unix or of Windows
 */
public record Line(int number, String text) {
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    /**
     * Reads a text file in UTF-8, gzipped or not.
     *
     * @throws DataException where it cannot be read, or as {@link #of}
     */
    public static List<Line> read(Path file) {
        return of(file.toString(), content(file));
    }

    /** Returns the bytes of a file. */
    static byte[] content(Path file) {
        if (Files.isDirectory(file)) {
            throw new DataException(file + ": is a directory; expected a file; name the file itself");
        }
        try {
            return Files.readAllBytes(file);
        } catch (IOException exception) {
            throw new DataException(file + ": cannot be read: " + exception, exception);
        }
    }

    /**
     * Splits a text in UTF-8.
     *
     * @param name what messages call the file
     * @param content its bytes, gzipped or not; the first two decide, not the name
     * @throws DataException for bytes that are not UTF-8, and for damaged gzip data
     */
    public static List<Line> of(String name, byte[] content) {
        byte[] bytes = isGzipped(content) ? gunzip(name, content) : content;
        List<Line> lines = new ArrayList<>();
        int from = 0;
        while (from < bytes.length) {
            int end = from;
            while (end < bytes.length && bytes[end] != '\n') {
                end++;
            }
            int number = lines.size() + 1;
            String text = decode(name, number, ByteBuffer.wrap(bytes, from, end - from));
            lines.add(new Line(number, number == 1 && text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text));
            from = end + 1;
        }
        return lines;
    }

    private static boolean isGzipped(byte[] content) {
        return content.length > 1 && content[0] == 0x1F && content[1] == (byte) 0x8B;
    }

    private static byte[] gunzip(String name, byte[] content) {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(content))) {
            return in.readAllBytes();
        } catch (IOException exception) {
            throw new DataException(
                    name + ": the gzip data is damaged or cut short (" + exception.getMessage()
                            + "); expected one whole gzip file; copy or download the file again",
                    exception);
        }
    }

    private static String decode(String name, int number, ByteBuffer bytes) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
        } catch (CharacterCodingException exception) {
            throw new DataException(
                    name + ": line " + number
                            + " is no text in UTF-8; expected UTF-8, gzipped or not; convert the file",
                    exception);
        }
    }
}
