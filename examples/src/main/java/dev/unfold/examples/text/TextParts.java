package dev.unfold.examples.text;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import dev.unfold.examples.data.DataException;
import dev.unfold.rnn.train.Streams;
import java.util.Arrays;
import java.util.List;

/** A text as numbers: what is trained on, and its last tenth, which is measured on. */
final class TextParts {
    private static final int PARTS = 10;

    private final Vocabulary vocabulary;
    private final String start;
    private final int[] train;
    private final int[] validation;

    private TextParts(Vocabulary vocabulary, String start, int[] train, int[] validation) {
        this.vocabulary = vocabulary;
        this.start = start;
        this.train = train;
        this.validation = validation;
    }

    /**
     * Cuts a text in two.
     *
     * @throws DataException where it is too short, or no symbol comes often enough
     */
    static TextParts of(PlainText text, TextOptions options) {
        Tokens kind = options.tokens();
        List<String> tokens = kind.of(text.content());
        int held = tokens.size() / PARTS;
        int kept = tokens.size() - held;
        if (held < 2 || kept <= options.batch()) {
            throw new DataException(text.name() + ": holds " + tokens.size() + " " + kind.one()
                    + "s; expected at least " + 2 * PARTS
                    + ", and in the first nine tenths more than --batch, which is "
                    + options.batch());
        }
        Vocabulary vocabulary;
        try {
            vocabulary = Vocabulary.of(tokens.subList(0, kept), options.vocabulary(), options.minCount());
        } catch (IllegalArgumentException exception) {
            throw new DataException(
                    text.name() + ": no " + kind.one() + " comes as often as --min-count says, " + options.minCount()
                            + " times; give a smaller one",
                    exception);
        }
        boolean known = vocabulary.number(tokens.get(0)) > 0;
        return new TextParts(
                vocabulary,
                known ? tokens.get(0) : vocabulary.symbol(1),
                vocabulary.numbers(tokens.subList(0, kept)),
                vocabulary.numbers(tokens.subList(kept, tokens.size())));
    }

    /** Returns the symbols that training has often enough. */
    Vocabulary vocabulary() {
        return vocabulary;
    }

    /** Returns the symbol that the text begins with, or the most frequent one where that is not known. */
    String start() {
        return start;
    }

    /** Returns how many symbols are trained on. */
    int trained() {
        return train.length;
    }

    /** Returns the share of symbols that are not known among those that are trained on. */
    double trainedUnknown() {
        return unknown(train);
    }

    /** Returns the share of symbols that are not known among those that are measured on. */
    double measuredUnknown() {
        return unknown(validation);
    }

    private static double unknown(int[] numbers) {
        return (double) Arrays.stream(numbers).filter(each -> each == 0).count() / numbers.length;
    }

    /** Returns the text that is trained on, in streams. */
    Streams training(int rows, int steps) {
        return Streams.of(train, rows, steps);
    }

    /** Returns the text that is measured on as one stream, so that every symbol of it but the first is told. */
    Streams measured(int steps) {
        return Streams.of(validation, 1, steps);
    }

    /** Returns as much of the text that is trained on, from its beginning, so that both figures are as certain. */
    Streams trainedMeasured(int steps) {
        return Streams.of(Arrays.copyOf(train, Math.min(train.length, validation.length)), 1, steps);
    }

    /** Returns the SHA-256 of all that training sees of the text, in hexadecimal: the vocabulary, and the numbers of both parts. */
    String sha256() {
        Hasher hasher = Hashing.sha256().newHasher().putInt(vocabulary.size());
        for (String symbol : vocabulary.symbols()) {
            hasher.putInt(symbol.length()).putUnencodedChars(symbol);
        }
        for (int[] part : List.of(train, validation)) {
            hasher.putInt(part.length);
            Arrays.stream(part).forEach(hasher::putInt);
        }
        return hasher.hash().toString();
    }

    /** Returns the perplexity of the frequencies in training, on the symbols that the model is measured on. */
    double unigramPerplexity() {
        return vocabulary.unigramPerplexity(train, validation, 1);
    }
}
