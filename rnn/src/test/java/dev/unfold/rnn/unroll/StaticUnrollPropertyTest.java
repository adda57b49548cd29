package dev.unfold.rnn.unroll;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.init.NumpyRandom;
import java.util.Map;
import org.junit.jupiter.api.Test;
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

    @Test
    void padding_should_change_no_bit() {
        for (int seed = 0; seed < CASES; seed++) {
            RaggedCase each = RaggedCase.random(seed);
            Unroll unroll = each.unroll(cell -> Unroll.fixed(cell, Math.max(1, each.steps()), each.rows()));
            Graph graph = new Graph();
            Map<String, Tensor> expected = paddingApart(each, RaggedRun.values(each, new Graph(), each.x()));
            for (double padding : new double[] {Double.NaN, Double.NEGATIVE_INFINITY, 1e30}) {
                Tensor inputs = RaggedCase.padded(each.x(), each.mask(), () -> padding);
                Bits.assertSameAll(
                        each + " padded with " + padding,
                        expected,
                        paddingApart(each, RaggedRun.values(each, unroll, graph, inputs)));
            }
        }
    }

    /** The gradient of the inputs is 0 in the padding: that is part of what is compared. */
    private static Map<String, Tensor> paddingApart(RaggedCase each, Map<String, Tensor> values) {
        Tensor gradient = values.get("gradient of x");
        for (int i = 0; gradient != null && i < each.mask().size(); i++) {
            if (each.mask().getFlat(i) == 0) {
                Bits.assertZero(
                        each + ": gradient in the padding",
                        gradient.reshape(each.mask().size(), gradient.shape().dim(2))
                                .at(i));
            }
        }
        return values;
    }

    @Test
    void one_graph_should_serve_batches_of_any_size_in_any_order() {
        for (int seed = 0; seed < 40; seed++) {
            RaggedCase greatest = RaggedCase.random(seed);
            if (greatest.steps() == 0) {
                continue;
            }
            NumpyRandom random = new NumpyRandom(seed);
            Unroll unroll = greatest.unroll(cell -> Unroll.fixed(cell, greatest.steps(), greatest.rows()));
            Graph graph = new Graph();
            for (int batch = 0; batch < 10; batch++) {
                int steps = random.randint(1, greatest.steps() + 1);
                int rows = random.randint(1, greatest.rows() + 1);
                RaggedCase each = greatest.first(steps, rows);
                Bits.assertSameAll(
                        each + ", batch " + batch,
                        RaggedRun.values(each, new Graph(), each.x()),
                        RaggedRun.values(each, unroll, graph, each.x()));
            }
        }
    }
}
