package dev.unfold.examples.bench;

import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.layer.Dense;
import dev.unfold.rnn.layer.Embedding;
import dev.unfold.rnn.optim.Sgd;
import java.util.ArrayList;
import java.util.List;

/**
 * Tagging sentence by sentence, one update for each, by gradient descent.
 *
 * @param cell makes the cell
 * @param vocabulary V
 * @param embedding E
 * @param hidden H
 * @param tags K
 * @param sentences how many there are, of lengths uniform from 2 to 14
 */
record SentenceTagging(String name, CellMaker cell, int vocabulary, int embedding, int hidden, int tags, int sentences)
        implements Workload {
    private static final int SHORTEST = 2;
    private static final int LONGEST = 14;
    private static final double LEARNING_RATE = 0.1;

    /** Makes a cell. */
    interface CellMaker {
        Cell make(Parameters parameters, int inputSize, int hiddenSize);
    }

    @Override
    public String unit() {
        return "sentences/s";
    }

    @Override
    public double operations() {
        return 0;
    }

    @Override
    public Run start(Setup setup) {
        Parameters p = setup.parameters("tagger");
        Cell made = cell.make(p.below("rnn"), embedding, hidden);
        Tagger tagger = new Tagger(
                new Embedding(p.below("words"), vocabulary, embedding),
                setup.unroll(made, LONGEST, 1),
                new Dense(p.below("tags"), hidden, tags, false));
        MadeUp data = new MadeUp();
        List<Tensor[]> batches = new ArrayList<>();
        for (int length : data.lengths(sentences, SHORTEST, LONGEST)) {
            batches.add(new Tensor[] {data.choices(vocabulary, length, 1), data.choices(tags, length, 1)});
        }
        return new Training(setup, tagger, new Sgd(tagger.parameters(), LEARNING_RATE), batches, sentences);
    }
}
