package dev.unfold.examples.text;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What the symbols of a text are. */
public enum Tokens {
    /** What stands between spaces, in lower case: the words of the language modelling assignment, with the punctuation that they touch. */
    COURSE {
        @Override
        List<String> of(String text) {
            return Splitter.on(CharMatcher.whitespace()).omitEmptyStrings().splitToList(text.toLowerCase(Locale.ROOT));
        }

        @Override
        String text(List<String> tokens) {
            return String.join(" ", tokens);
        }
    },
    /** Words, numbers, and every other sign by itself; spaces and line ends are not kept. */
    WORDS {
        @Override
        List<String> of(String text) {
            return WORD.matcher(text).results().map(MatchResult::group).toList();
        }

        @Override
        String text(List<String> tokens) {
            StringBuilder text = new StringBuilder();
            boolean isOpen = false;
            boolean glued = true;
            for (String token : tokens) {
                boolean isQuote = token.equals("\"");
                boolean closes = CLOSING.contains(token) || JOINING.contains(token) || (isQuote && isOpen);
                boolean opens = OPENING.contains(token) || JOINING.contains(token) || (isQuote && !isOpen);
                text.append(glued || closes ? "" : " ").append(token);
                glued = opens;
                isOpen ^= isQuote;
            }
            return text.toString();
        }
    },
    /** Code points, line ends among them. */
    CHARACTERS {
        @Override
        List<String> of(String text) {
            return text.codePoints().mapToObj(Character::toString).toList();
        }

        @Override
        String text(List<String> tokens) {
            return String.join("", tokens);
        }
    };

    /** Signs that no space stands before, behind, or around. None is part of a longer token, so that leaving it out changes no token. */
    private static final List<String> CLOSING = List.of(".", ",", ";", ":", "!", "?", ")", "]", "}", "\u201D", "%");

    private static final List<String> OPENING = List.of("(", "[", "{", "\u201C", "$", "#");
    private static final List<String> JOINING = List.of("-", "\u2013", "\u2014", "/");
    private static final Pattern WORD = Pattern.compile(
            "\\p{L}[\\p{L}\\p{M}]*(?:['\u2019]\\p{L}[\\p{L}\\p{M}]*)*|\\p{N}+(?:[.,]\\p{N}+)*|[^\\p{IsWhite_Space}]");

    /** Returns the symbols of a text. */
    abstract List<String> of(String text);

    /** Puts symbols together as one would write them; the symbols of the result are these. */
    abstract String text(List<String> tokens);

    /** Returns what one symbol is called. */
    String one() {
        return this == CHARACTERS ? "character" : "word";
    }

    /** Returns the name that users give. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
