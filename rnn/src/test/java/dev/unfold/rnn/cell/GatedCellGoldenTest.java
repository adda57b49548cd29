package dev.unfold.rnn.cell;

import static dev.unfold.ops.Ops.swapAxes;
import static dev.unfold.rnn.Golden.assertClose;
import static dev.unfold.rnn.Golden.assertPrinted;
import static dev.unfold.rnn.Weighted.joined;
import static dev.unfold.rnn.Weighted.linspace;
import static dev.unfold.rnn.Weighted.set;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.CrossEntropy;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.Golden;
import dev.unfold.rnn.Mode;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Unrolled;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Steps of LSTM and GRU, plain and varied, against reference values; the numbers printed in the course. */
@ParameterizedClass
@EnumSource(Mode.class)
class GatedCellGoldenTest {
    private final Mode mode;

    GatedCellGoldenTest(Mode mode) {
        this.mode = mode;
    }

    private static Parameters parameters(DType dtype) {
        return new Parameters("rnn", dtype, new NumpyRandom(1));
    }

    private static LstmCell lstm(Golden golden, DType dtype, LstmCell.Options options) {
        return new LstmCell(parameters(dtype), golden.configInt("D"), golden.configInt("H"), options);
    }

    private static String[] names(String prefix, String gates) {
        return gates.chars().mapToObj(gate -> prefix + (char) gate).toArray(String[]::new);
    }

    private static Map<String, String[]> lstmGroups(String gates) {
        Map<String, String[]> groups = new LinkedHashMap<>();
        groups.put("w", names("W", gates));
        groups.put("u", names("U", gates));
        groups.put("b", names("b", gates));
        return groups;
    }

    @ParameterizedTest
    @CsvSource({"FLOAT64, 1e-10", "FLOAT32, 1e-4"})
    void lstm_with_peepholes(DType dtype, double tolerance) {
        Golden golden = Golden.load("lstm_peephole");
        Map<String, String[]> groups = lstmGroups("ifgo");
        List.of("pi", "pf", "po").forEach(name -> groups.put(name, new String[] {name}));
        LstmCell cell = lstm(golden, dtype, LstmCell.options().withPeepholes());
        GoldenSteps.check(golden, mode, cell, dtype, groups, tolerance);
    }

    @ParameterizedTest
    @CsvSource({"FLOAT64, 1e-10", "FLOAT32, 1e-4"})
    void lstm_with_coupled_gates(DType dtype, double tolerance) {
        Golden golden = Golden.load("lstm_coupled");
        LstmCell cell = lstm(golden, dtype, LstmCell.options().withCoupledGates());
        GoldenSteps.check(golden, mode, cell, dtype, lstmGroups("igo"), tolerance);
    }

    @ParameterizedTest
    @CsvSource({"FLOAT64, 1e-10", "FLOAT32, 1e-4"})
    void lstm_with_layer_normalisation(DType dtype, double tolerance) {
        Golden golden = Golden.load("lstm_layer_norm");
        Map<String, String[]> groups = new LinkedHashMap<>();
        groups.put("w", new String[] {"W"});
        groups.put("u", new String[] {"U"});
        List.of("b", "gx", "gh", "gc", "bc").forEach(name -> groups.put(name, new String[] {name}));
        LstmCell cell = lstm(golden, dtype, LstmCell.options().withLayerNorm());
        GoldenSteps.check(golden, mode, cell, dtype, groups, tolerance);
    }

    @ParameterizedTest
    @CsvSource({"FLOAT64, 1e-10", "FLOAT32, 1e-4"})
    void gru_with_reset_before_the_product(DType dtype, double tolerance) {
        Golden golden = Golden.load("gru_reset_before");
        Map<String, String[]> groups = new LinkedHashMap<>();
        groups.put("w", names("W", "rzn"));
        groups.put("b", names("b", "rzn"));
        groups.put("u", names("U", "rz"));
        groups.put("un", new String[] {"Un"});
        GruCell cell = new GruCell(
                parameters(dtype), golden.configInt("D"), golden.configInt("H"), GruCell.Variant.RESET_BEFORE);
        GoldenSteps.check(golden, mode, cell, dtype, groups, tolerance);
    }

    @Test
    void lstm_step_printed_in_the_language_modelling_assignment() {
        Golden golden = Golden.load("course_lstm_step");
        LstmCell cell = courseLstm(golden.tensor("Wx"), golden.tensor("Wh"), golden.tensor("b"));
        Graph graph = Graph.inference();
        State state = State.of("h", graph.input(golden.tensor("h_prev")), "c", graph.input(golden.tensor("c_prev")));
        State next = GoldenSteps.run(mode, cell, graph.input(golden.tensor("x")), state)
                .finalNodes();
        assertPrinted(golden.tensor("expected_h"), next.get("h").value());
        assertPrinted(golden.tensor("expected_c"), next.get("c").value());
    }

    @Test
    void lstm_sequence_printed_in_the_language_modelling_assignment() {
        Golden golden = Golden.load("course_lstm_sequence");
        LstmCell cell = courseLstm(golden.tensor("Wx"), golden.tensor("Wh"), golden.tensor("b"));
        Unrolled run = courseRun(cell, golden.tensor("x"), golden.tensor("h0"));
        assertPrinted(golden.tensor("expected_h"), swapAxes(run.outputs(), 0, 1).value());
    }

    @Test
    void lstm_loss_of_the_language_modelling_assignment() {
        Golden golden = Golden.load("course_losses");
        int n = 10;
        int t = 13;
        int h = 40;
        LstmCell cell =
                courseLstm(linspace(-1.4, 1.3, 20, 4 * h), linspace(-1.4, 1.3, h, 4 * h), linspace(-1.4, 1.3, 4 * h));
        Unrolled run = courseRun(cell, linspace(-1.5, 0.3, n, t, 20), linspace(-1.5, 0.5, n, h));
        Tensor labels = Tensor.zeros(DType.INT32, t, n);
        for (int row = 0; row < n; row++) {
            for (int step = 0; step < t; step++) {
                labels.set((row * t + step) % 4, step, row);
            }
        }
        Node scores = run.outputs();
        Node loss = CrossEntropy.sumOverStepsMeanOverRows()
                .of(scores, scores.graph().input(labels));
        assertClose(
                golden.tensor("lstm"),
                loss.value(),
                1e-10 / golden.tensor("lstm").item());
    }

    private Unrolled courseRun(LstmCell cell, Tensor x, Tensor h0) {
        Graph graph = Graph.inference();
        State initial = State.of("h", graph.input(h0), "c", graph.input(Tensor.zeros(DType.FLOAT64, h0.shape())));
        return mode.unroll(cell).from(initial).over(swapAxes(graph.input(x), 0, 1));
    }

    /** The course's gate order is i, f, o, g; ours is i, f, g, o. */
    private static LstmCell courseLstm(Tensor wx, Tensor wh, Tensor b) {
        LstmCell cell = new LstmCell(
                parameters(DType.FLOAT64), wx.shape().dim(0), wh.shape().dim(0));
        set(cell, "w", reordered(wx));
        set(cell, "u", reordered(wh));
        set(cell, "b", reordered(b));
        return cell;
    }

    private static Tensor reordered(Tensor ifog) {
        Node blocks = Graph.inference().input(ifog);
        List<Tensor> gates = Ops.split(blocks, -1, 4).stream().map(Node::value).toList();
        return joined(gates.get(0), gates.get(1), gates.get(3), gates.get(2));
    }
}
