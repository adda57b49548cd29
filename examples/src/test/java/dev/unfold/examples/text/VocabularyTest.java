package dev.unfold.examples.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class VocabularyTest {
    private static final List<String> TEXT = List.of("b", "a", "b", "<unk>", "c", "a", "b", "<unk>", "<unk>", "<unk>");

    @Test
    void should_number_symbols_from_the_most_frequent_on_behind_the_unknown() {
        assertThat(Vocabulary.of(TEXT, 10, 1).symbols()).containsExactly("<unk>", "b", "a", "c");
        assertThat(Vocabulary.of(List.of("x", "y"), 10, 1).symbols())
                .as("of equal ones that which comes first")
                .containsExactly("<unk>", "x", "y");
    }

    @Test
    void should_keep_the_most_frequent_and_those_that_come_often_enough() {
        assertThat(Vocabulary.of(TEXT, 2, 1).symbols()).containsExactly("<unk>", "b", "a");
        assertThat(Vocabulary.of(TEXT, 10, 2).symbols()).containsExactly("<unk>", "b", "a");
        assertThat(Vocabulary.of(TEXT, 10, 3).symbols()).containsExactly("<unk>", "b");
    }

    @Test
    void should_give_0_for_what_it_does_not_know_and_for_the_sign_of_that() {
        Vocabulary vocabulary = Vocabulary.of(TEXT, 2, 1);
        assertThat(vocabulary.numbers(List.of("a", "c", "never", "<unk>", "b"))).containsExactly(2, 0, 0, 0, 1);
        assertThat(vocabulary.symbol(2)).isEqualTo("a");
        assertThat(vocabulary.size()).isEqualTo(3);
    }

    @Test
    void should_refuse_a_list_that_is_no_vocabulary() {
        String expected = "; expected <unk> and then others, each once";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Vocabulary.of(TEXT, 10, 4))
                .withMessage("vocabulary: it has 1 symbols, 1 of them different" + expected);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Vocabulary(List.of("a", "<unk>")))
                .withMessage("vocabulary: it has 2 symbols, 2 of them different" + expected);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Vocabulary(List.of("<unk>", "a", "a")))
                .withMessage("vocabulary: it has 3 symbols, 2 of them different" + expected);
    }

    @Test
    void should_name_the_nearest_symbols() {
        Vocabulary vocabulary =
                new Vocabulary(List.of("<unk>", "the", "wheel", "whale", "whales", "ahab", "while", "w"));
        assertThat(vocabulary.near("whal")).containsExactly("whale");
        assertThat(vocabulary.near("whalex")).containsExactly("whale", "whales", "while");
        assertThat(vocabulary.near("moby")).isEmpty();
        assertThat(vocabulary.near("x")).as("one letter is like any other").isEmpty();
        assertThat(vocabulary.near("unk>")).as("never the unknown").isEmpty();
    }

    @Test
    void should_measure_frequencies_with_one_added_to_each() {
        Vocabulary vocabulary = new Vocabulary(List.of("<unk>", "a", "b"));
        // Counts 0, 3, 1 of 4, and one more each: 1/7, 4/7, 2/7.
        double expected = Math.exp(-(Math.log(4 / 7.0) + Math.log(1 / 7.0) + Math.log(2 / 7.0)) / 3);
        assertThat(vocabulary.unigramPerplexity(new int[] {1, 1, 2, 1}, new int[] {2, 1, 0, 2}, 1))
                .isEqualTo(expected, within(1e-12));
    }
}
