package dev.unfold.examples.gradients;

import dev.unfold.graph.Node;
import dev.unfold.graph.Op;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.Step;
import dev.unfold.rnn.cell.WrappedCell;
import java.util.Map;

/**
 * A cell that computes what the inner one does, but bounds the gradient that flows back from each step to the one before. What parameters get
 * is then no longer the gradient of the loss; clipping theirs by its norm, as {@code GradientClip} does, leaves its direction.
 */
final class ClippedCell extends WrappedCell {
    private final BoundGradient bound;

    /**
     * Makes a wrapper.
     *
     * @param maxNorm the greatest norm of the gradient by a field of the state, over all rows of a batch
     */
    ClippedCell(Cell inner, double maxNorm) {
        super(inner);
        this.bound = new BoundGradient(maxNorm);
    }

    @Override
    public Step step(Node x, State state) {
        State bounded = state;
        for (String name : state.names()) {
            bounded = bounded.with(name, x.graph().record(bound, state.get(name)));
        }
        return inner().step(x, bounded);
    }

    /** y = x; dx = dy, or, where its norm is above the greatest, dy scaled down to that. */
    record BoundGradient(double maxNorm) implements Op {
        @Override
        public String name() {
            return "boundGradient";
        }

        @Override
        public Map<String, Object> settings() {
            return Map.of("maxNorm", maxNorm);
        }

        @Override
        public Shape shape(Shape[] inputs) {
            return inputs[0];
        }

        @Override
        public Reads backwardReads(int input) {
            return Reads.NOTHING;
        }

        @Override
        public void forward(Pass pass) {
            pass.output().copyFrom(pass.input(0));
        }

        @Override
        public void backward(Pass pass, int input) {
            Tensor dy = pass.outputGradient();
            Tensor dx = pass.inputGradient();
            double factor = Math.min(1, maxNorm / Flow.norm(dy));
            for (int i = 0; i < dx.size(); i++) {
                dx.setFlat(i, dx.getFlat(i) + factor * dy.getFlat(i));
            }
        }
    }
}
