package dev.unfold.rnn.unroll;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.init.NumpyRandom;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Static unrolling has the bits of dynamic unrolling whatever the cell does and whatever is done with what comes out. */
class StaticUnrollUsePropertyTest {
    private static final int CELLS = 300;
    private static final int BATCHES = 4;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void any_cell_in_any_use_should_have_the_bits_of_dynamic_unrolling(int threads) {
        for (int seed = CELLS * threads; seed < CELLS * (threads + 1); seed++) {
            NumpyRandom random = new NumpyRandom(seed);
            DType dtype = random.randint(0, 2) == 0 ? DType.FLOAT32 : DType.FLOAT64;
            RandomCell cell = new RandomCell("cell" + seed, seed, dtype);
            int mostSteps = seed % 10 == 7 ? random.randint(17, 40) : random.randint(1, 7);
            int mostRows = random.randint(1, 5);
            boolean trains = random.randint(0, 6) > 0;
            Graph graph = trains ? new Graph() : Graph.inference();
            graph.threads(threads);
            Unroll fixed = Unroll.fixed(cell, mostSteps, mostRows);
            for (int batch = 0; batch < BATCHES; batch++) {
                int steps = random.randint(1, mostSteps + 1);
                int rows = random.randint(1, mostRows + 1);
                int use = BATCHES * seed + batch;
                Graph tape = trains ? new Graph() : Graph.inference();
                tape.keepAll(true);
                Map<String, Tensor> expected = RandomUse.values(use, tape, cell, Unroll.dynamic(cell), steps, rows);
                tape.keepAll(false);
                Map<String, Tensor> lean = RandomUse.values(use, tape, cell, Unroll.dynamic(cell), steps, rows);
                Map<String, Tensor> actual = RandomUse.values(use, graph, cell, fixed, steps, rows);
                String what = "seed " + seed + ", batch " + batch + " of " + steps + " steps of " + rows + " rows: ";
                expected.forEach((name, tensor) -> Bits.assertSame(what + name, tensor, actual.get(name)));
                expected.forEach((name, tensor) -> Bits.assertSame(what + "lean, " + name, tensor, lean.get(name)));
                failOn(graph, fixed, steps, rows, dtype);
            }
        }
    }

    /** What fails leaves the graph as good as before. */
    private static void failOn(Graph graph, Unroll unroll, int steps, int rows, DType dtype) {
        graph.reset();
        int[] lengths = new int[rows];
        lengths[0] = steps + 1;
        Tensor x = Tensor.zeros(dtype, steps, rows, unroll.inputSize());
        assertThatIllegalArgumentException().isThrownBy(() -> unroll.over(graph, x, Lengths.of(lengths)));
    }
}
