package dev.unfold.benchmarks;

import dev.unfold.graph.DType;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.model.SequenceClassifier;
import dev.unfold.rnn.unroll.Unroll;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The making of a plan of the LSTM of W3a, with ten rows: recording does not grow with the steps, memory to be zeroed does. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PlanBenchmark {
    private static final int ROWS = 10;
    private static final int COLUMNS = 28;
    private static final int HIDDEN = 128;
    private static final int CLASSES = 10;

    /** T. */
    @Param({"28", "2800"})
    public int steps;

    private final Parameters parameters = new Parameters("model", DType.FLOAT32, new NumpyRandom(1));
    private final LstmCell cell = new LstmCell(parameters.below("rnn"), COLUMNS, HIDDEN);
    private final SequenceClassifier classifier = new SequenceClassifier(parameters.below("output"), cell, CLASSES);

    /** Makes a plan. */
    @Benchmark
    public Plan make() {
        SequenceClassifier fixed = classifier.unrolled(Unroll.fixed(cell, steps, ROWS));
        return Plan.training(
                (graph, in) -> fixed.loss(graph, in.get(0), in.get(1)),
                Tensor.zeros(DType.FLOAT32, steps, ROWS, COLUMNS),
                Tensor.zeros(DType.INT32, ROWS));
    }
}
