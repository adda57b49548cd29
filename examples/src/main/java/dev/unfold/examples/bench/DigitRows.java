package dev.unfold.examples.bench;

import dev.unfold.examples.bench.SentenceTagging.CellMaker;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.model.SequenceClassifier;
import dev.unfold.rnn.optim.Adam;
import java.util.ArrayList;
import java.util.List;

/**
 * Images as sequences of rows, or of pixels: the last output goes to ten classes, and Adam trains.
 *
 * @param cell makes the cell
 * @param gates of the cell
 * @param steps T
 * @param columns D, numbers in a step
 * @param hidden H
 * @param rows N, images in a batch
 * @param batches how many there are
 * @param tellsBytes whether memory is to be told
 */
record DigitRows(
        String name,
        CellMaker cell,
        int gates,
        int steps,
        int columns,
        int hidden,
        int rows,
        int batches,
        boolean tellsBytes)
        implements Workload {
    private static final int CLASSES = 10;
    private static final double LEARNING_RATE = 1e-3;

    @Override
    public String unit() {
        return "images/s";
    }

    @Override
    public double operations() {
        return steps * Products.cell(gates, columns, hidden) + Products.product(hidden, CLASSES);
    }

    @Override
    public Run start(Setup setup) {
        Parameters p = setup.parameters("digits");
        SequenceClassifier classifier = new SequenceClassifier(
                p.below("output"), setup.unroll(cell.make(p.below("rnn"), columns, hidden), steps, rows), CLASSES);
        MadeUp data = new MadeUp();
        List<Tensor[]> made = new ArrayList<>();
        for (int batch = 0; batch < batches; batch++) {
            made.add(new Tensor[] {data.pixels(steps, rows, columns), data.choices(CLASSES, rows)});
        }
        return new Training(
                setup,
                (graph, batch) -> classifier.loss(graph, batch.get(0), batch.get(1)),
                new Adam(classifier.parameters(), LEARNING_RATE),
                made,
                rows * batches);
    }
}
