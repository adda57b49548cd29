package dev.unfold.examples.corpus;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Penn treebank tags as the twelve universal ones of S. Petrov, D. Das and R. McDonald, "A Universal Part-of-Speech Tagset", 2012. The
 * table is a resource beside this class. Upper and lower case are the same.
 */
public final class UniversalTags {
    private static final String RESOURCE = "penn-universal.txt";
    private static final String UNKNOWN = "NOUN";
    private static final Map<String, String> TAGS = load();

    private UniversalTags() {}

    /**
     * A corpus with universal tags.
     *
     * @param corpus with the sentences that were given
     * @param unknown the tags that the table lacks, taken for nouns, with how often they came
     */
    public record Mapped(Corpus corpus, SortedMap<String, Integer> unknown) {}

    private static Map<String, String> load() {
        ImmutableMap.Builder<String, String> tags = ImmutableMap.builder();
        try {
            for (String line :
                    Resources.readLines(Resources.getResource(UniversalTags.class, RESOURCE), StandardCharsets.UTF_8)) {
                Iterator<String> parts =
                        Splitter.on(' ').omitEmptyStrings().split(line).iterator();
                if (!line.startsWith("%") && parts.hasNext()) {
                    String universal = parts.next();
                    parts.forEachRemaining(penn -> tags.put(penn, universal));
                }
            }
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
        return tags.buildOrThrow();
    }

    /** Returns the universal tag of a Penn tag, where the table has it. */
    public static Optional<String> of(String penn) {
        return Optional.ofNullable(TAGS.get(penn.toUpperCase(Locale.ROOT)));
    }

    /** Maps all tags of a corpus; one that the table lacks becomes a noun, as in the LxMLS course. */
    public static Mapped map(Corpus corpus) {
        SortedMap<String, Integer> unknown = new TreeMap<>();
        List<Sentence> mapped = corpus.sentences().stream()
                .map(sentence -> new Sentence(
                        sentence.forms(),
                        sentence.tags().stream()
                                .map(tag -> of(tag).orElseGet(() -> {
                                    unknown.merge(tag, 1, Integer::sum);
                                    return UNKNOWN;
                                }))
                                .toList()))
                .toList();
        return new Mapped(new Corpus(corpus.name(), corpus.format(), mapped), unknown);
    }
}
