package dev.unfold.rnn.cell;

import static dev.unfold.ops.Ops.swapAxes;
import static dev.unfold.rnn.Golden.assertClose;
import static dev.unfold.rnn.Golden.assertPrinted;
import static dev.unfold.rnn.Weighted.added;
import static dev.unfold.rnn.Weighted.linspace;
import static dev.unfold.rnn.Weighted.parameter;
import static dev.unfold.rnn.Weighted.set;
import static dev.unfold.rnn.Weighted.transposed;
import static dev.unfold.rnn.Weighted.weightedSum;
import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.CrossEntropy;
import dev.unfold.rnn.Golden;
import dev.unfold.rnn.Mode;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Unrolled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The vanilla cell against reference values: PyTorch's, and those printed in the courses. */
@ParameterizedClass
@EnumSource(Mode.class)
class VanillaCellGoldenTest {
    private final Mode mode;

    VanillaCellGoldenTest(Mode mode) {
        this.mode = mode;
    }

    @ParameterizedTest
    @CsvSource({
        "rnn_tanh, TANH, FLOAT64, 1e-10",
        "rnn_tanh, TANH, FLOAT32, 1e-4",
        "rnn_relu, RELU, FLOAT64, 1e-10",
        "rnn_relu, RELU, FLOAT32, 1e-4"
    })
    void should_equal_pytorch_in_values_and_gradients(
            String file, Activation activation, DType dtype, double tolerance) {
        Golden golden = Golden.load(file);
        VanillaCell cell = cell(dtype, golden.configInt("D"), golden.configInt("H"), activation);
        set(cell, "wx", transposed(golden.tensor("weight_ih_l0")));
        set(cell, "wh", transposed(golden.tensor("weight_hh_l0")));
        set(cell, "b", added(golden.tensor("bias_ih_l0"), golden.tensor("bias_hh_l0")));

        Graph graph = new Graph();
        Node x = graph.variable(golden.tensor("x").to(dtype));
        Node h0 = graph.variable(golden.tensor("h0").at(0).to(dtype));
        Unrolled run = mode.unroll(cell).from(State.of("h", h0)).over(x);
        Node y = run.outputs();
        Node hn = run.finalNodes().get("h");
        Node loss = weightedSum(y, golden.tensor("weight.y"))
                .plus(weightedSum(hn, golden.tensor("weight.hn").at(0)));
        graph.backward(loss);

        assertClose(golden.tensor("y"), y.value(), tolerance);
        assertClose(golden.tensor("hn").at(0), hn.value(), tolerance);
        assertClose(golden.tensor("hn").at(0), run.finalState().get("h"), tolerance);
        assertClose(golden.tensor("loss"), loss.value(), tolerance);
        assertClose(golden.tensor("grad.x"), x.gradient(), tolerance);
        assertClose(golden.tensor("grad.h0").at(0), h0.gradient(), tolerance);
        assertClose(
                transposed(golden.tensor("grad.weight_ih_l0")),
                parameter(cell, "wx").gradient(),
                tolerance);
        assertClose(
                transposed(golden.tensor("grad.weight_hh_l0")),
                parameter(cell, "wh").gradient(),
                tolerance);
        assertClose(golden.tensor("grad.bias_ih_l0"), parameter(cell, "b").gradient(), tolerance);
        assertClose(golden.tensor("grad.bias_hh_l0"), parameter(cell, "b").gradient(), tolerance);
    }

    @Test
    void should_make_the_step_printed_in_the_language_modelling_assignment() {
        Golden golden = Golden.load("course_vanilla_step");
        VanillaCell cell = courseCell(golden);
        Graph graph = Graph.inference();
        State before = State.of("h", graph.input(golden.tensor("h_prev")));
        Unrolled run = GoldenSteps.run(mode, cell, graph.input(golden.tensor("x")), before);
        assertPrinted(golden.tensor("expected_h"), run.last().value());
    }

