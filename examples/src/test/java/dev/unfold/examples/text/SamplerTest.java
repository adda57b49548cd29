package dev.unfold.examples.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.examples.mnist.CellKind;
import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.init.NumpyRandom;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerTest {
    private static final int ALL = Integer.MAX_VALUE;
    private static final int DRAWS = 40_000;
    private static final List<String> SYMBOLS = List.of("<unk>", "a", "b", "c", "d", "e");

    private static IntStream seeds() {
        return IntStream.range(0, 100);
    }

    /** The unknown symbol is the likeliest of all. */
    private static Tensor logits(int seed) {
        Tensor logits = Tensor.of(new NumpyRandom(seed).randn(SYMBOLS.size()), SYMBOLS.size());
        logits.set(9, 0);
        return logits;
    }

    private static int likeliest(Tensor logits) {
        return IntStream.range(1, logits.size())
                .reduce((a, b) -> logits.getFlat(b) > logits.getFlat(a) ? b : a)
                .orElseThrow();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void no_temperature_and_one_of_the_likeliest_should_be_greedy(int seed) {
        Tensor logits = logits(seed);
        NumpyRandom random = new NumpyRandom(seed + 1000);
        int expected = likeliest(logits);
        assertThat(Sampler.GREEDY.choose(logits, random))
                .as("greedy, seed %d", seed)
                .isEqualTo(expected);
        assertThat(new Sampler(3, 1).choose(logits, random))
                .as("top 1, seed %d", seed)
                .isEqualTo(expected);
        for (double cold : new double[] {1e-5, 1e-300, Double.MIN_VALUE}) {
            assertThat(new Sampler(cold, ALL).choose(logits, random))
                    .as("temperature %s, seed %d", cold, seed)
                    .isEqualTo(expected);
        }
    }

    @Test
    void greedy_should_choose_the_first_of_equals() {
        Tensor logits = Tensor.of(new double[] {5, 1, 2, 2, 2}, 5);
        assertThat(Sampler.GREEDY.choose(logits, new NumpyRandom(1))).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 1, 2})
    void symbols_should_come_as_often_as_the_softmax_says(double temperature) {
        Tensor logits = logits(3);
        double[] expected = new double[SYMBOLS.size()];
        for (int i = 1; i < expected.length; i++) {
            expected[i] = Math.exp(logits.getFlat(i) / temperature);
        }
        checkFrequencies(new Sampler(temperature, ALL), logits, expected);
    }

    @Test
    void only_the_likeliest_should_come_and_as_often_as_their_softmax_says() {
        Tensor logits = Tensor.of(new double[] {9, 0.5, -1, 1, 0.2, 0}, 6);
        checkFrequencies(new Sampler(1, 3), logits, new double[] {0, Math.exp(0.5), 0, Math.exp(1), Math.exp(0.2), 0});
    }

    private static void checkFrequencies(Sampler sampler, Tensor logits, double[] weights) {
        NumpyRandom random = new NumpyRandom(8);
        int[] counts = new int[weights.length];
        for (int i = 0; i < DRAWS; i++) {
            counts[sampler.choose(logits, random)]++;
        }
        double all =
                IntStream.range(0, weights.length).mapToDouble(i -> weights[i]).sum();
        for (int i = 0; i < weights.length; i++) {
            double p = weights[i] / all;
            double deviation = Math.sqrt(p * (1 - p) / DRAWS);
            assertThat((double) counts[i] / DRAWS).as(SYMBOLS.get(i)).isEqualTo(p, within(4 * deviation));
        }
    }

    private static TextModel model(Tokens tokens) {
        return new TextModel(
                new TextModel.Shape(tokens, CellKind.GRU, 4, 6, 2, 0.5, DType.FLOAT32),
                new Vocabulary(SYMBOLS),
                "a",
                5);
    }

    @ParameterizedTest
    @EnumSource(Tokens.class)
    void a_seed_should_give_its_text_however_many_there_are(Tokens tokens) {
        Sampler sampler = new Sampler(1, ALL);
        TextModel model = model(tokens);
        List<String> texts = sampler.write(model, List.of("a", "b"), 30, 3, 7);
        assertThat(texts).hasSize(3).doesNotHaveDuplicates();
        assertThat(sampler.write(model(tokens), List.of("a", "b"), 30, 3, 7)).isEqualTo(texts);
        assertThat(sampler.write(model, List.of("a", "b"), 30, 1, 9)).containsExactly(texts.get(2));
        assertThat(texts).allSatisfy(text -> {
            List<String> symbols = tokens.of(text);
            assertThat(symbols).hasSize(32).startsWith("a", "b").doesNotContain("<unk>");
        });
    }

    /** What the model thinks of the whole text at once. */
    @Test
    void greedy_text_should_be_what_the_whole_run_finds_likeliest() {
        TextModel model = model(Tokens.CHARACTERS);
        String text = Sampler.GREEDY.write(model, List.of("c", "a"), 25, 1, 7).get(0);
        int[] numbers = model.vocabulary().numbers(Tokens.CHARACTERS.of(text));
        Tensor logits = model.model()
                .over(Graph.inference().input(Tensor.of(numbers, numbers.length, 1)))
                .logits()
                .value();
        for (int t = 1; t < numbers.length - 1; t++) {
            assertThat(numbers[t + 1])
                    .as("behind symbol %d", t)
                    .isEqualTo(likeliest(logits.at(t).at(0)));
        }
    }
}
