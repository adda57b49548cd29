package dev.unfold.benchmarks;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Functions of float32 matrices, forward. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FunctionBenchmark {
    /** Rows x columns. */
    @Param({"1x20", "100x512", "700x10000"})
    public String shape = "";

    private final Graph graph = Graph.inference();
    private Tensor x = Tensor.of(new float[0], 0);

    /** Makes the matrix. */
    @Setup
    public void make() {
        x = Numbers.random(
                Arrays.stream(shape.split("x", -1)).mapToInt(Integer::parseInt).toArray());
    }

    /** tanh x. */
    @Benchmark
    public Node tanh() {
        return Ops.tanh(input());
    }

    /** The sigmoid of x. */
    @Benchmark
    public Node sigmoid() {
        return Ops.sigmoid(input());
    }

    /** The softmax of each row. */
    @Benchmark
    public Node softmax() {
        return Ops.softmax(input());
    }

    /** Each row normalised. */
    @Benchmark
    public Node layerNorm() {
        return Ops.layerNorm(input());
    }

    private Node input() {
        graph.reset();
        return graph.input(x);
    }
}
