package dev.unfold.examples.bench;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.layer.Dense;
import dev.unfold.rnn.layer.Embedding;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.unroll.Unrolled;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The next word after every word. A batch holds words and the words after them, both int32 {@code [T, N]}, then what the first step begins
 * with, a tensor for each field of the state: constants, so that gradients end there. The values that the last step leaves are written into
 * those tensors, with which the next batch goes on. All batches are of one size, so that a plan is recorded once and the nodes of that
 * recording hold what each batch leaves.
 */
final class LanguageModel implements Network {
    private static final int FIRST_OF_STATE = 2;

    private final Embedding words;
    private final Unroll unroll;
    private final Dense next;
    private final Map<String, Tensor> carried;
    private State left = State.EMPTY;

    /**
     * Makes a model.
     *
     * @param carried the state that goes from batch to batch, in the order of the tensors of a batch; empty where each begins anew
     */
    LanguageModel(Embedding words, Unroll unroll, Dense next, Map<String, Tensor> carried) {
        this.words = words;
        this.unroll = unroll;
        this.next = next;
        this.carried = carried;
    }

    List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>(words.parameters());
        all.addAll(unroll.parameters());
        all.addAll(next.parameters());
        return all;
    }

    @Override
    public Node loss(Graph graph, List<Tensor> batch) {
        Node vectors = words.of(graph.input(batch.get(0)));
        Unrolled run = start(graph, batch).over(vectors);
        left = run.finalNodes();
        return Ops.crossEntropy(next.of(run.outputs()), graph.input(batch.get(1)));
    }

    private Unroll start(Graph graph, List<Tensor> batch) {
        if (carried.isEmpty()) {
            return unroll;
        }
        State state = State.EMPTY;
        int input = FIRST_OF_STATE;
        for (String field : carried.keySet()) {
            state = state.with(field, graph.input(batch.get(input++)));
        }
        return unroll.from(state);
    }

    @Override
    public void begin() {
        carried.values().forEach(each -> each.fill(0));
    }

    @Override
    public void trained() {
        carried.forEach((field, value) -> value.copyFrom(left.get(field).value()));
    }
}
