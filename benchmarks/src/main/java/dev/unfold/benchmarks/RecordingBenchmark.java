package dev.unfold.benchmarks;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What an operation costs that computes next to nothing: a chain of additions of two numbers each. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RecordingBenchmark {
    private static final int OPERATIONS = 1000;
    private static final int NUMBERS = 2;

    private final Parameter start = new Parameter("start", Numbers.random(NUMBERS));
    private final Tensor addend = Numbers.random(NUMBERS);
    private final Graph graph = new Graph();
    private final Graph inference = Graph.inference();
    private final Plan plan = Plan.training((tape, in) -> chain(tape, in.get(0)), Tensor.zeros(DType.FLOAT32, NUMBERS));

    private Node chain(Graph tape, Tensor added) {
        Node addition = tape.input(added);
        Node sum = tape.use(start);
        for (int i = 1; i < OPERATIONS; i++) {
            sum = sum.plus(addition);
        }
        return Ops.sum(sum);
    }

    /** Recorded without a backward pass. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Node inference() {
        inference.reset();
        return chain(inference, addend);
    }

    /** Recorded and differentiated. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Node dynamic() {
        graph.reset();
        Node root = chain(graph, addend);
        graph.backward(root);
        return root;
    }

    /** Replayed and differentiated. */
    @Benchmark
    @OperationsPerInvocation(OPERATIONS)
    public Tensor planned() {
        Tensor root = plan.run(addend);
        plan.backward();
        return root;
    }
}
