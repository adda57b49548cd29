package dev.unfold.examples.bench;

import dev.unfold.graph.DType;
import dev.unfold.graph.Node;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.Step;
import dev.unfold.rnn.unroll.StepResult;
import dev.unfold.rnn.unroll.Stepper;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An LSTM that runs one step at a time, batch 1, and carries its state.
 *
 * @param input D
 * @param hidden H
 * @param steps in a pass
 */
record Streaming(String name, int input, int hidden, int steps) implements Workload {
    private static final double MICROSECONDS = 1e6;

    @Override
    public String unit() {
        return "us/step";
    }

    @Override
    public double operations() {
        return Products.inference(Products.lstm(input, hidden));
    }

    @Override
    public double figure(double unitsPerSecond) {
        return MICROSECONDS / unitsPerSecond;
    }

    @Override
    public boolean isSerial() {
        return true;
    }

    @Override
    public Run start(Setup setup) {
        Cell cell = new LstmCell(setup.parameters("stream"), input, hidden);
        Tensor stream = new MadeUp().pixels(steps, 1, input);
        List<Tensor> inputs = IntStream.range(0, steps).mapToObj(stream::at).toList();
        return setup.isStatic() ? new Planned(cell, inputs) : new Stepped(cell, inputs);
    }

    /** The step recorded anew each time. */
    private static final class Stepped implements Run {
        private final List<Tensor> inputs;
        private final Stepper stepper;
        private DetachedState state;

        Stepped(Cell cell, List<Tensor> inputs) {
            this.inputs = inputs;
            this.stepper = Stepper.of(cell);
            this.state = stepper.start(DType.FLOAT32, 1);
        }

        @Override
        public double pass() {
            for (Tensor x : inputs) {
                StepResult step = stepper.next(x, state);
                state = step.state();
            }
            return state.get("h").getFlat(0);
        }

        @Override
        public int units() {
            return inputs.size();
        }

        @Override
        public long bytes() {
            return stepper.bytes();
        }
    }

    /** One step planned and replayed. A plan gives back one tensor, so h and c lie side by side in it, {@code [1, 2H]}. */
    private static final class Planned implements Run {
        private final List<Tensor> inputs;
        private final Plan plan;
        private Tensor state;

        Planned(Cell cell, List<Tensor> inputs) {
            int hidden = cell.outputSize();
            this.inputs = inputs;
            this.state = Tensor.zeros(DType.FLOAT32, 1, 2 * hidden);
            this.plan = Plan.inference(
                    (graph, in) -> {
                        List<Node> carried = Ops.split(graph.input(in.get(1)), 1, 2);
                        Step step =
                                cell.step(graph.input(in.get(0)), State.of("h", carried.get(0), "c", carried.get(1)));
                        return Ops.concat(1, step.state().get("h"), step.state().get("c"));
                    },
                    inputs.get(0),
                    state);
        }

        @Override
        public double pass() {
            for (Tensor x : inputs) {
                state = plan.run(x, state);
            }
            return state.getFlat(0);
        }

        @Override
        public int units() {
            return inputs.size();
        }

        @Override
        public long bytes() {
            return plan.bytes();
        }
    }
}
