package dev.unfold.examples.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.examples.data.DataException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that cannot be used: one line that names file and line. */
class CorpusFailureTest {
    /** Here columns are apart by commas, and lines by slashes. {@code ROW} is a good first row. */
    @ParameterizedTest
    @CsvSource(delimiter = '!', textBlock = """
            conllu   ! 1,a,_,X            ! : line 1 has 4 columns apart by tabs; expected the 10 of CoNLL-U; mend the line, or name another format
            conllu   ! ROW/2,a,_,X,_,_,_,_,_,_,_ ! : line 2 has 11 columns apart by tabs; expected the 10 of CoNLL-U; mend the line, or name another format
            conllu   ! ROW/2-3,a          ! : line 2 has 2 columns apart by tabs; expected the 10 of CoNLL-U; mend the line, or name another format
            conllx   ! 1 a _ X            ! : line 1 begins with '1 a _ X'; expected 1, the number of the next word, or a blank line between two sentences; mend the line, or name another format
            conll2008! ROW                ! : line 1 has 10 columns apart by tabs; expected the 11 or more of CoNLL-2008; mend the line, or name another format
            conllu   ! #//ROW/3,a,_,X,_,_,_,_,_,_ ! : line 4 begins with '3'; expected 2, the number of the next word, a range such as 3-4, an empty node such as 8.1, or a blank line between two sentences; mend the line, or name another format
            conllu   ! ROW/ROW            ! : line 2 begins with '1'; expected 2, the number of the next word, a range such as 3-4, an empty node such as 8.1, or a blank line between two sentences; mend the line, or name another format
            conllx   ! ROW/1-2,a,_,X,_,_,_,_,_,_ ! : line 2 begins with '1-2'; expected 2, the number of the next word, or a blank line between two sentences; mend the line, or name another format
            conllu   ! ROW/2,,_,X,_,_,_,_,_,_ ! : line 2 has no form in its second column; expected a word
            conllu   ! ROW/2,b,_,_,_,_,_,_,_,_ ! : line 2 has no tag for 'b' in column 4; expected one for every word; try the other of upos and xpos
            conllu   ! ROW/2,b,_,,_,_,_,_,_,_ ! : line 2 has no tag for 'b' in column 4; expected one for every word; try the other of upos and xpos
            word-tag ! a_X/b_X c d_X      ! : line 2 has no tag at 'c', word 2; expected word_TAG, or rows of CoNLL-U, CoNLL-X or CoNLL-2008
            word-tag ! _X                 ! : line 1 has no tag at '_X', word 1; expected word_TAG, or rows of CoNLL-U, CoNLL-X or CoNLL-2008
            word-tag ! a_                 ! : line 1 has no tag at 'a_', word 1; expected word_TAG, or rows of CoNLL-U, CoNLL-X or CoNLL-2008
            conllu   ! #/0.1,a,_,X,_,_,_,_,_,_ ! : holds no sentence; expected at least one, as CoNLL-U
            word-tag ! /                  ! : holds no sentence; expected at least one, as word_TAG
            """)
    void should_name_the_line_and_what_was_expected(String format, String text, String complaint) {
        CorpusFormat named = CorpusFormat.valueOf(format.replace("-", "_").toUpperCase(Locale.ROOT));
        String content =
                text.replace("ROW", "1,a,_,X,_,_,_,_,_,_").replace('/', '\n').replace(',', '\t');
        refuse(bytes(content), Optional.of(named), complaint);
    }

    @Test
    void should_take_rows_with_too_few_columns_for_no_sentences() {
        refuse(
                bytes("1\tword\n2\tword\n"),
                Optional.empty(),
                ": line 1 has 2 columns apart by tabs; expected the 10 of CoNLL-U; mend the line, or name another format");
    }

    @Test
    void should_refuse_an_empty_file() {
        refuse(new byte[0], Optional.empty(), ": holds no sentence; expected at least one, as word_TAG");
    }

    @Test
    void should_name_the_line_that_is_not_utf_8() {
        byte[] latin = "a_X\r\nb_X\ncaf\u00E9_X\n".getBytes(StandardCharsets.ISO_8859_1);
        refuse(
                latin,
                Optional.empty(),
                ": line 3 is no text in UTF-8; expected UTF-8, gzipped or not; convert the file");
        byte[] cut = Arrays.copyOf(bytes("a_X\né"), 5);
        refuse(cut, Optional.empty(), ": line 2 is no text in UTF-8; expected UTF-8, gzipped or not; convert the file");
    }

    @Test
    void should_say_that_gzip_data_is_damaged() {
        for (byte[] content :
                List.of(new byte[] {0x1F, (byte) 0x8B}, new byte[] {0x1F, (byte) 0x8B, 8, 0, 0, 0, 0, 0, 0, 0, 7})) {
            assertThatExceptionOfType(DataException.class)
                    .isThrownBy(() -> Corpus.read("a.gz", content, TagColumn.UPOS, Optional.empty()))
                    .withMessageStartingWith("a.gz: the gzip data is damaged or cut short (")
                    .withMessageEndingWith("); expected one whole gzip file; copy or download the file again");
        }
    }

    @Test
    void should_quote_the_beginning_of_what_is_long() {
        String word = "x".repeat(100_000);
        refuse(
                bytes(word),
                Optional.of(CorpusFormat.WORD_TAG),
                ": line 1 has no tag at '" + "x".repeat(40)
                        + "...', word 1; expected word_TAG, or rows of CoNLL-U, CoNLL-X or CoNLL-2008");
    }

    @Test
    void should_name_a_file_that_cannot_be_read(@TempDir Path folder) throws IOException {
        Path missing = folder.resolve("missing.conllu");
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> Corpus.read(missing, TagColumn.UPOS, Optional.empty()))
                .withMessageStartingWith(missing + ": cannot be read: ");
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> Corpus.read(folder, TagColumn.UPOS, Optional.empty()))
                .withMessage(folder + ": is a directory; expected a file; name the file itself");
        Path bad = Files.writeString(folder.resolve("bad"), "a b");
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> Corpus.read(bad, TagColumn.UPOS, Optional.empty()))
                .withMessageStartingWith(bad + ": line 1 has no tag at 'a', word 1");
    }

    @Test
    void should_refuse_to_read_tags_of_a_text() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Corpus.read("a", bytes("a"), TagColumn.UPOS, Optional.of(CorpusFormat.TEXT)))
                .withMessage("corpus: a text has no tags; expected another format, or no tags asked for");
    }

    @Test
    void a_sentence_should_have_words_and_a_tag_for_each_or_none() {
        assertThat(new Sentence(List.of("a"), List.of()).length()).isEqualTo(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Sentence(List.of("a"), List.of("X", "Y")))
                .withMessage("sentence: 1 words and 2 tags; expected at least one word, and no tags or one for each");
        assertThatIllegalArgumentException().isThrownBy(() -> new Sentence(List.of(), List.of()));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void refuse(byte[] content, Optional<CorpusFormat> format, String complaint) {
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> Corpus.read("a", content, TagColumn.UPOS, format))
                .withMessage("a" + complaint);
    }
}
