package dev.unfold.examples.pos;

import static dev.unfold.ops.Ops.addmm;
import static dev.unfold.ops.Ops.matmul;
import static dev.unfold.ops.Ops.sigmoid;
import static dev.unfold.rnn.init.Initializers.orthogonal;
import static dev.unfold.rnn.init.Initializers.xavierUniform;

import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.rnn.cell.AbstractCell;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.Step;
import dev.unfold.rnn.init.Parameters;

// tag::cell[]
/** The course's cell as a user writes it: h' = sigmoid(x wx + h wh). x [N, D], h [N, H]. */
final class CourseCell extends AbstractCell {
    private final Parameter wx, wh;

    CourseCell(Parameters p, int input, int hidden) {
        super(p, input, hidden);
        wx = p.make("wx", xavierUniform(1), input, hidden);
        wh = p.make("wh", orthogonal(1), hidden, hidden);
    }

    @Override
    public Step step(Node x, State state) {
        Node h = sigmoid(addmm(matmul(x, wx), state.get("h"), wh));
        return Step.of(h, State.of("h", h));
    }
}
// end::cell[]
