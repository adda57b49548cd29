package dev.unfold.rnn.unroll;

import static dev.unfold.rnn.unroll.Bits.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.CrossEntropy;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.layer.Dense;
import dev.unfold.rnn.optim.Adam;
import dev.unfold.rnn.train.TrainStep;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A tagger that says of each step of a sequence whether its sum up to there is positive, trained and asked by buckets. */
class LengthBucketsRunTest {
    private static final int SEED = 61;
    private static final int MAX_STEPS = 17;
    private static final int MAX_ROWS = 6;

    private final NumpyRandom random = new NumpyRandom(SEED);
    private final List<Tensor> sequences = new ArrayList<>();
    private final List<Tensor> labels = new ArrayList<>();
    private final LengthBuckets buckets;

    LengthBucketsRunTest() {
        int[] lengths = new int[50];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = i % 10 == 0 ? 0 : random.randint(1, MAX_STEPS + 1);
            double[] x = random.randn(lengths[i]);
            double[] sums = x.clone();
            Arrays.parallelPrefix(sums, Double::sum);
            sequences.add(Tensor.of(x, lengths[i], 1).to(DType.FLOAT32));
            labels.add(Tensor.of(
                    Arrays.stream(sums).mapToInt(sum -> sum > 0 ? 1 : 0).toArray(), lengths[i]));
        }
        buckets = LengthBuckets.of(lengths, MAX_ROWS, 0.2);
    }

    /** The cell, and what is made of its outputs. */
    private record Model(Unroll unroll, Dense output, List<Parameter> parameters) {
        static Model of(boolean fixed) {
            NumpyRandom random = new NumpyRandom(SEED);
            var cell = CellKind.LSTM.cell("rnn", DType.FLOAT32, random, 1, 8);
            Dense output = new Dense(new Parameters("out", DType.FLOAT32, random), 8, 2);
            List<Parameter> parameters = new ArrayList<>(cell.parameters());
            parameters.addAll(output.parameters());
            Unroll unroll = fixed ? Unroll.fixed(cell, MAX_STEPS, MAX_ROWS) : Unroll.dynamic(cell);
            return new Model(unroll, output, parameters);
        }

        Node loss(Graph graph, List<Tensor> batch) {
            Unrolled run = unroll.over(graph, batch.get(0), Lengths.of(batch.get(1)));
            return CrossEntropy.sumOverStepsMeanOverRows()
                    .lengths(graph.input(batch.get(1)))
                    .of(output.of(run.outputs()), graph.input(batch.get(2)));
        }

        Node logits(Graph graph, Tensor inputs, Lengths lengths) {
            return output.of(unroll.over(graph, inputs, lengths).outputs());
        }
    }

    /** Returns inputs, lengths and labels of the batches of an epoch. */
    private List<Tensor[]> epoch(int epoch) {
        LengthBuckets shuffled = buckets.shuffled(SEED, epoch);
        List<List<Tensor>> inputs = shuffled.split(sequences);
        List<List<Tensor>> tags = shuffled.split(labels);
        return IntStream.range(0, inputs.size())
                .mapToObj(i -> {
                    RaggedBatch batch = RaggedBatch.of(inputs.get(i));
                    return new Tensor[] {batch.inputs(), batch.lengthTensor(), batch.pad(tags.get(i))};
                })
                .toList();
    }

    private List<Tensor> byBuckets(Model model, LengthBuckets order) {
        List<List<Tensor>> results = new ArrayList<>();
        for (List<Tensor> part : order.split(sequences)) {
            RaggedBatch batch = RaggedBatch.of(part);
            results.add(batch.unpad(model.logits(Graph.inference(), batch.inputs(), batch.lengths())
                    .value()));
        }
        return order.restore(results);
    }

    @Test
    void should_train_in_one_plan_as_without_and_answer_to_the_bit_as_each_sequence_alone() {
        Model dynamic = Model.of(false);
        Model fixed = Model.of(true);
        TrainStep recorded = new TrainStep(new Adam(dynamic.parameters, 1e-2), 5, SEED);
        TrainStep replayed = new TrainStep(new Adam(fixed.parameters, 1e-2), 5, SEED);
        Plan plan = Plan.training(
                fixed::loss,
                Tensor.zeros(DType.FLOAT32, MAX_STEPS, MAX_ROWS, 1),
                Tensor.zeros(DType.INT32, MAX_ROWS),
                Tensor.zeros(DType.INT32, MAX_STEPS, MAX_ROWS));
        long bytes = plan.bytes();
        double first = 0;
        double last = 0;
        for (int epoch = 0; epoch < 15; epoch++) {
            last = 0;
            for (Tensor[] batch : epoch(epoch)) {
                double loss = replayed.run(plan, batch);
                assertThat(recorded.run(graph -> dynamic.loss(graph, List.of(batch))))
                        .as("epoch " + epoch)
                        .isEqualTo(loss);
                last += loss;
            }
            first = epoch == 0 ? last : first;
        }
        assertThat(last).isLessThan(first / 2);
        assertThat(plan.bytes()).isEqualTo(bytes);
        List<Tensor> planned = byBuckets(fixed, buckets);
        List<Tensor> shuffled = byBuckets(dynamic, buckets.shuffled(SEED, 1));
        for (int i = 0; i < sequences.size(); i++) {
            int length = sequences.get(i).shape().dim(0);
            Tensor alone = dynamic.logits(Graph.inference(), sequences.get(i).reshape(length, 1, 1), Lengths.full())
                    .value()
                    .reshape(length, 2);
            assertSame("sequence " + i, alone, planned.get(i));
            assertSame("shuffled, sequence " + i, alone, shuffled.get(i));
        }
    }
}
