package dev.unfold.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.CrossEntropy;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.ResetCell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.layer.Dense;
import dev.unfold.rnn.model.SequenceClassifier;
import dev.unfold.rnn.optim.Sgd;
import dev.unfold.rnn.train.TrainStep;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Merge;
import dev.unfold.rnn.unroll.RaggedBatch;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.unroll.Unrolled;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The code that docs/cells.md shows, compiled and run. */
class UnrollDocsTest {
    @Test
    void a_ragged_batch_should_be_unfolded_both_ways() {
        NumpyRandom random = new NumpyRandom(1);
        Parameters parameters = new Parameters("layer", DType.FLOAT64, random);
        Cell forward = new VanillaCell(parameters.below("forward"), 2, 4);
        Cell backward = new VanillaCell(parameters.below("backward"), 2, 4);
        Tensor inputs = Tensor.of(random.randn(5 * 3 * 2), 5, 3, 2);
        Graph graph = new Graph();
        // tag::unroll[]
        Unroll layer = Unroll.bidirectional(forward, backward, Merge.CONCAT);
        Unrolled run = layer.over(graph, inputs, Lengths.of(5, 0, 3)); // inputs [T = 5, N = 3, D]
        Node everyStep = run.outputs(); // [T, N, 2H], 0 past the end of a row
        Node lastOfEachRow = run.last(); // [N, 2H]
        DetachedState carried = run.finalState(); // fields forward.h, backward.h
        // end::unroll[]
        assertThat(everyStep.shape().dims()).containsExactly(5, 3, 8);
        assertThat(everyStep.value().at(3).at(2).toDoubles()).containsOnly(0);
        assertThat(lastOfEachRow.value().at(1).toDoubles()).containsOnly(0);
        assertThat(carried.values().keySet()).containsExactly("forward.h", "backward.h");
    }

    @Test
    void sentences_of_different_lengths_should_be_tagged() {
        NumpyRandom random = new NumpyRandom(1);
        Parameters parameters = new Parameters("tagger", DType.FLOAT64, random);
        Unroll layer = Unroll.dynamic(new VanillaCell(parameters.below("rnn"), 2, 4));
        Dense tags = new Dense(parameters.below("tags"), 4, 3);
        List<Tensor> sentences = List.of(Tensor.of(random.randn(5 * 2), 5, 2), Tensor.of(random.randn(3 * 2), 3, 2));
        List<Tensor> labels = List.of(Tensor.of(new int[] {0, 1, 2, 1, 0}, 5), Tensor.of(new int[] {2, 2, 1}, 3));
        Graph graph = new Graph();
        // tag::ragged[]
        RaggedBatch batch = RaggedBatch.of(sentences); // each [length, D]
        Unrolled run = layer.over(graph, batch.inputs(), batch.lengths()); // inputs [T, N, D], padded with 0
        Node logits = tags.of(run.outputs()); // [T, N, K]
        Node loss = CrossEntropy.meanOverTokens()
                .lengths(graph.input(batch.lengthTensor()))
                .of(logits, graph.input(batch.pad(labels))); // labels: int32 [length] each
        List<Tensor> ofEachSentence = batch.unpad(logits.value()); // each [length, K], in the order given
        // end::ragged[]
        graph.backward(loss);
        assertThat(tags.w().gradient().firstNonFinite()).isEqualTo(-1);
        assertThat(ofEachSentence.get(1).at(2).sameBits(logits.value().at(2).at(1)))
                .isTrue();
        assertThat(ofEachSentence.get(0).shape().dims()).containsExactly(5, 3);
        assertThat(ofEachSentence.get(1).shape().dims()).containsExactly(3, 3);
    }

    @Test
    void documents_should_begin_anew_within_a_row() {
        NumpyRandom random = new NumpyRandom(1);
        Parameters parameters = new Parameters("layer", DType.FLOAT64, random);
        Cell forward = new VanillaCell(parameters.below("forward"), 2, 4);
        Cell backward = new VanillaCell(parameters.below("backward"), 2, 4);
        // tag::reset[]
        Unroll stream = Unroll.dynamic(new ResetCell(forward)); // x [T, N, D + 1]: last, whether a document begins here
        Unroll bothWays = Unroll.bidirectional( // x [T, N, D + 2]: last, whether one begins here, whether one ends
                new ResetCell(forward, 2, 0), new ResetCell(backward, 2, 1), Merge.CONCAT);
        // end::reset[]
        assertThat(stream.inputSize()).isEqualTo(3);
        assertThat(bothWays.inputSize()).isEqualTo(4);
    }

    @Test
    void a_plan_should_train_as_a_tape_does() {
        Parameters parameters = new Parameters("model", DType.FLOAT32, new NumpyRandom(1));
        Cell cell = new VanillaCell(parameters.below("rnn"), 2, 4);
        SequenceClassifier classifier = new SequenceClassifier(parameters.below("output"), cell, 3);
        TrainStep step = new TrainStep(new Sgd(classifier.parameters(), 0.1));
        Tensor inputs = Tensor.of(new NumpyRandom(2).randn(5 * 3 * 2), 5, 3, 2).to(DType.FLOAT32);
        Tensor lengths = Tensor.of(new int[] {5, 0, 3}, 3);
        Tensor labels = Tensor.of(new int[] {2, 0, 1}, 3);
        Graph graph = new Graph();
        double expected =
                classifier.loss(graph, inputs, Lengths.of(lengths), labels).item();
        // tag::plan[]
        SequenceClassifier fixed = classifier.unrolled(Unroll.fixed(cell, 50, 32)); // at most 50 steps of 32 rows
        Plan plan = Plan.training(
                (tape, in) -> fixed.loss(tape, in.get(0), Lengths.of(in.get(1)), in.get(2)),
                Tensor.zeros(DType.FLOAT32, 50, 32, 2), // the greatest batch: inputs [T, N, D],
                Tensor.zeros(DType.INT32, 32), // lengths [N]
                Tensor.zeros(DType.INT32, 32)); // and labels [N]
        double loss = step.run(plan, inputs, lengths, labels); // any batch up to that
        // end::plan[]
        assertThat(loss).isEqualTo(expected);
    }
}
