package dev.unfold.examples.memory;

import dev.unfold.examples.data.DataException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The lengths of the sentences in a file: of a text with one sentence a line, words apart by spaces, or of a CoNLL-U treebank, where a
 * blank line ends a sentence. In a treebank words are the lines whose first column is a plain number; comments, ranges of words that are
 * written as one (3-4) and empty nodes (8.1) are none.
 */
final class SentenceLengths {
    private static final int COLUMNS = 10;
    private static final Pattern WORD = Pattern.compile("\\d+");
    private static final Pattern NO_WORD = Pattern.compile("\\d+[-.]\\d+");
    private static final Pattern SPACES = Pattern.compile("\\s+");

    private SentenceLengths() {}

    /**
     * Reads lengths, in the order of the sentences.
     *
     * @throws DataException where the file cannot be read, holds no sentence, or is a treebank with a line of another form
     */
    static int[] read(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file).stream()
                    .map(SentenceLengths::withoutMark)
                    .toList();
        } catch (IOException exception) {
            throw unreadable(file, exception);
        }
        int[] lengths = isTreebank(file, lines) ? treebank(file, lines) : text(lines);
        if (lengths.length == 0) {
            throw new DataException(file + ": holds no sentence; expected one a line, or a CoNLL-U treebank");
        }
        return lengths;
    }

    /** Leaves out the mark by which some editors say that a file is UTF-8. */
    private static String withoutMark(String line) {
        return line.startsWith("\uFEFF") ? line.substring(1) : line;
    }

    private static DataException unreadable(Path file, IOException exception) {
        return exception instanceof CharacterCodingException
                ? new DataException(file + ": is no text in UTF-8; expected one sentence a line, or CoNLL-U", exception)
                : new DataException(file + ": cannot be read: " + exception, exception);
    }

    /** By its name, or by the columns of the first line that is no comment. */
    private static boolean isTreebank(Path file, List<String> lines) {
        return file.toString().toLowerCase(Locale.ROOT).endsWith(".conllu")
                || lines.stream()
                        .filter(line -> !line.isBlank() && !line.startsWith("#"))
                        .limit(1)
                        .anyMatch(line -> line.split("\t", -1).length == COLUMNS);
    }

    private static int[] text(List<String> lines) {
        return lines.stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .mapToInt(line -> SPACES.split(line).length)
                .toArray();
    }

    private static int[] treebank(Path file, List<String> lines) {
        List<Integer> lengths = new ArrayList<>();
        int words = 0;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            String first = line.split("\t", 2)[0];
            if (WORD.matcher(first).matches()) {
                words++;
            } else if (line.isBlank()) {
                lengths.add(words);
                words = 0;
            } else if (!line.startsWith("#") && !NO_WORD.matcher(first).matches()) {
                throw new DataException(
                        file + ": line " + (i + 1) + " begins with '" + first
                                + "'; expected the number of a word, a range such as 3-4, an empty node such as 8.1 or a comment");
            }
        }
        lengths.add(words);
        return IntStream.range(0, lengths.size())
                .map(lengths::get)
                .filter(each -> each > 0)
                .toArray();
    }
}
