package dev.unfold.graph;

import static dev.unfold.graph.TinyOps.PICK;
import static dev.unfold.graph.TinyOps.SQUARE;
import static dev.unfold.graph.TinyOps.TIMES;
import static dev.unfold.graph.TinyOps.TOTAL;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a graph computes; what it refuses is in {@code GraphRefusesTest}. */
class GraphTest {
    private final Graph graph = new Graph();
    private final Parameter weight = new Parameter("w", vector(2, 3));

    private static Tensor vector(double... values) {
        return Tensor.of(values, values.length);
    }

    /** The sum of x w, element by element. */
    private Node loss(Node x) {
        return graph.record(TOTAL, graph.record(TIMES, x, weight));
    }

    @Test
    void should_run_operations_as_they_are_recorded() {
        Node x = graph.input(vector(5, 7));
        Node product = graph.record(TIMES, x, weight);
        assertThat(product.value().toDoubles()).containsExactly(10, 21);
        assertThat(graph.record(TOTAL, product).item()).isEqualTo(31);
        assertThat(graph.size()).isEqualTo(4);
        assertThat(graph.node(2)).isSameAs(product);
        assertThat(product.id()).isEqualTo(2);
        assertThat(product.graph()).isSameAs(graph);
        assertThat(product.dtype()).isEqualTo(DType.FLOAT64);
    }

    @Test
    void should_tell_what_a_node_was_made_of() {
        Node x = graph.input(vector(5, 7));
        Node product = graph.record(TIMES, x, weight);
        assertThat(product.op()).isSameAs(TIMES);
        assertThat(product.inputs()).containsExactly(x, graph.use(weight));
        assertThat(product.parameter()).isNull();
        assertThat(graph.use(weight).parameter()).isSameAs(weight);
        assertThat(x.op()).isNull();
        assertThat(x.inputs()).isEmpty();
        assertThat(x.parameter()).isNull();
    }

    @Test
    void should_take_a_parameter_in_once() {
        Node used = graph.use(weight);
        loss(graph.input(vector(1, 1)));
        assertThat(graph.use(weight)).isSameAs(used);
        assertThat(graph.size()).isEqualTo(4);
    }

    @Test
    void should_select_by_integers() {
        Node picked = graph.record(PICK, weight, graph.input(Tensor.of(new int[] {1, 0, 1}, 3)));
        graph.backward(graph.record(TOTAL, picked));
        assertThat(picked.value().toDoubles()).containsExactly(3, 2, 3);
        assertThat(weight.gradient().toDoubles()).containsExactly(1, 2);
    }

    @Test
    void should_differentiate_by_parameters_and_variables_but_not_by_inputs() {
        Node variable = graph.variable(vector(5, 7));
        Node both = graph.record(TIMES, variable, graph.input(vector(10, 100)));
        graph.backward(loss(both));
        assertThat(weight.gradient().toDoubles()).containsExactly(50, 700);
        assertThat(variable.gradient().toDoubles()).containsExactly(20, 300);
        assertThat(both.gradient().toDoubles()).containsExactly(2, 3);
    }

    @Test
    void should_add_up_the_gradients_of_a_node_that_is_used_twice() {
        Node x = graph.variable(vector(5, 7));
        graph.backward(graph.record(TOTAL, graph.record(TIMES, x, x)));
        assertThat(x.gradient().toDoubles()).containsExactly(10, 14);
    }

    @Test
    void backward_adds_up_over_roots() {
        Node first = loss(graph.input(vector(1, 10)));
        Node second = loss(graph.input(vector(100, 1000)));
        graph.backward(List.of(second, first));
        assertThat(weight.gradient().toDoubles()).containsExactly(101, 1010);
    }

    @Test
    void backward_counts_a_root_twice_that_is_named_twice() {
        Node loss = loss(graph.input(vector(1, 10)));
        graph.backward(List.of(loss, loss));
        assertThat(weight.gradient().toDoubles()).containsExactly(2, 20);
    }

    @Test
    void backward_takes_a_root_that_another_root_depends_on() {
        Node product = graph.record(TIMES, graph.input(vector(1, 10)), weight);
        Node loss = graph.record(TOTAL, product);
        graph.backward(List.of(product, loss), List.of(vector(5, 6), Tensor.of(new double[] {1})));
        assertThat(weight.gradient().toDoubles()).containsExactly(6, 70);
    }

    @Test
    void backward_begins_with_the_seed_gradients() {
        Node product = graph.record(TIMES, graph.input(vector(5, 7)), weight);
        graph.backward(List.of(product), List.of(vector(-1, 0.5)));
        assertThat(weight.gradient().toDoubles()).containsExactly(-5, 3.5);
        assertThat(product.gradient().toDoubles()).containsExactly(-1, 0.5);
    }

