package dev.unfold.rnn.unroll;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.Step;
import java.util.Arrays;
import java.util.function.IntFunction;

/** The loop on a tape: see {@link Unroll#dynamic}. */
enum DynamicUnroll implements CellUnroll.Mode {
    DYNAMIC;

    @Override
    public Unrolled over(CellUnroll what, Graph graph, Tensor inputs, Lengths lengths) {
        return unfold(what, graph, inputs.shape(), inputs.dtype(), t -> graph.input(inputs.at(t)), lengths);
    }

    @Override
    public Unrolled over(CellUnroll what, Node inputs, Lengths lengths) {
        return unfold(what, inputs.graph(), inputs.shape(), inputs.dtype(), t -> Ops.at(inputs, 0, t), lengths);
    }

    private static Unrolled unfold(
            CellUnroll what, Graph graph, Shape inputs, DType dtype, IntFunction<Node> inputAt, Lengths lengths) {
        boolean isReversed = what.isReversed();
        StepRecorder recorder = new StepRecorder(what.cell());
        recorder.checkInputs(inputs);
        lengths.checkReadable(graph, "dynamic unrolling");
        int steps = inputs.dim(0);
        int rows = inputs.dim(1);
        Counting counting = lengths.isFull() ? null : new Counting(lengths, steps, rows, isReversed);
        if (counting != null) {
            counting.refresh();
        }
        State first = what.first(recorder, graph, rows, dtype);
        Node noOutput = recorder.noOutput(graph, rows, dtype);
        Node[] outputs = new Node[steps];
        State[] states = new State[steps];
        State state = first;
        int stepOutside = graph.atStep(-1);
        for (int i = 0; i < steps; i++) {
            int t = isReversed ? steps - 1 - i : i;
            graph.atStep(t);
            if (counting != null && counting.isForNone(t)) {
                outputs[t] = noOutput;
            } else {
                Node x = inputAt.apply(t);
                Step step = counting == null || counting.isForAll(t)
                        ? recorder.full(x, state, t)
                        : recorder.ragged(
                                x,
                                state,
                                graph.input(counting.mask().at(t)),
                                graph.input(counting.standIns().at(t)),
                                noOutput,
                                t);
                outputs[t] = step.output();
                state = step.state();
            }
            states[t] = state;
        }
        graph.atStep(stepOutside);
        return new OneWay(Arrays.asList(outputs), Arrays.asList(states), first, counting, isReversed, noOutput);
    }
}
