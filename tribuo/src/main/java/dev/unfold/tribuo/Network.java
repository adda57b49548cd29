package dev.unfold.tribuo;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.unroll.LengthBuckets;
import dev.unfold.rnn.unroll.Unroll;
import java.util.List;
import java.util.function.Function;

/** A network over batches that {@link Samples} make. Its methods change nothing in it. */
interface Network {
    /** Examples that are looked at together, without training. */
    int ROWS_AT_ONCE = 64;

    /** The greatest share of padding where examples are looked at together. */
    double PADDING = 0.5;

    /** Returns all parameters in the order in which they are made, and written down. */
    List<Parameter> parameters();

    /** Returns this with the same parameters, unrolled in another mode. */
    Network unrolled(Function<Cell, Unroll> mode);

    /** Records the logits of a batch, {@code [N, K]} or {@code [T, N, K]}. */
    Node logits(Graph graph, List<Tensor> batch);

    /** Records the mean cross entropy of the labels of a batch. */
    Node loss(Graph graph, List<Tensor> batch);

    /** Is shown batch after batch. */
    interface Visitor {
        /** Looks at a batch, on a graph that is its own until the next. */
        void visit(LengthBuckets.Batch samples, Graph graph, List<Tensor> batch);
    }

    /** Goes through samples in batches of like lengths; those without steps are left out. What comes out does not depend on the batches. */
    static void visit(Samples samples, Visitor visitor) {
        Graph graph = Graph.inference();
        for (LengthBuckets.Batch each :
                LengthBuckets.of(samples.lengths(), ROWS_AT_ONCE, PADDING).batches()) {
            if (each.steps() > 0) {
                graph.reset();
                visitor.visit(each, graph, List.of(samples.batch(each.sequences(), 0)));
            }
        }
    }
}
