package dev.unfold.examples.bench;

import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DropoutCell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.model.LanguageModel;
import dev.unfold.rnn.optim.Adam;
import dev.unfold.rnn.optim.Optimizer;
import dev.unfold.rnn.optim.Sgd;
import dev.unfold.rnn.unroll.Unroll;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A language model of LSTM layers.
 *
 * @param recipe how it is trained
 * @param vocabulary V
 * @param embedding E
 * @param hidden H
 * @param steps T
 * @param rows N
 * @param batches how many there are
 */
record LanguageModelling(
        String name, Recipe recipe, int vocabulary, int embedding, int hidden, int steps, int rows, int batches)
        implements Workload {
    /** Two ways in which language models are trained. */
    enum Recipe {
        /** One layer, batches on their own, Adam. */
        SENTENCES,
        /** Two layers with dropout between them, streams cut into batches with the state carried, clipped gradient descent. */
        STREAMS
    }

    private static final double KEEP = 0.8;
    private static final double CLIP_NORM = 0.25;
    private static final double STREAMS_RATE = 1;
    private static final double SENTENCES_RATE = 5e-4;

    private int layers() {
        return recipe == Recipe.STREAMS ? 2 : 1;
    }

    @Override
    public String unit() {
        return "tokens/s";
    }

    @Override
    public double operations() {
        return Products.lstm(embedding, hidden)
                + (layers() - 1) * Products.lstm(hidden, hidden)
                + Products.product(hidden, vocabulary);
    }

    @Override
    public Run start(Setup setup) {
        Parameters p = setup.parameters("language");
        Map<String, Tensor> carried = new LinkedHashMap<>();
        List<Unroll> layers = new ArrayList<>();
        for (int i = 0; i < layers(); i++) {
            layers.add(setup.unroll(layer(p.below("layer" + i), i), steps, rows));
            if (recipe == Recipe.STREAMS) {
                carried.put(i + ".h", Tensor.zeros(DType.FLOAT32, rows, hidden));
                carried.put(i + ".c", Tensor.zeros(DType.FLOAT32, rows, hidden));
            }
        }
        LanguageModel model = new LanguageModel(p, vocabulary, Unroll.stacked(layers));
        Optimizer optimizer = recipe == Recipe.STREAMS
                ? new Sgd(model.parameters(), STREAMS_RATE)
                : new Adam(model.parameters(), SENTENCES_RATE);
        double maxNorm = recipe == Recipe.STREAMS ? CLIP_NORM : Double.POSITIVE_INFINITY;
        return new Training(
                setup, new StreamedText(model, carried), optimizer, maxNorm, batches(carried), steps * rows * batches);
    }

    private Cell layer(Parameters p, int number) {
        LstmCell cell = new LstmCell(p, number == 0 ? embedding : hidden, hidden);
        return number == layers() - 1
                ? cell
                : new DropoutCell(p, cell, DropoutCell.options().output(KEEP));
    }

    private List<Tensor[]> batches(Map<String, Tensor> carried) {
        Tensor stream = new MadeUp().choices(vocabulary, batches * steps + 1, rows);
        List<Tensor[]> made = new ArrayList<>();
        for (int from = 0; from < batches * steps; from += steps) {
            List<Tensor> batch = new ArrayList<>();
            batch.add(stream.slice(from, from + steps));
            batch.add(stream.slice(from + 1, from + steps + 1));
            batch.addAll(carried.values());
            made.add(batch.toArray(new Tensor[0]));
        }
        return made;
    }
}
