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
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Layer upon layer, each over the outputs of the one below: see {@link Unroll#stacked}. */
record StackedUnroll(List<Unroll> layers) implements Unroll {
    StackedUnroll {
        layers = List.copyOf(layers);
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("stacked: no layers are given; expected at least one");
        }
        List<Parameter> seen = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            if (i > 0 && layers.get(i - 1) instanceof BidirectionalUnroll both && both.merge() == Merge.NONE) {
                throw new IllegalArgumentException(
                        "stacked: layer " + i + " is given two outputs, since the directions of"
                                + " the layer below are not merged (Merge.NONE); merge them by CONCAT, SUM or AVERAGE");
            }
            if (i > 0 && layers.get(i).inputSize() != layers.get(i - 1).outputSize()) {
                throw new IllegalArgumentException(
                        "stacked: layer " + i + " takes in " + layers.get(i).inputSize() + " features but is given "
                                + layers.get(i - 1).outputSize());
            }
            for (Parameter parameter : layers.get(i).parameters()) {
                if (seen.contains(parameter)) {
                    throw new IllegalArgumentException("stacked: layer " + i + " uses " + parameter
                            + " of a layer below; make new parameters for each layer");
                }
                seen.add(parameter);
            }
        }
    }

    @Override
    public Unroll from(State initial) {
        checkNames(initial.names());
        return each(i -> layers.get(i).from(initial.below(Integer.toString(i))));
    }

    @Override
    public Unroll from(DetachedState initial) {
        checkNames(initial.values().keySet());
        return each(i -> layers.get(i).from(initial.below(Integer.toString(i))));
    }

    private Unroll each(IntFunction<Unroll> layer) {
        return new StackedUnroll(
                IntStream.range(0, layers.size()).mapToObj(layer).toList());
    }

    private void checkNames(Collection<String> names) {
        for (String name : names) {
            if (IntStream.range(0, layers.size()).noneMatch(i -> name.startsWith(i + "."))) {
                throw new IllegalArgumentException("stacked: the initial state has a field '" + name
                        + "'; expected names that begin with the number of a layer, 0. to " + (layers.size() - 1)
                        + ".");
            }
        }
    }

    @Override
    public Unroll reversed() {
        return new StackedUnroll(layers.stream().map(Unroll::reversed).toList());
    }

    @Override
    public boolean isCausal() {
        return layers.stream().allMatch(Unroll::isCausal);
    }

    @Override
    public int inputSize() {
        return layers.get(0).inputSize();
    }

    @Override
    public int outputSize() {
        return layers.get(layers.size() - 1).outputSize();
    }

    @Override
    public Structure structure() {
        return new Structure.Layers(layers.stream().map(Unroll::structure).toList());
    }

    @Override
    public List<Parameter> parameters() {
        return layers.stream().flatMap(layer -> layer.parameters().stream()).toList();
    }

    @Override
    public Unrolled over(Graph graph, Tensor inputs, Lengths lengths) {
        return above(layers.get(0).over(graph, inputs, lengths), lengths);
    }

    @Override
    public Unrolled over(Node inputs, Lengths lengths) {
        return above(layers.get(0).over(inputs, lengths), lengths);
    }

    private Unrolled above(Unrolled lowest, Lengths lengths) {
        List<Unrolled> runs = new ArrayList<>(List.of(lowest));
        for (Unroll layer : layers.subList(1, layers.size())) {
            runs.add(layer.over(runs.get(runs.size() - 1).outputs(), lengths));
        }
        return new Layers(runs);
    }

    /** The runs of all layers; outputs are those of the highest. */
    private record Layers(List<Unrolled> runs) implements Unrolled {
        private Unrolled top() {
            return runs.get(runs.size() - 1);
        }

        @Override
        public int steps() {
            return top().steps();
        }

        @Override
        public Node output(int step) {
            return top().output(step);
        }

        @Override
        public Node outputs() {
            return top().outputs();
        }

        @Override
        public Node last() {
            return top().last();
        }

        @Override
        public Unrolled forward() {
            return top().forward();
        }

        @Override
        public Unrolled backward() {
            return top().backward();
        }

        @Override
        public State state(int step) {
            State all = State.EMPTY;
            for (int i = 0; i < runs.size(); i++) {
                all = all.withAll(Integer.toString(i), runs.get(i).state(step));
            }
            return all;
        }

        @Override
        public DetachedState finalState() {
            DetachedState all = DetachedState.EMPTY;
            for (int i = 0; i < runs.size(); i++) {
                all = all.withAll(Integer.toString(i), runs.get(i).finalState());
            }
            return all;
        }

        @Override
        public State finalNodes() {
            State all = State.EMPTY;
            for (int i = 0; i < runs.size(); i++) {
                all = all.withAll(Integer.toString(i), runs.get(i).finalNodes());
            }
            return all;
        }
    }
}
