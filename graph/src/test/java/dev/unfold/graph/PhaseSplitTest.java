package dev.unfold.graph;

import static dev.unfold.graph.TinyOps.COPY;
import static dev.unfold.graph.TinyOps.MEET;
import static dev.unfold.graph.TinyOps.NUMBER;
import static dev.unfold.graph.TinyOps.PLUS;
import static dev.unfold.graph.TinyOps.PRODUCT;
import static dev.unfold.graph.TinyOps.SQUARE;
import static dev.unfold.graph.TinyOps.TIMES;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What runs over all steps at once, and what step by step. */
class PhaseSplitTest {
    private static final int WIDTH = 2;

    private final Parameter v = new Parameter("v", Tensor.zeros(DType.FLOAT64, WIDTH, WIDTH));
    private final Parameter w = new Parameter("w", Tensor.zeros(DType.FLOAT64, WIDTH, WIDTH));

    private interface Step {
        List<Node> record(Graph graph, Node x, List<Node> carried);
    }

    private static StepRecord recorded(int states, Step step) {
        Graph graph = new Graph();
        Loop loop = new Loop("loop", 3, 4, (sequences, carried) -> {
            Node x = sequences.get(0);
            return step.record(x.graph(), x, carried);
        });
        List<Node> sequences = List.of(graph.variable(Tensor.zeros(DType.FLOAT64, 3, 4, WIDTH)));
        List<Node> carried = IntStream.range(0, states)
                .mapToObj(k -> graph.variable(Tensor.zeros(DType.FLOAT64, 4, WIDTH)))
                .toList();
        return new LoopMemory(loop).record(loop, graph, sequences, carried, 4, true);
    }

    /** Returns the phases of a step and their operations. */
    private static List<String> phases(int states, Step step) {
        return recorded(states, step).phases().stream()
                .map(phase -> phase.groups().stream()
                        .flatMap(group -> Arrays.stream(group.nodes))
                        .map(Node::name)
                        .collect(Collectors.joining(" ", phase.isMerged() ? "all: " : "steps: ", "")))
                .toList();
    }

    private Node cell(Graph graph, Node x, Node h) {
        return graph.record(SQUARE, graph.record(PLUS, graph.record(PRODUCT, x, v), graph.record(PRODUCT, h, w)));
    }

    @Test
    void products_of_a_sequence_should_run_before_the_loop() {
        assertThat(phases(1, (graph, x, h) -> {
                    Node next = cell(graph, x, h.get(0));
                    return List.of(next, next);
                }))
                .containsExactly("all: product", "steps: product plus square");
    }

    @Test
    void products_should_run_behind_the_loop_and_what_is_cheap_in_it() {
        assertThat(phases(1, (graph, x, h) -> {
                    Node next = cell(graph, x, h.get(0));
                    Node cheap = graph.record(COPY, next);
                    return List.of(graph.record(SQUARE, graph.record(PRODUCT, cheap, v)), next);
                }))
                .containsExactly("all: product", "steps: product plus square copy", "all: product square");
    }

    @Test
    void products_between_two_loops_should_run_between_them() {
        assertThat(phases(2, (graph, x, h) -> {
                    Node first = cell(graph, x, h.get(0));
                    Node second = cell(graph, graph.record(COPY, first), h.get(1));
                    return List.of(graph.record(PRODUCT, graph.record(COPY, second), w), first, second);
                }))
                .containsExactly(
                        "all: product",
                        "steps: product plus square copy",
                        "all: product",
                        "steps: product plus square copy",
                        "all: product");
    }

    @Test
    void loops_that_do_not_wait_for_each_other_should_run_together() {
        assertThat(phases(2, (graph, x, h) -> {
                    Node first = cell(graph, x, h.get(0));
                    Node second = cell(graph, x, h.get(1));
                    return List.of(graph.record(TIMES, first, second), first, second);
                }))
                .containsExactly("all: product product", "steps: product plus square product plus square times");
    }

