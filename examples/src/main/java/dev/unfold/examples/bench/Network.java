package dev.unfold.examples.bench;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import java.util.List;

/** A model with a loss. */
interface Network {
    /** Records the mean loss of a batch: the same whether it runs at once or is planned. */
    Node loss(Graph graph, List<Tensor> batch);

    /** Is told that the first batch comes next. */
    default void begin() {}

    /** Is told that a batch has been trained on, while the values of its nodes can still be read. */
    default void trained() {}
}
