package dev.unfold.rnn.unroll;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.ResidualCell;
import dev.unfold.rnn.cell.StackedCell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import org.junit.jupiter.api.Test;

class ExplainTest {
    @Test
    void a_plan_should_say_what_it_hoists_stacks_chains_stores_and_drops() {
        Parameters parameters = new Parameters("rnn", DType.FLOAT32, new NumpyRandom(1));
        Cell cell = new ResidualCell(new ResidualCell(new VanillaCell(parameters, 4, 4)));
        Unroll unroll = Unroll.fixed(cell, 5, 2);
        Plan plan = Plan.training(
                (graph, in) -> Ops.sum(unroll.over(graph, in.get(0)).last()), Tensor.zeros(DType.FLOAT32, 5, 2, 4));
        assertThat(plan.explain()).isEqualTo("""
                plan: 9 recorded values, 1,224 bytes
                loop of cell 'rnn': 10 recorded values for up to 5 steps of 2 rows, 1,024 bytes
                  hoisted, over the rows of a window of steps at once, 72 floating-point operations a row:
                    affine #4
                  step by step, 160 floating-point operations a row:
                    addmm #6
                    chained: tanh #7, plus #8, plus #9
                  gradient of 'rnn.wx': stacked, one product or sum over each stretch of 16 steps, shared out among threads
                  gradient of 'rnn.b': stacked, one product or sum over each stretch of 16 steps
                  gradient of 'rnn.wh': stacked, one product or sum over each stretch of 16 steps, shared out among threads
                  values dropped behind their step: 32 bytes a row: addmm #6, plus #8
                  values dropped behind their window of steps: 16 bytes a row: affine #4
                  gradients dropped behind their window of steps: 16 bytes a row: addmm #6
                  gradients dropped behind their window of steps and the step before it: 32 bytes a row: tanh #7, plus #9
                  values stored for all steps: 32 bytes a row: tanh #7, plus #9
                  gradients that are those of other operations: 32 bytes a row: affine #4, plus #8
                """);
    }

    @Test
    void a_stack_should_run_layer_by_layer() {
        Parameters parameters = new Parameters("rnn", DType.FLOAT32, new NumpyRandom(1));
        Cell stack = StackedCell.of(2, i -> new LstmCell(parameters.below("layer" + i), 3, 3));
        Unroll unroll = Unroll.fixed(stack, 5, 2);
        Plan plan = Plan.training(
                (graph, in) -> Ops.sum(unroll.over(graph, in.get(0)).last()), Tensor.zeros(DType.FLOAT32, 5, 2, 3));
        assertThat(plan.explain().lines().filter(line -> line.contains("operations a row")))
                .extracting(line -> line.contains("hoisted"))
                .containsExactly(true, false, true, false);
        assertThat(plan.explain().lines().filter(line -> line.contains("gradient of 'rnn")))
                .hasSize(6)
                .allMatch(line -> line.contains("stacked"));
    }
}
