package dev.unfold.examples.bench;

import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.layer.Dense;
import dev.unfold.rnn.layer.Embedding;
import dev.unfold.rnn.optim.Adam;
import dev.unfold.rnn.unroll.Merge;
import dev.unfold.rnn.unroll.Unroll;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Tagging in batches of ragged sentences, by an LSTM each way and Adam. Real words count, padding does not.
 *
 * @param vocabulary V
 * @param embedding E
 * @param hidden H, each way
 * @param tags K
 * @param rows N, sentences in a batch
 * @param batches how many there are
 */
record BatchTagging(String name, int vocabulary, int embedding, int hidden, int tags, int rows, int batches)
        implements Workload {
    private static final int SHORTEST = 5;
    private static final int LONGEST = 45;
    private static final double LEARNING_RATE = 1e-3;

    @Override
    public String unit() {
        return "tokens/s";
    }

    @Override
    public double operations() {
        return 2 * Products.lstm(embedding, hidden) + Products.product(2 * hidden, tags);
    }

    @Override
    public Run start(Setup setup) {
        Parameters p = setup.parameters("tagger");
        LstmCell forward = new LstmCell(p.below("forward"), embedding, hidden);
        LstmCell backward = new LstmCell(p.below("backward"), embedding, hidden);
        Unroll bothWays = Unroll.bidirectional(
                setup.unroll(forward, LONGEST, rows), setup.unroll(backward, LONGEST, rows), Merge.CONCAT);
        Tagger tagger = new Tagger(
                new Embedding(p.below("words"), vocabulary, embedding),
                bothWays,
                new Dense(p.below("tags"), 2 * hidden, tags));
        MadeUp data = new MadeUp();
        List<Tensor[]> made = new ArrayList<>();
        int words = 0;
        for (int batch = 0; batch < batches; batch++) {
            int[] lengths = data.lengths(rows, SHORTEST, LONGEST);
            int steps = Arrays.stream(lengths).max().orElse(0);
            words += Arrays.stream(lengths).sum();
            made.add(new Tensor[] {
                data.choices(vocabulary, steps, rows), data.choices(tags, steps, rows), Tensor.of(lengths, rows)
            });
        }
        return new Training(setup, tagger, new Adam(tagger.parameters(), LEARNING_RATE), made, words);
    }
}
