package dev.unfold.examples.bench;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.CrossEntropy;
import dev.unfold.rnn.layer.Dense;
import dev.unfold.rnn.layer.Embedding;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.unroll.Unrolled;
import java.util.ArrayList;
import java.util.List;

/**
 * A tag for every word. A batch holds words and tags, both int32 {@code [T, N]}, and, unless all its sentences are of one length, int32
 * lengths {@code [N]}.
 */
record Tagger(Embedding words, Unroll unroll, Dense tags) implements Network {
    List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>(words.parameters());
        all.addAll(unroll.parameters());
        all.addAll(tags.parameters());
        return all;
    }

    @Override
    public Node loss(Graph graph, List<Tensor> batch) {
        Node vectors = words.of(graph.input(batch.get(0)));
        Node right = graph.input(batch.get(1));
        if (batch.size() == 2) {
            return CrossEntropy.meanOverTokens().of(tags.of(unroll.over(vectors).outputs()), right);
        }
        Unrolled run = unroll.over(vectors, Lengths.of(batch.get(2)));
        return CrossEntropy.meanOverTokens().lengths(graph.input(batch.get(2))).of(tags.of(run.outputs()), right);
    }
}
