package dev.unfold.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.io.ModelFile;
import dev.unfold.rnn.model.SequenceClassifier;
import dev.unfold.rnn.model.Weights;
import dev.unfold.rnn.optim.Adam;
import dev.unfold.rnn.train.Batches;
import dev.unfold.rnn.train.Checkpoints;
import dev.unfold.rnn.train.Epoch;
import dev.unfold.rnn.train.History;
import dev.unfold.rnn.train.Schedule;
import dev.unfold.rnn.train.Score;
import dev.unfold.rnn.train.TrainStep;
import dev.unfold.rnn.train.TrainingListener;
import dev.unfold.rnn.train.TrainingLoop;
import dev.unfold.rnn.train.TrainingOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code that docs/training.md shows, compiled and run: which of two sequences of numbers has the greater sum. */
class TrainingDocsTest {
    private static final int STEPS = 7;
    private static final int SEED = 4;

    private final Tensor sequences = Tensor.of(new NumpyRandom(2).randn(STEPS * 120 * 2), STEPS, 120, 2);

    private SequenceClassifier classifier() {
        Parameters parameters = new Parameters("greater", DType.FLOAT64, new NumpyRandom(SEED));
        return new SequenceClassifier(
                parameters.below("output"), new GruCell(parameters.below("rnn"), 2, 8, GruCell.Variant.RESET_AFTER), 2);
    }

    // tag::batch[]
    record Examples(Tensor inputs, Tensor labels) {} // [T, N, 2] and int32 [N]
    // end::batch[]

    private Examples examples(int[] numbers) {
        Tensor inputs = Tensor.zeros(DType.FLOAT64, STEPS, numbers.length, 2);
        Tensor labels = Tensor.zeros(DType.INT32, numbers.length);
        for (int row = 0; row < numbers.length; row++) {
            double difference = 0;
            for (int t = 0; t < STEPS; t++) {
                for (int k = 0; k < 2; k++) {
                    double number = sequences.get(t, numbers[row], k);
                    inputs.set(number, t, row, k);
                    difference += k == 0 ? number : -number;
                }
            }
            labels.set(difference > 0 ? 1 : 0, row);
        }
        return new Examples(inputs, labels);
    }

    private TrainingLoop<Examples> loop(SequenceClassifier classifier, Path folder, List<String> told) {
        Examples held = examples(IntStream.range(100, 120).toArray());
        // tag::loop[]
        Adam optimizer = new Adam(classifier.parameters(), 0.02);
        TrainStep step = new TrainStep(optimizer, 1, SEED); // clips the norm of all gradients to 1
        TrainingLoop<Examples> loop = new TrainingLoop<>(
                optimizer,
                Batches.shuffled(
                        100, 10, SEED, this::examples, batch -> batch.labels().size()),
                batch -> step.run(graph -> classifier.loss(graph, batch.inputs(), batch.labels())),
                TrainingOptions.epochs(30)
                        .schedule(Schedule.warmUp(20, Schedule.cosine()))
                        .patience(5));
        loop.validation(() -> {
                    Graph graph = Graph.inference();
                    Node logits = classifier.logits(graph, held.inputs());
                    Node loss = Ops.crossEntropy(logits, graph.input(held.labels()));
                    return Score.of(loss.item(), logits.value(), held.labels());
                })
                .checkpoints(Checkpoints.in(folder).every(100).settings(Map.of("seed", "" + SEED)))
                .listener(new TrainingListener() {
                    @Override
                    public void finished(Epoch epoch) {
                        told.add(epoch.number() + ": " + epoch.trainLoss() + " " + epoch.validation());
                    }
                });
        // end::loop[]
        return loop;
    }

    @Test
    void a_training_should_learn_go_on_and_leave_files(@TempDir Path folder) {
        SequenceClassifier classifier = classifier();
        List<String> told = new ArrayList<>();
        TrainingLoop<Examples> loop = loop(classifier, folder, told);
        // tag::run[]
        History history = loop.resume(); // begins, or goes on where a training in that folder was interrupted
        // end::run[]
        assertThat(told).hasSize(history.epochs().size());
        Score best = history.epochs().get(history.keptEpoch() - 1).validation();
        assertThat(best).isNotNull();
        assertThat(Weights.sha256(classifier.parameters())).isEqualTo(read(folder));

        SequenceClassifier again = classifier();
        assertThat(loop(again, folder, told).resume().keptEpoch()).isEqualTo(history.keptEpoch());
        assertThat(Weights.sha256(again.parameters())).isEqualTo(Weights.sha256(classifier.parameters()));
    }

    private String read(Path folder) {
        SequenceClassifier classifier = classifier();
        // tag::read[]
        ModelFile file = ModelFile.read(folder.resolve(Checkpoints.BEST), Checkpoints.KIND_OF_BEST);
        file.copyTo(classifier.parameters(), "");
        // end::read[]
        return Weights.sha256(classifier.parameters());
    }
}
