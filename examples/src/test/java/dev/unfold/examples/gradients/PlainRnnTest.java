package dev.unfold.examples.gradients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.model.SequenceTagger;
import dev.unfold.rnn.unroll.Unroll;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainRnnTest {
    private static final int CASES = 60;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void should_compute_what_the_graph_does_at_any_size(boolean isStatic) {
        for (int seed = 0; seed < CASES; seed++) {
            Comparison comparison = Comparison.of(exercise(seed, isStatic));
            assertThat(comparison.agrees(1e-12))
                    .as("seed " + seed + ": " + comparison.plainLoss() + ", " + comparison.graphLoss() + ", "
                            + comparison.pairs().stream()
                                    .map(Comparison.Pair::figures)
                                    .toList())
                    .isTrue();
        }
    }

    @Test
    void a_changed_gradient_should_not_agree() {
        Comparison comparison = Comparison.of(exercise(1, false));
        comparison.pairs().get(1).plain()[0][0] += 1e-11;
        assertThat(comparison.agrees(1e-12)).isFalse();
        assertThat(comparison.pairs().get(1).where()).isEqualTo("[0, 0]");
        comparison.pairs().get(1).plain()[0][0] = Double.NaN;
        assertThat(comparison.agrees(1e-12)).isFalse();
        assertThat(comparison.pairs().get(1).where()).isEqualTo("[0, 0]");
    }

    /** All parameters are drawn, biases too, so that nothing agrees for being 0. */
    private static Exercise exercise(int seed, boolean isStatic) {
        NumpyRandom random = new NumpyRandom(seed);
        int steps = random.randint(1, 13);
        int rows = random.randint(1, 6);
        int input = random.randint(1, 8);
        int hidden = random.randint(1, 10);
        int classes = random.randint(2, 7);
        Cell cell = new VanillaCell(new Parameters("rnn", DType.FLOAT64, random), input, hidden);
        Unroll unroll = isStatic ? Unroll.fixed(cell, steps, rows) : Unroll.dynamic(cell);
        SequenceTagger tagger = new SequenceTagger(new Parameters("output", DType.FLOAT64, random), unroll, classes);
        for (Parameter each : tagger.parameters()) {
            for (int i = 0; i < each.value().size(); i++) {
                each.value().setFlat(i, 0.5 * random.nextGaussian());
            }
        }
        Tensor labels = Tensor.zeros(DType.INT32, steps, rows);
        for (int i = 0; i < labels.size(); i++) {
            labels.setFlat(i, random.randint(0, classes));
        }
        return new Exercise(tagger, Tensor.of(random.randn(steps * rows * input), steps, rows, input), labels);
    }

    @Test
    void should_make_the_step_printed_in_the_language_modelling_assignment() throws IOException {
        JsonObject golden = golden("course_vanilla_step");
        double[][] h = PlainRnn.step(weights(golden), matrix(golden, "x"), matrix(golden, "h_prev"));
        assertPrinted(h, matrix(golden, "expected_h"));
    }

    @Test
    void should_make_the_sequence_printed_in_the_language_modelling_assignment() throws IOException {
        JsonObject golden = golden("course_vanilla_sequence");
        Tensor x = tensor(golden, "x");
        Tensor expected = tensor(golden, "expected_h");
        int steps = x.shape().dim(1);
        double[][][] inputs = new double[steps][][];
        for (int t = 0; t < steps; t++) {
            inputs[t] = step(x, t);
        }
        PlainRnn.Forward run =
                PlainRnn.forward(weights(golden), inputs, matrix(golden, "h0"), new int[steps][inputs[0].length]);
        for (int t = 0; t < steps; t++) {
            assertPrinted(run.states[t], step(expected, t));
        }
    }

    /** With an output layer of zeros, which does not matter to the states. */
    private static PlainRnn.Weights weights(JsonObject golden) {
        double[] b = tensor(golden, "b").toDoubles();
        return new PlainRnn.Weights(
                matrix(golden, "Wx"), matrix(golden, "Wh"), b, new double[b.length][2], new double[2]);
    }

    /** Returns a step of a sequence whose first axis is that of the rows. */
    private static double[][] step(Tensor sequences, int step) {
        double[][] rows = new double[sequences.shape().dim(0)][];
        for (int n = 0; n < rows.length; n++) {
            rows[n] = sequences.at(n).at(step).toDoubles();
        }
        return rows;
    }

    private static void assertPrinted(double[][] actual, double[][] expected) {
        assertThat(actual).hasDimensions(expected.length, expected[0].length);
        for (int n = 0; n < expected.length; n++) {
            for (int j = 0; j < expected[n].length; j++) {
                assertThat(actual[n][j]).isCloseTo(expected[n][j], within(5.001e-9));
            }
        }
    }

    private static double[][] matrix(JsonObject golden, String name) {
        return Comparison.matrix(tensor(golden, name));
    }

    private static Tensor tensor(JsonObject golden, String name) {
        JsonObject tensor = golden.getAsJsonObject(name);
        return Tensor.of(
                numbers(tensor, "data"),
                Arrays.stream(numbers(tensor, "shape"))
                        .mapToInt(each -> (int) each)
                        .toArray());
    }

    private static double[] numbers(JsonObject tensor, String name) {
        JsonArray array = tensor.getAsJsonArray(name);
        double[] numbers = new double[array.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = array.get(i).getAsDouble();
        }
        return numbers;
    }

    private static JsonObject golden(String name) throws IOException {
        Path file = Path.of(System.getProperty("unfold.shared", "../shared"), "golden", name + ".json");
        Assumptions.assumeTrue(Files.isRegularFile(file), () -> "no reference values at " + file.toAbsolutePath());
        return JsonParser.parseString(Files.readString(file)).getAsJsonObject().getAsJsonObject("tensors");
    }
}
