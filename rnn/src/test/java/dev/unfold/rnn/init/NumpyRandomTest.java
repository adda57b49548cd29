package dev.unfold.rnn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.Golden;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NumpyRandomTest {
    private static final int SEED = 1234;

    @Test
    void uniform_numbers_are_those_of_numpy() {
        double[] expected =
                Golden.load("numpy_random_state_1234").tensor("uniform").toDoubles();
        assertThat(new NumpyRandom(SEED).uniform(expected.length)).containsExactly(expected);
    }

    @Test
    void normal_numbers_are_those_of_numpy() {
        double[] expected =
                Golden.load("numpy_random_state_1234").tensor("randn").toDoubles();
        assertThat(new NumpyRandom(SEED).randn(expected.length)).containsExactly(expected);
    }

    @Test
    void whole_numbers_are_those_of_numpy() {
        double[] expected =
                Golden.load("numpy_random_state_1234").tensor("randint_0_2").toDoubles();
        NumpyRandom random = new NumpyRandom(SEED);
        double[] drawn = IntStream.range(0, expected.length)
                .mapToDouble(i -> random.randint(0, 2))
                .toArray();
        assertThat(drawn).containsExactly(expected);
    }

    @Test
    void permutation_is_that_of_numpy() {
        double[] expected =
                Golden.load("numpy_random_state_1234").tensor("permutation_10").toDoubles();
        double[] drawn = Arrays.stream(new NumpyRandom(SEED).permutation(expected.length))
                .asDoubleStream()
                .toArray();
        assertThat(drawn).containsExactly(expected);
    }

    /** The expected numbers were printed by NumPy 2.4. */
    @Test
    void draws_of_all_kinds_follow_each_other_as_in_numpy() {
        NumpyRandom random = new NumpyRandom(7);
        assertThat(IntStream.range(0, 6).map(i -> random.randint(-5, 6))).containsExactly(-1, 4, 1, -2, -2, 2);
        assertThat(IntStream.range(0, 3).map(i -> random.randint(Integer.MIN_VALUE, Integer.MAX_VALUE)))
                .containsExactly(-190761369, 2052949340, -824578887);
        assertThat(random.permutation(5)).containsExactly(3, 4, 2, 1, 0);
        random.nextGaussian();
        assertThat(random.nextDouble()).isEqualTo(0.6792299961209405);
    }

    /** The expected numbers were printed by NumPy 2.4 for {@code RandomState([1, 2, 2**32 - 3]).randn(2)}. */
    @Test
    void a_list_of_numbers_is_a_seed_as_in_numpy() {
        NumpyRandom random = new NumpyRandom(0);
        random.setSeed(new int[] {1, 2, -3});
        assertThat(random.randn(2)).containsExactly(0.8622959840936752, -0.7351706583201307);
    }

    @Test
    void matrices_of_the_sequence_practical_are_drawn_again() {
        Golden golden = Golden.load("practical_final_state");
        int d = golden.configInt("D");
        int h = golden.configInt("H");
        int c = golden.configInt("C");
        NumpyRandom random = new NumpyRandom(SEED);
        Golden.assertClose(golden.tensor("Wxh"), normal(random, Math.sqrt(d / 2.0), d, h), 1e-12);
        Golden.assertClose(golden.tensor("Whh"), normal(random, Math.sqrt(h / 2.0), h, h), 1e-12);
        Golden.assertClose(golden.tensor("Why"), normal(random, Math.sqrt(c / 2.0), h, d), 1e-12);
        Golden.assertClose(golden.tensor("X"), normal(random, 1, golden.configInt("T"), d), 1e-12);
    }

    private static Tensor normal(NumpyRandom random, double divisor, int rows, int columns) {
        Tensor tensor = Tensor.zeros(DType.FLOAT64, rows, columns);
        Initializers.normal(0, 1 / divisor).fill(tensor, random);
        return tensor;
    }

    @Test
    void setting_the_seed_starts_again_and_forgets_the_second_normal_number() {
        NumpyRandom random = new NumpyRandom(SEED);
        double first = random.nextGaussian();
        random.setSeed(SEED);
        assertThat(random.nextGaussian()).isEqualTo(first);
        random.setSeed((long) SEED);
        assertThat(random.nextGaussian()).isEqualTo(first);
    }

    @Test
    void an_empty_request_draws_nothing() {
        NumpyRandom random = new NumpyRandom(SEED);
        assertThat(random.uniform(0)).isEmpty();
        assertThat(random.randn(0)).isEmpty();
        assertThat(random.permutation(0)).isEmpty();
        assertThat(random.randint(3, 4)).isEqualTo(3);
        assertThat(random.nextDouble()).isEqualTo(new NumpyRandom(SEED).nextDouble());
    }

    @Test
    void wrong_arguments_throw() {
        NumpyRandom random = new NumpyRandom(SEED);
        assertThatThrownBy(() -> new NumpyRandom(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("numpy random: seed is -1; expected 0 to 2147483647");
        assertThatThrownBy(() -> random.setSeed(1L << 31))
                .hasMessage("numpy random: seed is 2147483648; expected 0 to 2147483647");
        assertThatThrownBy(() -> random.randint(2, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("numpy random: randint has low 2 and high 2; expected low below high");
        assertThatThrownBy(() -> random.uniform(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("numpy random: uniform is asked for -1 numbers; expected 0 or more");
        assertThatThrownBy(() -> random.randn(-1))
                .hasMessage("numpy random: randn is asked for -1 numbers; expected 0 or more");
        assertThatThrownBy(() -> random.permutation(-1))
                .hasMessage("numpy random: permutation is asked for -1 numbers; expected 0 or more");
    }
}
