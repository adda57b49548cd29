package dev.unfold.examples.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.unfold.examples.data.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SentenceLengthsTest {
    private static final String REST = "\t_\t_\t_\t_\t_\t_\t_\t_\t_\n";

    @TempDir
    private Path folder;

    @Test
    void should_count_the_words_of_each_line_of_a_text() throws IOException {
        assertThat(read("a.txt", "\uFEFFOne two  three\n\n   \n# four words of text\n\t1\tand tabs \r\nlast"))
                .containsExactly(3, 5, 3, 1);
    }

    @Test
    void should_count_the_words_of_a_treebank() throws IOException {
        String treebank = "# sent_id = 1\n# text = vámonos al mar\n1-2" + REST + "1" + REST + "2" + REST + "3-4" + REST
                + "3" + REST + "4" + REST + "5" + REST + "\n\n# sent_id = 2\n1" + REST + "1.1" + REST + "2" + REST;
        assertThat(read("a.conllu", treebank)).containsExactly(5, 2);
        assertThat(read("A.CONLLU", "\uFEFF" + treebank)).containsExactly(5, 2);
        assertThat(read("a.txt", treebank)).as("known by its columns").containsExactly(5, 2);
        assertThat(read("windows.conllu", treebank.replace("\n", "\r\n"))).containsExactly(5, 2);
    }

    @Test
    void should_say_what_is_wrong_with_a_file() throws IOException {
        refuse("empty.txt", " \n\n", ": holds no sentence; expected at least one, as text");
        refuse(
                "comments.conllu",
                "# text = none\n\n0.1" + REST,
                ": holds no sentence; expected at least one, as CoNLL-U");
        refuse(
                "broken.conllu",
                "1" + REST + "zwei" + REST,
                ": line 2 begins with 'zwei'; expected 2, the number of the next word, a range such as 3-4, an empty node such as"
                        + " 8.1, or a blank line between two sentences");
        Path latin = Files.write(folder.resolve("latin.txt"), new byte[] {'a', (byte) 0xE9, '\n'});
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> SentenceLengths.read(latin))
                .withMessage(latin + ": line 1 is no text in UTF-8; expected UTF-8, gzipped or not; convert the file");
        Path missing = folder.resolve("missing.txt");
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> SentenceLengths.read(missing))
                .withMessageStartingWith(missing + ": cannot be read: ");
    }

    private void refuse(String name, String content, String complaint) throws IOException {
        Path file = Files.writeString(folder.resolve(name), content);
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> SentenceLengths.read(file))
                .withMessage(file + complaint);
    }

    private int[] read(String name, String content) throws IOException {
        return SentenceLengths.read(Files.writeString(folder.resolve(name), content));
    }
}
