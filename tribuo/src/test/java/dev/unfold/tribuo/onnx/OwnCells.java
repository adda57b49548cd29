package dev.unfold.tribuo.onnx;

import static dev.unfold.ops.Ops.addmm;
import static dev.unfold.ops.Ops.affine;
import static dev.unfold.ops.Ops.sigmoid;
import static dev.unfold.ops.Ops.tanh;
import static dev.unfold.rnn.init.Initializers.uniform;

import dev.unfold.graph.Node;
import dev.unfold.graph.Op;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Shape;
import dev.unfold.rnn.cell.AbstractCell;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.StateSpec;
import dev.unfold.rnn.cell.Step;
import dev.unfold.rnn.init.Parameters;
import java.util.function.UnaryOperator;

/** Cells and an operation that the library does not have. */
final class OwnCells {
    private OwnCells() {}

    // tag::cell[]
    /** Minimal gated unit, G.-B. Zhou et al. 2016. */
    static final class MinimalGated extends AbstractCell {
        private final Parameter wf, uf, bf, wn, un, bn;

        MinimalGated(Parameters p, int input, int hidden) {
            super(p, input, hidden);
            wf = p.make("wf", uniform(-1, 1), input, hidden);
            uf = p.make("uf", uniform(-1, 1), hidden, hidden);
            bf = p.make("bf", uniform(-1, 1), hidden);
            wn = p.make("wn", uniform(-1, 1), input, hidden);
            un = p.make("un", uniform(-1, 1), hidden, hidden);
            bn = p.make("bn", uniform(-1, 1), hidden);
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

    /** y = h = f(x + h): whatever a function records, carried on if it is bounded. */
    static final class Function extends AbstractCell {
        private final UnaryOperator<Node> function;
        private final boolean carries;

        Function(Parameters p, int size, int output, boolean carries, UnaryOperator<Node> function) {
            super(p, size, output);
            this.function = function;
            this.carries = carries;
        }

        @Override
        public StateSpec stateSpec() {
            return carries ? StateSpec.of("h", outputSize()) : StateSpec.NONE;
        }

        @Override
        public Step step(Node x, State state) {
            if (!carries) {
                return Step.of(function.apply(x), State.EMPTY);
            }
            Node y = function.apply(x.plus(state.get("h")));
            return Step.of(y, State.of("h", tanh(y)));
        }
    }

    /** y = x^3, forwards only. */
    record Cube() implements Op {
        @Override
        public String name() {
            return "cube";
        }

        @Override
        public Shape shape(Shape[] inputs) {
            return inputs[0];
        }

        @Override
        public Reads backwardReads(int input) {
            return Reads.inputs(0);
        }

        @Override
        public void forward(Pass pass) {
            for (int i = 0; i < pass.output().size(); i++) {
                pass.output().setFlat(i, Math.pow(pass.input(0).getFlat(i), 3));
            }
        }

        @Override
        public void backward(Pass pass, int input) {
            throw new UnsupportedOperationException("cube is run forwards only");
        }
    }
}
