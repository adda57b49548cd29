package dev.unfold.rnn.unroll;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.ForkedJvm;
import dev.unfold.rnn.Mode;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.layer.Dense;
import dev.unfold.rnn.optim.Adam;
import dev.unfold.rnn.train.TrainStep;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A hundred thousand steps of an LSTM of 64 units are trained on in a heap that does not hold what backward reads of them all. */
class LongSequenceTest {
    private static final long BUDGET = 16 << 20;
    private static final long NO_BUDGET = 0;
    private static final String FALLS = "the loss falls";

    private static ForkedJvm train(Mode mode, long budget, int heapMegabytes) {
        return ForkedJvm.run(Training.class, List.of("-Xmx" + heapMegabytes + "m"), mode, budget);
    }

    @ParameterizedTest
    @CsvSource({"STATIC, 128", "DYNAMIC, 256"})
    void should_be_trained_on_in_a_small_heap_within_a_budget_alone(Mode mode, int heapMegabytes) {
        ForkedJvm within = train(mode, BUDGET, heapMegabytes);
        assertThat(within.exitCode()).as(within.output()).isZero();
        assertThat(within.output()).contains(FALLS);
        ForkedJvm without = train(mode, NO_BUDGET, heapMegabytes);
        assertThat(without.exitCode()).as(without.output()).isNotZero();
        assertThat(without.output()).contains("OutOfMemoryError").doesNotContain(FALLS);
    }

    /** An update on one sequence; the arguments are the mode and the budget. */
    static final class Training {
        private static final int STEPS = 100_000;
        private static final int HIDDEN = 64;

        private final Unroll unroll;
        private final Dense dense;
        private final Tensor x;
        private final Tensor target = Tensor.zeros(DType.FLOAT32, STEPS, 1, 1).fill(0.5);

        private Training(Mode mode, long budget, Parameters parameters, NumpyRandom random) {
            Cell cell = new LstmCell(parameters.below("lstm"), 1, HIDDEN);
            Unroll plain = mode == Mode.STATIC ? Unroll.fixed(cell, STEPS, 1) : Unroll.dynamic(cell);
            this.unroll = budget == NO_BUDGET ? plain : plain.budget(budget);
            this.dense = new Dense(parameters.below("dense"), HIDDEN, 1);
            this.x = RaggedCase.normal(random, DType.FLOAT32, STEPS, 1, 1);
        }

        private Node loss(Graph graph, Tensor inputs, Tensor targets) {
            return Ops.meanSquaredError(dense.of(unroll.over(graph, inputs).outputs()), graph.input(targets));
        }

        public static void main(String[] arguments) {
            Mode mode = Mode.valueOf(arguments[0]);
            NumpyRandom random = new NumpyRandom(7);
            Parameters parameters = new Parameters("long", DType.FLOAT32, random);
            Training training = new Training(mode, Long.parseLong(arguments[1]), parameters, random);
            TrainStep step = new TrainStep(new Adam(parameters.made(), 1e-2));
            double before;
            double after;
            if (mode == Mode.STATIC) {
                Plan plan = Plan.training(
                        (graph, in) -> training.loss(graph, in.get(0), in.get(1)), training.x, training.target);
                before = step.run(plan, training.x, training.target);
                after = plan.run(training.x, training.target).item();
            } else {
                before = step.run(graph -> training.loss(graph, training.x, training.target));
                after = training.loss(Graph.inference(), training.x, training.target)
                        .item();
            }
            System.out.println((after < before ? FALLS : "the loss does not fall") + ": " + before + ", " + after);
        }
    }
}
