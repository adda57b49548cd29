package dev.unfold.examples.pos;

import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.corpus.Corpus;
import dev.unfold.examples.corpus.CorpusFormat;
import dev.unfold.examples.corpus.Sentence;
import dev.unfold.examples.corpus.UniversalTags;
import dev.unfold.examples.data.DataException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that name tagged sentences, and what they name. */
final class TagData {
    /** One in so many embedded sentences is for validation. */
    private static final int DEV_SHARE = 5;

    @Option(
            names = "--train",
            paramLabel = "FILE",
            description =
                    "Sentences to learn from: CoNLL-U, CoNLL-X, CoNLL-2008 or a line of word_TAG for each, gzipped or not"
                            + " (default: an embedded sample of 120 sentences, four in five of them).")
    private @Nullable Path train;

    @Option(
            names = "--dev",
            paramLabel = "FILE",
            description = "Sentences to measure every epoch on (default: the rest of the sample).")
    private @Nullable Path dev;

    @Option(names = "--test", paramLabel = "FILE", description = "Sentences to measure on at the end (default: none).")
    private @Nullable Path test;

    @Option(
            names = "--format",
            description = "conllu, conllx, conll2008 or word-tag (default: what each file's name and first line tell).")
    private @Nullable CorpusFormat format;

    @Option(
            names = "--tags",
            description =
                    "upos, xpos, or universal: xpos from the Penn treebank mapped to 12 universal tags (default: upos; universal"
                            + " for the embedded sample).")
    private @Nullable TagSet given;

    @Option(
            names = "--strict",
            description = "Refuse tags that cannot be mapped to universal ones (default: take them for nouns).")
    private boolean strict;

    private final SortedMap<String, Integer> unknown = new TreeMap<>();

    /** The parts that there are. */
    record Parts(Corpus train, Corpus dev, Optional<Corpus> test) {}

    /** Refuses options that do not fit together. */
    void check(CommonOptions common) {
        common.refuseIf(train != null && dev == null, "--train needs --dev, a file to measure every epoch on");
        common.refuseIf(train == null && dev != null, "--dev needs --train, a file to learn from");
        common.refuseIf(train == null && test != null, "--test needs --train, a file to learn from");
        common.refuseIf(train == null && format != null, "--format needs --train; the sample's is known");
        common.refuseIf(format == CorpusFormat.TEXT, "--format is text; expected a format that has tags");
        common.refuseIf(strict && tags() != TagSet.UNIVERSAL, "--strict needs --tags universal");
    }

    /** Returns the files that are read. */
    List<Path> files() {
        return Stream.of(train, dev, test).flatMap(Stream::ofNullable).toList();
    }

    /** Returns whether the embedded sample is used. */
    boolean isSample() {
        return train == null;
    }

    TagSet tags() {
        return given != null ? given : isSample() ? TagSet.UNIVERSAL : TagSet.UPOS;
    }

    /**
     * Reads what the options name.
     *
     * @throws DataException where a file cannot be used, and with {@code --strict} for tags that cannot be mapped
     */
    Parts read() {
        if (train == null || dev == null) {
            Corpus sample = Corpus.embedded();
            return new Parts(
                    mapped(part(sample, "training", false)), mapped(part(sample, "dev", true)), Optional.empty());
        }
        return new Parts(read(train), read(dev), Optional.ofNullable(test).map(this::read));
    }

    private Corpus read(Path file) {
        return mapped(Corpus.read(file, tags().column(), Optional.ofNullable(format)));
    }

    private static Corpus part(Corpus sample, String what, boolean isDev) {
        List<Sentence> all = sample.sentences();
        List<Sentence> picked = IntStream.range(0, all.size())
                .filter(i -> (i % DEV_SHARE == DEV_SHARE - 1) == isDev)
                .mapToObj(all::get)
                .toList();
        return new Corpus(sample.name() + ", " + what + " part", sample.format(), picked);
    }

    private Corpus mapped(Corpus corpus) {
        if (tags() != TagSet.UNIVERSAL) {
            return corpus;
        }
        UniversalTags.Mapped mapped = UniversalTags.map(corpus);
        if (strict && !mapped.unknown().isEmpty()) {
            throw new DataException(corpus.name() + ": tags that have no universal one: " + listed(mapped.unknown())
                    + "; expected those of the Penn treebank; without --strict they count as nouns");
        }
        mapped.unknown().forEach((tag, count) -> unknown.merge(tag, count, Integer::sum));
        return mapped.corpus();
    }

    /** Returns the tags that were taken for nouns, each once with how often it came; empty for none. */
    String unknown() {
        return listed(unknown);
    }

    private static String listed(Map<String, Integer> tags) {
        return tags.entrySet().stream()
                .map(each -> String.format(Locale.ROOT, "%s (%,d)", each.getKey(), each.getValue()))
                .collect(Collectors.joining(", "));
    }

    /** Puts down what was given, for reports. */
    void settings(Map<String, Object> settings) {
        settings.put("train", isSample() ? "embedded" : String.valueOf(train));
        settings.put("dev", isSample() ? "embedded" : String.valueOf(dev));
        settings.put("test", test == null ? "none" : test.toString());
        settings.put("format", format == null ? "as detected" : format.toString());
        settings.put("tags", tags().name().toLowerCase(Locale.ROOT));
        settings.put("strict", strict);
    }
}
