package dev.unfold.rnn.unroll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.init.NumpyRandom;
import org.junit.jupiter.api.Test;

class LayoutTest {
    @Test
    void steps_and_rows_should_change_places() {
        Tensor batchMajor = Tensor.of(new int[] {1, 2, 3, 4, 5, 6}, 2, 3);
        assertThat(Layout.timeMajor(batchMajor).sameBits(Tensor.of(new int[] {1, 4, 2, 5, 3, 6}, 3, 2)))
                .isTrue();
        assertThat(batchMajor.sameBits(Tensor.of(new int[] {1, 2, 3, 4, 5, 6}, 2, 3)))
                .isTrue();
    }

    @Test
    void both_should_be_swapped_axes_and_each_the_way_back() {
        int seed = 5;
        NumpyRandom random = new NumpyRandom(seed);
        for (int i = 0; i < 30; i++) {
            DType dtype = i % 2 == 0 ? DType.FLOAT32 : DType.FLOAT64;
            int rows = random.randint(0, 5);
            int steps = random.randint(0, 5);
            // A view, whose elements do not begin where its array does.
            Tensor x =
                    RaggedCase.normal(random, dtype, 3, rows * steps, 2).at(2).reshape(rows, steps, 2);
            Tensor swapped = Ops.swapAxes(Graph.inference().input(x), 0, 1).value();
            String what = "seed " + seed + ", case " + i;
            Bits.assertSame(what, swapped, Layout.timeMajor(x));
            Bits.assertSame(what, swapped, Layout.batchMajor(x));
            Bits.assertSame(what, x, Layout.batchMajor(Layout.timeMajor(x)));
        }
    }

    @Test
    void what_has_no_steps_or_no_rows_should_be_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Layout.timeMajor(Tensor.zeros(DType.INT32, 4)))
                .withMessage("layout: the sequences are [4]; expected [batch, time, ...]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Layout.batchMajor(Tensor.zeros(DType.INT32)))
                .withMessage("layout: the sequences are []; expected [time, batch, ...]");
    }

    @Test
    void a_batch_major_batch_should_be_unfolded_as_it_is_meant() {
        NumpyRandom random = new NumpyRandom(3);
        Unroll unroll = Unroll.dynamic(CellKind.LSTM.cell("rnn", DType.FLOAT32, random, 2, 3));
        Tensor images = RaggedCase.normal(random, DType.FLOAT32, 4, 5, 2);
        Graph graph = Graph.inference();
        Unrolled run = unroll.over(graph, Layout.timeMajor(images));
        Tensor inGraph =
                unroll.over(Ops.swapAxes(graph.input(images), 0, 1)).outputs().value();
        assertThat(run.outputs().value().sameBits(inGraph)).isTrue();
        Tensor outputs = Layout.batchMajor(run.outputs().value());
        for (int row = 0; row < 4; row++) {
            Tensor alone = unroll.over(graph, images.at(row).reshape(5, 1, 2))
                    .outputs()
                    .value();
            assertThat(outputs.at(row).sameBits(alone.reshape(5, 3))).isTrue();
        }
    }
}
