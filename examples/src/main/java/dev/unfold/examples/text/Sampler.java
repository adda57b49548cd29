package dev.unfold.examples.text;

import com.google.common.collect.Comparators;
import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.unroll.StepResult;
import dev.unfold.rnn.unroll.Stepper;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Writes texts by a model, symbol by symbol: each is drawn by the probabilities that the model gives it behind those before, and is never
 * the unknown one.
 *
 * @param temperature by which logits are divided: below 1 for likely symbols more often, above 1 for unlikely ones
 * @param topK how many of the likeliest symbols to draw from; 1 is greedy
 */
record Sampler(double temperature, int topK) {
    /** Always the likeliest symbol, of equal ones the most frequent. */
    static final Sampler GREEDY = new Sampler(1, 1);

    /**
     * Writes texts. That of a number is the same however many there are, and is the first with the seed that much higher.
     *
     * @param prompt what they begin with, at least one symbol that the model knows
     * @param length how many symbols follow
     * @param samples how many texts
     * @param seed of the draws
     * @return the texts, prompt and all
     */
    List<String> write(TextModel text, List<String> prompt, int length, int samples, int seed) {
        Stepper stepper = text.model().stepper();
        List<List<String>> written = new ArrayList<>();
        List<NumpyRandom> random = new ArrayList<>();
        for (int i = 0; i < samples; i++) {
            written.add(new ArrayList<>(prompt));
            random.add(new NumpyRandom((seed + i) & Integer.MAX_VALUE));
        }
        DetachedState state = text.model().start(samples);
        Tensor symbols = Tensor.zeros(DType.INT32, samples);
        for (int at = 0; at < prompt.size() + length - 1; at++) {
            for (int row = 0; row < samples; row++) {
                symbols.setFlat(row, text.vocabulary().number(written.get(row).get(at)));
            }
            StepResult step = stepper.next(symbols, state);
            state = step.state();
            for (int row = 0; row < samples && at >= prompt.size() - 1; row++) {
                int chosen = choose(step.output().at(row), random.get(row));
                written.get(row).add(text.vocabulary().symbol(chosen));
            }
        }
        return written.stream().map(text.tokens()::text).toList();
    }

    /**
     * Draws a symbol; one number from the generator, whatever comes.
     *
     * @param logits {@code [V]}
     */
    int choose(Tensor logits, NumpyRandom random) {
        int[] likeliest = likeliest(logits);
        double most = logits.getFlat(likeliest[0]);
        double[] weights = new double[likeliest.length];
        double all = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = StrictMath.exp((logits.getFlat(likeliest[i]) - most) / temperature);
            all += weights[i];
        }
        double left = random.nextDouble() * all;
        int at = 0;
        while (at < weights.length - 1 && left >= weights[at]) {
            left -= weights[at++];
        }
        return likeliest[at];
    }

    /** Returns the symbols to draw from, the likeliest first. */
    private int[] likeliest(Tensor logits) {
        Comparator<Integer> likelier =
                Comparator.comparingDouble((Integer i) -> logits.getFlat(i)).thenComparing(Comparator.reverseOrder());
        return IntStream.range(1, logits.size())
                .boxed()
                .collect(Comparators.greatest(Math.min(topK, logits.size() - 1), likelier))
                .stream()
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
