package dev.unfold.rnn.unroll;

import static dev.unfold.rnn.Golden.assertClose;
import static dev.unfold.rnn.Weighted.transposed;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.ops.CrossEntropy;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.Golden;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The course's loss over time: summed over the steps that its mask lets through, averaged over the rows. */
class TemporalLossGoldenTest {
    @ParameterizedTest
    @CsvSource({"FLOAT64, 1e-10", "FLOAT32, 1e-4"})
    void loss_and_gradient_should_equal_the_course(DType dtype, double tolerance) {
        Golden golden = Golden.load("temporal_softmax_loss");
        Graph graph = new Graph();
        Node x = graph.variable(golden.tensor("x").to(dtype));
        Node labels = graph.input(transposed(golden.tensor("labels")).to(DType.INT32));
        Node mask = graph.input(transposed(golden.tensor("mask")).to(DType.INT32));
        Node loss = CrossEntropy.sumOverStepsMeanOverRows().mask(mask).of(Ops.swapAxes(x, 0, 1), labels);
        graph.backward(loss);
        assertClose(golden.tensor("loss"), loss.value(), tolerance);
        assertClose(golden.tensor("grad.x"), x.gradient(), tolerance);
    }
}
