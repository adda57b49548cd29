package dev.unfold.rnn.unroll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.ForkedJvm;
import dev.unfold.rnn.Heap;
import dev.unfold.rnn.Mode;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.init.NumpyRandom;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What plans and graphs say of their memory, against what is live behind a batch. */
class LiveHeapTest {
    /** A collector that rounds nothing up and leaves nothing dead. */
    private static final List<String> PRECISE = List.of("-Xmx1g", "-XX:+UseSerialGC", "-XX:MarkSweepDeadRatio=0");

    private static final double SHARE = 0.02;
    /** What a recording, its constants and what kernels derive from weights take beside that. */
    private static final long OBJECTS = 256 << 10;
    /** What a node takes on a tape. */
    private static final long NODE = 250;

    @ParameterizedTest
    @EnumSource
    void should_be_what_is_told(Mode mode) {
        ForkedJvm run = ForkedJvm.run(Training.class, PRECISE, mode);
        assertThat(run.exitCode()).as(run.output()).isZero();
        String numbers = run.output().lines().reduce("", (before, line) -> line);
        long[] told =
                Arrays.stream(numbers.split(" ")).mapToLong(Long::parseLong).toArray();
        long live = told[0];
        long bytes = told[1];
        long peak = told[2];
        long nodes = told[3];
        System.out.printf("%s: %,d bytes live, told %,d, at most %,d, %,d nodes%n", mode, live, bytes, peak, nodes);
        assertThat(bytes).isGreaterThan(20_000_000);
        assertThat(live).isCloseTo(bytes, within((long) (SHARE * bytes) + OBJECTS + NODE * nodes));
        // A tape takes up memory in pieces.
        assertThat(peak).isBetween(bytes * 17 / 20, bytes);
    }

    /** Trains on a batch; prints the bytes that are live then, those told, the peak that is reported, and the nodes. */
    static final class Training {
        private static final int STEPS = 200;
        private static final int ROWS = 64;
        private static final int INPUT_SIZE = 28;
        private static final int HIDDEN = 64;

        private Training() {}

        public static void main(String[] arguments) {
            Mode mode = Mode.valueOf(arguments[0]);
            NumpyRandom random = new NumpyRandom(1);
            Cell cell = CellKind.LSTM.cell("rnn", DType.FLOAT32, random, INPUT_SIZE, HIDDEN);
            Tensor x = RaggedCase.normal(random, DType.FLOAT32, STEPS, ROWS, INPUT_SIZE);
            // Loads classes, and makes what a thread keeps.
            train(mode, cell, RaggedCase.normal(random, DType.FLOAT32, 2, 2, INPUT_SIZE));
            long before = Heap.liveBytes();
            Supplier<String> told = train(mode, cell, x);
            System.out.println((Heap.liveBytes() - before) + " " + told.get());
        }

        private static Supplier<String> train(Mode mode, Cell cell, Tensor x) {
            return mode == Mode.STATIC ? planned(cell, x) : recorded(cell, x);
        }

        private static Supplier<String> planned(Cell cell, Tensor x) {
            Unroll unroll = Unroll.fixed(cell, x.shape().dim(0), x.shape().dim(1));
            Plan plan = Plan.training(
                    (graph, in) -> Ops.sum(unroll.over(graph, in.get(0)).last()), x);
            plan.run(x);
            plan.backward();
            return () -> plan.bytes() + " " + plan.memory().peak().total() + " 0";
        }

        private static Supplier<String> recorded(Cell cell, Tensor x) {
            Graph graph = new Graph();
            graph.backward(Ops.sum(Unroll.dynamic(cell).over(graph, x).last()));
            return () -> graph.bytes() + " " + graph.memory().peak().total() + " " + graph.size();
        }
    }
}
