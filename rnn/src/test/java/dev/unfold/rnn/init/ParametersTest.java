package dev.unfold.rnn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.rnn.cell.VanillaCell;
import java.util.List;
import org.junit.jupiter.api.Test;

class ParametersTest {
    /** Weights [2, 3] and [3, 3], and a bias [3]. */
    private static final int NUMBERS = 18;

    @Test
    void zeros_should_have_the_names_and_shapes_of_drawn_parameters() {
        Parameters drawn = new Parameters("model", DType.FLOAT32, new NumpyRandom(1));
        Parameters zeros = Parameters.zeros("model", DType.FLOAT32, NUMBERS);
        List<Parameter> made = new VanillaCell(zeros.below("rnn"), 2, 3).parameters();
        assertThat(made.toString())
                .isEqualTo(
                        new VanillaCell(drawn.below("rnn"), 2, 3).parameters().toString());
        assertThat(zeros.made()).isEqualTo(made);
        assertThat(made).allSatisfy(each -> assertThat(each.value().toDoubles()).containsOnly(0));
    }

    @Test
    void zeros_should_refuse_a_parameter_for_which_no_numbers_are_left() {
        Parameters zeros = Parameters.zeros("model", DType.FLOAT32, NUMBERS - 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new VanillaCell(zeros.below("rnn"), 2, 3))
                .withMessage("parameter 'model.rnn.b' [3]: it holds more numbers than the 2 that are left for it");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> zeros.make("large", Initializers.zeros(), 40_000, 50_000))
                .withMessageContaining("more numbers than the 2");
    }
}
