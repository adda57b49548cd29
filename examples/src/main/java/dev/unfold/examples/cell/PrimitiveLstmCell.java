package dev.unfold.examples.cell;

import static dev.unfold.ops.Ops.addmm;
import static dev.unfold.ops.Ops.affine;
import static dev.unfold.ops.Ops.sigmoid;
import static dev.unfold.ops.Ops.split;
import static dev.unfold.ops.Ops.tanh;
import static dev.unfold.rnn.init.Initializers.blocks;
import static dev.unfold.rnn.init.Initializers.orthogonal;
import static dev.unfold.rnn.init.Initializers.xavierUniform;
import static dev.unfold.rnn.init.Initializers.zeros;

import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.rnn.cell.AbstractCell;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.StateSpec;
import dev.unfold.rnn.cell.Step;
import dev.unfold.rnn.init.Parameters;
import java.util.List;

/** Long short-term memory from its equations, in gate order i, f, g, o: what the library's own is measured against. x [N, D], h and c [N, H]. */
public final class PrimitiveLstmCell extends AbstractCell {
    private final Parameter w, u, b;

    public PrimitiveLstmCell(Parameters p, int input, int hidden) {
        super(p, input, hidden);
        w = p.make("w", blocks(4, xavierUniform(1)), input, 4 * hidden);
        u = p.make("u", blocks(4, orthogonal(1)), hidden, 4 * hidden);
        b = p.make("b", zeros(), 4 * hidden);
    }

    @Override
    public StateSpec stateSpec() {
        return StateSpec.of("h", outputSize()).and("c", outputSize());
    }

    @Override
    public Step step(Node x, State state) {
        List<Node> sums = split(addmm(affine(x, w, b), state.get("h"), u), 1, 4);
        Node i = sigmoid(sums.get(0));
        Node f = sigmoid(sums.get(1));
        Node g = tanh(sums.get(2));
        Node o = sigmoid(sums.get(3));
        Node c = f.times(state.get("c")).plus(i.times(g));
        Node h = o.times(tanh(c));
        return Step.of(h, State.of("h", h, "c", c));
    }
}
