package dev.unfold.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.Activation;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.model.SequenceClassifier;
import dev.unfold.rnn.model.Weights;
import dev.unfold.rnn.optim.Sgd;
import org.junit.jupiter.api.Test;

class TrainStepTest {
    private final Parameters parameters = new Parameters("model", DType.FLOAT32, new NumpyRandom(5));
    private final SequenceClassifier classifier = new SequenceClassifier(
            parameters.below("output"), new VanillaCell(parameters.below("rnn"), 3, 8, Activation.RELU, true), 2);
    private final Tensor inputs =
            Tensor.of(new NumpyRandom(2).randn(60), 5, 4, 3).to(DType.FLOAT32);
    private final Tensor labels = Tensor.of(new int[] {0, 1, 1, 0}, 4);

    @Test
    void loss_should_fall_on_a_batch_that_is_seen_again_and_again() {
        TrainStep step = new TrainStep(new Sgd(classifier.parameters(), 0.1));
        double first = step.run(graph -> classifier.loss(graph, inputs, labels));
        double last = first;
        for (int i = 0; i < 200; i++) {
            last = step.run(graph -> classifier.loss(graph, inputs, labels));
        }
        assertThat(last).isLessThan(first / 2);
    }

    @Test
    void clipping_should_bound_the_update() {
        Tensor before = classifier.outputWeights().value().copy();
        new TrainStep(new Sgd(classifier.parameters(), 1), 1e-3).run(graph -> classifier.loss(graph, inputs, labels));
        Tensor after = classifier.outputWeights().value();
        for (int i = 0; i < after.size(); i++) {
            assertThat(Math.abs(after.getFlat(i) - before.getFlat(i))).isLessThan(1.01e-3);
        }
    }

    @Test
    void a_loss_that_is_not_finite_should_stop_and_name_operation_and_step() {
        Tensor poisoned = inputs.copy();
        poisoned.set(Double.NaN, 3, 1, 2);
        String before = Weights.sha256(classifier.parameters());
        TrainStep step = new TrainStep(new Sgd(classifier.parameters(), 0.1));
        assertThatExceptionOfType(DivergedException.class)
                .isThrownBy(() -> step.run(graph -> classifier.loss(graph, poisoned, labels)))
                .withMessageContaining("the loss is NaN")
                .withMessageContaining("input #")
                .withMessageContaining("at step 3");
        assertThat(Weights.sha256(classifier.parameters())).isEqualTo(before);
    }

    @Test
    void an_overflow_inside_a_step_should_be_named_where_it_first_happened() {
        TrainStep step = new TrainStep(new Sgd(classifier.parameters(), 0.1));
        Tensor huge = Tensor.zeros(DType.FLOAT32, 5, 4, 3).fill(3e38);
        classifier.parameters().get(0).value().fill(1);
        assertThatExceptionOfType(DivergedException.class)
                .isThrownBy(() -> step.run(graph -> classifier.loss(graph, huge, labels)))
                .withMessageContaining("affine #")
                .withMessageContaining("at step 0");
    }

    @Test
    void gradients_that_overflow_should_stop_training_where_they_are_clipped() {
        TrainStep step = new TrainStep(new Sgd(classifier.parameters(), 0.1), 1);
        assertThatExceptionOfType(DivergedException.class)
                .isThrownBy(() -> step.run(graph -> Ops.scale(
                        Ops.scale(classifier.loss(graph, inputs, labels), 1e-30).times(1e30), 1e38)))
                .withMessageContaining("norm of the gradients");
    }

    @Test
    void a_clip_norm_of_nothing_should_be_refused() {
        Sgd sgd = new Sgd(classifier.parameters(), 0.1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TrainStep(sgd, 0))
                .withMessage("train step: clip norm is 0.0; it must be positive");
    }
}
