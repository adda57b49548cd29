package dev.unfold.examples.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusTest {
    private static final String REST = "\t_\t_\t_\t_\t_\n";
    private static final String TREEBANK = "# sent_id = 1\n# text = vámonos al mar\n"
            + "1-2\tvámonos\t_\t_\t_" + REST
            + "1\tvamos\t_\tVERB\tV" + REST
            + "2\tnos\t_\tPRON\tP" + REST
            + "3-4\tal\t_\t_\t_" + REST
            + "3\ta\t_\tADP\tIN" + REST
            + "4\tel\t_\tDET\tDT" + REST
            + "4.1\tazul\t_\tADJ\tJJ" + REST
            + "5\tmar bravo\t_\tNOUN\tNN" + REST
            + "\n\n# sent_id = 2\n0.1\tnada\t_\tX\tFW" + REST
            + "1\t#\t_\tSYM\t#" + REST;
    private static final List<Sentence> UPOS = List.of(
            new Sentence(
                    List.of("vamos", "nos", "a", "el", "mar bravo"), List.of("VERB", "PRON", "ADP", "DET", "NOUN")),
            new Sentence(List.of("#"), List.of("SYM")));

    @TempDir
    private Path folder;

    @Test
    void should_read_conllu_without_comments_ranges_and_empty_nodes() {
        Corpus corpus = read("a.conllu", TREEBANK, TagColumn.UPOS);
        assertThat(corpus.format()).isEqualTo(CorpusFormat.CONLLU);
        assertThat(corpus.sentences()).isEqualTo(UPOS);
        assertThat(corpus.words()).isEqualTo(6);
        assertThat(tags(read("a.conllu", TREEBANK, TagColumn.XPOS)))
                .containsExactly(List.of("V", "P", "IN", "DT", "NN"), List.of("#"));
        assertThat(tags(read("a.conllu", TREEBANK.replace("VERB", "_"), TagColumn.NONE)))
                .containsExactly(List.of(), List.of());
    }

    @Test
    void should_know_conllu_by_name_and_by_columns() {
        for (String name : List.of("a.conllu", "A.CONLLU", "a.conllu.gz", "a.txt", "a")) {
            assertThat(read(name, TREEBANK, TagColumn.UPOS).sentences())
                    .as(name)
                    .isEqualTo(UPOS);
        }
    }

    @Test
    void should_read_files_of_windows_and_of_editors_that_mark_them() {
        assertThat(read("a.conllu", TREEBANK.replace("\n", "\r\n"), TagColumn.UPOS)
                        .sentences())
                .isEqualTo(UPOS);
        assertThat(read("a.txt", "\uFEFF" + TREEBANK, TagColumn.UPOS).sentences())
                .isEqualTo(UPOS);
        assertThat(read("a.conllu", TREEBANK.stripTrailing(), TagColumn.UPOS).sentences())
                .isEqualTo(UPOS);
    }

    @Test
    void should_read_gzipped_files_whatever_their_name() throws IOException {
        for (String name : List.of("a.conllu.gz", "a.conllu")) {
            Path file = Files.write(folder.resolve(name), gzip(TREEBANK));
            assertThat(Corpus.read(file, TagColumn.UPOS, Optional.empty()).sentences())
                    .isEqualTo(UPOS);
        }
        Path plain = Files.writeString(folder.resolve("plain.gz"), TREEBANK);
        assertThat(Corpus.read(plain, TagColumn.UPOS, Optional.empty()).sentences())
                .isEqualTo(UPOS);
    }

    @Test
    void should_read_conllx() {
        String text = "1\tCathy\tCathy\tN\tNN\teigen|ev|neut\t2\tsu\t_\t_\n2\tzag\tzie\tV\tVBD\tovt\t0\tROOT\t_\t_\n";
        for (Optional<CorpusFormat> format :
                List.of(Optional.of(CorpusFormat.CONLLX), Optional.<CorpusFormat>empty())) {
            assertThat(read("a.conll", text, TagColumn.UPOS, format).sentences())
                    .containsExactly(new Sentence(List.of("Cathy", "zag"), List.of("N", "V")));
            assertThat(tags(read("a.conll", text, TagColumn.XPOS, format))).containsExactly(List.of("NN", "VBD"));
        }
    }

    @Test
    void should_read_conll2008_and_take_split_words_as_one() {
        String text = """
                1\tThe\tthe\tDT\tNN\tThe\tthe\tDT\t4\tNMOD\t_\t_
                2\tAtlanta-based\tatlanta-based\tJJ\tVB\tAtlanta\tatlanta\tNNP\t4\tNAME\t_\tA1
                3\t_\t_\t_\t_\t-\t-\tHYPH\t2\tHYPH\t_\t_
                4\t_\t_\t_\t_\tbased\tbase\tVBN\t2\tNMOD\tbase.01\t_
                5\t_\t_\tSYM\tNN\t_\t_\tSYM\t2\tNMOD\t_\t_
                """;
        for (TagColumn column : List.of(TagColumn.UPOS, TagColumn.XPOS)) {
            Corpus corpus = read("train.closed", text, column);
            assertThat(corpus.format()).isEqualTo(CorpusFormat.CONLL2008);
            assertThat(corpus.sentences())
                    .containsExactly(new Sentence(List.of("The", "Atlanta-based", "_"), List.of("DT", "JJ", "SYM")));
        }
    }

    @Test
    void should_read_words_with_tags_behind_the_last_underscore() {
        Corpus corpus = read("a.pos", "Last_JJ  snake_case_NN ,_,\r\n\n \n\t__SYM\t$_$\n", TagColumn.XPOS);
        assertThat(corpus.format()).isEqualTo(CorpusFormat.WORD_TAG);
        assertThat(corpus.sentences().get(0))
                .isEqualTo(new Sentence(List.of("Last", "snake_case", ","), List.of("JJ", "NN", ",")));
        assertThat(corpus.sentences().get(1)).isEqualTo(new Sentence(List.of("_", "$"), List.of("SYM", "$")));
        assertThat(read("a.pos", "#_# 5_CD", TagColumn.UPOS).sentences())
                .containsExactly(new Sentence(List.of("#", "5"), List.of("#", "CD")));
    }

    @Test
    void should_read_a_text_where_no_tags_are_asked_for() {
        Corpus corpus = read("a.txt", "One two\n# three\n1\tfour", TagColumn.NONE);
        assertThat(corpus.format()).isEqualTo(CorpusFormat.TEXT);
        assertThat(corpus.sentences())
                .map(Sentence::forms)
                .containsExactly(List.of("One", "two"), List.of("#", "three"), List.of("1", "four"));
    }

    @Test
    void should_read_a_sentence_of_a_hundred_thousand_words() {
        int words = 100_000;
        StringBuilder rows = new StringBuilder();
        IntStream.rangeClosed(1, words)
                .forEach(i -> rows.append(i).append("\ta\t_\tX\tFW").append(REST));
        assertThat(read("a.conllu", rows.toString(), TagColumn.UPOS).sentences())
                .singleElement()
                .extracting(Sentence::length)
                .isEqualTo(words);
        String line = String.join(" ", Collections.nCopies(words, "a_X"));
        assertThat(read("a", line, TagColumn.UPOS).words()).isEqualTo(words);
    }

    @Test
    void should_read_what_was_written_in_any_format() {
        for (int seed = 0; seed < 50; seed++) {
            List<Sentence> sentences = sentences(new Random(seed));
            for (CorpusFormat format :
                    List.of(CorpusFormat.CONLLU, CorpusFormat.CONLLX, CorpusFormat.CONLL2008, CorpusFormat.WORD_TAG)) {
                String text = written(sentences, format);
                assertThat(read("a", text, TagColumn.UPOS).sentences())
                        .as("seed %d, %s detected", seed, format)
                        .isEqualTo(sentences);
                assertThat(read("a", text, TagColumn.UPOS, Optional.of(format)).sentences())
                        .as("seed %d, %s", seed, format)
                        .isEqualTo(sentences);
            }
        }
    }

    private static List<Sentence> sentences(Random random) {
        return IntStream.range(0, 1 + random.nextInt(5))
                .mapToObj(i -> {
                    int length = 1 + random.nextInt(12);
                    return new Sentence(words(random, length), words(random, length));
                })
                .toList();
    }

    private static List<String> words(Random random, int count) {
        String letters = "aZé漢\uD83D\uDE00-'\"1|.";
        return IntStream.range(0, count)
                .mapToObj(i -> random.ints(1 + random.nextInt(4), 0, letters.codePointCount(0, letters.length()))
                        .map(at -> letters.codePointAt(letters.offsetByCodePoints(0, at)))
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString())
                .toList();
    }

    private static String written(List<Sentence> sentences, CorpusFormat format) {
        StringBuilder text = new StringBuilder();
        for (Sentence sentence : sentences) {
            for (int i = 0; i < sentence.length(); i++) {
                String form = sentence.forms().get(i);
                String tag = sentence.tags().get(i);
                text.append(
                        switch (format) {
                            case WORD_TAG -> form + "_" + tag + " ";
                            case CONLL2008 -> (i + 1) + "\t" + form + "\t_\t" + tag + "\t_\t_" + REST;
                            default -> (i + 1) + "\t" + form + "\t_\t" + tag + "\t_" + REST;
                        });
            }
            text.append('\n');
        }
        return text.toString();
    }

    @Test
    void should_embed_tagged_sentences_with_their_umlauts() {
        Corpus sample = Corpus.embedded();
        assertThat(sample.sentences()).hasSize(120);
        assertThat(sample.words()).isEqualTo(1_607);
        assertThat(sample.sentences().get(0).forms())
                .startsWith("Last", "September", ",")
                .endsWith("years", ".");
        assertThat(sample.sentences()).flatMap(Sentence::forms).contains("Kaiserstraße", "Nürnberg", "Gärtnerweg");
        assertThat(sample.sentences())
                .flatMap(Sentence::forms)
                .allMatch(form -> form.codePoints().allMatch(c -> c < 0x7F || "äéöüß".indexOf(c) >= 0));
        assertThat(sample.sentences())
                .flatMap(Sentence::tags)
                .allMatch(tag -> UniversalTags.of(tag).isPresent());
    }

    private static List<List<String>> tags(Corpus corpus) {
        return corpus.sentences().stream().map(Sentence::tags).toList();
    }

    private static Corpus read(String name, String text, TagColumn tags) {
        return read(name, text, tags, Optional.empty());
    }

    private static Corpus read(String name, String text, TagColumn tags, Optional<CorpusFormat> format) {
        return Corpus.read(name, text.getBytes(StandardCharsets.UTF_8), tags, format);
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }
}
