package dev.unfold.rnn.train;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.unroll.Unrolled;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Truncated backpropagation through time: long sequences, and streams without end, are trained on in segments.
 *
 * <p>A batch {@code [T, N, ...]} is cut into segments of k1 steps, the last of which holds the remaining ones. Each is recorded, and
 * updated on, by itself; it begins with the values of the state that the one before left, through which no gradient flows. In each,
 * gradients flow over the last k2 steps up to the last that counts for any row. To the steps before those there are outputs and losses as
 * to any, but the loss of such a step trains only what lies above the unroll: see {@link Unroll#truncated}. With k1 = k2 nothing of a
 * segment is cut off, and with both at least T nothing at all: bit for bit what one update on the whole batch does.
 *
 * <p>These are the forward and the backward length of Deeplearning4j. In R. J. Williams and J. Peng 1990 and I. Sutskever 2013, who
 * also update every k1 steps, gradients may reach back further than that, through steps of segments before. Here they cannot, since a
 * segment begins with values: k2 above k1 could have no effect and is refused.
 *
 * <pre>{@code
 * TruncatedBackprop truncated = new TruncatedBackprop(35, 35).reading(embedding::of);
 * Unroll next = unroll;
 * for (Tensor tokens : batches) { // int32 [T, N], each row going on where it ended in the batch before
 *     Result result = truncated.run(next, tokens, Lengths.full(), loss, step::run);
 *     next = unroll.from(result.state());
 * }
 * }</pre>
 *
 * <p>Immutable.
 */
public final class TruncatedBackprop {
    private final int k1;
    private final int k2;
    private final @Nullable UnaryOperator<Node> reading;

    /** Records the loss of a segment. */
    @FunctionalInterface
    public interface SegmentLoss {
        /**
         * Records it.
         *
         * @param graph where to record
         * @param run what unfolding over the segment has left
         * @param segment which steps these are
         * @return one number
         */
        Node of(Graph graph, Unrolled run, Segment segment);
    }

    /**
     * What a segment has been trained with.
     *
     * @param loss before the update
     */
    public record Trained(Segment segment, double loss) {}

    /**
     * What is left of a batch.
     *
     * @param segments in order; those in which nothing counts are not among them
     * @param state behind the last step: the next batch of the same rows may begin {@linkplain Unroll#from(DetachedState) from} it
     */
    public record Result(List<Trained> segments, DetachedState state) {
        /** Copies the list. */
        public Result {
            segments = List.copyOf(segments);
        }

        /**
         * Returns the mean of the losses, each weighing as much as steps count in its segment: the mean over tokens where each is one.
         * NaN where there are none.
         */
        public double meanLoss() {
            double sum = 0;
            long counting = 0;
            for (Trained each : segments) {
                sum += each.loss() * each.segment().counting();
                counting += each.segment().counting();
            }
            return sum / counting;
        }
    }

    /**
     * Makes a way of training.
     *
     * @param k1 the steps of a segment, at least 1
     * @param k2 the last steps of a segment, over which gradients flow, from 1 to k1
     * @throws IllegalArgumentException for other numbers
     */
    public TruncatedBackprop(int k1, int k2) {
        this(k1, k2, null);
        if (k2 < 1 || k1 < k2) {
            throw new IllegalArgumentException("truncated backpropagation: k1 is " + k1 + " and k2 is " + k2
                    + "; gradients flow back over the last k2 of the k1 steps of a segment: expected 1 <= k2 <= k1");
        }
    }

    private TruncatedBackprop(int k1, int k2, @Nullable UnaryOperator<Node> reading) {
        this.k1 = k1;
        this.k2 = k2;
        this.reading = reading;
    }

    /**
     * Returns the same with what comes between the inputs and the unroll: a function that is given the inputs of a segment as a node
     * and records {@code [k1, N, D]}, an embedding for example.
     */
    public TruncatedBackprop reading(UnaryOperator<Node> function) {
        return new TruncatedBackprop(k1, k2, function);
    }

    /**
     * Trains on a batch, segment by segment. A segment in which no step counts is passed over: the state stays and there is no update.
     *
     * @param unroll what to unfold, forwards; it says what the first segment begins with
     * @param inputs {@code [T, N, D]}, or whatever is read
     * @param lengths which steps of which rows count
     * @param loss records the loss of each segment
     * @param update what is done with each: {@code step::run} of a {@link TrainStep}, or a function of your own that applies what
     *     it is given to a graph, once, and returns the value of the loss, for instance to add up gradients, or to measure only
     * @throws IllegalArgumentException where the unroll goes backwards, or as {@link Unroll#over(Graph, Tensor, Lengths)}
     * @throws DivergedException as {@code update} does; the message says where the segment begins, which is not trained on
     * @throws IllegalStateException where {@code update} records no loss
     */
    public Result run(
            Unroll unroll,
            Tensor inputs,
            Lengths lengths,
            SegmentLoss loss,
            ToDoubleFunction<Function<Graph, Node>> update) {
        check(unroll, inputs.shape());
        int steps = inputs.shape().dim(0);
        Tensor mask = lengths.maskFor(steps, inputs.shape().dim(1));
        List<Trained> trained = new ArrayList<>();
        DetachedState state = null;
        int to;
        for (int from = 0; from < steps; from = to) {
            to = from + Math.min(k1, steps - from);
            Segment segment = new Segment(from, to, mask.slice(from, to));
            if (segment.counting() > 0) {
                Recording recording = new Recording(state == null ? unroll : unroll.from(state), inputs, segment, loss);
                trained.add(new Trained(segment, updated(recording, update)));
                state = recording.left();
            }
        }
        if (state == null) {
            Segment nothing = new Segment(0, 0, mask.slice(0, 0));
            state = over(unroll, Graph.inference(), inputs, nothing).finalState();
        }
        return new Result(trained, state);
    }

    private static void check(Unroll unroll, Shape inputs) {
        if (!unroll.isCausal()) {
            throw new IllegalArgumentException(
                    "truncated backpropagation: the unroll goes backwards and so begins with the end of"
                            + " a sequence, which a segment does not know; unfold forwards, or train on whole sequences");
        }
        if (inputs.rank() < 2) {
            throw new IllegalArgumentException(
                    "truncated backpropagation: inputs are " + inputs + "; expected [time, batch, ...]");
        }
    }

    private static double updated(Recording recording, ToDoubleFunction<Function<Graph, Node>> update) {
        try {
            return update.applyAsDouble(recording);
        } catch (DivergedException exception) {
            throw new DivergedException(
                    "in the segment that begins at step " + recording.segment.from() + ": " + exception.getMessage());
        }
    }

    private Unrolled over(Unroll unroll, Graph graph, Tensor inputs, Segment segment) {
        Tensor part = segment.of(inputs);
        Unroll cut = k2 < k1 ? Unroll.truncated(unroll, k2) : unroll;
        return reading == null
                ? cut.over(graph, part, segment.lengths())
                : cut.over(reading.apply(graph.input(part)), segment.lengths());
    }

    /** Records a segment and keeps the state behind it. */
    private final class Recording implements Function<Graph, Node> {
        private final Unroll unroll;
        private final Tensor inputs;
        private final Segment segment;
        private final SegmentLoss loss;
        private @Nullable DetachedState left;

        Recording(Unroll unroll, Tensor inputs, Segment segment, SegmentLoss loss) {
            this.unroll = unroll;
            this.inputs = inputs;
            this.segment = segment;
            this.loss = loss;
        }

        @Override
        public Node apply(Graph graph) {
            Unrolled run = over(unroll, graph, inputs, segment);
            left = run.finalState();
            return loss.of(graph, run, segment);
        }

        DetachedState left() {
            DetachedState state = left;
            if (state == null) {
                throw new IllegalStateException("truncated backpropagation: the update recorded no loss of steps "
                        + segment.from() + " to " + (segment.to() - 1)
                        + "; it must apply the function that it is given to a graph");
            }
            return state;
        }
    }
}
