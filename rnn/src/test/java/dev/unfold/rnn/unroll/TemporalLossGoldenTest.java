package dev.unfold.rnn.unroll;

import static dev.unfold.rnn.Golden.assertClose;
import static dev.unfold.rnn.Weighted.transposed;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.CrossEntropy;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.Golden;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The course's loss over time: summed over the steps that its mask lets through, averaged over the rows. */
class TemporalLossGoldenTest {
    @ParameterizedTest
    @CsvSource({"FLOAT64, 1e-10, false", "FLOAT32, 1e-4, false", "FLOAT64, 1e-10, true", "FLOAT32, 1e-4, true"})
    void loss_and_gradient_should_equal_the_course(DType dtype, double tolerance, boolean byLengths) {
        Golden golden = Golden.load("temporal_softmax_loss");
        Graph graph = new Graph();
        Node x = graph.variable(golden.tensor("x").to(dtype));
        Node labels = graph.input(transposed(golden.tensor("labels")).to(DType.INT32));
        Tensor mask = transposed(golden.tensor("mask")).to(DType.INT32);
        CrossEntropy entropy = CrossEntropy.sumOverStepsMeanOverRows();
        if (byLengths) {
            // The course lets no step of the last row count: a length of 0, whatever its mask says.
            for (int t = 0; t < mask.shape().dim(0); t++) {
                mask.set(1, t, 2);
            }
            entropy = entropy.lengths(graph.input(Tensor.of(new int[] {4, 4, 0}, 3)));
        }
        Node loss = entropy.mask(graph.input(mask)).of(Ops.swapAxes(x, 0, 1), labels);
        graph.backward(loss);
        assertClose(golden.tensor("loss"), loss.value(), tolerance);
        assertClose(golden.tensor("grad.x"), x.gradient(), tolerance);
    }
}
