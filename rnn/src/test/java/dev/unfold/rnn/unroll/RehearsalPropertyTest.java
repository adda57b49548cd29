package dev.unfold.rnn.unroll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.MemoryReport;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.init.NumpyRandom;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a rehearsal tells of memory is what the run takes, at each moment. */
class RehearsalPropertyTest {
    private static final int SEEDS = 13 * 6;

    private static MemoryReport report(RaggedCase each, Graph graph, int threads, long budget) {
        graph.threads(threads);
        graph.watchMemory(true);
        graph.training(each.seed());
        Unroll unroll = each.unroll(cell ->
                budget == 0 ? Unroll.dynamic(cell) : Unroll.dynamic(cell).budget(budget));
        Node x = graph.variable(each.x());
        Node loss = RaggedRun.record(each, unroll, x, State.EMPTY).get("loss");
        if (each.anyCounts()) {
            graph.backward(Objects.requireNonNull(loss));
        }
        return graph.memory();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void should_tell_what_is_taken_at_each_moment(int threads) {
        for (int seed = 0; seed < SEEDS; seed++) {
            RaggedCase each = RaggedCase.random(seed);
            each.unroll().parameters().forEach(Parameter::zeroGradient);
            for (long budget : new long[] {0, 1 << 24}) {
                assertThat(report(each, Graph.rehearsal(), threads, budget).moments())
                        .as("%s, budget %d", each, budget)
                        .isEqualTo(report(each, new Graph(), threads, budget).moments());
            }
            for (Parameter parameter : each.unroll().parameters()) {
                parameter.zeroGradient();
            }
            report(each, Graph.rehearsal(), threads, 0);
            for (Parameter parameter : each.unroll().parameters()) {
                assertThat(parameter
                                .gradient()
                                .sameBits(Tensor.zeros(
                                        parameter.value().dtype(),
                                        parameter.value().shape())))
                        .as("%s: gradient of %s", each, parameter)
                        .isTrue();
            }
        }
    }

    @Test
    void what_is_not_there_should_be_refused() {
        NumpyRandom random = new NumpyRandom(1);
        Graph graph = Graph.rehearsal();
        Tensor x = RaggedCase.normal(random, DType.FLOAT32, 5, 2, 3);
        Node last = Unroll.dynamic(CellKind.LSTM.cell("lstm", DType.FLOAT32, random, 3, 4))
                .over(graph, x)
                .last();
        assertThatIllegalStateException()
                .isThrownBy(last::value)
                .withMessageContaining("rehearsal: asks for the value of ")
                .withMessageContaining("take it on a real graph");
        assertThatIllegalStateException().isThrownBy(graph::firstNonFinite).withMessageContaining("rehearsal");
        assertThatIllegalStateException()
                .isThrownBy(() -> Unroll.fixed(CellKind.LSTM.cell("gru", DType.FLOAT32, random, 3, 4), 5, 2)
                        .over(graph, x))
                .withMessageContaining("which cannot be rehearsed; Plan.memory() tells");
        graph.backward(Ops.sum(last));
        assertThatIllegalStateException()
                .isThrownBy(last::gradient)
                .withMessageContaining("has no gradient in a rehearsal");
    }
}
