package dev.unfold.rnn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.Golden;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GradientClipTest {
    private static Parameter withGradient(String name, Tensor gradient) {
        Parameter parameter = new Parameter(name, Tensor.zeros(gradient.dtype(), gradient.shape()));
        parameter.gradient().copyFrom(gradient);
        return parameter;
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void clipping_by_global_norm_is_that_of_pytorch(DType dtype) {
        double relative = dtype == DType.FLOAT64 ? 1e-10 : 1e-4;
        Golden golden = Golden.load("clip_by_global_norm");
        Parameter first = withGradient("first", golden.tensor("g1").to(dtype));
        Parameter second = withGradient("second", golden.tensor("g2").to(dtype));
        double norm = GradientClip.clipByGlobalNorm(List.of(first, second), golden.config("max_norm"));
        assertThat(norm).isCloseTo(golden.tensor("norm").item(), within(relative));
        Golden.assertClose(golden.tensor("clipped.g1"), first.gradient(), relative);
        Golden.assertClose(golden.tensor("clipped.g2"), second.gradient(), relative);
    }

    @Test
    void gradients_within_the_norm_stay_as_they_are() {
        Parameter a = withGradient("a", Tensor.of(new float[] {3}, 1));
        Parameter b = withGradient("b", Tensor.of(new double[] {-4, 0}, 2));
        assertThat(GradientClip.clipByGlobalNorm(List.of(a, b), 5.1)).isEqualTo(5);
        assertThat(a.gradient().toDoubles()).containsExactly(3);
        assertThat(b.gradient().toDoubles()).containsExactly(-4, 0);
    }

    @Test
    void gradients_of_zero_have_norm_zero_and_stay() {
        Parameter zero = withGradient("zero", Tensor.zeros(DType.FLOAT32, 3));
        assertThat(GradientClip.clipByGlobalNorm(List.of(zero), 1e-9)).isZero();
        assertThat(zero.gradient().toDoubles()).containsOnly(0);
    }

    @Test
    void no_parameters_have_norm_zero() {
        assertThat(GradientClip.clipByGlobalNorm(List.of(), 1)).isZero();
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void a_norm_that_is_not_finite_is_returned_and_gradients_stay(double bad) {
        Parameter a = withGradient("a", Tensor.of(new float[] {3, (float) bad}, 2));
        Parameter b = withGradient("b", Tensor.of(new float[] {4}, 1));
        double norm = GradientClip.clipByGlobalNorm(List.of(a, b), 1);
        assertThat(norm).isEqualTo(Double.valueOf(bad * bad));
        assertThat(a.gradient().toDoubles()).containsExactly(3, bad);
        assertThat(b.gradient().toDoubles()).containsExactly(4);
    }

    @Test
    void large_float32_gradients_do_not_overflow() {
        Parameter a = withGradient("a", Tensor.of(new float[] {3e30f, 4e30f}, 2));
        assertThat(GradientClip.clipByGlobalNorm(List.of(a), 1)).isCloseTo(5e30, within(1e24));
        assertThat(a.gradient().get(0)).isCloseTo(0.6, within(1e-6));
        assertThat(a.gradient().get(1)).isCloseTo(0.8, within(1e-6));
    }

    @Test
    void clipping_by_value_bounds_every_element() {
        Parameter a = withGradient("a", Tensor.of(new float[] {-3, -0.5f, 0, 2}, 4));
        Parameter b = withGradient("b", Tensor.of(new double[] {Double.NEGATIVE_INFINITY, Double.NaN, 1}, 3));
        GradientClip.clipByValue(List.of(a, b), 1);
        assertThat(a.gradient().toDoubles()).containsExactly(-1, -0.5, 0, 1);
        assertThat(b.gradient().toDoubles()).containsExactly(-1, Double.NaN, 1);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void a_wrong_bound_throws(double bound) {
        assertThatThrownBy(() -> GradientClip.clipByGlobalNorm(List.of(), bound))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("clip by global norm: maximum norm is " + bound + "; expected a finite number above 0");
        assertThatThrownBy(() -> GradientClip.clipByValue(List.of(), bound))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("clip by value: limit is " + bound + "; expected a finite number above 0");
    }

    @Test
    void a_parameter_given_twice_throws() {
        Parameter same = withGradient("w", Tensor.zeros(DType.FLOAT32, 2));
        assertThatThrownBy(() -> GradientClip.clipByGlobalNorm(List.of(same, same), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("clip by global norm: parameter 'w' float32 [2] is at positions 0 and 1 of the list;"
                        + " give it once");
        assertThatThrownBy(() -> GradientClip.clipByValue(List.of(same, same), 1))
                .hasMessageStartingWith("clip by value: parameter 'w'");
    }
}
