package dev.unfold.examples;

import static dev.unfold.ops.Ops.affine;
import static dev.unfold.ops.Ops.sum;
import static dev.unfold.ops.Ops.tanh;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Op;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.graph.check.GradientCheck;
import dev.unfold.graph.check.GradientReport;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The code that docs/graph.md shows, compiled and run. */
class OwnOpTest {
    // tag::op[]
    /** y = x^3; dx = 3 x^2 dy. */
    record Cube() implements Op {
        @Override
        public String name() {
            return "cube";
        }

        @Override
        public Shape shape(Shape[] inputs) {
            return inputs[0];
        }

        @Override
        public Reads backwardReads(int input) {
            return Reads.inputs(0);
        }

        @Override
        public void forward(Pass pass) {
            Tensor x = pass.input(0);
            for (int i = 0; i < x.size(); i++) {
                pass.output().setFlat(i, Math.pow(x.getFlat(i), 3));
            }
        }

        @Override
        public void backward(Pass pass, int input) {
            Tensor dx = pass.inputGradient();
            for (int i = 0; i < dx.size(); i++) {
                double x = pass.input(0).getFlat(i);
                dx.setFlat(i, dx.getFlat(i) + 3 * x * x * pass.outputGradient().getFlat(i));
            }
        }
    }
    // end::op[]

    @Test
    void an_operation_of_ones_own_should_pass_the_gradient_check() {
        // tag::check[]
        Parameter x = new Parameter("x", Tensor.of(new double[] {-1, 0.5, 2}, 3));
        GradientReport report = new GradientCheck().check(List.of(x), graph -> sum(graph.record(new Cube(), x)));
        // end::check[]
        assertThat(report.warnings()).isEmpty();
        assertThat(report.elements().get(2).gradient()).isEqualTo(12, within(1e-12));
    }

    @Test
    void a_graph_should_serve_batch_after_batch() {
        Parameter w = new Parameter("w", Tensor.zeros(DType.FLOAT64, 3, 2));
        Parameter b = new Parameter("b", Tensor.zeros(DType.FLOAT64, 2).fill(0.5));
        List<Tensor> batches = List.of(
                Tensor.zeros(DType.FLOAT64, 4, 3),
                Tensor.zeros(DType.FLOAT64, 7, 3).fill(1));
        // tag::graph[]
        Graph graph = new Graph();
        for (Tensor batch : batches) {
            graph.reset();
            Node x = graph.input(batch); // [N, 3]
            Node loss = sum(tanh(affine(x, w, b))); // runs at once
            graph.backward(loss); // adds to w.gradient() and b.gradient()
        }
        // end::graph[]
        double slope = 1 - Math.pow(Math.tanh(0.5), 2);
        assertThat(b.gradient().get(0)).isEqualTo(11 * slope, within(1e-12));
        assertThat(w.gradient().get(0, 0)).isEqualTo(7 * slope, within(1e-12));
    }
}
