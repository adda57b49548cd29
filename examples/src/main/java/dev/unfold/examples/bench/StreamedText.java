package dev.unfold.examples.bench;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.model.LanguageModel;
import java.util.List;
import java.util.Map;

/**
 * The next word after every word. A batch holds words and the words after them, both int32 {@code [T, N]}, then what the first step begins
 * with, a tensor for each field of the state: constants, so that gradients end there. The values that the last step leaves are written into
 * those tensors, with which the next batch goes on. All batches are of one size, so that a plan is recorded once and the nodes of that
 * recording hold what each batch leaves.
 */
final class StreamedText implements Network {
    private static final int FIRST_OF_STATE = 2;

    private final LanguageModel model;
    private final Map<String, Tensor> carried;
    private State left = State.EMPTY;

    /**
     * Makes a network.
     *
     * @param carried the state that goes from batch to batch, in the order of the tensors of a batch; empty where each begins anew
     */
    StreamedText(LanguageModel model, Map<String, Tensor> carried) {
        this.model = model;
        this.carried = carried;
    }

    @Override
    public Node loss(Graph graph, List<Tensor> batch) {
        LanguageModel.Run run = start(graph, batch).over(graph.input(batch.get(0)));
        left = run.finalNodes();
        return run.loss(graph.input(batch.get(1)));
    }

    private LanguageModel start(Graph graph, List<Tensor> batch) {
        if (carried.isEmpty()) {
            return model;
        }
        State state = State.EMPTY;
        int input = FIRST_OF_STATE;
        for (String field : carried.keySet()) {
            state = state.with(field, graph.input(batch.get(input++)));
        }
        return model.from(state);
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
