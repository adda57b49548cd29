package dev.unfold.examples.cell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.check.CellContract;
import dev.unfold.rnn.init.Initializers;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Unroll;
import org.junit.jupiter.api.Test;

class MinimalGatedCellTest {
    private static final int STEPS = 4;
    private static final int ROWS = 2;
    private static final int INPUT = 3;
    private static final int HIDDEN = 5;

    private final NumpyRandom random = new NumpyRandom(7);
    private final MinimalGatedCell cell =
            new MinimalGatedCell(new Parameters("mgu", DType.FLOAT64, random), INPUT, HIDDEN);
    private final Tensor inputs = Tensor.of(random.randn(STEPS * ROWS * INPUT), STEPS, ROWS, INPUT);

    MinimalGatedCellTest() {
        // Biases are zero at first, which would hide where they go.
        cell.parameters().forEach(each -> Initializers.normal(0, 0.5).fill(each.value(), random));
    }

    // tag::contract[]
    @Test
    void should_keep_the_contract_of_cells() {
        CellContract.of(p -> new MinimalGatedCell(p, 3, 4)).check();
    }
    // end::contract[]

    @Test
    void should_compute_the_equations() {
        Tensor outputs = outputs(Graph.inference()).value();
        for (int row = 0; row < ROWS; row++) {
            double[] h = new double[HIDDEN];
            for (int t = 0; t < STEPS; t++) {
                h = step(inputs.at(t).at(row).toDoubles(), h);
                for (int j = 0; j < HIDDEN; j++) {
                    assertThat(outputs.get(t, row, j)).isCloseTo(h[j], within(1e-14));
                }
            }
        }
    }

    @Test
    void should_give_its_state_out() {
        Graph graph = Graph.inference();
        var run = Unroll.dynamic(cell).over(graph, inputs);
        assertThat(run.last().value().sameBits(run.finalState().get("h"))).isTrue();
        assertThat(cell.outputSize()).isEqualTo(HIDDEN);
        assertThat(cell.inputSize()).isEqualTo(INPUT);
    }

    private Node outputs(Graph graph) {
        return Unroll.dynamic(cell).over(graph, inputs).outputs();
    }

    /** f = sigmoid(x wf + h uf + bf); n = tanh(x wn + (f h) un + bn); h' = (1 - f) h + f n. */
    private double[] step(double[] x, double[] h) {
        double[] f = sum(product(x, weight("wf")), product(h, weight("uf")), weight("bf"));
        double[] gated = new double[HIDDEN];
        for (int j = 0; j < HIDDEN; j++) {
            f[j] = 1 / (1 + Math.exp(-f[j]));
            gated[j] = f[j] * h[j];
        }
        double[] n = sum(product(x, weight("wn")), product(gated, weight("un")), weight("bn"));
        double[] next = new double[HIDDEN];
        for (int j = 0; j < HIDDEN; j++) {
            next[j] = (1 - f[j]) * h[j] + f[j] * Math.tanh(n[j]);
        }
        return next;
    }

    private Tensor weight(String name) {
        return cell.parameters().stream()
                .filter(each -> each.name().equals("mgu." + name))
                .findFirst()
                .orElseThrow()
                .value();
    }

    private static double[] product(double[] x, Tensor w) {
        double[] y = new double[HIDDEN];
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < HIDDEN; j++) {
                y[j] += x[i] * w.get(i, j);
            }
        }
        return y;
    }

    private static double[] sum(double[] a, double[] b, Tensor c) {
        double[] y = new double[HIDDEN];
        for (int j = 0; j < HIDDEN; j++) {
            y[j] = a[j] + b[j] + c.get(j);
        }
        return y;
    }
}
