package dev.unfold.examples.pos;

import dev.unfold.examples.data.DataException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Vectors of words from a text file, as GloVe and word2vec come: a word a line, the numbers of its vector behind it, all apart by
 * spaces or tabs; a first line of two whole numbers, which word2vec writes, is passed over.
 *
 * @param size the numbers of a vector
 * @param vectors by word, of those that were asked for and are there
 * @param missing how many were asked for and are not there
 */
record WordVectors(int size, Map<String, float[]> vectors, int missing) {
    private static final Pattern BLANKS = Pattern.compile("[ \t]+");
    private static final Pattern ENDS = Pattern.compile("^[ \t]+|[ \t]+$");
    private static final Pattern HEADER = Pattern.compile("\\d+[ \t]+\\d+[ \t]*");

    /**
     * Reads the vectors of some words; where there is none of a word as it is written, that of the word in lower case is taken.
     *
     * @throws DataException where the file cannot be read, or a line is no word with as many numbers as the first
     */
    static WordVectors read(Path file, Set<String> words) {
        Map<String, float[]> known = new TreeMap<>();
        Set<String> wanted = new HashSet<>(words);
        words.forEach(word -> wanted.add(word.toLowerCase(Locale.ROOT)));
        int size = 0;
        int number = 0;
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (number == 1 && HEADER.matcher(line).matches()) {
                    continue;
                }
                String[] parts = BLANKS.split(ENDS.matcher(line).replaceAll(""));
                size = size == 0 ? parts.length - 1 : size;
                if (size < 1 || parts.length < 1 + size) {
                    throw new DataException(file + ", line " + number + ": holds " + (parts.length - 1)
                            + " numbers behind the word; expected "
                            + (size < 1 ? "at least 1" : size + ", as in the lines before"));
                }
                // A few words of large collections have spaces inside; nobody asks for them.
                if (parts.length == 1 + size && wanted.contains(parts[0])) {
                    known.put(parts[0], vector(file, number, parts));
                }
            }
        } catch (MalformedInputException exception) {
            throw new DataException(file + ", line " + (number + 1) + ": is not UTF-8", exception);
        } catch (IOException exception) {
            throw new DataException(file + ": cannot be read: " + exception, exception);
        }
        if (size == 0) {
            throw new DataException(file + ": holds no vectors; expected a word and its numbers in each line");
        }
        if (known.isEmpty()) {
            throw new DataException(
                    file + ": has none of the words of the training sentences; expected a word and its numbers in each"
                            + " line (of SENNA, hash/words.lst and embeddings/embeddings.txt side by side)");
        }
        Map<String, float[]> vectors = new TreeMap<>();
        for (String word : words) {
            float[] vector = known.getOrDefault(word, known.get(word.toLowerCase(Locale.ROOT)));
            if (vector != null) {
                vectors.put(word, vector);
            }
        }
        return new WordVectors(size, vectors, words.size() - vectors.size());
    }

    private static float[] vector(Path file, int line, String[] parts) {
        float[] vector = new float[parts.length - 1];
        for (int i = 0; i < vector.length; i++) {
            float value;
            try {
                value = Float.parseFloat(parts[1 + i]);
            } catch (NumberFormatException exception) {
                value = Float.NaN;
            }
            if (!Float.isFinite(value)) {
                throw new DataException(file + ", line " + line + ": '" + parts[1 + i] + "' is no finite number");
            }
            vector[i] = value;
        }
        return vector;
    }
}
