package dev.unfold.rnn.optim;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.Golden;
import dev.unfold.rnn.init.Initializer;
import dev.unfold.rnn.init.Initializers;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.apache.commons.math3.random.MersenneTwister;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the steps of all optimisers have in common. */
class OptimizerStepTest {
    private static final Initializer NORMAL = Initializers.normal(0, 1);

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.unfold.rnn.optim.AllOptimizers#all")
    void float32_and_float64_agree(String name, AllOptimizers.Maker maker) {
        for (int seed = 0; seed < 20; seed++) {
            MersenneTwister random = new MersenneTwister(seed);
            Parameter wide = NORMAL.parameter("w", DType.FLOAT64, random, 5, 3);
            Parameter narrow = new Parameter("n", wide.value().to(DType.FLOAT32));
            Optimizer both = maker.of(List.of(wide, narrow));
            for (int step = 0; step < 50; step++) {
                NORMAL.fill(wide.gradient(), random);
                narrow.gradient().copyFrom(wide.gradient().to(DType.FLOAT32));
                both.step();
                Golden.assertClose(wide.value(), narrow.value(), 1e-4);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.unfold.rnn.optim.AllOptimizers#all")
    void a_quadratic_falls(String name, AllOptimizers.Maker maker) {
        Tensor best = Tensor.of(new double[] {1, -2, 0.5}, 3);
        Parameter parameter = new Parameter("p", Tensor.of(new double[] {-2, 3, 4}, 3));
        Optimizer optimizer = maker.of(List.of(parameter));
        double before = quadratic(parameter, best);
        for (int step = 0; step < 600; step++) {
            optimizer.zeroGradients();
            for (int i = 0; i < 3; i++) {
                parameter.gradient().set(2 * (parameter.value().get(i) - best.get(i)), i);
            }
            optimizer.step();
        }
        assertThat(quadratic(parameter, best)).isLessThan(before / 100);
    }

    private static double quadratic(Parameter parameter, Tensor best) {
        double sum = 0;
        for (int i = 0; i < best.size(); i++) {
            double distance = parameter.value().get(i) - best.get(i);
            sum += distance * distance;
        }
        return sum;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.unfold.rnn.optim.AllOptimizers#all")
    void gradients_are_left_as_they_are(String name, AllOptimizers.Maker maker) {
        MersenneTwister random = new MersenneTwister(1);
        Parameter parameter = NORMAL.parameter("p", DType.FLOAT32, random, 4, 4);
        Tensor before = parameter.value().copy();
        NORMAL.fill(parameter.gradient(), random);
        Tensor gradient = parameter.gradient().copy();
        maker.of(List.of(parameter)).step();
        assertThat(parameter.gradient().sameBits(gradient)).isTrue();
        assertThat(parameter.value().sameBits(before)).isFalse();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.unfold.rnn.optim.AllOptimizers#all")
    void views_are_updated_and_nothing_beside_them(String name, AllOptimizers.Maker maker) {
        MersenneTwister random = new MersenneTwister(1);
        Tensor whole = Tensor.zeros(DType.FLOAT32, 3, 4).fill(9);
        Parameter view = new Parameter("view", whole.at(1));
        Parameter alone = NORMAL.parameter("alone", DType.FLOAT32, random, 4);
        view.value().copyFrom(alone.value());
        Optimizer optimizer = maker.of(List.of(view, alone));
        for (int step = 0; step < 3; step++) {
            NORMAL.fill(view.gradient(), random);
            alone.gradient().copyFrom(view.gradient());
            optimizer.step();
        }
        assertThat(view.value().sameBits(alone.value())).isTrue();
        assertThat(whole.at(0).toDoubles()).containsOnly(9);
        assertThat(whole.at(2).toDoubles()).containsOnly(9);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.unfold.rnn.optim.AllOptimizers#all")
    void gradients_of_zero_never_make_nan(String name, AllOptimizers.Maker maker) {
        Parameter parameter = new Parameter("p", Tensor.of(new float[] {0, 1, -1}, 3));
        Optimizer optimizer = maker.of(List.of(parameter));
        optimizer.step();
        optimizer.step();
        assertThat(parameter.value().firstNonFinite()).isEqualTo(-1);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.unfold.rnn.optim.AllOptimizers#all")
    void steps_allocate_nothing(String name, AllOptimizers.Maker maker) {
        MersenneTwister random = new MersenneTwister(1);
        List<Parameter> parameters = List.of(
                NORMAL.parameter("a", DType.FLOAT32, random, 8, 8), NORMAL.parameter("b", DType.FLOAT64, random, 8));
        Optimizer optimizer = maker.of(parameters);
        run(optimizer, parameters, 500);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        // The compiler may leave something on this thread while it changes code under way, and kernels on the Vector
        // API make objects
        // until they are compiled: one clean round is enough.
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5000 && least > 0; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            run(optimizer, parameters, 200);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).isZero();
    }

    private static void run(Optimizer optimizer, List<Parameter> parameters, int steps) {
        for (int step = 0; step < steps; step++) {
            GradientClip.clipByGlobalNorm(parameters, 1);
            GradientClip.clipByValue(parameters, 1);
            optimizer.step();
            optimizer.zeroGradients();
        }
    }
}
