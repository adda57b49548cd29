package dev.unfold.benchmarks;

import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.optim.Adam;
import dev.unfold.rnn.optim.Optimizer;
import java.util.List;
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

/** A step of Adam over one float32 parameter. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AdamBenchmark {
    private static final double LEARNING_RATE = 1e-3;

    /** The elements of the parameter. */
    @Param({"80000", "2000000"})
    public int elements;

    private Parameter parameter = new Parameter("p", Tensor.of(new float[0], 0));
    private Optimizer adam = new Adam(List.of(parameter), LEARNING_RATE);

    /** Makes the parameter and its gradient. */
    @Setup
    public void make() {
        parameter = new Parameter("p", Numbers.random(elements));
        adam = new Adam(List.of(parameter), LEARNING_RATE);
        parameter.gradient().copyFrom(Numbers.random(elements));
    }

    /** One step. */
    @Benchmark
    public Parameter step() {
        adam.step();
        return parameter;
    }
}
