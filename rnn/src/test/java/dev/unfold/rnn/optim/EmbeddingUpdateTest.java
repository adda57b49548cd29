package dev.unfold.rnn.optim;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.ops.kernel.UpdateKernels;
import dev.unfold.rnn.init.Initializers;
import dev.unfold.rnn.train.TrainStep;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Random;
import org.apache.commons.math3.random.MersenneTwister;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Updates of an embedding: the bits of updating all of it, and nothing done to rows that need nothing. */
class EmbeddingUpdateTest {
    private static final int VOCABULARY = 40;
    private static final int SIZE = 5;

    /** An embedding, beside a weight that is used as a whole, and who trains them. */
    private static final class Model {
        final Parameter table;
        final Parameter weight;
        final List<Parameter> parameters;
        final Optimizer optimizer;

        Model(AllOptimizers.Maker maker, DType dtype, int seed) {
            MersenneTwister random = new MersenneTwister(seed);
            table = Initializers.normal(0, 1).parameter("table", dtype, random, VOCABULARY, SIZE);
            weight = Initializers.normal(0, 1).parameter("weight", dtype, random, SIZE, SIZE);
            parameters = List.of(table, weight);
            optimizer = maker.of(parameters);
        }

        Node loss(Graph graph, Tensor numbers) {
            return Ops.sum(Ops.tanh(Ops.matmul(Ops.gather(table, graph.input(numbers)), weight)));
        }

        /** Uses all rows of the table. */
        Node tiedLoss(Graph graph, Tensor numbers) {
            return Ops.sum(Ops.tanh(Ops.matmulTransposedB(Ops.gather(table, graph.input(numbers)), table)));
        }

        void backward(boolean tied, Tensor numbers) {
            Graph graph = new Graph();
            graph.backward(tied ? tiedLoss(graph, numbers) : loss(graph, numbers));
        }
    }

    private static Tensor numbers(Random random, int most) {
        int[] numbers = random.ints(1 + random.nextInt(most), 0, VOCABULARY).toArray();
        return Tensor.of(numbers, numbers.length);
    }

