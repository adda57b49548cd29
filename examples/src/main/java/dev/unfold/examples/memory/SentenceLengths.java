package dev.unfold.examples.memory;

import dev.unfold.examples.corpus.Corpus;
import dev.unfold.examples.corpus.Sentence;
import dev.unfold.examples.corpus.TagColumn;
import java.nio.file.Path;
import java.util.Optional;

/** The lengths of the sentences in a file: of a treebank, or of a text with one sentence a line, words apart by spaces. */
final class SentenceLengths {
    private SentenceLengths() {}

    /**
     * Reads lengths, in the order of the sentences.
     *
     * @throws dev.unfold.examples.data.DataException as {@link Corpus#read(Path, TagColumn, Optional)} does
     */
    static int[] read(Path file) {
        return Corpus.read(file, TagColumn.NONE, Optional.empty()).sentences().stream()
                .mapToInt(Sentence::length)
                .toArray();
    }
}
