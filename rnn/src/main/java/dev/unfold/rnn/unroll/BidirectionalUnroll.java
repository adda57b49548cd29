package dev.unfold.rnn.unroll;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.State;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Two runs over the same sequences, one of them backwards: see {@link Unroll#bidirectional}. */
record BidirectionalUnroll(Unroll forward, Unroll backward, Merge merge) implements Unroll {
    private static final String FORWARD = "forward";
    private static final String BACKWARD = "backward";

    BidirectionalUnroll {
        if (forward.inputSize() != backward.inputSize()) {
            throw new IllegalArgumentException("bidirectional: the forward cell takes in " + forward.inputSize()
                    + " features and the backward cell " + backward.inputSize() + "; both must take in the same");
        }
        if ((merge == Merge.SUM || merge == Merge.AVERAGE) && forward.outputSize() != backward.outputSize()) {
            throw new IllegalArgumentException("bidirectional: outputs of " + forward.outputSize() + " and "
                    + backward.outputSize() + " features cannot be merged by " + merge + "; use CONCAT");
        }
        for (Parameter parameter : forward.parameters()) {
            if (backward.parameters().contains(parameter)) {
                throw new IllegalArgumentException(
                        "bidirectional: both directions share " + parameter + "; give each a cell of its own");
            }
        }
    }

    @Override
    public Unroll from(State initial) {
        checkNames(initial.names());
        return new BidirectionalUnroll(
                forward.from(initial.below(FORWARD)), backward.from(initial.below(BACKWARD)), merge);
    }

    @Override
    public Unroll from(DetachedState initial) {
        checkNames(initial.values().keySet());
        return new BidirectionalUnroll(
                forward.from(initial.below(FORWARD)), backward.from(initial.below(BACKWARD)), merge);
    }

    private static void checkNames(Collection<String> names) {
        for (String name : names) {
            if (!name.startsWith(FORWARD + ".") && !name.startsWith(BACKWARD + ".")) {
                throw new IllegalArgumentException("bidirectional: the initial state has a field '" + name
                        + "'; expected names that begin with " + FORWARD + ". or " + BACKWARD + ".");
            }
        }
    }

    @Override
    public Unroll reversed() {
        return new BidirectionalUnroll(forward.reversed(), backward.reversed(), merge);
    }

    @Override
    public boolean isCausal() {
        return forward.isCausal() && backward.isCausal();
    }

    @Override
    public int inputSize() {
        return forward.inputSize();
    }

    @Override
    public int outputSize() {
        return switch (merge) {
            case CONCAT -> forward.outputSize() + backward.outputSize();
            case SUM, AVERAGE -> forward.outputSize();
            case NONE -> throw Merge.notMerged();
        };
    }

    @Override
    public Structure structure() {
        return new Structure.BothWays(forward.structure(), backward.structure(), merge);
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>(forward.parameters());
        parameters.addAll(backward.parameters());
        return List.copyOf(parameters);
    }

    @Override
    public Unrolled over(Graph graph, Tensor inputs, Lengths lengths) {
        return new BothWays(forward.over(graph, inputs, lengths), backward.over(graph, inputs, lengths), merge);
    }

    @Override
    public Unrolled over(Node inputs, Lengths lengths) {
        return new BothWays(forward.over(inputs, lengths), backward.over(inputs, lengths), merge);
    }

    /** The two runs taken together. */
    private record BothWays(Unrolled forward, Unrolled backward, Merge merge) implements Unrolled {
        @Override
        public int steps() {
            return forward.steps();
        }

        @Override
        public Node output(int step) {
            return merge.of(forward.output(step), backward.output(step));
        }

        @Override
        public Node outputs() {
            return merge.of(forward.outputs(), backward.outputs());
        }

        @Override
        public Node last() {
            return merge.of(forward.last(), backward.last());
        }

        @Override
        public State state(int step) {
            return joined(forward.state(step), backward.state(step));
        }

        @Override
        public State finalNodes() {
            return joined(forward.finalNodes(), backward.finalNodes());
        }

        @Override
        public DetachedState finalState() {
            return DetachedState.EMPTY.withAll(FORWARD, forward.finalState()).withAll(BACKWARD, backward.finalState());
        }

        private static State joined(State forwards, State backwards) {
            return State.EMPTY.withAll(FORWARD, forwards).withAll(BACKWARD, backwards);
        }
    }
}