    /** One update of a random kind, the same for any model where the random numbers are the same. */
    private static double update(Model model, Random random) {
        for (int use = random.nextInt(3); use > 0; use--) {
            model.backward(random.nextInt(12) == 0, numbers(random, 6));
        }
        double norm = 0;
        switch (random.nextInt(4)) {
            case 0 -> norm = GradientClip.clipByGlobalNorm(model.parameters, 0.5);
            case 1 -> GradientClip.clipByValue(model.parameters, 0.1);
            default -> {}
        }
        if (random.nextInt(80) == 0) {
            model.table.gradient().set(1, random.nextInt(VOCABULARY), random.nextInt(SIZE));
        }
        model.optimizer.step();
        if (random.nextInt(5) > 0) {
            model.optimizer.zeroGradients();
        }
        return norm;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.unfold.rnn.optim.AllOptimizers#all")
    void should_give_the_bits_of_updating_all_rows(String name, AllOptimizers.Maker maker) {
        for (int seed = 0; seed < 30; seed++) {
            DType dtype = seed % 2 == 0 ? DType.FLOAT32 : DType.FLOAT64;
            Model sparse = new Model(maker, dtype, seed);
            Model dense = new Model(maker, dtype, seed);
            // Whoever takes the gradient may write into it, so that nobody relies on what is known of its rows.
            dense.parameters.forEach(Parameter::gradient);
            Random ofSparse = new Random(seed);
            Random ofDense = new Random(seed);
            for (int step = 0; step < 25; step++) {
                String where = name + ", seed " + seed + ", step " + step;
                assertThat(update(sparse, ofSparse)).as("norm, %s", where).isEqualTo(update(dense, ofDense));
                for (int i = 0; i < sparse.parameters.size(); i++) {
                    Parameter actual = sparse.parameters.get(i);
                    Parameter expected = dense.parameters.get(i);
                    assertThat(actual.value().sameBits(expected.value()))
                            .as("value of %s, %s", actual, where)
                            .isTrue();
                    assertThat(actual.gradientRows().gradient().sameBits(expected.gradient()))
                            .as("gradient of %s, %s", actual, where)
                            .isTrue();
                }
            }
            assertThat(sparse.table.value().firstNonFinite()).isEqualTo(-1);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.unfold.rnn.optim.AllOptimizers#all")
    void should_not_look_at_rows_that_were_never_picked(String name, AllOptimizers.Maker maker) {
        Model poisoned = new Model(maker, DType.FLOAT32, 1);
        Model clean = new Model(maker, DType.FLOAT32, 1);
        if (clean.optimizer.reach() == Optimizer.Reach.ALL) {
            return;
        }
        Tensor gradient = poisoned.table.gradientRows().gradient();
        gradient.slice(10, VOCABULARY).fill(Double.NaN);
        Random random = new Random(1);
        for (int step = 0; step < 20; step++) {
            Tensor numbers = Tensor.of(random.ints(4, 0, 10).toArray(), 4);
            for (Model model : List.of(poisoned, clean)) {
                model.optimizer.zeroGradients();
                model.backward(false, numbers);
                assertThat(GradientClip.clipByGlobalNorm(model.parameters, 1)).isFinite();
                GradientClip.clipByValue(model.parameters, 0.5);
                model.optimizer.step();
            }
        }
        assertThat(poisoned.table.value().sameBits(clean.table.value())).isTrue();
        assertThat(gradient.slice(10, VOCABULARY).toDoubles()).containsOnly(Double.NaN);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.unfold.rnn.optim.AllOptimizers#all")
    void should_go_on_moving_rows_while_something_is_kept_of_them(String name, AllOptimizers.Maker maker) {
        Model model = new Model(maker, DType.FLOAT64, 2);
        model.backward(false, Tensor.of(new int[] {3}, 1));
        model.optimizer.step();
        model.optimizer.zeroGradients();
        Tensor before = model.table.value().copy();
        model.optimizer.step();
        boolean moves = name.contains("momentum")
                || name.contains("Nesterov")
                || name.contains("adam")
                || name.contains("decay");
        assertThat(model.table.value().at(3).sameBits(before.at(3))).isEqualTo(!moves);
        assertThat(model.table.value().at(4).sameBits(before.at(4)))
                .isEqualTo(model.optimizer.reach() != Optimizer.Reach.ALL);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.unfold.rnn.optim.AllOptimizers#all")
    void should_allocate_nothing_after_a_warm_up(String name, AllOptimizers.Maker maker) {
        Model model = new Model(maker, DType.FLOAT32, 3);
        TrainStep step = new TrainStep(model.optimizer, 1);
        Tensor numbers = Tensor.zeros(DType.INT32, 4);
        Tensor[] batch = {numbers};
        Plan plan = Plan.training((graph, in) -> model.loss(graph, in.get(0)), numbers);
        ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = Long.MAX_VALUE;
        // Kernels on the Vector API make objects until they are compiled: one clean round is enough.
        for (int round = 0; allocated > 0 && round < 4000; round++) {
            long before = bean.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 300; i++) {
                numbers.setFlat(i % 4, i % VOCABULARY);
                step.run(plan, batch);
            }
            allocated = Math.min(allocated, bean.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(allocated).as("bytes allocated by 300 updates").isZero();
    }

    /** An optimiser of one's own, which says nothing of what its steps reach. */
    private static final class Halving extends Optimizer {
        int calls;

        Halving(List<Parameter> parameters) {
            super("halving", parameters, 1, 0);
        }

        @Override
        protected void update(Portion portion, UpdateKernels kernels) {
            calls++;
            kernels.shrink(0.5, portion.value());
        }
    }

    @Test
    void an_optimizer_that_says_nothing_should_be_given_whole_parameters() {
        Parameter table = new Parameter(
                "table", Tensor.zeros(DType.FLOAT64, VOCABULARY, SIZE).fill(4));
        Halving halving = new Halving(List.of(table));
        halving.step();
        assertThat(halving.calls).isEqualTo(1);
        assertThat(table.value().toDoubles()).containsOnly(2);
        assertThat(halving.bytes()).isZero();
    }
}
