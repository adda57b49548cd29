package dev.unfold.rnn.unroll;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Static unrolling has the bits of dynamic unrolling: outputs, states, loss and all gradients, over random ragged cases. */
class StaticUnrollPropertyTest {
    private static final int CASES = 400;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void should_have_the_bits_of_dynamic_unrolling(int threads) {
        for (int seed = 0; seed < CASES; seed++) {
            RaggedCase each = RaggedCase.random(seed);
            Graph dynamic = new Graph();
            dynamic.threads(threads);
            Map<String, Tensor> expected = RaggedRun.values(each, dynamic, each.x());
            Graph graph = new Graph();
            graph.threads(threads);
            int moreSteps = seed % 3;
            int moreRows = seed % 2;
            Unroll unroll = each.unroll(
                    cell -> Unroll.fixed(cell, Math.max(1, each.steps() + moreSteps), each.rows() + moreRows));
            String what = each + ", " + threads + " threads";
            Bits.assertSameAll(what, expected, RaggedRun.values(each, unroll, graph, each.x()));
            Bits.assertSameAll(what + ", again", expected, RaggedRun.values(each, unroll, graph, each.x()));
        }
    }
}
