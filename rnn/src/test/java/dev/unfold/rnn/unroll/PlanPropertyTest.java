package dev.unfold.rnn.unroll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.CrossEntropy;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.layer.Dense;
import dev.unfold.rnn.optim.Sgd;
import dev.unfold.rnn.train.DivergedException;
import dev.unfold.rnn.train.TrainStep;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** A plan has the bits of recording each batch: any cell, batches of any size in any order, empty and failing ones among them. */
class PlanPropertyTest {
    private static final int MODELS = 200;
    private static final int BATCHES = 12;
    private static final int CLASSES = 3;

    /** A tagger that runs a random cell three times: forwards, on from there over the same inputs, and backwards. */
    private record Model(Unroll unroll, Dense output, List<Parameter> parameters) {
        static Model random(int seed, DType dtype, Function<RandomCell, Unroll> mode) {
            RandomCell cell = new RandomCell("cell", seed, dtype);
            Dense output = new Dense(new Parameters("out", dtype, new NumpyRandom(seed)), cell.outputSize(), CLASSES);
            List<Parameter> parameters = new ArrayList<>(cell.parameters());
            parameters.addAll(output.parameters());
            return new Model(mode.apply(cell), output, parameters);
        }

        Node loss(Graph graph, List<Tensor> batch) {
            Node x = graph.input(batch.get(0));
            Lengths lengths = Lengths.of(batch.get(1));
            int steps = x.shape().dim(0);
            Unrolled first = unroll.over(graph, batch.get(0), lengths);
            Unrolled second = unroll.from(first.finalNodes()).over(x, lengths);
            Unrolled back = unroll.reversed().over(x, lengths);
            Node loss = CrossEntropy.sumOverStepsMeanOverRows()
                    .lengths(graph.input(batch.get(1)))
                    .of(output.of(first.outputs()), graph.input(batch.get(2)));
            loss = loss.plus(Ops.sum(Ops.tanh(second.last()))).plus(Ops.sum(Ops.sigmoid(back.last())));
            return steps == 0 ? loss : loss.plus(Ops.sum(Ops.tanh(second.output(steps / 2))));
        }
    }

    private static Tensor[] batch(NumpyRandom random, DType dtype, int steps, int rows, int inputSize) {
        Tensor lengths = Tensor.zeros(DType.INT32, rows);
        Tensor labels = Tensor.zeros(DType.INT32, steps, rows);
        for (int row = 0; row < rows; row++) {
            lengths.set(random.randint(0, steps + 1), row);
        }
        for (int i = 0; i < labels.size(); i++) {
            labels.setFlat(i, random.randint(0, CLASSES));
        }
        return new Tensor[] {RaggedCase.normal(random, dtype, steps, rows, inputSize), lengths, labels};
    }

    @Test
    void should_train_and_predict_to_the_bit_as_without_a_plan() {
        for (int seed = 0; seed < MODELS; seed++) {
            NumpyRandom random = new NumpyRandom(seed);
            DType dtype = random.randint(0, 2) == 0 ? DType.FLOAT32 : DType.FLOAT64;
            int mostSteps = random.randint(1, 7);
            int mostRows = random.randint(1, 6);
            Model dynamic = Model.random(seed, dtype, Unroll::dynamic);
            Model fixed = Model.random(seed, dtype, cell -> Unroll.fixed(cell, mostSteps, mostRows));
            TrainStep expected = new TrainStep(new Sgd(dynamic.parameters, 1e-3), 1, seed);
            TrainStep actual = new TrainStep(new Sgd(fixed.parameters, 1e-3), 1, seed);
            int inputSize = fixed.unroll.inputSize();
            Tensor[] greatest = batch(random, dtype, mostSteps, mostRows, inputSize);
            Plan training = Plan.training(fixed::loss, greatest);
            Plan inference = Plan.inference(fixed::loss, greatest);
            long bytes = training.bytes();
            for (int i = 0; i < BATCHES; i++) {
                // The smallest is empty.
                int steps = random.randint(0, mostSteps + 1);
                int rows = random.randint(1, mostRows + 1);
                String what =
                        "seed " + seed + ", batch " + i + " of " + steps + " steps of " + rows + " rows, " + dtype;
                training.threads(random.randint(1, 4));
                failOn(training, batch(random, dtype, steps, rows, inputSize), steps);
                Tensor[] batch = batch(random, dtype, steps, rows, inputSize);
                assertThat(inference.run(batch).item())
                        .as("inference, " + what)
                        .isEqualTo(Double.valueOf(
                                dynamic.loss(Graph.inference(), List.of(batch)).item()));
                double loss;
                try {
                    loss = expected.run(graph -> dynamic.loss(graph, List.of(batch)));
                } catch (DivergedException e) {
                    assertThatThrownBy(() -> actual.run(training, batch)).isInstanceOf(DivergedException.class);
                    break;
                }
                assertThat(actual.run(training, batch)).as(what).isEqualTo(loss);
                for (int p = 0; p < fixed.parameters.size(); p++) {
                    Parameter mine = fixed.parameters.get(p);
                    Parameter other = dynamic.parameters.get(p);
                    Bits.assertSame(what + ": gradient of " + mine, other.gradient(), mine.gradient());
                    Bits.assertSame(what + ": " + mine, other.value(), mine.value());
                }
                assertThat(training.bytes()).as("bytes, " + what).isEqualTo(bytes);
            }
        }
    }

    /** A run that fails has no gradients, and hurts no run behind it. */
    private static void failOn(Plan plan, Tensor[] batch, int steps) {
        batch[1].fill(steps + 1);
        assertThatIllegalArgumentException().isThrownBy(() -> plan.run(batch));
        assertThatIllegalStateException().isThrownBy(plan::backward).withMessageContaining("the last run failed");
    }
}
