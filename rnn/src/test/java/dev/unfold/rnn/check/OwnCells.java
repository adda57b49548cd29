package dev.unfold.rnn.check;

import static dev.unfold.ops.Ops.affine;
import static dev.unfold.ops.Ops.layerNorm;
import static dev.unfold.ops.Ops.matmul;
import static dev.unfold.ops.Ops.oneMinus;
import static dev.unfold.ops.Ops.sigmoid;
import static dev.unfold.ops.Ops.stopGradient;
import static dev.unfold.ops.Ops.tanh;

import dev.unfold.graph.Node;
import dev.unfold.graph.Op;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.AbstractCell;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.StateSpec;
import dev.unfold.rnn.cell.Step;
import dev.unfold.rnn.init.Initializers;
import dev.unfold.rnn.init.Parameters;
import java.util.List;
import java.util.stream.IntStream;

/** Cells as users write them: from primitive operations only. */
final class OwnCells {
    private OwnCells() {}

    /** f = sigmoid(x wf + h uf + bf), n = tanh(x wn + (f h) un + bn), h' = (1 - f) h + f n (G.-B. Zhou et al. 2016). */
    static final class MinimalGated extends AbstractCell {
        private final Gate f;
        private final Gate n;

        MinimalGated(Parameters p, int input, int hidden) {
            super(p, input, hidden);
            f = new Gate(p, "f", input, hidden);
            n = new Gate(p, "n", input, hidden);
        }

        @Override
        public Step step(Node x, State state) {
            Node h = state.get("h");
            Node forget = sigmoid(f.of(x, h));
            Node next = oneMinus(forget).times(h).plus(forget.times(tanh(n.of(x, forget.times(h)))));
            return Step.of(next, State.of("h", next));
        }
    }

    /** i, g, o = gates of x and h, c' = (1 - i) c + i tanh(g), h' = sigmoid(o) tanh(c'). */
    static final class CoupledLstm extends AbstractCell {
        private final List<Gate> gates;

        CoupledLstm(Parameters p, int input, int hidden) {
            super(p, input, hidden);
            gates = List.of(
                    new Gate(p, "i", input, hidden), new Gate(p, "g", input, hidden), new Gate(p, "o", input, hidden));
        }

        @Override
        public StateSpec stateSpec() {
            return StateSpec.of("h", outputSize()).and("c", outputSize());
        }

        @Override
        public Step step(Node x, State state) {
            Node h = state.get("h");
            Node i = sigmoid(gates.get(0).of(x, h));
            Node c = oneMinus(i)
                    .times(state.get("c"))
                    .plus(i.times(tanh(gates.get(1).of(x, h))));
            Node next = sigmoid(gates.get(2).of(x, h)).times(tanh(c));
            return Step.of(next, State.of("h", next, "c", c));
        }
    }

    /** The gates i, f, g, o of x and h, each normalised along the row; c' is normalised on its way into h' (J. L. Ba et al. 2016). */
    static final class LayerNormLstm extends AbstractCell {
        private final List<Gate> gates;
        private final List<Parameter> gains;

        LayerNormLstm(Parameters p, int input, int hidden) {
            super(p, input, hidden);
            gates = List.of("i", "f", "g", "o").stream()
                    .map(name -> new Gate(p, name, input, hidden))
                    .toList();
            gains = IntStream.range(0, 5)
                    .mapToObj(i -> p.make("gain" + i, Initializers.constant(1), hidden))
                    .toList();
        }

        @Override
        public StateSpec stateSpec() {
            return StateSpec.of("h", outputSize()).and("c", outputSize());
        }

        @Override
        public Step step(Node x, State state) {
            Node h = state.get("h");
            Node c = sigmoid(normed(1, x, h))
                    .times(state.get("c"))
                    .plus(sigmoid(normed(0, x, h)).times(tanh(normed(2, x, h))));
            Node next = sigmoid(normed(3, x, h)).times(tanh(layerNorm(c).times(gains.get(4))));
            return Step.of(next, State.of("h", next, "c", c));
        }

        private Node normed(int gate, Node x, Node h) {
            return layerNorm(gates.get(gate).of(x, h)).times(gains.get(gate));
        }
    }

