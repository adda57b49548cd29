package dev.unfold.examples.pos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.examples.corpus.Corpus;
import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.check.CellContract;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.model.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CourseTaggerTest {
    private static final int SEED = 1234;
    private static final CourseData SAMPLE = CourseData.of(Corpus.embedded(), Corpus.embedded(), Optional.empty());

    @Test
    void the_cell_from_primitives_should_keep_the_contract_of_cells() {
        CellContract.of(p -> new CourseCell(p, 3, 4)).check();
    }

    @ParameterizedTest
    @CsvSource({"false, true, 1", "true, false, 1", "true, true, 1", "false, false, 2", "false, true, 2"})
    void should_give_the_same_bits_from_primitives_and_in_any_mode(boolean primitives, boolean isStatic, int threads) {
        CourseTagger plain = tagger(DType.FLOAT64, false, false, 1);
        CourseTagger other = tagger(DType.FLOAT64, primitives, isStatic, threads);
        for (int epoch = 0; epoch < 3; epoch++) {
            assertThat(other.train(SAMPLE.train())).isEqualTo(plain.train(SAMPLE.train()));
            assertThat(other.hits(SAMPLE.dev())).isEqualTo(plain.hits(SAMPLE.dev()));
        }
        assertThat(Weights.sha256(other.parameters())).isEqualTo(Weights.sha256(plain.parameters()));
    }

    @Test
    void should_draw_first_weights_as_numpy_does() {
        List<Parameter> parameters = tagger(DType.FLOAT64, false, false, 1).parameters();
        int words = SAMPLE.words();
        int tags = SAMPLE.tags().size();
        double[] stream = new NumpyRandom(SEED).uniform(words * 50 + 20 * 50 + 20 * 20 + tags * 20);
        List<Double> expected = new ArrayList<>();
        for (int i = 0; i < words * 50; i++) {
            expected.add(0.01 * stream[i]);
        }
        int[][] others = {{50, 20}, {20, 20}, {20, tags}};
        int at = words * 50;
        for (int[] shape : others) {
            for (int in = 0; in < shape[0]; in++) {
                for (int out = 0; out < shape[1]; out++) {
                    expected.add(stream[at + out * shape[0] + in]);
                }
            }
            at += shape[0] * shape[1];
        }
        List<Double> drawn = new ArrayList<>();
        for (Parameter parameter : parameters) {
            for (double value : parameter.value().toDoubles()) {
                drawn.add(value);
            }
        }
        assertThat(drawn).isEqualTo(expected);
    }

    @Test
    void should_learn_in_float32_what_it_learns_in_float64() {
        CourseTagger coarse = tagger(DType.FLOAT32, false, true, 1);
        CourseTagger fine = tagger(DType.FLOAT64, false, true, 1);
        assertThat(coarse.train(SAMPLE.train())).isCloseTo(fine.train(SAMPLE.train()), within(1e-4));
    }

    /** NumPy's argmax takes the first of equals; with all weights 0 every tag is as good. */
    @Test
    void should_take_the_first_of_tags_that_are_equally_likely() {
        CourseData data = CourseData.of(
                CourseDataTest.corpus("a_X b_NOUN c_X"), CourseDataTest.corpus("a_X b_X"), Optional.empty());
        CourseTagger tagger = new CourseTagger(new CourseTagger.Settings(
                SEED, DType.FLOAT64, false, false, 1, data.words(), data.tags().size()));
        for (Parameter parameter : tagger.parameters()) {
            Tensor value = parameter.value();
            value.fill(0);
        }
        assertThat(tagger.hits(data.train())).isEqualTo(1);
        assertThat(tagger.hits(data.dev())).isZero();
    }

    private static CourseTagger tagger(DType dtype, boolean fromPrimitives, boolean isStatic, int threads) {
        return new CourseTagger(new CourseTagger.Settings(
                SEED,
                dtype,
                fromPrimitives,
                isStatic,
                threads,
                SAMPLE.words(),
                SAMPLE.tags().size()));
    }
}
