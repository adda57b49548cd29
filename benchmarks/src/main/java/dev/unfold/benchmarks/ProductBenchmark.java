package dev.unfold.benchmarks;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
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

/** Products of float32 matrices at the shapes of recurrent networks; the counter {@code operations} is in GFLOP/s. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ProductBenchmark {
    /** M x K x L: an element of the product is a sum over K. */
    @Param({
        "100x28x512",
        "100x128x512",
        "100x512x128",
        "2800x28x512",
        "128x2800x512",
        "20x256x1024",
        "20x1024x256",
        "1x192x512",
        "1x20x20"
    })
    public String shape = "";

    private final Graph graph = Graph.inference();
    private Tensor a = Tensor.of(new float[0], 0);
    private Tensor b = a;
    private Tensor transposedA = a;
    private Tensor transposedB = a;
    private long operations;

    /** What JMH divides by the time beside calls. */
    @AuxCounters
    @State(Scope.Thread)
    public static class Counters {
        /** Floating-point operations. */
        public long operations;
    }

    /** Makes the matrices. */
    @Setup
    public void make() {
        int[] sizes =
                Arrays.stream(shape.split("x", -1)).mapToInt(Integer::parseInt).toArray();
        a = Numbers.random(sizes[0], sizes[1]);
        b = Numbers.random(sizes[1], sizes[2]);
        transposedA = Numbers.random(sizes[1], sizes[0]);
        transposedB = Numbers.random(sizes[2], sizes[1]);
        operations = 2L * sizes[0] * sizes[1] * sizes[2];
    }

    /** a b. */
    @Benchmark
    public Node plain(Counters counters) {
        counters.operations += operations;
        graph.reset();
        return Ops.matmul(graph.input(a), graph.input(b));
    }

    /** a b, where a lies transposed, as for the gradient of a weight. */
    @Benchmark
    public Node transposedA(Counters counters) {
        counters.operations += operations;
        graph.reset();
        return Ops.matmulTransposedA(graph.input(transposedA), graph.input(b));
    }

    /** a b, where b lies transposed, as for the gradient of an input. */
    @Benchmark
    public Node transposedB(Counters counters) {
        counters.operations += operations;
        graph.reset();
        return Ops.matmulTransposedB(graph.input(a), graph.input(transposedB));
    }
}
