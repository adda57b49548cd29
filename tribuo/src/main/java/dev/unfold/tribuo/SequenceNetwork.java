package dev.unfold.tribuo;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.init.Initializers;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.layer.Embedding;
import dev.unfold.rnn.model.SequenceTagger;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Unroll;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A label for every step: vectors of features, times their values, are summed and go through the cells. Of {@link Sequences}, a batch is
 * indices and values, both {@code [T, N, F]}, lengths {@code [N]} and labels {@code [T, N]}.
 *
 * @param dropout the share of the numbers of each input that is dropped in training
 */
record SequenceNetwork(Embedding features, CellStack cells, SequenceTagger tagger, double dropout) implements Network {
    private static final long DROPOUT_KEY = 1;

    static SequenceNetwork of(
            Parameters parameters, Architecture architecture, int features, int labels, RecurrentOptions drops) {
        double bound = Math.sqrt(3.0 / architecture.inputSize()); // a vector's expected length is 1
        Embedding embedding = new Embedding(
                parameters.below("features"), features, architecture.inputSize(), Initializers.uniform(-bound, bound));
        CellStack cells = new CellStack(parameters, architecture, drops.dropout(), drops.recurrentDropout());
        SequenceTagger tagger = new SequenceTagger(parameters.below("output"), cells.unroll(Unroll::dynamic), labels);
        return new SequenceNetwork(embedding, cells, tagger, drops.inputDropout());
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>(features.parameters());
        all.addAll(tagger.parameters());
        return List.copyOf(all);
    }

    @Override
    public Network unrolled(Function<Cell, Unroll> mode) {
        return unrolled(cells.unroll(mode));
    }

    /** Returns this with the same parameters, unrolled by what has them too. */
    SequenceNetwork unrolled(Unroll other) {
        return new SequenceNetwork(features, cells, tagger.unrolled(other), dropout);
    }

    private Node inputs(Graph graph, List<Tensor> batch) {
        Node sums = features.sum(graph.input(batch.get(0)), graph.input(batch.get(1)));
        return Ops.dropout(sums, 1 - dropout, DROPOUT_KEY);
    }

    @Override
    public Node logits(Graph graph, List<Tensor> batch) {
        return tagger.logits(inputs(graph, batch), Lengths.of(batch.get(2)));
    }

    @Override
    public Node loss(Graph graph, List<Tensor> batch) {
        return tagger.loss(inputs(graph, batch), batch.get(2), batch.get(3));
    }
}
