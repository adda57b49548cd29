package dev.unfold.graph;

import static dev.unfold.graph.TinyOps.PLUS;
import static dev.unfold.graph.TinyOps.PRODUCT;
import static dev.unfold.graph.TinyOps.SQUARE;
import static dev.unfold.graph.TinyOps.TIMES;
import static dev.unfold.graph.TinyOps.TOTAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a tape gives back of finished steps, and that nobody can tell from the numbers. */
class StepReleasesTest {
    private final Graph graph = new Graph();
    private final Parameter weight = new Parameter("w", Tensor.of(new double[] {2, 3}, 2));
    private final Node x = graph.variable(Tensor.of(new double[] {5, 7}, 2));

    private Node node(Op op, Operand... operands) {
        return graph.record(op, operands);
    }

    @Test
    void should_give_back_values_that_no_backward_reads() {
        int first = graph.size();
        Node sum = node(PLUS, x, weight);
        Node factor = node(PLUS, sum, x);
        Node result = node(TIMES, factor, weight);
        graph.endStep(first, List.of(result));
        assertThatIllegalStateException()
                .isThrownBy(sum::value)
                .withMessage(
                        "plus #2 [2]: its value has been given back, as nothing reads it behind its step; make it part of the output"
                                + " or the state, ask for it inside the step, or call graph.keepAll(true) before");
        assertThat(factor.value().toDoubles()).containsExactly(12, 17);
        assertThat(result.value().toDoubles()).containsExactly(24, 51);
        graph.backward(node(TOTAL, result));
        assertThat(weight.gradient().toDoubles()).containsExactly(12 + 2, 17 + 3);
        assertThat(x.gradient().toDoubles()).containsExactly(4, 6);
        assertThat(result.value().toDoubles()).containsExactly(24, 51);
        assertThatIllegalStateException().isThrownBy(factor::value);
        assertThatIllegalStateException()
                .isThrownBy(result::gradient)
                .withMessage(
                        "times #4 [2]: its gradient has been given back when backward passed its step; call graph.keepAll(true) before"
                                + " the step is recorded");
    }

