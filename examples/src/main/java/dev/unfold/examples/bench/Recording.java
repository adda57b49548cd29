package dev.unfold.examples.bench;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.init.Initializers;
import java.util.function.DoubleSupplier;

/**
 * What it takes to record and differentiate an operation that computes next to nothing, or to replay and differentiate it: a chain of
 * additions of two numbers each.
 *
 * @param length how many operations are in the chain
 */
record Recording(String name, int length) implements Workload {
    private static final int NUMBERS = 2;
    private static final double NANOSECONDS = 1e9;

    @Override
    public String unit() {
        return "ns/operation";
    }

    @Override
    public double operations() {
        return 0;
    }

    @Override
    public double figure(double unitsPerSecond) {
        return NANOSECONDS / unitsPerSecond;
    }

    @Override
    public boolean isSerial() {
        return true;
    }

    @Override
    public Run start(Setup setup) {
        Parameter start = setup.parameters("recording").make("start", Initializers.normal(0, 1), NUMBERS);
        Tensor added = new MadeUp().pixels(NUMBERS);
        if (setup.isStatic()) {
            Plan plan = Plan.training((tape, in) -> chain(tape, start, in.get(0)), added);
            return chained(() -> {
                double sum = plan.run(added).item();
                plan.backward();
                return sum;
            });
        }
        Graph graph = new Graph();
        return chained(() -> {
            graph.reset();
            Node sum = chain(graph, start, added);
            graph.backward(sum);
            return sum.value().item();
        });
    }

    private Node chain(Graph graph, Parameter start, Tensor added) {
        Node addend = graph.input(added);
        Node sum = graph.use(start);
        for (int i = 1; i < length; i++) {
            sum = sum.plus(addend);
        }
        return Ops.sum(sum);
    }

    private Run chained(DoubleSupplier pass) {
        return new Run() {
            @Override
            public double pass() {
                return pass.getAsDouble();
            }

            @Override
            public int units() {
                return length;
            }
        };
    }
}
