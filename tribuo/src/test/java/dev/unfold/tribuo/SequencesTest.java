package dev.unfold.tribuo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.tribuo.classification.Label;
import org.tribuo.sequence.SequenceDataset;
import org.tribuo.sequence.SequenceExample;

class SequencesTest {
    /** {@code word=a} and {@code end=a} are there twice; of {@code b} and {@code c} there is one each. */
    private static final SequenceDataset<Label> DATA = Sentences.dataset(
            "data",
            List.of(
                    new SequenceExample<>(List.of(Sentences.word("a", "X"), Sentences.word("b", "Y"))),
                    new SequenceExample<>(List.of(Sentences.word("a", "X")))));

    private static Sequences sequences() {
        return Sequences.of(DATA, DATA.getFeatureIDMap(), new LabelTable(DATA.getOutputIDInfo()), DType.FLOAT32);
    }

    @Test
    void should_pad_steps_and_features() {
        Tensor[] batch = sequences().batch(List.of(1, 0), 0);
        assertThat(batch[0].shape().dims()).containsExactly(2, 2, 2);
        assertThat(batch[1].toDoubles()).containsExactly(1, 1, 1, 1, 0, 0, 1, 1);
        assertThat(batch[2].toDoubles()).containsExactly(1, 2);
        assertThat(batch[3].toDoubles()).containsExactly(0, 0, -1, 1);
        int end = DATA.getFeatureIDMap().getID("end=a");
        int word = DATA.getFeatureIDMap().getID("word=a");
        assertThat(IntStream.of(0, 1).map(i -> (int) batch[0].getFlat(i)).toArray())
                .containsExactlyInAnyOrder(end, word);
    }

    @Test
    void should_leave_out_rare_features_in_training_only() {
        Samples samples = sequences().dropping(0.5).drawnBy(11);
        Set<String> seen = new HashSet<>();
        for (int epoch = 1; epoch <= 40; epoch++) {
            double[] values = samples.batch(List.of(0), epoch)[1].toDoubles();
            assertThat(values).as("what is there twice, in epoch " + epoch).startsWith(1, 1);
            seen.add(values[2] + " " + values[3]);
            assertThat(samples.batch(List.of(0, 1), epoch)[1].toDoubles()[4] + " "
                            + samples.batch(List.of(0, 1), epoch)[1].toDoubles()[5])
                    .as("the batch does not matter, epoch " + epoch)
                    .isEqualTo(values[2] + " " + values[3]);
        }
        assertThat(seen).containsExactlyInAnyOrder("1.0 1.0", "1.0 0.0", "0.0 0.0");
        assertThat(samples.batch(List.of(0), 0)[1].toDoubles()).containsOnly(1);
    }
}
