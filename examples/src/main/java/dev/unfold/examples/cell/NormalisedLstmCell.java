package dev.unfold.examples.cell;

import static dev.unfold.ops.Ops.layerNorm;
import static dev.unfold.ops.Ops.matmul;
import static dev.unfold.ops.Ops.sigmoid;
import static dev.unfold.ops.Ops.split;
import static dev.unfold.ops.Ops.tanh;
import static dev.unfold.rnn.init.Initializers.blocks;
import static dev.unfold.rnn.init.Initializers.orthogonal;
import static dev.unfold.rnn.init.Initializers.uniform;
import static dev.unfold.rnn.init.Initializers.xavierUniform;

import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.rnn.cell.AbstractCell;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.StateSpec;
import dev.unfold.rnn.cell.Step;
import dev.unfold.rnn.init.Parameters;
import java.util.List;

/** LSTM with layer normalisation, J. L. Ba et al. 2016, without gains; gate order i, f, g, o. x [N, D], h and c [N, H]. */
public final class NormalisedLstmCell extends AbstractCell {
    private final Parameter w, u, b;

    public NormalisedLstmCell(Parameters p, int input, int hidden) {
        super(p, input, hidden);
        w = p.make("w", blocks(4, xavierUniform(1)), input, 4 * hidden);
        u = p.make("u", blocks(4, orthogonal(1)), hidden, 4 * hidden);
        b = p.make("b", uniform(-0.1, 0.1), 4 * hidden); // not 0: a row of zeros would have no variance
    }

    @Override
    public StateSpec stateSpec() {
        return StateSpec.of("h", outputSize()).and("c", outputSize());
    }

    @Override
    public Step step(Node x, State state) {
        Node fromX = layerNorm(matmul(x, w));
        Node fromH = layerNorm(matmul(state.get("h"), u));
        List<Node> gates = split(fromX.plus(fromH).plus(b), 1, 4);
        Node remembered = sigmoid(gates.get(1)).times(state.get("c"));
        Node c = remembered.plus(sigmoid(gates.get(0)).times(tanh(gates.get(2))));
        Node h = sigmoid(gates.get(3)).times(tanh(layerNorm(c)));
        return Step.of(h, State.of("h", h, "c", c));
    }
}
