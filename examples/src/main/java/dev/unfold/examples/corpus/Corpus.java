package dev.unfold.examples.corpus;

import dev.unfold.examples.data.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The sentences of a file.
 *
 * @param name what messages call the file
 * @param format how it is written
 * @param sentences in its order, at least one
 */
public record Corpus(String name, CorpusFormat format, List<Sentence> sentences) {
    private static final String SAMPLE = "/opennlp/tools/postag/AnnotatedSentences.txt";
    /** The letters outside of ASCII in the sample, which is in the encoding of the first Macintosh. */
    private static final String SAMPLE_BYTES = "\u008A\u008E\u009A\u009F\u00A7";

    private static final String SAMPLE_LETTERS = "\u00E4\u00E9\u00F6\u00FC\u00DF";

    /**
     * Copies the list.
     *
     * @throws DataException for no sentences
     */
    public Corpus {
        sentences = List.copyOf(sentences);
        if (sentences.isEmpty()) {
            throw new DataException(name + ": holds no sentence; expected at least one, as " + format);
        }
    }

    /**
     * Reads a file, in UTF-8, gzipped or not.
     *
     * @param file the file
     * @param tags which tags to read
     * @param format how it is written; where it is not said, name and first line tell
     * @return its sentences
     * @throws DataException where it cannot be read, is not as the format asks, or holds no sentence; it names the file and the line
     */
    public static Corpus read(Path file, TagColumn tags, Optional<CorpusFormat> format) {
        return read(file.toString(), Line.content(file), tags, format);
    }

    /**
     * Reads the content of a file, as {@link #read(Path, TagColumn, Optional)} does.
     *
     * @param name what messages call it, which may tell the format
     */
    public static Corpus read(String name, byte[] content, TagColumn tags, Optional<CorpusFormat> format) {
        List<Line> lines = Line.of(name, content);
        CorpusFormat used = format.orElseGet(() -> CorpusFormat.detect(name, lines, tags));
        if (used == CorpusFormat.TEXT && tags != TagColumn.NONE) {
            throw new IllegalArgumentException(
                    "corpus: a text has no tags; expected another format, or no tags asked for");
        }
        return new Corpus(name, used, new CorpusReader(name, used, tags).read(lines));
    }

    /** Reads the embedded sample: about 120 English sentences with Penn tags that Apache OpenNLP publishes with its tests. */
    public static Corpus embedded() {
        try (InputStream in = Corpus.class.getResourceAsStream(SAMPLE)) {
            if (in == null) {
                throw new IllegalStateException("the resource " + SAMPLE + " of opennlp-tools (tests) is missing");
            }
            byte[] content = utf8(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1));
            return read("embedded sample", content, TagColumn.XPOS, Optional.of(CorpusFormat.WORD_TAG));
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
    }

    private static byte[] utf8(String sample) {
        String text = sample;
        for (int i = 0; i < SAMPLE_BYTES.length(); i++) {
            text = text.replace(SAMPLE_BYTES.charAt(i), SAMPLE_LETTERS.charAt(i));
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Returns the number of words. */
    public long words() {
        return sentences.stream().mapToLong(Sentence::length).sum();
    }
}
