package dev.unfold.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.model.SequenceClassifier;
import dev.unfold.rnn.model.Weights;
import dev.unfold.rnn.optim.Adam;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Merge;
import dev.unfold.rnn.unroll.Unroll;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training by a plan: the weights of training on a tape, to the last bit, and nothing for the heap. */
class StaticTrainingTest {
    private static final int STEPS = 12;
    private static final int ROWS = 6;
    private static final int INPUT_SIZE = 5;
    private static final int HIDDEN_SIZE = 16;
    private static final int CLASSES = 3;
    private static final int BATCHES = 2_000;

    /** A batch of sequences of random lengths. */
    private record Batch(Tensor inputs, Tensor lengths, Tensor labels) {
        static Batch random(NumpyRandom random, int steps, int rows) {
            Tensor lengths = Tensor.zeros(DType.INT32, rows);
            Tensor labels = Tensor.zeros(DType.INT32, rows);
            for (int row = 0; row < rows; row++) {
                lengths.set(random.randint(0, steps + 1), row);
                labels.set(random.randint(0, CLASSES), row);
            }
            Tensor inputs = Tensor.of(random.randn(steps * rows * INPUT_SIZE), steps, rows, INPUT_SIZE);
            return new Batch(inputs.to(DType.FLOAT32), lengths, labels);
        }
    }

    /** One model with a way to train it. */
    private static final class Training {
        final SequenceClassifier classifier;
        final TrainStep step;

        Training(Function<Cell, Unroll> mode) {
            Parameters parameters = new Parameters("model", DType.FLOAT32, new NumpyRandom(3));
            Cell forward = new LstmCell(parameters.below("forward"), INPUT_SIZE, HIDDEN_SIZE);
            Cell backward =
                    new GruCell(parameters.below("backward"), INPUT_SIZE, HIDDEN_SIZE, GruCell.Variant.RESET_AFTER);
            Unroll unroll = Unroll.bidirectional(mode.apply(forward), mode.apply(backward), Merge.CONCAT);
            this.classifier = new SequenceClassifier(parameters.below("output"), unroll, CLASSES);
            this.step = new TrainStep(new Adam(classifier.parameters(), 1e-2), 1);
        }

        Node loss(Graph graph, Tensor inputs, Tensor lengths, Tensor labels) {
            return classifier.loss(graph, inputs, Lengths.of(lengths), labels);
        }

        Plan plan() {
            return Plan.training(
                    (graph, in) -> loss(graph, in.get(0), in.get(1), in.get(2)),
                    Tensor.zeros(DType.FLOAT32, STEPS, ROWS, INPUT_SIZE),
                    Tensor.zeros(DType.INT32, ROWS),
                    Tensor.zeros(DType.INT32, ROWS));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void should_end_with_the_weights_of_training_on_a_tape(int threads) {
        NumpyRandom random = new NumpyRandom(8);
        Training dynamic = new Training(Unroll::dynamic);
        Training fixed = new Training(cell -> Unroll.fixed(cell, STEPS, ROWS));
        Plan plan = fixed.plan();
        plan.threads(threads);
        for (int i = 0; i < 100; i++) {
            Batch batch = Batch.random(random, random.randint(1, STEPS + 1), random.randint(1, ROWS + 1));
            double expected = dynamic.step.run(graph -> dynamic.loss(graph, batch.inputs, batch.lengths, batch.labels));
            assertThat(fixed.step.run(plan, batch.inputs, batch.lengths, batch.labels))
                    .as("loss of batch %d", i)
                    .isEqualTo(expected);
        }
        assertThat(Weights.sha256(fixed.classifier.parameters()))
                .isEqualTo(Weights.sha256(dynamic.classifier.parameters()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void should_allocate_nothing_after_a_warm_up(int threads) {
        NumpyRandom random = new NumpyRandom(9);
        Training training = new Training(cell -> Unroll.fixed(cell, STEPS, ROWS));
        Plan plan = training.plan();
        plan.threads(threads);
        long planned = plan.bytes();
        List<Tensor[]> batches = new ArrayList<>();
        for (int i = 0; i < BATCHES; i++) {
            Batch batch = Batch.random(random, random.randint(1, STEPS + 1), random.randint(1, ROWS + 1));
            batches.add(new Tensor[] {batch.inputs, batch.lengths, batch.labels});
        }
        ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = Long.MAX_VALUE;
        // The compiler may put back objects that it had optimised away, and kernels on the Vector API make them until
        // they are compiled,
        // so the quietest round counts.
        for (int round = 0; allocated > 0 && round < 400; round++) {
            long before = bean.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < BATCHES; i++) {
                training.step.run(plan, batches.get(i));
            }
            allocated = Math.min(allocated, bean.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(allocated)
                .as("bytes allocated by %d training steps", BATCHES)
                .isZero();
        assertThat(plan.bytes()).as("bytes of the plan").isEqualTo(planned);
    }

    @Test
    void recorded_values_should_not_grow_with_the_steps() {
        Training few = new Training(cell -> Unroll.fixed(cell, STEPS, ROWS));
        Training many = new Training(cell -> Unroll.fixed(cell, 50 * STEPS, ROWS));
        Plan plan = Plan.training(
                (graph, in) -> many.loss(graph, in.get(0), in.get(1), in.get(2)),
                Tensor.zeros(DType.FLOAT32, 50 * STEPS, ROWS, INPUT_SIZE),
                Tensor.zeros(DType.INT32, ROWS),
                Tensor.zeros(DType.INT32, ROWS));
        assertThat(plan.size()).isEqualTo(few.plan().size());
    }
}
