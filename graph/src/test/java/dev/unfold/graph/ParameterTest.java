package dev.unfold.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class ParameterTest {
    private final Tensor value = Tensor.of(new double[] {1, 2}, 2);
    private final Parameter parameter = new Parameter("rnn.wx", value);

    @Test
    void should_hold_the_value_itself() {
        assertThat(parameter.value()).isSameAs(value);
        assertThat(parameter.shape()).isEqualTo(Shape.of(2));
        assertThat(parameter.dtype()).isEqualTo(DType.FLOAT64);
        assertThat(parameter).hasToString("parameter 'rnn.wx' float64 [2]");
    }

    @Test
    void should_begin_with_a_gradient_of_zero_and_keep_it() {
        parameter.zeroGradient();
        assertThat(parameter.gradient().toDoubles()).containsExactly(0, 0);
        parameter.gradient().fill(3);
        assertThat(parameter.gradient().toDoubles()).containsExactly(3, 3);
        Tensor same = parameter.gradient();
        parameter.zeroGradient();
        assertThat(same.toDoubles()).containsExactly(0, 0);
    }

    @Test
    void should_refuse_a_blank_name() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Parameter(" ", value))
                .withMessage("parameter: the name is blank; give one that messages can use");
    }

    @Test
    void should_refuse_integers() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Parameter("labels", Tensor.of(new int[] {1})))
                .withMessage("parameter 'labels': is int32; only float32 and float64 can be learned");
    }
}
