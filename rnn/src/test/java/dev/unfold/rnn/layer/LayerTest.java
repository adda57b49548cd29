package dev.unfold.rnn.layer;

import static dev.unfold.rnn.Golden.assertClose;
import static dev.unfold.rnn.Weighted.linspace;
import static dev.unfold.rnn.Weighted.weightedSum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.Golden;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayerTest {
    private final Parameters parameters = new Parameters("model", DType.FLOAT64, new NumpyRandom(1));

    @ParameterizedTest
    @CsvSource({"FLOAT64, 1e-10", "FLOAT32, 1e-4"})
    void embedding_should_equal_pytorch_in_values_and_gradients(DType dtype, double tolerance) {
        Golden golden = Golden.load("embedding");
        Tensor table = golden.tensor("table");
        Embedding embedding = new Embedding(
                new Parameters("words", dtype, new NumpyRandom(1)),
                table.shape().dim(0),
                table.shape().dim(1));
        embedding.table().value().copyFrom(table.to(dtype));
        Graph graph = new Graph();
        Node y = embedding.of(graph.input(golden.tensor("indices").to(DType.INT32)));
        graph.backward(weightedSum(y, golden.tensor("weight.y")));
        assertClose(golden.tensor("y"), y.value(), tolerance);
        assertClose(golden.tensor("grad.table"), embedding.table().gradient(), tolerance);
    }

    @Test
    void embedding_should_sum_vectors_by_values() {
        Embedding embedding = new Embedding(parameters, 3, 2);
        embedding.table().value().copyFrom(Tensor.of(new double[] {0, 1, 10, 11, 20, 21}, 3, 2));
        Graph graph = new Graph();
        Node bags = graph.input(Tensor.of(new int[] {1, 2, 0, 0}, 2, 1, 2));
        Node sums = embedding.sum(bags, graph.input(Tensor.of(new double[] {2, -1, 0, 0}, 2, 1, 2)));
        assertThat(sums.value().toDoubles()).containsExactly(0, 1, 0, 0);
        graph.backward(Ops.sum(sums));
        assertThat(embedding.table().gradient().toDoubles()).containsExactly(0, 0, 2, 2, -1, -1);
    }

    @Test
    void embedding_should_refuse_an_index_outside_the_vocabulary() {
        Embedding embedding = new Embedding(parameters, 4, 2);
        Node indices = new Graph().input(Tensor.of(new int[] {0, 4}, 2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> embedding.of(indices))
                .withMessage("gather: index 4 at position 1 is outside 0..3");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void dense_over_a_sequence_should_be_one_product_with_the_bits_of_one_for_each_step(boolean bias) {
        Dense dense = new Dense(parameters, 3, 4, bias);
        Tensor weights = linspace(-2, 1, 5, 2, 4);
        Graph graph = new Graph();
        Node x = graph.variable(linspace(-1, 1, 5, 2, 3));
        Node whole = dense.of(x);
        assertThat(IntStream.range(0, graph.size()).filter(id -> !graph.node(id).isLeaf()))
                .containsExactly(whole.id());
        graph.backward(List.of(whole), List.of(weights));
        List<Tensor> expected = new ArrayList<>();
        for (Parameter parameter : dense.parameters()) {
            expected.add(parameter.gradient().copy());
            parameter.zeroGradient();
        }

        Graph byStep = new Graph();
        List<Node> inputs = new ArrayList<>();
        List<Node> outputs = new ArrayList<>();
        List<Tensor> seeds = new ArrayList<>();
        for (int t = 0; t < 5; t++) {
            inputs.add(byStep.variable(linspace(-1, 1, 5, 2, 3).at(t)));
            outputs.add(dense.of(inputs.get(t)));
            seeds.add(weights.at(t));
        }
        byStep.backward(outputs, seeds);
        for (int t = 0; t < 5; t++) {
            assertThat(outputs.get(t).value().sameBits(whole.value().at(t))).isTrue();
            assertThat(inputs.get(t).gradient().sameBits(x.gradient().at(t))).isTrue();
        }
        for (Parameter parameter : dense.parameters()) {
            assertThat(parameter.gradient().sameBits(expected.remove(0)))
                    .as("%s", parameter)
                    .isTrue();
        }
    }

    @Test
    void dense_should_have_a_bias_only_where_asked() {
        Dense dense = new Dense(parameters, 3, 4, false);
        assertThat(dense.parameters()).extracting(Parameter::name).containsExactly("model.w");
        assertThat(dense.w().shape().dims()).containsExactly(3, 4);
    }

    @Test
    void layers_should_refuse_sizes_below_one() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Dense(parameters, 3, 0))
                .withMessage("model: output size is 0; it must be at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Embedding(parameters, 0, 3))
                .withMessage("model: vocabulary is 0; it must be at least 1");
    }

    @Test
    void two_layers_of_one_path_should_be_refused() {
        Dense unused = new Dense(parameters, 3, 4);
        assertThat(unused.parameters()).hasSize(2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Dense(parameters, 3, 4))
                .withMessage("parameter 'model.w': there is one already; give each cell and layer a path of its own by"
                        + " below(name)");
    }
}
