package dev.unfold.rnn.unroll;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Loop;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.Step;
import java.util.ArrayList;
import java.util.List;

/** The loop on a tape: see {@link Unroll#dynamic}. */
enum DynamicUnroll implements CellUnroll.Mode {
    DYNAMIC;

    private static final int NO_STEP = -1;
    private static final int MOST_PARTS = 1 << 10;

    @Override
    public CellUnroll.Mode within(Cell cell, long bytes) {
        return TapedUnroll.of(cell, bytes);
    }

    @Override
    public boolean readsLengths() {
        return true;
    }

    @Override
    public OneWay.Pieces run(StepRecorder recorder, Node inputs, State first, Counting counting) {
        Graph graph = inputs.graph();
        int stepOutside = graph.atStep(NO_STEP);
        Loop.Schedule orderOutside = graph.inOrder(null);
        Run run = new Run(recorder, graph, graph.inStep(true), recorder.names(), new ArrayList<>());
        try {
            return counting.isWhole() ? run.whole(inputs, first) : run.packed(inputs, first, counting);
        } finally {
            if (!run.nested) {
                graph.beginStretch();
            }
            graph.inStep(run.nested);
            graph.atStep(stepOutside);
            graph.inOrder(orderOutside);
        }
    }

    /**
     * What records the steps.
     *
     * @param nested whether this happens inside a step of another cell, which may be recorded to be replayed
     * @param names of the fields of the state
     * @param results of the last step
     */
    private record Run(StepRecorder recorder, Graph graph, boolean nested, List<String> names, List<Node> results) {
        Steps whole(Node inputs, State first) {
            List<Step> steps = new ArrayList<>();
            State state = first;
            for (int t = 0; t < inputs.shape().dim(0); t++) {
                int before = begin(t, inputs.shape().dim(0));
                Node x = nested ? Ops.at(inputs, 0, t) : graph.slice(inputs, t);
                Step step = recorder.record(x, state, t);
                end(before, step);
                state = step.state();
                steps.add(step);
            }
            return new Steps(recorder, graph, true, steps);
        }

        /** Runs the steps that count of each row behind each other: see {@link Counting}. */
        Steps packed(Node inputs, State first, Counting counting) {
            counting.refresh();
            List<Step> steps = new ArrayList<>();
            if (counting.runs() > 0) {
                Node rows = counting.packed(inputs);
                State state = recorder.chosen(first, graph.input(counting.first()));
                graph.inOrder(counting);
                for (int run = 0; run < counting.runs(); run++) {
                    int before = begin(run, counting.runs());
                    int count = counting.rows(run);
                    boolean fewer = run > 0 && count < counting.rows(run - 1);
                    if (fewer) {
                        for (String name : names) {
                            state = state.with(name, slices(state.get(name), 0, count));
                        }
                    }
                    int from = counting.offset(run);
                    Step step = recorder.record(slices(rows, from, from + count), state, run);
                    end(before, step);
                    state = step.state();
                    steps.add(step);
                }
            }
            return new Steps(recorder, graph, false, steps);
        }

        /** Begins a step of so many, and returns the number of its first node; stretches are counted from the last. */
        private int begin(int step, int steps) {
            graph.atStep(step);
            if (!nested && (step == 0 || (steps - step) % Loop.STRETCH == 0)) {
                graph.beginStretch();
            }
            return graph.size();
        }

        /** Ends a step; what is unrolled inside a step of another cell is given back with that. */
        private void end(int before, Step step) {
            if (!nested) {
                results.clear();
                for (int i = 0; i <= names.size(); i++) {
                    results.add(recorder.result(step, i));
                }
                graph.endStep(before, results);
            }
        }

        private Node slices(Node node, int from, int to) {
            return nested ? Ops.slice(node, 0, from, to) : graph.slices(node, from, to);
        }
    }

    /** The nodes of all steps. */
    private record Steps(StepRecorder recorder, Graph graph, boolean whole, List<Step> steps) implements OneWay.Pieces {
        private List<Node> nodes(int index) {
            return steps.stream().map(step -> recorder.result(step, index)).toList();
        }

        @Override
        public Node result(int index, int step) {
            Node result = recorder.result(steps.get(step), index);
            graph.keep(result);
            return result;
        }

        @Override
        public Node results(int index) {
            List<Node> nodes = nodes(index);
            if (nodes.isEmpty()) {
                return graph.input(Tensor.zeros(recorder.dtype(), 0, recorder.size(index)));
            }
            return whole ? Ops.stack(0, nodes) : joined(nodes);
        }

        /** Puts rows together some steps at a time: to find one part among all takes longer the more there are. */
        private static Node joined(List<Node> nodes) {
            List<Node> parts = new ArrayList<>();
            for (int from = 0; from < nodes.size(); from += MOST_PARTS) {
                List<Node> some = nodes.subList(from, Math.min(nodes.size(), from + MOST_PARTS));
                parts.add(Ops.concat(0, some.toArray(new Node[0])));
            }
            return parts.size() == 1 ? parts.get(0) : Ops.concat(0, parts.toArray(new Node[0]));
        }

        @Override
        public Tensor lasts(int index) {
            List<Tensor> values = nodes(index).stream().map(Node::value).toList();
            int rows = values.isEmpty() ? 0 : values.get(0).shape().dim(0);
            int size = recorder.size(index);
            Tensor lasts = Tensor.zeros(recorder.dtype(), rows, size);
            for (int step = 0; step < values.size(); step++) {
                int from =
                        step + 1 < values.size() ? values.get(step + 1).shape().dim(0) : 0;
                int end = values.get(step).shape().dim(0);
                lasts.copyRun(values.get(step), from * size, from * size, (end - from) * size);
            }
            return lasts;
        }
    }
}
