package dev.unfold.examples.cell;

import static dev.unfold.ops.Ops.addmm;
import static dev.unfold.ops.Ops.affine;
import static dev.unfold.ops.Ops.sigmoid;
import static dev.unfold.ops.Ops.tanh;
import static dev.unfold.rnn.init.Initializers.orthogonal;
import static dev.unfold.rnn.init.Initializers.xavierUniform;
import static dev.unfold.rnn.init.Initializers.zeros;

import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.rnn.cell.AbstractCell;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.Step;
import dev.unfold.rnn.init.Parameters;

// tag::cell[]
/** Minimal gated unit, G.-B. Zhou et al. 2016: one gate f says how much of h is renewed. x [N, D], h [N, H]. */
public final class MinimalGatedCell extends AbstractCell {
    private final Parameter wf, uf, bf, wn, un, bn;

    public MinimalGatedCell(Parameters p, int input, int hidden) {
        super(p, input, hidden);
        wf = p.make("wf", xavierUniform(1), input, hidden);
        uf = p.make("uf", orthogonal(1), hidden, hidden);
        bf = p.make("bf", zeros(), hidden);
        wn = p.make("wn", xavierUniform(1), input, hidden);
        un = p.make("un", orthogonal(1), hidden, hidden);
        bn = p.make("bn", zeros(), hidden);
    }

    @Override
    public Step step(Node x, State state) {
        Node h = state.get("h");
        Node f = sigmoid(addmm(affine(x, wf, bf), h, uf));
        Node n = tanh(addmm(affine(x, wn, bn), f.times(h), un));
        Node next = h.plus(f.times(n.minus(h)));
        return Step.of(next, State.of("h", next));
    }
}
// end::cell[]
