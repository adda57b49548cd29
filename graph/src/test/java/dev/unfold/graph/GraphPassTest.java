package dev.unfold.graph;

import static dev.unfold.graph.TinyOps.SQUARE;
import static dev.unfold.graph.TinyOps.TIMES;
import static dev.unfold.graph.TinyOps.TOTAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What operations see while a graph runs them, and when. */
class GraphPassTest {
    private static final Tensor DATA = Tensor.of(new double[] {1, 2}, 2);

    private final Graph graph = new Graph();
    private final Parameter weight = new Parameter("w", DATA.copy());

    /** An operation of any number of inputs that does what a test says. */
    private record Scripted(String name, Reads reads, Consumer<Pass> onForward, BiConsumer<Pass, Integer> onBackward)
            implements Op {
        @Override
        public Shape shape(Shape[] inputs) {
            return inputs[0];
        }

        @Override
        public Reads backwardReads(int input) {
            return reads;
        }

        @Override
        public void forward(Pass pass) {
            pass.output().fill(0);
            onForward.accept(pass);
        }

        @Override
        public void backward(Pass pass, int input) {
            onBackward.accept(pass, input);
        }
    }

    private static Scripted inBackward(Reads reads, Consumer<Pass> script) {
        return new Scripted("scripted", reads, pass -> {}, (pass, input) -> script.accept(pass));
    }

    private void assertBackwardRefuses(Reads reads, Consumer<Pass> script, String message) {
        graph.reset();
        Node y = graph.record(inBackward(reads, script), weight, graph.variable(DATA));
        assertThatIllegalStateException()
                .isThrownBy(() -> graph.backward(List.of(y), List.of(DATA)))
                .withMessage(message);
    }

    @Test
    void should_refuse_to_show_backward_what_it_did_not_declare() {
        String input1 = "scripted: backward reads input 1, which backwardReads does not name";
        assertBackwardRefuses(Reads.NOTHING, pass -> pass.input(1), input1);
        assertBackwardRefuses(Reads.inputs(0).and(Reads.OUTPUT), pass -> pass.input(1), input1);
        assertBackwardRefuses(
                Reads.inputs(0, 1),
                Pass::output,
                "scripted: backward reads the output, which backwardReads does not name");
    }

    @Test
    void should_show_backward_what_it_declared_and_every_shape() {
        AtomicReference<Pass> seen = new AtomicReference<>();
        Reads reads = Reads.inputs(1).and(Reads.OUTPUT);
        Node y = graph.record(
                inBackward(reads, pass -> {
                    assertThat(pass.input(1).toDoubles()).containsExactly(1, 2);
                    assertThat(pass.output().toDoubles()).containsExactly(0, 0);
                    assertThat(pass.inputShape(0)).isEqualTo(Shape.of(2));
                    assertThat(pass.saved().size()).isZero();
                    assertThat(pass.outputGradient().toDoubles()).containsExactly(1, 2);
                    assertThat(pass.inputGradient().toDoubles()).containsExactly(0, 0);
                    seen.set(pass);
                }),
                weight,
                graph.input(DATA));
        graph.backward(List.of(y), List.of(DATA));
        assertThat(seen.get()).isNotNull();
    }

    @Test
    void should_refuse_gradients_in_forward() {
        for (Consumer<Pass> script : List.<Consumer<Pass>>of(Pass::outputGradient, Pass::inputGradient)) {
            Op op = new Scripted("eager", Reads.NOTHING, script, (pass, input) -> {});
            assertThatIllegalStateException()
                    .isThrownBy(() -> graph.record(op, weight))
                    .withMessage("eager: has no gradients in forward");
        }
    }

    /** Multiplies, and logs whose gradient it was asked for. */
    private Node logged(List<String> log, String name, Operand a, Operand b) {
        return graph.record(
                new Scripted(name, Reads.NOTHING, pass -> {}, (pass, input) -> log.add(name + "." + input)), a, b);
    }

    @Test
    void parameters_are_served_after_the_sweep_in_ascending_order_of_use() {
        List<String> log = new ArrayList<>();
        Node x = graph.variable(DATA);
        Node first = logged(log, "first", weight, x);
        Node second = logged(log, "second", first, weight);
        Node third = logged(log, "third", weight, second);
        graph.backward(List.of(third), List.of(DATA));
        assertThat(log).containsExactly("third.1", "second.0", "first.1", "first.0", "second.1", "third.0");
    }

    @Test
    void constants_are_not_differentiated() {
        List<String> log = new ArrayList<>();
        Node constant = graph.record(SQUARE, graph.input(DATA));
        Node y = logged(log, "first", constant, weight);
        graph.backward(List.of(logged(log, "second", y, constant)), List.of(DATA));
        assertThat(log).containsExactly("second.0", "first.1");
    }

    @Test
    void a_gradient_summed_over_steps_is_one_chain_in_the_order_of_use() {
        // 1, then 2^53 twice, then -2^54: in ascending order the 1 is lost at its first sum.
        double huge = 0x1p53;
        Parameter scalar = new Parameter("w", Tensor.of(new double[] {1}, 1));
        List<Node> roots = new ArrayList<>();
        for (double each : new double[] {1, huge, huge, -2 * huge}) {
            Node x = graph.input(Tensor.of(new double[] {each}, 1));
            roots.add(graph.record(TOTAL, graph.record(TIMES, x, scalar)));
        }
        graph.backward(roots);
        assertThat(scalar.gradient().getFlat(0)).isEqualTo(1 + huge + huge - 2 * huge);
        assertThat(-2 * huge + huge + huge + 1).isNotEqualTo(1 + huge + huge - 2 * huge);
    }
}
