package dev.unfold.ops;

import static dev.unfold.ops.Ops.addmm;
import static dev.unfold.ops.Ops.affine;
import static dev.unfold.ops.Ops.at;
import static dev.unfold.ops.Ops.clip;
import static dev.unfold.ops.Ops.concat;
import static dev.unfold.ops.Ops.matmul;
import static dev.unfold.ops.Ops.max;
import static dev.unfold.ops.Ops.slice;
import static dev.unfold.ops.Ops.split;
import static dev.unfold.ops.Ops.stack;
import static dev.unfold.ops.Ops.stopGradient;
import static dev.unfold.ops.Ops.sum;
import static dev.unfold.ops.Ops.swapAxes;
import static dev.unfold.ops.Ops.times;
import static dev.unfold.ops.Ops.transpose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What operations compute, by example; that they keep the contract is in {@code OpContractTest}. */
class OpsTest {
    private final Graph graph = new Graph();

    private Node vector(double... values) {
        return graph.variable(Tensor.of(values, values.length));
    }

    /** Returns a tensor that counts from 0. */
    private Node counting(int... dims) {
        Tensor tensor = Tensor.of(new double[Shape.of(dims).size()], dims);
        for (int i = 0; i < tensor.size(); i++) {
            tensor.setFlat(i, i);
        }
        return graph.variable(tensor);
    }

    private static void assertValues(Node node, double... expected) {
        assertThat(node.value().toDoubles()).containsExactly(expected);
    }

    @Test
    void nodes_offer_arithmetic() {
        Node a = vector(6, -2);
        Parameter b = new Parameter("b", Tensor.of(new double[] {2, 4}, 2));
        assertValues(a.plus(b), 8, 2);
        assertValues(a.minus(b), 4, -6);
        assertValues(a.times(b), 12, -8);
        assertValues(a.dividedBy(b), 3, -0.5);
        assertValues(a.plus(1), 7, -1);
        assertValues(a.minus(1), 5, -3);
        assertValues(a.times(0.5), 3, -1);
        assertValues(a.negated(), -6, 2);
        assertValues(Ops.oneMinus(a), -5, 3);
    }

    @Test
    void the_smaller_operand_is_repeated_over_leading_axes() {
        assertValues(counting(2, 2).plus(vector(10, 20)), 10, 21, 12, 23);
        assertValues(vector(10, 20).minus(counting(2, 2)), 10, 19, 8, 17);
        assertValues(counting(2, 1, 2).times(vector(10, 100)), 0, 100, 20, 300);
        assertThat(vector(1, 2).plus(counting(1, 2)).shape()).isEqualTo(Shape.of(1, 2));
    }

    @Test
    void products_fold_the_leading_axes_of_a_sequence() {
        Node x = counting(2, 2, 2);
        Node w = graph.input(Tensor.of(new double[] {1, 10, 100, 1000}, 2, 2));
        assertThat(matmul(x, w).shape()).isEqualTo(Shape.of(2, 2, 2));
        assertValues(matmul(x, w), 100, 1000, 302, 3020, 504, 5040, 706, 7060);
        assertValues(affine(x, w, vector(0.5, -0.5)), 100.5, 999.5, 302.5, 3019.5, 504.5, 5039.5, 706.5, 7059.5);
        assertValues(addmm(counting(2, 2, 2), x, w), 100, 1001, 304, 3023, 508, 5045, 712, 7067);
        assertValues(Ops.matmulTransposedB(counting(1, 2), w), 10, 1000);
        assertValues(Ops.matmulTransposedA(counting(2, 1), w), 100, 1000);
    }

    @Test
    void moving_elements_keeps_their_order() {
        assertValues(concat(1, counting(2, 1), counting(2, 2)), 0, 0, 1, 1, 2, 3);
        assertValues(stack(1, List.of(vector(1, 2), vector(3, 4))), 1, 3, 2, 4);
        assertValues(slice(counting(2, 3), -1, 1, 3), 1, 2, 4, 5);
        assertValues(at(counting(2, 3), 1, 2), 2, 5);
        assertValues(transpose(counting(2, 3)), 0, 3, 1, 4, 2, 5);
        assertValues(swapAxes(counting(2, 1, 2), 0, 2), 0, 2, 1, 3);
        assertValues(swapAxes(counting(2, 3), 0, -1), 0, 3, 1, 4, 2, 5);
        assertThat(swapAxes(counting(4, 3, 5), 2, 0).shape()).isEqualTo(Shape.of(5, 3, 4));
    }

    @Test
    void split_cuts_an_axis_into_equal_parts() {
        List<Node> parts = split(counting(2, 4), -1, 2);
        assertThat(parts).hasSize(2);
        assertValues(parts.get(0), 0, 1, 4, 5);
        assertValues(parts.get(1), 2, 3, 6, 7);
        assertThat(split(counting(2, 4), 0, 1)).hasSize(1);
        assertThat(split(counting(0, 4), 0, 3))
                .hasSize(3)
                .allMatch(part -> part.shape().equals(Shape.of(0, 4)));
    }

    @Test
    void stop_gradient_hides_one_path_and_leaves_the_other() {
        Node x = vector(3, 5);
        Node stopped = stopGradient(x);
        assertValues(stopped, 3, 5);
        graph.backward(sum(times(stopped, x)));
        assertThat(x.gradient().toDoubles()).containsExactly(3, 5);
    }

    @Test
    void stop_gradient_leaves_nothing_to_differentiate() {
        Node loss = sum(stopGradient(vector(3, 5)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.backward(loss))
                .withMessageContaining("depends on no parameter and no variable");
    }

    @Test
    void the_gradient_of_max_goes_to_the_first_that_is_greatest() {
        Node x = vector(1, 4, 4, 2);
        graph.backward(max(x, 0));
        assertThat(x.gradient().toDoubles()).containsExactly(0, 1, 0, 0);
    }

    @Test
    void gradients_at_kinks_are_those_documented() {
        Node x = vector(0, -0.0, -1, 1);
        Node abs = Ops.abs(x);
        Node relu = Ops.relu(x);
        Node clipped = clip(x, -1, 1);
        assertValues(abs, 0, 0, 1, 1);
        assertValues(relu, 0, 0, 0, 1);
        graph.backward(List.of(sum(abs.times(100)), sum(relu.times(10)), sum(clipped)));
        assertThat(x.gradient().toDoubles()).containsExactly(1, 1, -99, 111);
    }

    @Test
    void l2_penalty_is_half_the_strength_times_all_squares() {
        Parameter w = new Parameter("w", Tensor.of(new double[] {1, 2}, 2));
        Parameter b = new Parameter("b", Tensor.of(new double[] {3}));
        Node penalty = Ops.l2Penalty(graph, 0.2, List.of(w, b));
        assertThat(penalty.item()).isEqualTo(0.1 * 14);
        graph.backward(penalty);
        assertThat(w.gradient().toDoubles()).containsExactly(0.2, 0.4);
        assertThat(Ops.l2Penalty(new Graph(), 0, List.of(w)).item()).isZero();
    }
}