    @Test
    void should_refuse_operands_that_have_been_given_back() {
        int first = graph.size();
        Node captured = node(PLUS, x, weight);
        Node part = graph.slices(captured, 0, 1);
        Node result = node(PLUS, captured, x);
        graph.endStep(first, List.of(result));
        for (Node gone : List.of(captured, part)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> node(TOTAL, gone))
                    .withMessageContaining(gone + ": its value has been given back");
            assertThatIllegalStateException().isThrownBy(() -> graph.slices(gone, 0, 1));
            assertThatIllegalStateException().isThrownBy(gone::value);
        }
    }

    @Test
    void should_keep_what_results_are_slices_of() {
        int first = graph.size();
        Node whole = node(PLUS, x, weight);
        Node part = graph.slices(whole, 1, 2);
        graph.endStep(first, List.of(part));
        assertThat(part.value().toDoubles()).containsExactly(10);
        graph.backward(node(TOTAL, part));
        assertThat(x.gradient().toDoubles()).containsExactly(0, 1);
        assertThatIllegalStateException().isThrownBy(part::gradient);
    }

    @Test
    void should_keep_what_slices_of_it_are_read_for() {
        int first = graph.size();
        Node whole = node(PLUS, x, weight);
        Node result = node(TIMES, graph.slices(whole, 0, 1), graph.slices(whole, 1, 2));
        graph.endStep(first, List.of(result));
        assertThat(whole.value().toDoubles()).containsExactly(7, 10);
        graph.backward(result);
        assertThat(weight.gradient().toDoubles()).containsExactly(10, 7);
    }

    @Test
    void should_keep_everything_where_that_is_wanted() {
        graph.keepAll(true);
        int first = graph.size();
        Node sum = node(PLUS, x, weight);
        Node result = node(PLUS, sum, x);
        graph.endStep(first, List.of(result));
        graph.backward(node(TOTAL, result));
        assertThat(sum.value().toDoubles()).containsExactly(7, 10);
        assertThat(sum.gradient().toDoubles()).containsExactly(1, 1);
        assertThat(result.gradient().toDoubles()).containsExactly(1, 1);
    }

    @Test
    void should_refuse_steps_that_cannot_be() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.endStep(2, List.of()))
                .withMessage("endStep: no node 2 to begin with, there are 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph.endStep(0, List.of(new Graph().input(weight.value()))))
                .withMessage("endStep: result input #0 [2] belongs to another graph");
    }

    @Test
    void should_find_what_is_not_finite_inside_steps() {
        for (boolean differentiated : new boolean[] {false, true}) {
            Graph tape = new Graph();
            Node state = tape.variable(Tensor.of(new double[] {1e200, 1}, 2));
            Node start = state;
            for (int step = 0; step < 3; step++) {
                tape.atStep(step);
                int first = tape.size();
                Node sum = tape.record(PLUS, state, start);
                Node part = tape.slices(tape.record(PLUS, sum, start), 0, 2);
                Node square = step == 1 ? tape.record(SQUARE, part) : part;
                state = tape.record(PLUS, square, start);
                tape.endStep(first, List.of(state));
            }
            tape.atStep(-1);
            Node loss = tape.record(TOTAL, state);
            if (differentiated) {
                tape.backward(loss);
            }
            assertThat(tape.firstNonFinite()).isEqualTo(Optional.of("in square #8 [2] at step 1"));
            assertThat(tape.firstNonFinite()).as("again").isEqualTo(Optional.of("in square #8 [2] at step 1"));
        }
    }

    @Test
    void should_find_what_is_not_finite_behind_what_a_step_has_captured() {
        int first = graph.size();
        Node captured = node(PLUS, x, weight);
        Node before = node(TIMES, captured, x);
        graph.endStep(first, List.of(before));
        first = graph.size();
        Node infinite = node(PLUS, node(TIMES, captured, before), graph.input(Tensor.of(new double[] {1, 0.0 / 0}, 2)));
        Node result = node(PLUS, infinite, captured);
        graph.endStep(first, List.of(result));
        Node loss = node(TOTAL, result);
        String expected = "in input #5 [2] and the first operation that it spoils is " + infinite;
        assertThat(graph.firstNonFinite()).hasValue(expected);
        graph.backward(loss);
        assertThatIllegalStateException().isThrownBy(captured::value);
        assertThat(graph.firstNonFinite()).hasValue(expected);
    }

    @Test
    void should_find_what_is_not_finite_behind_what_is_looked_at_where_it_lies() {
        int first = graph.size();
        Node inner = node(SQUARE, x);
        Node result = node(SQUARE, inner);
        graph.endStep(first, List.of(result));
        Node part = graph.slices(inner, 1, 2);
        Node infinite = node(TIMES, part, graph.input(Tensor.of(new double[] {0.0 / 0}, 1)));
        String expected = "in input #4 [1] and the first operation that it spoils is " + infinite;
        assertThat(graph.firstNonFinite()).hasValue(expected);
        graph.backward(node(TOTAL, node(PLUS, infinite, graph.slices(result, 0, 1))));
        assertThatIllegalStateException().isThrownBy(inner::value);
        assertThat(graph.firstNonFinite()).hasValue(expected);
        assertThat(graph.firstNonFinite()).as("again").hasValue(expected);
    }

    @Test
    void should_find_what_is_not_finite_behind_a_loop_over_what_a_step_has_computed() {
        Loop loop = new Loop("squares", 1, 2, (sequences, carried) -> {
            Node next = sequences.get(0).graph().record(TIMES, carried.get(0), sequences.get(0));
            return List.of(next.graph().record(SQUARE, next), next);
        });
        Node sequence = graph.input(Tensor.of(new double[] {2, 3}, 1, 2));
        int first = graph.size();
        Node inner = node(SQUARE, x);
        Node result = node(SQUARE, inner);
        graph.endStep(first, List.of(result));
        Repeated repeated = graph.repeat(loop, TinySchedule.whole(1, 2), List.of(sequence), List.of(inner));
        Node infinite = node(TIMES, repeated.result(0, 0), graph.input(Tensor.of(new double[] {1, 0.0 / 0}, 2)));
        graph.backward(node(TOTAL, node(PLUS, infinite, result)));
        assertThatIllegalStateException().isThrownBy(inner::value);
        assertThat(graph.firstNonFinite())
                .hasValueSatisfying(
                        found -> assertThat(found).endsWith("the first operation that it spoils is " + infinite));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void any_recording_should_have_the_bits_that_it_has_where_everything_is_kept(int threads) {
        Graph lean = new Graph();
        lean.threads(threads);
        for (int seed = 0; seed < 300; seed++) {
            Graph rich = new Graph();
            rich.keepAll(true);
            Map<String, Tensor> expected = values(rich, seed);
            Map<String, Tensor> actual = values(lean, seed);
            for (String name : expected.keySet()) {
                assertThat(Objects.requireNonNull(actual.get(name)).sameBits(expected.get(name)))
                        .as("seed %d: %s: expected %s, not %s", seed, name, expected.get(name), actual.get(name))
                        .isTrue();
            }
            assertThat(lean.size()).isEqualTo(rich.size());
            lean.reset();
        }
    }

    /** Records random steps, some with a slice or what a step before has computed, and differentiates a sum of results. */
    private static Map<String, Tensor> values(Graph graph, int seed) {
        Random random = new Random(seed);
        int rows = 1 + random.nextInt(4);
        int width = 1 + random.nextInt(3);
        Parameter matrix = new Parameter("matrix", normal(random, width, width));
        Parameter bias = new Parameter("bias", normal(random, rows, width));
        Node start = graph.variable(normal(random, rows, width));
        List<Node> results = new ArrayList<>(List.of(start));
        int steps = 1 + random.nextInt(20);
        for (int step = 0; step < steps; step++) {
            graph.atStep(step);
            if ((steps - step) % 4 == 0) {
                graph.beginStretch();
            }
            int first = graph.size();
            List<Node> pool = new ArrayList<>(List.of(start, results.get(results.size() - 1)));
            for (int i = 1 + random.nextInt(8); i > 0; i--) {
                Node a = pool.get(random.nextInt(pool.size()));
                Node b = pool.get(random.nextInt(pool.size()));
                pool.add(
                        switch (random.nextInt(7)) {
                            case 0 -> graph.record(PLUS, a, b);
                            case 1 -> graph.record(TIMES, a, b);
                            case 2 -> graph.record(PRODUCT, a, matrix);
                            case 3 -> graph.record(SQUARE, a);
                            case 4 -> graph.record(TIMES, a, bias);
                            case 5 -> graph.record(PLUS, graph.slices(a, 0, rows), b);
                            default -> graph.record(PLUS, a, bias);
                        });
            }
            Node last = pool.get(pool.size() - 1);
            Node result = random.nextInt(4) == 0 ? graph.record(PLUS, graph.slices(last, 0, rows), start) : last;
            graph.endStep(first, List.of(result));
            results.add(result);
        }
        graph.atStep(-1);
        graph.beginStretch();
        Map<String, Tensor> values = new LinkedHashMap<>();
        List<Node> roots = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            values.put("result " + i, results.get(i).value());
            if (i == results.size() - 1 || random.nextBoolean()) {
                roots.add(graph.record(TOTAL, results.get(i)));
            }
        }
        graph.backward(roots);
        values.put("gradient of the start", start.gradient());
        values.put("gradient of the matrix", matrix.gradient().copy());
        values.put("gradient of the bias", bias.gradient().copy());
        for (int i = 0; i < results.size(); i++) {
            values.put("result " + i + ", behind backward", results.get(i).value());
        }
        return values;
    }

    private static Tensor normal(Random random, int rows, int width) {
        Tensor tensor = Tensor.zeros(DType.FLOAT64, rows, width);
        for (int i = 0; i < tensor.size(); i++) {
            tensor.setFlat(i, random.nextGaussian() / 2);
        }
        return tensor;
    }
}
