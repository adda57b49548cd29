package dev.unfold.rnn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.Golden;
import java.util.List;
import org.apache.commons.math3.random.MersenneTwister;
import org.apache.commons.math3.stat.descriptive.SummaryStatistics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InitializersTest {
    private static final int SEED = 5;
    private static final int IN = 300;
    private static final int OUT = 200;

    /** Of 60000 draws a mean strays by about 0.004 deviations, a variance by about 0.6 %: bounds are four times that. */
    private static final double MEAN_STRAYS = 0.017;

    private static final double VARIANCE_STRAYS = 0.024;

    private static Tensor filled(Initializer initializer, DType dtype, int... dims) {
        Tensor tensor = Tensor.zeros(dtype, dims);
        initializer.fill(tensor, new MersenneTwister(SEED));
        return tensor;
    }

    private static SummaryStatistics statistics(Initializer initializer) {
        SummaryStatistics statistics = new SummaryStatistics();
        for (double value : filled(initializer, DType.FLOAT64, IN, OUT).toDoubles()) {
            statistics.addValue(value);
        }
        return statistics;
    }

    private static void assertMoments(SummaryStatistics drawn, double mean, double deviation) {
        assertThat(drawn.getMean()).isCloseTo(mean, within(MEAN_STRAYS * deviation));
        assertThat(drawn.getVariance() / (deviation * deviation)).isCloseTo(1, within(VARIANCE_STRAYS));
    }

    private static void assertUniform(Initializer initializer, double low, double high) {
        SummaryStatistics drawn = statistics(initializer);
        assertMoments(drawn, (low + high) / 2, (high - low) / Math.sqrt(12));
        assertThat(drawn.getMin()).isBetween(low, low + (high - low) / 1000);
        assertThat(drawn.getMax()).isBetween(high - (high - low) / 1000, high);
    }

    private static void assertNormal(Initializer initializer, double mean, double deviation) {
        SummaryStatistics drawn = statistics(initializer);
        assertMoments(drawn, mean, deviation);
        assertThat((drawn.getMax() - mean) / deviation).isBetween(3.5, 6.0);
        assertThat((drawn.getMin() - mean) / deviation).isBetween(-6.0, -3.5);
    }

    @Test
    void zeros_and_constants_overwrite_every_element() {
        Tensor tensor = Tensor.of(new float[] {1, 2, 3}, 3);
        Initializers.zeros().fill(tensor, new MersenneTwister(SEED));
        assertThat(tensor.toDoubles()).containsExactly(0, 0, 0);
        Initializers.constant(-1.5).fill(tensor, new MersenneTwister(SEED));
        assertThat(tensor.toDoubles()).containsExactly(-1.5, -1.5, -1.5);
    }

    @Test
    void uniform_has_the_stated_bounds_and_moments() {
        assertUniform(Initializers.uniform(-1, 3), -1, 3);
    }

    @Test
    void uniform_of_one_point_is_that_point() {
        assertThat(filled(Initializers.uniform(2, 2), DType.FLOAT64, 3).toDoubles())
                .containsExactly(2, 2, 2);
    }

    @Test
    void normal_has_the_stated_moments() {
        assertNormal(Initializers.normal(2, 0.5), 2, 0.5);
    }

    @Test
    void normal_without_deviation_is_the_mean() {
        assertThat(filled(Initializers.normal(2, 0), DType.FLOAT64, 3).toDoubles())
                .containsExactly(2, 2, 2);
    }

    @Test
    void xavier_uniform_has_the_bound_of_the_formula() {
        double bound = Math.sqrt(6.0 / (IN + OUT));
        assertUniform(Initializers.xavierUniform(), -bound, bound);
        assertUniform(Initializers.xavierUniform(2), -2 * bound, 2 * bound);
    }

    @Test
    void xavier_normal_has_the_deviation_of_the_formula() {
        double deviation = Math.sqrt(2.0 / (IN + OUT));
        assertNormal(Initializers.xavierNormal(), 0, deviation);
        assertNormal(Initializers.xavierNormal(2), 0, 2 * deviation);
    }

    @Test
    void kaiming_uniform_has_the_bound_of_the_formula() {
        double bound = Math.sqrt(3.0 / IN);
        assertUniform(Initializers.kaimingUniform(), -Math.sqrt(2) * bound, Math.sqrt(2) * bound);
        assertUniform(Initializers.kaimingUniform(1), -bound, bound);
    }

    @Test
    void kaiming_normal_has_the_deviation_of_the_formula() {
        assertNormal(Initializers.kaimingNormal(), 0, Math.sqrt(2.0 / IN));
        assertNormal(Initializers.kaimingNormal(1), 0, Math.sqrt(1.0 / IN));
    }

    @Test
    void one_seed_gives_the_same_values_and_both_precisions_agree() {
        for (Initializer each : List.of(
                Initializers.uniform(-1, 1),
                Initializers.normal(0, 1),
                Initializers.xavierUniform(),
                Initializers.kaimingNormal(),
                Initializers.orthogonal(),
                Initializers.blocks(2, Initializers.orthogonal()))) {
            Tensor wide = filled(each, DType.FLOAT64, 6, 4);
            assertThat(filled(each, DType.FLOAT64, 6, 4).sameBits(wide)).isTrue();
            assertThat(filled(each, DType.FLOAT32, 6, 4).sameBits(wide.to(DType.FLOAT32)))
                    .isTrue();
        }
    }

    @Test
    void values_are_drawn_in_row_major_order() {
        MersenneTwister random = new MersenneTwister(SEED);
        Tensor tensor = filled(Initializers.uniform(0, 1), DType.FLOAT64, 2, 3);
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 3; j++) {
                assertThat(tensor.get(i, j)).isEqualTo(random.nextDouble());
            }
        }
    }

    @Test
    void a_view_is_filled_and_nothing_beside_it() {
        Tensor whole = Tensor.zeros(DType.FLOAT64, 3, 2, 2);
        Initializers.uniform(1, 2).fill(whole.at(1), new MersenneTwister(SEED));
        assertThat(whole.at(0).toDoubles()).containsOnly(0);
        assertThat(whole.at(1).toDoubles()).doesNotContain(0);
        assertThat(whole.at(2).toDoubles()).containsOnly(0);
    }

    @Test
    void a_parameter_is_made_with_name_type_shape_and_values() {
        Parameter made =
                Initializers.xavierUniform().parameter("rnn.wx", DType.FLOAT32, new MersenneTwister(SEED), 3, 4);
        assertThat(made.name()).isEqualTo("rnn.wx");
        Golden.assertClose(filled(Initializers.xavierUniform(), DType.FLOAT32, 3, 4), made.value(), 0);
    }

    @Test
    void a_matrix_without_elements_is_left_alone() {
        for (Initializer each :
                List.of(Initializers.xavierUniform(), Initializers.kaimingNormal(), Initializers.orthogonal())) {
            assertThat(filled(each, DType.FLOAT64, 0, 3).size()).isZero();
            assertThat(filled(each, DType.FLOAT64, 3, 0).size()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void a_wrong_gain_throws(double gain) {
        String problem = ": gain is " + gain + "; expected a finite number above 0";
        assertThatThrownBy(() -> Initializers.xavierUniform(gain)).hasMessage("xavier uniform" + problem);
        assertThatThrownBy(() -> Initializers.xavierNormal(gain)).hasMessage("xavier normal" + problem);
        assertThatThrownBy(() -> Initializers.kaimingUniform(gain)).hasMessage("kaiming uniform" + problem);
        assertThatThrownBy(() -> Initializers.kaimingNormal(gain)).hasMessage("kaiming normal" + problem);
        assertThatThrownBy(() -> Initializers.orthogonal(gain))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("orthogonal" + problem);
    }

    @Test
    void wrong_numbers_throw() {
        assertThatThrownBy(() -> Initializers.uniform(1, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("uniform: low is 1.0 and high is -1.0; expected low to be at most high; swap them");
        assertThatThrownBy(() -> Initializers.uniform(Double.NaN, 1))
                .hasMessage("uniform: low is NaN; expected a finite number");
        assertThatThrownBy(() -> Initializers.uniform(-Double.MAX_VALUE, Double.MAX_VALUE))
                .hasMessage("uniform: high - low is Infinity; expected a finite number");
        assertThatThrownBy(() -> Initializers.normal(0, -0.1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("normal: deviation is -0.1; expected a finite number, 0 or above");
        assertThatThrownBy(() -> Initializers.normal(Double.NaN, 1))
                .hasMessage("normal: mean is NaN; expected a finite number");
        assertThatThrownBy(() -> Initializers.constant(Double.NEGATIVE_INFINITY))
                .hasMessage("constant: value is -Infinity; expected a finite number");
    }

    @Test
    void wrong_tensors_throw() {
        assertThatThrownBy(() -> filled(Initializers.xavierNormal(), DType.FLOAT64, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("xavier normal: the tensor is [3]; expected a matrix [fan-in, fan-out];"
                        + " use zeros, constant, uniform or normal");
        assertThatThrownBy(() -> filled(Initializers.orthogonal(), DType.FLOAT64, 2, 3, 4))
                .hasMessageStartingWith("orthogonal: the tensor is [2, 3, 4]; expected a matrix");
        for (Initializer each : List.of(Initializers.zeros(), Initializers.uniform(0, 1), Initializers.orthogonal())) {
            assertThatThrownBy(() -> filled(each, DType.INT32, 2, 2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageEndingWith(": the tensor is int32; expected float32 or float64");
        }
    }
}
