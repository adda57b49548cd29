package dev.unfold.examples.text;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMultiset;
import com.google.common.collect.Multiset;
import com.google.common.collect.Multisets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** The symbols that a model knows, by numbers: 0 for all that it does not, then from the most frequent on. */
final class Vocabulary {
    /** What stands for every symbol that is not known. */
    static final String UNKNOWN = "<unk>";

    private static final int MOST_NEAR = 5;
    /** A near match has at most one edit in so many characters. */
    private static final int CHARACTERS_PER_EDIT = 3;

    private final ImmutableList<String> symbols;
    private final Map<String, Integer> numbers = new HashMap<>();

    /**
     * Makes a vocabulary of symbols in order.
     *
     * @throws IllegalArgumentException where the first is not that of the unknown, there is no other, or one comes twice
     */
    Vocabulary(List<String> symbols) {
        this.symbols = ImmutableList.copyOf(symbols);
        for (String symbol : symbols) {
            numbers.put(symbol, numbers.size());
        }
        if (symbols.size() < 2 || !symbols.get(0).equals(UNKNOWN) || numbers.size() < symbols.size()) {
            throw new IllegalArgumentException("vocabulary: it has " + symbols.size() + " symbols, " + numbers.size()
                    + " of them different; expected " + UNKNOWN + " and then others, each once");
        }
    }

    /**
     * Returns the most frequent symbols of a text, of equally frequent ones those that come first.
     *
     * @param most how many at most
     * @param minCount how often they come at least
     * @throws IllegalArgumentException where there is none
     */
    static Vocabulary of(List<String> text, int most, int minCount) {
        Multiset<String> counted =
                text.stream().filter(each -> !each.equals(UNKNOWN)).collect(ImmutableMultiset.toImmutableMultiset());
        List<String> frequent = Multisets.copyHighestCountFirst(counted).entrySet().stream()
                .filter(each -> each.getCount() >= minCount)
                .limit(most)
                .map(Multiset.Entry::getElement)
                .toList();
        return new Vocabulary(
                ImmutableList.<String>builder().add(UNKNOWN).addAll(frequent).build());
    }

    /** Returns how many there are, with that of the unknown. */
    int size() {
        return symbols.size();
    }

    /** Returns all of them, in order. */
    List<String> symbols() {
        return symbols;
    }

    /** Returns the number of a symbol, 0 where it is not known. */
    int number(String symbol) {
        return Objects.requireNonNullElse(numbers.get(symbol), 0);
    }

    /** Returns the numbers of symbols. */
    int[] numbers(List<String> text) {
        return text.stream().mapToInt(this::number).toArray();
    }

    /** Returns the symbol of a number. */
    String symbol(int number) {
        return symbols.get(number);
    }

    /** Returns the known symbols that differ from one that is not by a few letters, the nearest and most frequent first. */
    List<String> near(String symbol) {
        int limit = (symbol.length() + 1) / CHARACTERS_PER_EDIT;
        LevenshteinDistance distance = new LevenshteinDistance(limit);
        return symbols.stream()
                .skip(1)
                .filter(each -> limit > 0 && distance.apply(symbol, each) >= 0)
                .sorted(Comparator.comparing(each -> distance.apply(symbol, each)))
                .limit(MOST_NEAR)
                .toList();
    }

    /**
     * Returns the perplexity of a text where every symbol is as likely as it was frequent in another, each counted once more than it came.
     *
     * @param train numbers of the text that is counted
     * @param text numbers of the text that is measured
     * @param from the first that is measured
     */
    double unigramPerplexity(int[] train, int[] text, int from) {
        long[] counts = new long[size()];
        for (int number : train) {
            counts[number]++;
        }
        double all = (double) train.length + size();
        double loss = IntStream.range(from, text.length)
                .mapToDouble(i -> -StrictMath.log((counts[text[i]] + 1) / all))
                .sum();
        return StrictMath.exp(loss / (text.length - from));
    }
}
