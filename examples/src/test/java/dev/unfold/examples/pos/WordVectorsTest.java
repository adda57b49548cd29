package dev.unfold.examples.pos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.unfold.examples.data.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordVectorsTest {
    private static final Set<String> WORDS = Set.of("The", "cat", "zebra");

    @TempDir
    private Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("vectors.txt"), text);
    }

    @Test
    void should_read_the_vectors_of_known_words_and_count_the_missing() throws IOException {
        WordVectors vectors = WordVectors.read(file("the 1 2\ncat\t-3e-1 4\ndog 5 6\n"), WORDS);
        assertThat(vectors.size()).isEqualTo(2);
        assertThat(vectors.missing()).isEqualTo(1);
        assertThat(vectors.vectors()).containsOnlyKeys("The", "cat");
        assertThat(vectors.vectors().get("The")).containsExactly(1, 2);
        assertThat(vectors.vectors().get("cat")).containsExactly(-0.3f, 4);
    }

    @Test
    void a_word_as_it_is_written_should_come_before_lower_case() throws IOException {
        WordVectors vectors = WordVectors.read(file("2 2\nThe 1 2\nthe 3 4 \n"), WORDS);
        assertThat(vectors.vectors().get("The")).containsExactly(1, 2);
        assertThat(vectors.missing()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "the 1 2;cat 3|line 2: holds 1 numbers behind the word; expected 2, as in the lines before",
                "the|line 1: holds 0 numbers behind the word; expected at least 1",
                "the 1 x|line 1: 'x' is no finite number",
                "cat 1 NaN|line 1: 'NaN' is no finite number",
                "3 2|holds no vectors"
            })
    void what_is_no_vector_should_be_refused_by_line(String text, String message) throws IOException {
        Path file = file(text.replace(';', '\n'));
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> WordVectors.read(
                        file,
                        WORDS.stream()
                                .map(each -> each.toLowerCase(Locale.ROOT))
                                .collect(Collectors.toSet())))
                .withMessageContaining(file.toString())
                .withMessageContaining(message);
    }

    @Test
    void bytes_that_are_not_utf_8_should_be_refused_by_line() throws IOException {
        Path file = Files.write(folder.resolve("bytes"), new byte[] {'a', ' ', '1', '\n', (byte) 0xff, ' ', '1', '\n'});
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> WordVectors.read(file, WORDS))
                .withMessageContaining("is not UTF-8");
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> WordVectors.read(folder.resolve("missing"), WORDS))
                .withMessageContaining("cannot be read");
    }
}
