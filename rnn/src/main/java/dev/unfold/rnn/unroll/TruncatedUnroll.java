package dev.unfold.rnn.unroll;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.State;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Two runs, one after the other, with no gradient between them: see {@link Unroll#truncated}.
 *
 * @param gradientSteps of the second run, in which gradients flow
 */
record TruncatedUnroll(Unroll inner, int gradientSteps) implements Unroll {
    TruncatedUnroll {
        if (gradientSteps < 1) {
            throw new IllegalArgumentException(
                    "truncated: gradients are to flow over " + gradientSteps + " steps; expected at least 1");
        }
        if (!inner.isCausal()) {
            throw new IllegalArgumentException("truncated: the unroll goes backwards, where the last steps come first;"
                    + " expected one that goes forwards, in all its layers");
        }
    }

    @Override
    public Unroll from(State initial) {
        return new TruncatedUnroll(inner.from(initial), gradientSteps);
    }

    @Override
    public Unroll from(DetachedState initial) {
        return new TruncatedUnroll(inner.from(initial), gradientSteps);
    }

    @Override
    public Unroll reversed() {
        return new TruncatedUnroll(inner.reversed(), gradientSteps);
    }

    @Override
    public boolean isCausal() {
        return true;
    }

    @Override
    public int inputSize() {
        return inner.inputSize();
    }

    @Override
    public int outputSize() {
        return inner.outputSize();
    }

    @Override
    public Structure structure() {
        return inner.structure();
    }

    @Override
    public List<Parameter> parameters() {
        return inner.parameters();
    }

    @Override
    public Unrolled over(Graph graph, Tensor inputs, Lengths lengths) {
        lengths.checkReadable(graph, "truncated unrolling");
        int cut = cut(inputs.shape(), lengths);
        if (cut == 0) {
            return inner.over(graph, inputs, lengths);
        }
        return over(
                cut,
                inputs.shape(),
                lengths,
                (unroll, from, to, part) -> unroll.over(graph, inputs.slice(from, to), part));
    }

    @Override
    public Unrolled over(Node inputs, Lengths lengths) {
        lengths.checkReadable(inputs.graph(), "truncated unrolling");
        int cut = cut(inputs.shape(), lengths);
        if (cut == 0) {
            return inner.over(inputs, lengths);
        }
        return over(
                cut,
                inputs.shape(),
                lengths,
                (unroll, from, to, part) -> unroll.over(Ops.slice(inputs, 0, from, to), part));
    }

    /** Returns the first step in which gradients flow. */
    private int cut(Shape inputs, Lengths lengths) {
        // Inputs of a wrong rank are for the inner unroll to refuse.
        int end = inputs.rank() == 3 ? inputs.dim(0) : 0;
        if (end > gradientSteps && !lengths.isFull()) {
            Tensor mask = lengths.maskFor(end, inputs.dim(1));
            while (end > gradientSteps && !anyCounts(mask.at(end - 1))) {
                end--;
            }
        }
        return Math.max(0, end - gradientSteps);
    }

    private static boolean anyCounts(Tensor mask) {
        return IntStream.range(0, mask.size()).anyMatch(row -> mask.getFlat(row) != 0);
    }

    /** Runs an unroll over some of the steps. */
    private interface Run {
        Unrolled over(Unroll unroll, int from, int to, Lengths lengths);
    }

    private Unrolled over(int cut, Shape inputs, Lengths lengths, Run run) {
        int steps = inputs.dim(0);
        Tensor mask = lengths.isFull() ? null : lengths.maskFor(steps, inputs.dim(1));
        Tensor tailMask = mask == null ? null : mask.slice(cut, steps);
        Lengths headLengths = mask == null ? lengths : Lengths.mask(mask.slice(0, cut));
        Unrolled head = run.over(inner, 0, cut, headLengths);
        Lengths tailLengths = tailMask == null ? lengths : Lengths.mask(tailMask);
        Unrolled tail = run.over(inner.from(stopped(head.finalNodes())), cut, steps, tailLengths);
        return new Joined(head, tail, tailMask);
    }

    private static State stopped(State state) {
        State stopped = state;
        for (String name : state.names()) {
            stopped = stopped.with(name, Ops.stopGradient(state.get(name)));
        }
        return stopped;
    }

    /**
     * The steps before the cut, as constants, and those behind it.
     *
     * @param tailMask int32, which steps of which rows count behind the cut; null where all do
     */
    private record Joined(
            Unrolled head, Unrolled tail, @Nullable Tensor tailMask) implements Unrolled {
        @Override
        public int steps() {
            return head.steps() + tail.steps();
        }

        @Override
        public Node output(int step) {
            return step < head.steps() ? Ops.stopGradient(head.output(step)) : tail.output(step - head.steps());
        }

        @Override
        public Node outputs() {
            return Ops.concat(0, Ops.stopGradient(head.outputs()), tail.outputs());
        }

        @Override
        public Node last() {
            Node last = tail.last();
            if (tailMask == null) {
                return last;
            }
            Tensor inTail = Tensor.zeros(DType.INT32, tailMask.shape().dim(1));
            for (int i = 0; i < tailMask.size(); i++) {
                inTail.ints()[i % inTail.size()] |= tailMask.ints()[tailMask.offset() + i];
            }
            return Ops.select(last.graph().input(inTail), last, Ops.stopGradient(head.last()));
        }

        @Override
        public State state(int step) {
            return step < head.steps() ? stopped(head.state(step)) : tail.state(step - head.steps());
        }

        @Override
        public DetachedState finalState() {
            return tail.finalState();
        }

        @Override
        public State finalNodes() {
            return tail.finalNodes();
        }
    }
}
