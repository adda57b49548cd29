package dev.unfold.examples.pos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.unfold.examples.corpus.Corpus;
import dev.unfold.examples.corpus.CorpusFormat;
import dev.unfold.examples.corpus.TagColumn;
import dev.unfold.examples.data.DataException;
import dev.unfold.examples.pos.CourseData.Indexed;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CourseDataTest {
    @Test
    void should_number_words_and_tags_by_training_then_test_then_dev_part() {
        CourseData data = CourseData.of(
                corpus("The_DET dog_NOUN the_DET"), corpus("cat_NOUN runs_VERB"), Optional.of(corpus("dog_X ,_.")));
        assertThat(words(data.train())).containsExactly(List.of(0, 1, 2));
        assertThat(words(data.test().orElseThrow())).containsExactly(List.of(1, 3));
        assertThat(words(data.dev())).containsExactly(List.of(4, 5));
        assertThat(data.words()).isEqualTo(6);
        assertThat(data.tags()).containsExactly("noun", "det", "x", ".", "verb");
        assertThat(data.dev().get(0).tags().toString()).contains("0, 4");
    }

    @Test
    void noun_should_be_the_first_tag_even_where_there_is_none() {
        CourseData data = CourseData.of(corpus("a_X b_x"), corpus("a_X b_X"), Optional.empty());
        assertThat(data.tags()).containsExactly("noun", "x");
    }

    @Test
    void should_leave_out_what_the_course_does_with_its_words() {
        String longest = "a_X ".repeat(14);
        CourseData data = CourseData.of(
                corpus("alone_Y\n" + longest + "\n" + "long_Z ".repeat(15) + "\nb_X c_X"),
                corpus("a_X ".repeat(100_000) + "\na_X b_X"),
                Optional.empty());
        assertThat(data.train()).map(Indexed::length).containsExactly(14, 2);
        assertThat(data.dev()).map(Indexed::length).containsExactly(2);
        assertThat(data.words()).isEqualTo(3);
        assertThat(data.tags()).containsExactly("noun", "x");
        assertThat(CourseData.tokens(data.train())).isEqualTo(16);
    }

    @Test
    void should_take_the_first_thousand_sentences() {
        String many = String.join("\n", Collections.nCopies(1_000, "a_X b_X")) + "\nlate_X b_X";
        CourseData data = CourseData.of(corpus(many), corpus("a_X b_X"), Optional.empty());
        assertThat(data.train()).hasSize(1_000);
        assertThat(data.words()).isEqualTo(2);
    }

    @Test
    void should_refuse_a_part_of_which_nothing_is_left() {
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> CourseData.of(corpus("a_X b_X"), corpus("a_X"), Optional.empty()))
                .withMessage(
                        "a: holds no sentence of 2 to 14 words; expected at least one, since the course leaves out all others");
    }

    private static List<List<Integer>> words(List<Indexed> sentences) {
        return sentences.stream()
                .map(each -> Arrays.stream(each.words().ints()).boxed().toList())
                .toList();
    }

    static Corpus corpus(String text) {
        return Corpus.read(
                "a", text.getBytes(StandardCharsets.UTF_8), TagColumn.UPOS, Optional.of(CorpusFormat.WORD_TAG));
    }
}
