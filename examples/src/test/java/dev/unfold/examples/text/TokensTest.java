package dev.unfold.examples.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.rnn.init.NumpyRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TokensTest {
    private static final String[] PIECES = {
        "whale",
        "Ahab's",
        "don't",
        "3.14",
        "1,000",
        "5th",
        "\"",
        "'",
        "’",
        "“",
        "”",
        "(",
        ")",
        "[",
        "]",
        "—",
        "-",
        ".",
        ",",
        ";",
        "!",
        "?",
        "$",
        "#",
        "%",
        "/",
        "…",
        "\uD83D\uDC33",
        "e\u0301",
        "\u0301",
        "naïve",
        "鯨",
        "<unk>",
        "_",
        "&",
        " ",
        "  ",
        "\n",
        "\n\n",
        "\t",
        "\u00A0",
        "\u2003",
        "x",
        "7",
        "A",
        "ß",
        "\u0130"
    };

    private static IntStream seeds() {
        return IntStream.range(0, 300);
    }

    private static String text(int seed) {
        NumpyRandom random = new NumpyRandom(seed);
        StringBuilder text = new StringBuilder();
        int length = random.randint(0, 40);
        for (int i = 0; i < length; i++) {
            text.append(PIECES[random.randint(0, PIECES.length)]);
        }
        return text.toString();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void tokens_put_together_should_be_these_tokens_again(int seed) {
        String text = text(seed);
        for (Tokens kind : Tokens.values()) {
            assertThat(kind.of(kind.text(kind.of(text))))
                    .as("%s of '%s', seed %d", kind, text, seed)
                    .isEqualTo(kind.of(text));
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void characters_put_together_should_be_the_text(int seed) {
        String text = text(seed);
        assertThat(Tokens.CHARACTERS.text(Tokens.CHARACTERS.of(text)))
                .as("seed %d", seed)
                .isEqualTo(text);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void words_should_leave_out_white_space_and_nothing_else(int seed) {
        String text = text(seed);
        assertThat(String.join("", Tokens.WORDS.of(text)))
                .as("seed %d", seed)
                .isEqualTo(text.replaceAll("\\p{IsWhite_Space}", ""));
    }

    @Test
    void the_course_should_lower_case_and_split_at_spaces() {
        assertThat(Tokens.COURSE.of("Call me\n\tIshmael. Some years ago—never  mind "))
                .containsExactly("call", "me", "ishmael.", "some", "years", "ago—never", "mind");
        assertThat(Tokens.COURSE.of(" \n")).isEmpty();
    }

    @Test
    void words_should_keep_contractions_and_numbers_whole() {
        assertThat(Tokens.WORDS.of("Don't pay $1,000.50 (or 3) for sea-captains' hats!"))
                .containsExactly(
                        "Don't",
                        "pay",
                        "$",
                        "1,000.50",
                        "(",
                        "or",
                        "3",
                        ")",
                        "for",
                        "sea",
                        "-",
                        "captains",
                        "'",
                        "hats",
                        "!");
    }

    @Test
    void characters_should_be_code_points() {
        assertThat(Tokens.CHARACTERS.of("a\uD83D\uDC33\n")).containsExactly("a", "\uD83D\uDC33", "\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "What do you think of that now, Flask?" asked he (softly).
            Ahab's sea-chest cost $3.50; or 100%, ago—never mind.
            “Who’s there?” she said: “no one”.
            """)
    void words_should_come_back_as_one_would_write_them(String text) {
        assertThat(Tokens.WORDS.text(Tokens.WORDS.of(text))).isEqualTo(text);
    }
}