    @Test
    void should_make_the_sequence_printed_in_the_language_modelling_assignment() {
        Golden golden = Golden.load("course_vanilla_sequence");
        VanillaCell cell = courseCell(golden);
        Graph graph = Graph.inference();
        Node x = swapAxes(graph.input(golden.tensor("x")), 0, 1);
        Unrolled run = mode.unroll(cell)
                .from(State.of("h", graph.input(golden.tensor("h0"))))
                .over(x);
        assertPrinted(golden.tensor("expected_h"), swapAxes(run.outputs(), 0, 1).value());
    }

    private static VanillaCell courseCell(Golden golden) {
        VanillaCell cell = cell(DType.FLOAT64, golden.configInt("D"), golden.configInt("H"), Activation.TANH);
        set(cell, "wx", golden.tensor("Wx"));
        set(cell, "wh", golden.tensor("Wh"));
        set(cell, "b", golden.tensor("b"));
        return cell;
    }

    @Test
    void should_reach_the_final_state_printed_in_the_sequence_practical() {
        Golden golden = Golden.load("practical_final_state");
        int d = golden.configInt("D");
        int h = golden.configInt("H");
        NumpyRandom random = new NumpyRandom(1234);
        VanillaCell cell = cell(DType.FLOAT64, d, h, Activation.TANH);
        set(cell, "wx", scaled(Tensor.of(random.randn(d * h), d, h), Math.sqrt(d / 2.0)));
        set(cell, "wh", scaled(Tensor.of(random.randn(h * h), h, h), Math.sqrt(h / 2.0)));
        random.randn(h * d); // the practical draws the output layer in between
        Tensor x = Tensor.of(random.randn(golden.configInt("T") * d), golden.configInt("T"), 1, d);
        Unrolled run = mode.unroll(cell).over(Graph.inference(), x);
        assertPrinted(golden.tensor("expected_h"), run.last().value());
    }

    private static Tensor scaled(Tensor tensor, double divisor) {
        return Graph.inference().input(tensor).times(1 / divisor).value();
    }

    @Test
    void should_give_the_loss_of_the_language_modelling_assignment() {
        Golden golden = Golden.load("course_losses");
        int n = 10;
        int d = 20;
        int h = 40;
        int v = 4;
        int t = 13;
        VanillaCell cell = cell(DType.FLOAT64, d, h, Activation.TANH);
        set(cell, "wx", linspace(-1.4, 1.3, d, h));
        set(cell, "wh", linspace(-1.4, 1.3, h, h));
        set(cell, "b", linspace(-1.4, 1.3, h));
        Tensor labels = Tensor.zeros(DType.INT32, t, n);
        for (int row = 0; row < n; row++) {
            for (int step = 0; step < t; step++) {
                labels.set((row * t + step) % v, step, row);
            }
        }
        Graph graph = Graph.inference();
        Node features = swapAxes(graph.input(linspace(-1.5, 0.3, n, t, d)), 0, 1);
        State h0 = State.of("h", graph.input(linspace(-1.5, 0.5, n, h)));
        Node scores = mode.unroll(cell).from(h0).over(features).outputs();
        Node loss = CrossEntropy.sumOverStepsMeanOverRows().of(scores, graph.input(labels));
        assertClose(
                golden.tensor("rnn"), loss.value(), 1e-10 / golden.tensor("rnn").item());
    }

    @ParameterizedTest
    @EnumSource(Activation.class)
    void without_bias_should_be_the_same_as_a_zero_bias(Activation activation) {
        Tensor x = linspace(-1, 1, 4, 2, 3);
        Graph graph = Graph.inference();
        VanillaCell with = cell(DType.FLOAT64, 3, 5, activation);
        VanillaCell without =
                new VanillaCell(new Parameters("rnn", DType.FLOAT64, new NumpyRandom(1)), 3, 5, activation, false);
        assertThat(without.parameters()).hasSize(2);
        assertClose(
                mode.unroll(with).over(graph, x).outputs().value(),
                mode.unroll(without).over(graph, x).outputs().value(),
                1e-12);
    }

    private static VanillaCell cell(DType dtype, int inputSize, int hiddenSize, Activation activation) {
        Parameters parameters = new Parameters("rnn", dtype, new NumpyRandom(1));
        return new VanillaCell(parameters, inputSize, hiddenSize, activation, true);
    }
}
