package dev.unfold.rnn.train;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.model.LanguageModel;
import dev.unfold.rnn.train.Streams.Batch;
import java.util.ArrayList;
import java.util.List;

/**
 * A long sequence of symbols cut into N streams that follow on one another, and these into batches of T steps: row n of a batch goes on
 * where row n of the one before ended. Every epoch has the same batches.
 *
 * @param batches in order; the last may have fewer steps
 */
public record Streams(List<Batch> batches) implements Batches<Batch> {
    /**
     * Some steps of all streams.
     *
     * @param tokens int32 {@code [T, N]}
     * @param next the symbols behind them, likewise
     */
    public record Batch(Tensor tokens, Tensor next) {
        /** Returns how many symbols there are to be told. */
        public int count() {
            return next.size();
        }
    }

    /** Copies the list. */
    public Streams {
        batches = List.copyOf(batches);
    }

    /**
     * Cuts a sequence of L symbols into streams of (L - 1) / N. Fewer than N symbols at its end are left over.
     *
     * @param symbols the sequence
     * @param rows N, how many streams, at least 1
     * @param steps T, how many steps a batch has at most, at least 1
     * @throws IllegalArgumentException for a sequence without a step for each stream, or less than one stream or step
     */
    public static Streams of(int[] symbols, int rows, int steps) {
        if (rows < 1 || steps < 1) {
            throw new IllegalArgumentException(
                    "streams: " + rows + " streams in batches of " + steps + " steps; expected at least one of each");
        }
        int length = (symbols.length - 1) / rows;
        if (length < 1) {
            throw new IllegalArgumentException("streams: there are " + symbols.length + " symbols for " + rows
                    + " streams; expected one for each and one more; cut it into fewer streams");
        }
        List<Batch> batches = new ArrayList<>();
        for (int from = 0; from < length; from += steps) {
            int height = Math.min(steps, length - from);
            batches.add(new Batch(
                    batch(symbols, rows, length, from, height), batch(symbols, rows, length, from + 1, height)));
        }
        return new Streams(batches);
    }

    private static Tensor batch(int[] symbols, int rows, int length, int from, int height) {
        Tensor batch = Tensor.zeros(DType.INT32, height, rows);
        for (int t = 0; t < height; t++) {
            for (int row = 0; row < rows; row++) {
                batch.ints()[t * rows + row] = symbols[row * length + from + t];
            }
        }
        return batch;
    }

    /** Returns N, how many streams there are. */
    public int rows() {
        return batches.get(0).tokens().shape().dim(1);
    }

    @Override
    public List<Batch> of(int epoch) {
        return batches;
    }

    /** Returns how many symbols of the batch are to be told. */
    @Override
    public double weight(Batch batch) {
        return batch.count();
    }

    /** Measures how well a model tells these streams: each from its beginning to its end, its state carried from batch to batch. */
    public Score score(LanguageModel model) {
        Graph graph = Graph.inference();
        DetachedState state = model.start(rows());
        Score score = Score.NONE;
        for (Batch batch : batches) {
            graph.reset();
            LanguageModel.Run run = model.from(state).over(graph.input(batch.tokens()));
            Node loss = run.loss(graph.input(batch.next()));
            score = score.plus(Score.of(loss.item(), run.logits().value(), batch.next()));
            state = run.finalState();
        }
        return score;
    }
}
