package dev.unfold.examples;

import static dev.unfold.ops.Ops.crossEntropy;
import static dev.unfold.ops.Ops.softmax;
import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.layer.Dense;
import dev.unfold.rnn.layer.Embedding;
import dev.unfold.rnn.optim.Adam;
import dev.unfold.rnn.train.TrainStep;
import dev.unfold.rnn.train.TruncatedBackprop;
import dev.unfold.rnn.train.TruncatedBackprop.Result;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.StepResult;
import dev.unfold.rnn.unroll.Stepper;
import dev.unfold.rnn.unroll.Unroll;
import org.junit.jupiter.api.Test;

/** The code about streams that docs/cells.md shows, compiled and run. */
class StreamDocsTest {
    private static final int SYMBOLS = 3;

    private final Parameters parameters = new Parameters("model", DType.FLOAT32, new NumpyRandom(1));
    private final Embedding embedding = new Embedding(parameters.below("embedding"), SYMBOLS, 4);
    private final Cell cell = new GruCell(parameters.below("rnn"), 4, 8, GruCell.Variant.RESET_AFTER);
    private final Dense dense = new Dense(parameters.below("dense"), 8, SYMBOLS);

    @Test
    void a_model_trained_in_segments_should_foresee_a_stream_step_by_step() {
        TrainStep step = new TrainStep(new Adam(parameters.made(), 0.02));
        double loss = Double.NaN;
        // tag::truncated[]
        TruncatedBackprop truncated = new TruncatedBackprop(5, 5).reading(embedding::of);
        Unroll next = Unroll.dynamic(cell);
        for (int batch = 0; batch < 30; batch++) {
            Tensor tokens = tokens(batch); // int32 [T + 1, N], each row going on where it ended in the batch before
            Tensor targets = tokens.slice(1, 13);
            Result result = truncated.run(
                    next,
                    tokens.slice(0, 12), // [T, N]: segments of 5, 5 and 2 steps
                    Lengths.full(),
                    (graph, run, segment) -> crossEntropy(dense.of(run.outputs()), graph.input(segment.of(targets))),
                    step::run); // updates after each segment
            next = Unroll.dynamic(cell).from(result.state());
            loss = result.meanLoss();
        }
        // end::truncated[]
        assertThat(loss).isLessThan(0.1);

        // tag::stepper[]
        Stepper stepper = Stepper.of(cell).reading(embedding::of).giving(h -> softmax(dense.of(h)));
        DetachedState start = stepper.start(DType.FLOAT32, 1); // one row
        StepResult first = stepper.next(Tensor.of(new int[] {0}, 1), start);
        StepResult second = stepper.next(Tensor.of(new int[] {1}, 1), first.state());
        StepResult other = stepper.next(Tensor.of(new int[] {2}, 1), first.state()); // forks; first is as it was
        // end::stepper[]
        assertThat(second.output().get(0, 2)).isGreaterThan(0.9);
        assertThat(other.output().sameBits(second.output())).isFalse();
    }

    /** Counts 0, 1, 2, 0, 1, 2, each row from another number. */
    private static Tensor tokens(int batch) {
        Tensor tokens = Tensor.zeros(DType.INT32, 13, 4);
        for (int i = 0; i < tokens.size(); i++) {
            tokens.setFlat(i, (12 * batch + i / 4 + i % 4) % SYMBOLS);
        }
        return tokens;
    }
}
