package dev.unfold.rnn.unroll;

import static dev.unfold.rnn.Weighted.linspace;
import static dev.unfold.rnn.unroll.Bits.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.graph.check.GradientCheck;
import dev.unfold.ops.CrossEntropy;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.layer.Dense;
import dev.unfold.rnn.layer.Embedding;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RaggedBatchTest {
    private static Tensor symbols(int... symbols) {
        return Tensor.of(symbols, symbols.length);
    }

    @Test
    void sequences_should_lie_side_by_side_and_be_padded_with_0() {
        RaggedBatch batch = RaggedBatch.of(List.of(linspace(1, 2, 1, 2), linspace(3, 8, 3, 2), linspace(0, 1, 0, 2)));
        Tensor expected = Tensor.of(new double[] {1, 2, 3, 4, 0, 0, 0, 0, 5, 6, 0, 0, 0, 0, 7, 8, 0, 0}, 3, 3, 2);
        assertThat(batch.inputs().sameBits(expected)).isTrue();
        assertThat(batch.lengthTensor().sameBits(symbols(1, 3, 0))).isTrue();
        assertThat(batch.lengths().maskFor(3, 3).sameBits(Lengths.of(1, 3, 0).maskFor(3, 3)))
                .isTrue();
        Tensor labels = batch.pad(List.of(symbols(7), symbols(4, 5, 6), symbols()));
        assertThat(labels.sameBits(Tensor.of(new int[] {7, 4, 0, 0, 5, 0, 0, 6, 0}, 3, 3)))
                .isTrue();
    }

    @Test
    void what_was_padded_should_be_cut_to_what_it_was() {
        int seed = 17;
        NumpyRandom random = new NumpyRandom(seed);
        for (int i = 0; i < 60; i++) {
            DType dtype = i % 2 == 0 ? DType.FLOAT32 : DType.FLOAT64;
            int width = random.randint(0, 4);
            List<Tensor> sequences = new ArrayList<>();
            List<Tensor> labels = new ArrayList<>();
            for (int row = random.randint(0, 5); row >= 0; row--) {
                int length = random.randint(0, 6);
                // A view, whose elements do not begin where its array does.
                sequences.add(RaggedCase.normal(random, dtype, 2, length, width).at(1));
                labels.add(RaggedCase.normal(random, DType.FLOAT64, length).to(DType.INT32));
            }
            RaggedBatch batch = RaggedBatch.of(sequences);
            List<Tensor> back = batch.unpad(batch.inputs());
            List<Tensor> labelsBack = batch.unpad(batch.pad(labels));
            assertThat(back).hasSameSizeAs(sequences);
            for (int row = 0; row < back.size(); row++) {
                String what = "seed " + seed + ", case " + i + ", sequence " + row;
                assertSame(what, sequences.get(row), back.get(row));
                assertSame(what, labels.get(row), labelsBack.get(row));
            }
        }
    }

    @Test
    void sequences_of_no_steps_at_all_should_be_a_batch() {
        RaggedBatch batch = RaggedBatch.of(List.of(linspace(0, 1, 0, 2), linspace(0, 1, 0, 2)));
        assertThat(batch.inputs().shape().dims()).containsExactly(0, 2, 2);
        Unroll unroll = Unroll.dynamic(CellKind.LSTM.cell("rnn", DType.FLOAT64, new NumpyRandom(1), 2, 3));
        Unrolled run = unroll.over(Graph.inference(), batch.inputs(), batch.lengths());
        assertThat(batch.unpad(run))
                .allSatisfy(output -> assertThat(output.shape().dims()).containsExactly(0, 3));
    }

    @Test
    void outputs_should_come_back_in_order_with_the_bits_of_each_sequence_alone() {
        NumpyRandom random = new NumpyRandom(23);
        Unroll unroll = Unroll.bidirectional(
                CellKind.GRU_RESET_AFTER.cell("there", DType.FLOAT32, random, 2, 3),
                CellKind.LSTM.cell("back", DType.FLOAT32, random, 2, 4),
                Merge.CONCAT);
        List<Tensor> sequences = new ArrayList<>();
        for (int length : new int[] {2, 5, 0, 1, 5, 3}) {
            sequences.add(RaggedCase.normal(random, DType.FLOAT32, length, 2));
        }
        RaggedBatch batch = RaggedBatch.of(sequences);
        Graph graph = Graph.inference();
        List<Tensor> outputs = batch.unpad(unroll.over(graph, batch.inputs(), batch.lengths()));
        for (int i = 0; i < sequences.size(); i++) {
            int length = sequences.get(i).shape().dim(0);
            Tensor alone = sequences.get(i).reshape(length, 1, 2);
            Tensor expected = unroll.over(graph, alone).outputs().value();
            assertSame("sequence " + i, expected.reshape(length, 7), outputs.get(i));
        }
    }

    @Test
    void ragged_sentences_and_tags_should_train_a_tagger() {
        NumpyRandom random = new NumpyRandom(29);
        Parameters parameters = new Parameters("tagger", DType.FLOAT64, random);
        Embedding words = new Embedding(parameters.below("words"), 9, 2);
        Unroll unroll = Unroll.bidirectional(
                CellKind.VANILLA.cell("there", DType.FLOAT64, random, 2, 3),
                CellKind.VANILLA.cell("back", DType.FLOAT64, random, 2, 3),
                Merge.CONCAT);
        Dense output = new Dense(parameters.below("tags"), 6, 4);
        List<Parameter> all = new ArrayList<>(unroll.parameters());
        all.addAll(words.parameters());
        all.addAll(output.parameters());
        List<Tensor> sentences = List.of(symbols(8, 1, 2), symbols(), symbols(0), symbols(3, 3, 7, 5));
        List<Tensor> tags = List.of(symbols(1, 0, 3), symbols(), symbols(2), symbols(3, 1, 1, 0));
        RaggedBatch batch = RaggedBatch.of(sentences);

        Graph graph = new Graph();
        double total = 0;
        for (int i = 0; i < sentences.size(); i++) {
            int length = sentences.get(i).size();
            Node alone = graph.input(sentences.get(i).reshape(length, 1));
            Node logits = output.of(unroll.over(words.of(alone)).outputs());
            Node labels = graph.input(tags.get(i).reshape(length, 1));
            total += CrossEntropy.sumOverStepsMeanOverRows().of(logits, labels).item();
        }
        double tokens = 8;
        new GradientCheck().check(all, each -> loss(each, batch, tags, words, unroll, output));
        graph.reset();
        assertThat(loss(graph, batch, tags, words, unroll, output).item()).isCloseTo(total / tokens, within(1e-14));
    }

    private static Node loss(
            Graph graph, RaggedBatch batch, List<Tensor> tags, Embedding words, Unroll unroll, Dense output) {
        Node inputs = words.of(graph.input(batch.inputs()));
        Node logits = output.of(unroll.over(inputs, batch.lengths()).outputs());
        return CrossEntropy.meanOverTokens()
                .lengths(graph.input(batch.lengthTensor()))
                .of(logits, graph.input(batch.pad(tags)));
    }

    @Test
    void sequences_that_are_not_alike_should_be_refused_by_their_number() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RaggedBatch.of(List.of()))
                .withMessage("ragged batch: no sequences are given; expected at least one");
        for (Tensor bad : List.of(Tensor.zeros(DType.FLOAT32), Tensor.zeros(DType.FLOAT32, 2, 1, 3))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RaggedBatch.of(List.of(bad)))
                    .withMessage("ragged batch: sequence 0 is float32 " + bad.shape()
                            + "; expected [length] or [length, features]");
        }
        Tensor first = Tensor.zeros(DType.FLOAT32, 4, 3);
        for (Tensor bad : List.of(
                Tensor.zeros(DType.FLOAT32, 3, 4),
                Tensor.zeros(DType.FLOAT64, 4, 3),
                Tensor.zeros(DType.FLOAT32, 3),
                Tensor.zeros(DType.FLOAT32))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RaggedBatch.of(List.of(first, first, bad)))
                    .withMessage("ragged batch: sequence 2 is " + bad.dtype() + " " + bad.shape()
                            + "; sequence 0 is float32 [4, 3]; all must be alike in all but their lengths");
        }
    }

    @Test
    void labels_and_outputs_of_another_batch_should_be_refused() {
        RaggedBatch batch = RaggedBatch.of(List.of(symbols(1, 2, 3), symbols(4)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> batch.pad(List.of(symbols(1, 2, 3))))
                .withMessage("ragged batch: 1 sequences are given for a batch of 2; expected one for each");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> batch.pad(List.of(symbols(1, 2, 3), symbols(4, 5))))
                .withMessage("ragged batch: sequence 1 is int32 [2]; its length in the batch is 1");
        for (Tensor bad : List.of(
                Tensor.zeros(DType.INT32, 3), Tensor.zeros(DType.INT32, 2, 3), Tensor.zeros(DType.INT32, 3, 3, 2))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> batch.unpad(bad))
                    .withMessage("ragged batch: the padded sequences are " + bad.shape()
                            + "; expected [time 3, batch 2] or [time 3, batch 2, features]");
        }
    }
}
