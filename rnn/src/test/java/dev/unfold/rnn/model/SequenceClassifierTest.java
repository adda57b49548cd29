package dev.unfold.rnn.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.graph.check.GradientCheck;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Lengths;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class SequenceClassifierTest {
    private static SequenceClassifier classifier(DType dtype) {
        Parameters parameters = new Parameters("model", dtype, new NumpyRandom(4));
        return new SequenceClassifier(parameters.below("output"), new VanillaCell(parameters.below("rnn"), 3, 5), 4);
    }

    private static Tensor inputs(int seed, DType dtype) {
        return Tensor.of(new NumpyRandom(seed).randn(6 * 2 * 3), 6, 2, 3).to(dtype);
    }

    @Test
    void the_loss_should_pass_the_gradient_check() {
        SequenceClassifier classifier = classifier(DType.FLOAT64);
        Tensor inputs = inputs(1, DType.FLOAT64);
        Tensor labels = Tensor.of(new int[] {3, 1}, 2);
        new GradientCheck().check(classifier.parameters(), graph -> classifier.loss(graph, inputs, labels));
    }

    @Test
    void logits_of_a_node_should_have_the_bits_of_those_of_its_value() {
        SequenceClassifier classifier = classifier(DType.FLOAT32);
        Tensor inputs = inputs(3, DType.FLOAT32);
        Lengths lengths = Lengths.of(6, 4);
        Graph graph = new Graph();
        assertThat(classifier
                        .logits(graph.input(inputs), lengths)
                        .value()
                        .sameBits(
                                classifier.logits(new Graph(), inputs, lengths).value()))
                .isTrue();
    }

    @Test
    void parameters_should_be_those_of_the_cell_and_then_of_the_output_layer() {
        assertThat(classifier(DType.FLOAT32).parameters())
                .extracting(Parameter::name)
                .containsExactly("model.rnn.wx", "model.rnn.wh", "model.rnn.b", "model.output.w", "model.output.b");
    }

    @Test
    void probabilities_should_sum_to_one_in_every_row() {
        Tensor probabilities = classifier(DType.FLOAT64).probabilities(inputs(2, DType.FLOAT64));
        assertThat(probabilities.shape().dims()).containsExactly(2, 4);
        for (int row = 0; row < 2; row++) {
            double sum = 0;
            for (int label = 0; label < 4; label++) {
                sum += probabilities.get(row, label);
            }
            assertThat(sum).isEqualTo(1, within(1e-12));
        }
    }

    @Test
    void many_threads_should_get_the_bits_that_one_gets() throws InterruptedException, ExecutionException {
        SequenceClassifier classifier = classifier(DType.FLOAT32);
        int requests = 200;
        List<Future<Tensor>> answers = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            for (int i = 0; i < requests; i++) {
                Tensor inputs = inputs(i, DType.FLOAT32);
                answers.add(threads.submit(() -> classifier.probabilities(inputs)));
            }
            for (int i = 0; i < requests; i++) {
                Tensor alone = classifier.probabilities(inputs(i, DType.FLOAT32));
                assertThat(answers.get(i).get().sameBits(alone))
                        .as("request " + i)
                        .isTrue();
            }
        } finally {
            threads.shutdown();
        }
    }
}
