package dev.unfold.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.google.common.primitives.Ints;
import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.model.LanguageModel;
import dev.unfold.rnn.unroll.Unroll;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class StreamsTest {
    private static IntStream seeds() {
        return IntStream.range(0, 50);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void batches_one_after_the_other_should_give_the_text_back(int seed) {
        NumpyRandom random = new NumpyRandom(seed);
        int rows = random.randint(1, 6);
        int steps = random.randint(1, 9);
        int[] text = random.permutation(random.randint(rows + 1, 120));
        Streams streams = Streams.of(text, rows, steps);
        List<Integer> tokens = new ArrayList<>();
        List<Integer> next = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            for (Streams.Batch batch : streams.batches()) {
                for (int t = 0; t < batch.tokens().shape().dim(0); t++) {
                    tokens.add((int) batch.tokens().get(t, row));
                    next.add((int) batch.next().get(t, row));
                }
            }
        }
        int told = tokens.size();
        assertThat(Ints.toArray(tokens)).as("seed %d", seed).isEqualTo(Arrays.copyOf(text, told));
        assertThat(Ints.toArray(next)).as("seed %d", seed).isEqualTo(Arrays.copyOfRange(text, 1, told + 1));
        assertThat(text.length - 1 - told).as("left over, seed %d", seed).isBetween(0, rows - 1);
        assertThat(streams.batches().stream().limit(streams.batches().size() - 1L))
                .as("all but the last are whole, seed %d", seed)
                .allMatch(batch -> batch.count() == rows * steps);
        assertThat(streams.rows()).isEqualTo(rows);
        assertThat(streams.batches().stream().mapToDouble(streams::weight).sum())
                .isEqualTo(told);
    }

    @Test
    void every_epoch_should_have_the_same_batches() {
        Streams streams = Streams.of(new int[] {3, 1, 2, 0, 5}, 2, 1);
        assertThat(streams.of(1)).isSameAs(streams.of(7)).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            4 | 4 | 2 | streams: there are 4 symbols for 4 streams; expected one for each and one more; cut it into fewer streams
            0 | 1 | 2 | streams: there are 0 symbols for 1 streams; expected one for each and one more; cut it into fewer streams
            9 | 0 | 2 | streams: 0 streams in batches of 2 steps; expected at least one of each
            9 | 2 | 0 | streams: 2 streams in batches of 0 steps; expected at least one of each
            """)
    void should_refuse_a_text_that_is_too_short(int length, int rows, int steps, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Streams.of(new int[length], rows, steps))
                .withMessage(message);
    }

    @ParameterizedTest
    @CsvSource({"1, 4", "1, 100", "3, 5"})
    void a_score_should_not_depend_on_how_streams_are_cut_into_batches(int rows, int steps) {
        Parameters parameters = new Parameters("model", DType.FLOAT64, new NumpyRandom(4));
        LanguageModel model = new LanguageModel(
                parameters, 8, Unroll.dynamic(new GruCell(parameters.below("rnn"), 4, 5, GruCell.Variant.RESET_AFTER)));
        int[] text = new NumpyRandom(1).permutation(8 * 5);
        Arrays.setAll(text, i -> text[i] % 8);
        Streams whole = Streams.of(text, rows, text.length);
        Streams cut = Streams.of(text, rows, steps);
        Tensor tokens = whole.batches().get(0).tokens();
        double loss = model.loss(
                        Graph.inference(), tokens, whole.batches().get(0).next())
                .item();
        Score score = cut.score(model);
        assertThat(score.loss()).isEqualTo(loss, within(1e-12));
        assertThat(score.count()).isEqualTo(tokens.size());
        assertThat(score.hits()).isEqualTo(whole.score(model).hits());
    }
}
