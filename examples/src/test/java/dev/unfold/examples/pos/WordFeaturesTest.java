package dev.unfold.examples.pos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.examples.corpus.Sentence;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tribuo.Feature;
import org.tribuo.classification.Label;
import org.tribuo.sequence.SequenceExample;

class WordFeaturesTest {
    private static final Sentence SENTENCE = new Sentence(List.of("McDonald's", "ate", "2"), List.of("N", "V", "C"));

    private static List<String> names(SequenceExample<Label> example, int word) {
        return StreamSupport.stream(example.get(word).spliterator(), false)
                .map(Feature::getName)
                .toList();
    }

    @Test
    void should_tell_of_a_word_itself_its_ends_and_how_it_is_written() {
        SequenceExample<Label> example = new WordFeatures(false).of(SENTENCE);
        assertThat(example.get(1).getOutput().getLabel()).isEqualTo("V");
        assertThat(names(example, 0))
                .containsExactlyInAnyOrder(
                        "w=McDonald's",
                        "lower=mcdonald's",
                        "shape=XxXxx'x",
                        "begins1=m",
                        "begins2=mc",
                        "begins3=mcd",
                        "ends1=s",
                        "ends2='s",
                        "ends3=d's",
                        "ends4=ld's",
                        "first=true");
        assertThat(names(example, 2))
                .containsExactlyInAnyOrder("w=2", "lower=2", "shape=0", "begins1=2", "ends1=2", "first=false");
    }

    @Test
    void should_tell_of_neighbours_where_that_is_wanted() {
        SequenceExample<Label> example = new WordFeatures(true).of(SENTENCE);
        assertThat(names(example, 0)).contains("before=", "behind=ate");
        assertThat(names(example, 1)).contains("before=mcdonald's", "behind=2");
        assertThat(names(example, 2)).contains("before=ate", "behind=");
    }

    @Test
    void should_take_letters_outside_of_the_first_plane_whole() {
        SequenceExample<Label> example =
                new WordFeatures(false).of(new Sentence(List.of("\uD83D\uDE00\uD83D\uDE00a"), List.of()));
        assertThat(names(example, 0)).contains("begins1=\uD83D\uDE00", "ends1=a", "ends2=\uD83D\uDE00a");
    }

    @ParameterizedTest
    @CsvSource({"Word, Xxx", "USA, XX", "3.14, 0.00", "co-op, xx-xx", "--, --", "-----, --"})
    void should_show_the_shape(String form, String shape) {
        assertThat(WordFeatures.shape(form)).isEqualTo(shape);
    }
}
