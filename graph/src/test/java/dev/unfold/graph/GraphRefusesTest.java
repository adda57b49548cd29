package dev.unfold.graph;

import static dev.unfold.graph.TinyOps.PICK;
import static dev.unfold.graph.TinyOps.SQUARE;
import static dev.unfold.graph.TinyOps.TIMES;
import static dev.unfold.graph.TinyOps.TOTAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What a graph refuses, by message. */
class GraphRefusesTest {
    private static final Tensor DATA = Tensor.of(new double[] {1, 2}, 2);

    private final Graph graph = new Graph();
    private final Parameter weight = new Parameter("w", DATA.copy());

    private Node total(Operand x) {
        return graph.record(TOTAL, x);
    }

    private static void assertState(ThrowingCallable call, String message) {
        assertThatIllegalStateException().isThrownBy(call).withMessage(message);
    }

    private static void assertArgument(ThrowingCallable call, String message) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
    }

    @Test
    void should_refuse_a_spent_graph() {
        Node x = graph.input(DATA);
        Node loss = total(weight);
        graph.backward(loss);
        String spent = "graph: spent by backward; call reset() and record the next batch from its inputs";
        assertState(() -> graph.record(SQUARE, x), spent);
        assertState(() -> graph.input(DATA), spent);
        assertState(() -> graph.variable(DATA), spent);
        assertState(() -> graph.use(new Parameter("new", DATA)), spent);
        assertState(() -> graph.use(weight), spent);
        assertState(
                () -> graph.backward(loss),
                "backward: this graph is already differentiated; to add up several losses give all roots to one call,"
                        + " else reset() and record again");
    }

    @Test
    void should_refuse_backward_on_an_inference_graph() {
        Graph inference = Graph.inference();
        Node loss = inference.record(TOTAL, weight);
        assertState(() -> inference.backward(loss), "backward: this graph was made for inference; use new Graph()");
    }

    @Test
    void should_refuse_to_train_too_late_or_without_backward() {
        graph.training(1);
        assertThat(graph.isTraining()).isTrue();
        graph.reset();
        assertThat(graph.isTraining()).isFalse();
        graph.input(DATA);
        assertState(
                () -> graph.training(1), "training: nodes recorded already: 1; call it before the first of a batch");
        assertState(
                () -> Graph.inference().training(1), "training: this graph was made for inference; use new Graph()");
    }

    @Test
    void should_refuse_a_node_from_before_the_reset() {
        Node stale = graph.input(DATA);
        graph.reset();
        graph.input(DATA);
        String message = "input #0 [2]: its graph has been reset since, and its memory used again;"
                + " read values before the reset";
        assertState(() -> graph.record(SQUARE, stale), message);
        assertState(stale::value, message);
        assertState(stale::item, message);
        assertState(stale::gradient, message);
        assertState(() -> graph.backward(List.of(stale), List.of(DATA)), message);
    }

    @Test
    void should_refuse_operands_of_another_graph() {
        Node foreign = new Graph().input(DATA);
        assertArgument(
                () -> graph.record(TIMES, graph.input(DATA), foreign),
                "times: operand 1, input #0 [2], belongs to another graph; pass its value() on through input");
        assertArgument(
                () -> graph.backward(List.of(foreign), List.of(DATA)),
                "backward: root input #0 [2] belongs to another graph");
    }

    @Test
    void should_refuse_mixed_precision() {
        Node single = graph.input(DATA.to(DType.FLOAT32));
        assertArgument(
                () -> graph.record(TIMES, weight, single),
                "times: operand 1, input #0 [2], is float32 but an operand before it is float64;"
                        + " convert one by Tensor.to");
    }

    @Test
    void should_refuse_integers_where_numbers_belong_and_numbers_where_integers_belong() {
        Node integers = graph.input(DATA.to(DType.INT32));
        Node numbers = graph.input(DATA);
        assertArgument(
                () -> graph.record(SQUARE, integers),
                "square: operand 0, input #0 [2], is int32; expected float32 or float64");
        assertArgument(
                () -> graph.record(PICK, numbers, numbers),
                "pick: operand 1, input #1 [2], is float64; expected int32");
        assertArgument(() -> graph.record(TOTAL), "total: has no floating-point operand");
        assertArgument(
                () -> graph.variable(DATA.to(DType.INT32)), "variable: an int32 tensor has no gradient; use input");
    }

    @Test
    void should_stay_usable_after_a_refusal() {
        Node x = graph.input(DATA);
        Node other = graph.input(Tensor.zeros(DType.FLOAT64, 3));
        assertArgument(() -> graph.record(TIMES, x, other), "times: a is [2] and b is [3]");
        graph.backward(total(graph.record(TIMES, x, weight)));
        assertThat(weight.gradient().toDoubles()).containsExactly(1, 2);
    }

    @Test
    void should_refuse_roots_that_cannot_be_differentiated() {
        Node x = graph.input(DATA);
        Node square = graph.record(SQUARE, weight);
        assertArgument(
                () -> graph.backward(square),
                "backward: root square #2 [2] has 2 elements; reduce it to one by a sum or a mean,"
                        + " or give a seed gradient");
        assertArgument(
                () -> graph.backward(total(x)), "backward: root total #3 [] depends on no parameter and no variable");
        assertArgument(() -> graph.backward(List.of()), "backward: no roots are given; expected at least one");
    }

    @Test
    void should_refuse_seeds_that_do_not_match() {
        Node square = graph.record(SQUARE, weight);
        assertArgument(
                () -> graph.backward(List.of(square), List.of(Tensor.zeros(DType.FLOAT64, 3))),
                "backward: the seed of root square #1 [2] is float64 [3]; expected float64 [2]");
        assertArgument(
                () -> graph.backward(List.of(square), List.of(DATA.to(DType.FLOAT32))),
                "backward: the seed of root square #1 [2] is float32 [2]; expected float64 [2]");
        assertArgument(
                () -> graph.backward(List.of(square), List.of(DATA, DATA)),
                "backward: 1 roots and 2 seed gradients; expected one seed for each of at least one root");
        graph.backward(List.of(square), List.of(DATA));
        assertThat(weight.gradient().toDoubles()).containsExactly(2, 8);
    }

    @Test
    void should_refuse_a_gradient_that_is_not_there() {
        Node constant = graph.input(DATA);
        Node square = graph.record(SQUARE, weight);
        assertState(square::gradient, "square #2 [2]: has no gradient yet; call backward first");
        graph.backward(total(square));
        assertState(
                constant::gradient,
                "input #0 [2]: depends on no parameter and no variable, so it has no gradient;"
                        + " take the tensor in by Graph.variable");
    }

    @Test
    void should_refuse_the_item_of_many() {
        Node x = graph.input(DATA);
        assertState(x::item, "item: tensor [2] holds 2 elements, not one");
    }

    @Test
    void should_refuse_a_node_that_is_not_there() {
        graph.input(DATA);
        assertArgument(() -> graph.node(1), "graph: no node 1, there are 1");
        assertArgument(() -> graph.node(-1), "graph: no node -1, there are 1");
    }
}