    /** h' = tanh(gate of x and h + sin(n) r), n' = n + 1: the number of steps gone is carried along. */
    static final class Counting extends AbstractCell {
        private final Gate gate;
        private final Parameter r;
        private final boolean differentiable;

        /** Makes a cell; a differentiable one lets gradients flow to the count. */
        Counting(Parameters p, int input, int hidden, boolean differentiable) {
            super(p, input, hidden);
            gate = new Gate(p, "gate", input, hidden);
            r = p.make("r", Initializers.uniform(-1, 1), 1, hidden);
            this.differentiable = differentiable;
        }

        @Override
        public StateSpec stateSpec() {
            return StateSpec.of("h", outputSize()).and("count", 1);
        }

        @Override
        public Step step(Node x, State state) {
            Node count = differentiable ? state.get("count") : stopGradient(state.get("count"));
            Node position = matmul(x.graph().record(new Sine(), count), r);
            Node h = tanh(gate.of(x, state.get("h")).plus(position));
            return Step.of(h, State.of("h", h, "count", count.plus(1)));
        }
    }

    /** h' = tanh(row x of w, plus h u): takes in the number of a row, and nothing else. */
    static final class Lookup extends AbstractCell {
        private final int size;
        private final Parameter w;
        private final Parameter u;

        Lookup(Parameters p, int size, int hidden) {
            super(p, 1, hidden);
            this.size = size;
            w = p.make("w", Initializers.xavierUniform(1), size, hidden);
            u = p.make("u", Initializers.orthogonal(1), hidden, hidden);
        }

        @Override
        public Step step(Node x, State state) {
            Node chosen = matmul(x.graph().record(new OneHot(size), x), w);
            Node h = tanh(chosen.plus(matmul(state.get("h"), u)));
            return Step.of(h, State.of("h", h));
        }
    }

    /** x w + h u + b. */
    private record Gate(Parameter w, Parameter u, Parameter b) {
        Gate(Parameters p, String name, int input, int hidden) {
            this(
                    p.make("w" + name, Initializers.xavierUniform(1), input, hidden),
                    p.make("u" + name, Initializers.orthogonal(1), hidden, hidden),
                    p.make("b" + name, Initializers.zeros(), hidden));
        }

        Node of(Node x, Node h) {
            return affine(x, w, b).plus(matmul(h, u));
        }
    }

    /** Of row numbers {@code [N, 1]} the rows {@code [N, size]} of the unit matrix. */
    private record OneHot(int size) implements Op {
        @Override
        public String name() {
            return "oneHot";
        }

        @Override
        public Shape shape(Shape[] inputs) {
            return inputs[0].withDim(1, size);
        }

        @Override
        public Reads backwardReads(int input) {
            return Reads.NOTHING;
        }

        @Override
        public boolean differentiates(int input) {
            return false;
        }

        @Override
        public void forward(Pass pass) {
            pass.output().fill(0);
            for (int i = 0; i < pass.input(0).size(); i++) {
                double row = pass.input(0).getFlat(i);
                if (row != Math.rint(row) || row < 0 || row >= size) {
                    throw new IllegalArgumentException("oneHot: no row " + row + ", there are " + size);
                }
                pass.output().set(1, i, (int) row);
            }
        }

        @Override
        public void backward(Pass pass, int input) {
            throw new IllegalStateException("oneHot: backward is never called");
        }
    }

    /** y = sin x. */
    private record Sine() implements Op {
        @Override
        public String name() {
            return "sine";
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
                pass.output().setFlat(i, Math.sin(pass.input(0).getFlat(i)));
            }
        }

        @Override
        public void backward(Pass pass, int input) {
            Tensor dx = pass.inputGradient();
            for (int i = 0; i < dx.size(); i++) {
                double slope = Math.cos(pass.input(0).getFlat(i));
                dx.setFlat(i, dx.getFlat(i) + slope * pass.outputGradient().getFlat(i));
            }
        }
    }

    /** y = x, by a class that is equal to itself alone. */
    static final class Unequal implements Op {
        @Override
        public String name() {
            return "unequal";
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
            Tensor dx = pass.inputGradient();
            for (int i = 0; i < dx.size(); i++) {
                dx.setFlat(i, dx.getFlat(i) + pass.outputGradient().getFlat(i));
            }
        }
    }
}