    @Test
    void backward_takes_a_parameter_or_a_variable_itself_as_root() {
        Node variable = graph.variable(vector(1, 2));
        graph.backward(List.of(graph.use(weight), variable), List.of(vector(4, 5), vector(6, 7)));
        assertThat(weight.gradient().toDoubles()).containsExactly(4, 5);
        assertThat(variable.gradient().toDoubles()).containsExactly(6, 7);
    }

    @Test
    void backward_leaves_nodes_alone_that_no_root_depends_on() {
        Node unused = graph.variable(vector(1, 2));
        graph.record(SQUARE, unused);
        graph.backward(loss(graph.input(vector(1, 1))));
        assertThat(unused.gradient().toDoubles()).containsExactly(0, 0);
    }

    @Test
    void gradients_of_parameters_add_up_over_batches_and_those_of_variables_do_not() {
        for (int batch = 1; batch <= 3; batch++) {
            graph.reset();
            Node x = graph.variable(vector(1, 10));
            graph.backward(loss(x));
            assertThat(weight.gradient().toDoubles()).containsExactly(batch, 10.0 * batch);
            assertThat(x.gradient().toDoubles()).containsExactly(2, 3);
        }
    }

    @Test
    void should_hand_out_values_and_gradients_as_copies() {
        Node x = graph.variable(vector(5, 7));
        Node product = graph.record(TIMES, x, weight);
        product.value().fill(99);
        graph.backward(graph.record(TOTAL, product));
        x.gradient().fill(99);
        assertThat(product.value().toDoubles()).containsExactly(10, 21);
        assertThat(x.gradient().toDoubles()).containsExactly(2, 3);
    }

    @Test
    void saved_numbers_survive_until_backward() {
        Node x = graph.variable(vector(5, 7));
        Node square = graph.record(SQUARE, x);
        for (int i = 0; i < 5000; i++) {
            graph.record(SQUARE, square);
        }
        graph.backward(graph.record(TOTAL, square));
        assertThat(x.gradient().toDoubles()).containsExactly(10, 14);
    }

    @Test
    void memory_is_used_again_over_batches_of_changing_sizes() {
        long seed = 20;
        Random random = new Random(seed);
        long bytes = 0;
        for (int batch = 0; batch < 200; batch++) {
            graph.reset();
            // The largest first; afterwards anything that fits.
            int length = batch == 0 ? 5000 : 1 + random.nextInt(5000);
            int steps = batch == 0 ? 40 : 1 + random.nextInt(40);
            Node x = graph.variable(Tensor.zeros(DType.FLOAT32, length).fill(0.5));
            Node y = x;
            for (int step = 0; step < steps; step++) {
                y = graph.record(SQUARE, y);
            }
            graph.backward(graph.record(TOTAL, y));
            bytes = batch == 0 ? graph.bytes() : bytes;
            assertThat(graph.bytes()).as("seed %d, batch %d", seed, batch).isBetween(1L, bytes);
        }
    }

    @Test
    void values_after_a_reset_are_those_of_a_new_graph() {
        loss(graph.input(vector(1, 2)));
        graph.reset();
        assertThat(graph.size()).isZero();
        assertThat(loss(graph.input(vector(3, 4))).item()).isEqualTo(18);
    }

    @Test
    void should_name_the_operation_and_the_step_that_is_not_finite_first() {
        graph.atStep(0);
        Node x = graph.input(Tensor.of(new float[] {1e30f}, 1));
        graph.input(Tensor.of(new int[] {7}, 1));
        assertThat(graph.firstNonFinite()).isEmpty();
        graph.atStep(5);
        graph.record(SQUARE, graph.record(SQUARE, x));
        assertThat(graph.firstNonFinite()).hasValue("in square #2 [1] at step 5");
        graph.reset();
        Node infinite = graph.input(Tensor.of(new float[] {Float.POSITIVE_INFINITY}, 1));
        assertThat(graph.firstNonFinite()).hasValue("in input #0 [1]");
        graph.record(SQUARE, infinite);
        assertThat(graph.firstNonFinite())
                .hasValue("in input #0 [1] and the first operation that it spoils is square #1 [1]");
    }

    @Test
    void nodes_say_what_they_are() {
        assertThat(graph.use(weight)).hasToString("parameter 'w' #0 [2]");
        assertThat(graph.input(vector(1))).hasToString("input #1 [1]");
        graph.atStep(3);
        assertThat(graph.record(SQUARE, weight)).hasToString("square #2 [2] at step 3");
        graph.reset();
        assertThat(graph.input(vector(1)).step()).isEqualTo(-1);
    }

    @Test
    void inference_computes_the_same_values() {
        Graph inference = Graph.inference();
        assertThat(inference.recordsForBackward()).isFalse();
        assertThat(graph.recordsForBackward()).isTrue();
        assertThat(inference.record(SQUARE, weight).value().toDoubles()).containsExactly(4, 9);
    }
}
