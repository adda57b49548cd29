package dev.unfold.tribuo;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.model.SequenceClassifier;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Unroll;
import java.util.List;
import java.util.function.Function;

/**
 * A label for a whole grid, the rows of which are the steps. Of {@link Grids}, a batch is inputs {@code [T, N, D]} and labels {@code [N]}.
 *
 * @param dropout the share of the numbers of each input that is dropped in training
 */
record GridNetwork(CellStack cells, SequenceClassifier classifier, double dropout) implements Network {
    private static final long DROPOUT_KEY = 1;

    static GridNetwork of(Parameters parameters, Architecture architecture, int labels, RecurrentOptions drops) {
        CellStack cells = new CellStack(parameters, architecture, drops.dropout(), drops.recurrentDropout());
        SequenceClassifier classifier =
                new SequenceClassifier(parameters.below("output"), cells.unroll(Unroll::dynamic), labels);
        return new GridNetwork(cells, classifier, drops.inputDropout());
    }

    @Override
    public List<Parameter> parameters() {
        return classifier.parameters();
    }

    @Override
    public Network unrolled(Function<Cell, Unroll> mode) {
        return new GridNetwork(cells, classifier.unrolled(cells.unroll(mode)), dropout);
    }

    @Override
    public Node logits(Graph graph, List<Tensor> batch) {
        Node inputs = graph.input(batch.get(0));
        return classifier.logits(Ops.dropout(inputs, 1 - dropout, DROPOUT_KEY), Lengths.full());
    }

    @Override
    public Node loss(Graph graph, List<Tensor> batch) {
        return Ops.crossEntropy(logits(graph, batch), graph.input(batch.get(1)));
    }
}
