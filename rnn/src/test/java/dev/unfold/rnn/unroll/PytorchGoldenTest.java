package dev.unfold.rnn.unroll;

import static dev.unfold.rnn.Golden.assertClose;
import static dev.unfold.rnn.Weighted.weightedSum;
import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.Golden;
import dev.unfold.rnn.Mode;
import dev.unfold.rnn.cell.State;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole layers over sequences, stacked, both ways, over ragged batches, against PyTorch: values and all gradients. */
@ParameterizedClass
@EnumSource(Mode.class)
class PytorchGoldenTest {
    private final Mode mode;

    PytorchGoldenTest(Mode mode) {
        this.mode = mode;
    }

    private static final List<String> FIELDS = List.of("h", "c");

    @ParameterizedTest
    @CsvSource({
        "rnn_tanh, tanh",
        "rnn_relu, relu",
        "rnn_tanh_variable_lengths, tanh",
        "rnn_tanh_variable_lengths_bidirectional, tanh",
        "gru, gru",
        "gru_bidirectional_two_layers, gru",
        "gru_variable_lengths, gru",
        "gru_variable_lengths_bidirectional, gru",
        "lstm, lstm",
        "lstm_bidirectional, lstm",
        "lstm_two_layers, lstm",
        "lstm_variable_lengths, lstm",
        "lstm_variable_lengths_bidirectional, lstm"
    })
    void layers_should_equal_pytorch_in_values_and_gradients(String file, String kind) {
        check(Golden.load(file), kind, DType.FLOAT64, 1e-10);
        check(Golden.load(file), kind, DType.FLOAT32, 1e-4);
    }

    private void check(Golden golden, String kind, DType dtype, double tolerance) {
        boolean bidirectional = golden.configFlag("bidirectional");
        int directions = bidirectional ? 2 : 1;
        int layers = (int) golden.config("num_layers", 1);
        Graph graph = new Graph();
        Node x = graph.variable(golden.tensor("x").to(dtype));
        Lengths lengths = golden.hasConfig("lengths") ? Lengths.of(golden.configInts("lengths")) : Lengths.full();
        List<PytorchLayer> parts = new ArrayList<>();
        List<State> initial = new ArrayList<>();
        List<State> last = new ArrayList<>();
        Node y = x;
        for (int layer = 0; layer < layers; layer++) {
            PytorchLayer forward = PytorchLayer.load(golden, kind, dtype, layer, false);
            parts.add(forward);
            initial.add(initial(golden, graph, dtype, layer * directions));
            if (!bidirectional) {
                Unroll unroll = started(mode.unroll(forward.cell()), initial.get(layer));
                Unrolled run = unroll.over(y, lengths);
                last.add(run.finalNodes());
                y = run.outputs();
                continue;
            }
            PytorchLayer backward = PytorchLayer.load(golden, kind, dtype, layer, true);
            parts.add(backward);
            initial.add(initial(golden, graph, dtype, layer * directions + 1));
            State both = prefixed(
                    prefixed(State.EMPTY, "forward.", initial.get(2 * layer)), "backward.", initial.get(2 * layer + 1));
            Unrolled run = started(
                            Unroll.bidirectional(
                                    mode.unroll(forward.cell()), mode.unroll(backward.cell()), Merge.CONCAT),
                            both)
                    .over(y, lengths);
            last.add(without("forward.", run.finalNodes()));
            last.add(without("backward.", run.finalNodes()));
            y = run.outputs();
        }
        Node loss = weightedSum(y, golden.tensor("weight.y"));
        for (int i = 0; i < last.size(); i++) {
            for (String field : last.get(i).names()) {
                if (golden.hasTensor("weight." + field + "n")) {
                    loss = loss.plus(weightedSum(
                            last.get(i).get(field),
                            golden.tensor("weight." + field + "n").at(i)));
                }
            }
        }
        graph.backward(loss);

        assertClose(golden.tensor("y"), y.value(), tolerance);
        assertClose(golden.tensor("loss"), loss.value(), tolerance);
        assertClose(golden.tensor("grad.x"), x.gradient(), tolerance);
        for (int i = 0; i < last.size(); i++) {
            checkStates(golden, last.get(i), initial.get(i), i, tolerance);
        }
        for (PytorchLayer part : parts) {
            part.gradients()
                    .forEach((name, gradient) -> assertClose(golden.tensor("grad." + name), gradient, tolerance));
        }
    }

    private static void checkStates(Golden golden, State last, State initial, int index, double tolerance) {
        for (String field : last.names()) {
            assertClose(golden.tensor(field + "n").at(index), last.get(field).value(), tolerance);
        }
        for (String field : initial.names()) {
            assertClose(
                    golden.tensor("grad." + field + "0").at(index),
                    initial.get(field).gradient(),
                    tolerance);
        }
        assertThat(last.names()).isNotEmpty();
    }

    private static State initial(Golden golden, Graph graph, DType dtype, int index) {
        State state = State.EMPTY;
        for (String field : FIELDS) {
            if (golden.hasTensor(field + "0")) {
                Tensor value = golden.tensor(field + "0").at(index).to(dtype);
                state = state.with(field, graph.variable(value));
            }
        }
        return state;
    }

    private static Unroll started(Unroll unroll, State initial) {
        return initial.names().isEmpty() ? unroll : unroll.from(initial);
    }

    private static State prefixed(State target, String prefix, State source) {
        State state = target;
        for (String name : source.names()) {
            state = state.with(prefix + name, source.get(name));
        }
        return state;
    }

    private static State without(String prefix, State source) {
        State state = State.EMPTY;
        for (String name : source.names()) {
            if (name.startsWith(prefix)) {
                state = state.with(name.substring(prefix.length()), source.get(name));
            }
        }
        return state;
    }
}