    @Test
    void one_loop_through_several_values_should_stay_one() {
        assertThat(phases(2, (graph, x, h) -> {
                    Node first = graph.record(PRODUCT, h.get(1), v);
                    Node second = graph.record(PRODUCT, h.get(0), w);
                    return List.of(graph.record(COPY, x), first, second);
                }))
                .containsExactly("all: copy", "steps: product product");
    }

    @Test
    void a_step_that_looks_at_nothing_before_should_have_no_loop() {
        assertThat(phases(0, (graph, x, h) -> List.of(graph.record(SQUARE, graph.record(PRODUCT, x, v)))))
                .containsExactly("all: product square");
    }

    @Test
    void what_asks_for_the_number_of_the_step_should_run_step_by_step() {
        assertThat(phases(0, (graph, x, h) -> {
                    Node made = graph.record(PRODUCT, x, v);
                    return List.of(graph.record(PRODUCT, graph.record(NUMBER, made), w));
                }))
                .containsExactly("all: product", "steps: number", "all: product");
    }

    @Test
    void should_not_be_divided_where_rows_meet() {
        Step meets = (graph, x, h) -> {
            Node next = cell(graph, graph.record(MEET, x), h.get(0));
            return List.of(graph.record(PRODUCT, next, v), next);
        };
        assertThat(phases(1, meets)).containsExactly("steps: meet product product plus square product");
        assertThat(recorded(1, meets).isApart()).isFalse();
    }

    @Test
    void a_product_with_two_values_of_the_batch_should_be_no_product_of_a_matrix() {
        assertThat(phases(1, (graph, x, h) -> {
                    Node next = graph.record(TIMES, x, h.get(0));
                    return List.of(graph.record(TIMES, next, x), next);
                }))
                .containsExactly("steps: times times");
    }

    @Test
    void a_product_of_what_is_itself_carried_on_should_stay_in_the_loop() {
        // On a tape its gradient comes to the carried value after that of the step behind, which is to come later if it
        // ran before all.
        assertThat(phases(1, (graph, x, h) -> {
                    Node next = cell(graph, x, h.get(0));
                    return List.of(graph.record(PRODUCT, next, v), next);
                }))
                .containsExactly("all: product", "steps: product plus square product");
        assertThat(phases(1, (graph, x, h) -> {
                    Node next = cell(graph, x, h.get(0));
                    return List.of(graph.record(TIMES, graph.record(PRODUCT, next, v), next), next);
                }))
                .containsExactly("all: product", "steps: product plus square product times");
    }

    @Test
    void two_loops_should_be_one_where_the_second_takes_in_what_the_first_carries_on() {
        assertThat(phases(2, (graph, x, h) -> {
                    Node first = cell(graph, x, h.get(0));
                    Node second = cell(graph, first, h.get(1));
                    return List.of(graph.record(COPY, second), first, second);
                }))
                .containsExactly("all: product", "steps: product plus square product product plus square copy");
    }

    @Test
    void a_product_of_a_value_from_the_step_before_should_run_in_its_loop() {
        assertThat(phases(1, (graph, x, h) -> {
                    Node output = graph.record(PRODUCT, h.get(0), v);
                    return List.of(output, graph.record(PLUS, graph.record(PRODUCT, h.get(0), w), x));
                }))
                .containsExactly("steps: product product plus");
    }

    @Test
    void a_carried_value_that_a_later_loop_looks_at_too_should_keep_both_together() {
        assertThat(phases(2, (graph, x, h) -> {
                    Node first = cell(graph, x, h.get(0));
                    Node between = graph.record(PRODUCT, graph.record(COPY, first), v);
                    Node second = graph.record(PLUS, graph.record(PLUS, between, h.get(0)), h.get(1));
                    return List.of(second, first, second);
                }))
                .containsExactly("all: product", "steps: product plus square copy product plus plus");
    }
}
