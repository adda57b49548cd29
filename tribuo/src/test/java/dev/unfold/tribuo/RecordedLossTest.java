package dev.unfold.tribuo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.rnn.unroll.Unroll;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.sequence.SequenceExample;

class RecordedLossTest {
    private static final RecurrentSequenceModel MODEL = trained(1);

    private static RecurrentSequenceModel trained(int layers) {
        RecurrentOptions options = new RecurrentOptions()
                .cell(CellKind.LSTM)
                .hiddenSize(4)
                .layers(layers)
                .bidirectional(true)
                .inputDropout(0.5)
                .precision(Precision.FLOAT64)
                .epochs(2);
        return new RecurrentSequenceTrainer(options, 6, 0, 1).train(Sentences.dataset(1, 8), Map.of());
    }

    @Test
    void should_be_that_of_the_predictions() {
        for (int seed = 0; seed < 20; seed++) {
            List<SequenceExample<Label>> examples = Sentences.examples(seed, 3);
            double sum = 0;
            int words = 0;
            for (List<Prediction<Label>> sentence : MODEL.predict(examples)) {
                for (Prediction<Label> word : sentence) {
                    String right = word.getExample().getOutput().getLabel();
                    Label scored = Objects.requireNonNull(word.getOutputScores().get(right));
                    sum -= Math.log(scored.getScore());
                    words++;
                }
            }
            Graph graph = new Graph();
            Node loss = MODEL.loss(graph, MODEL.unroll(), examples);
            assertThat(loss.value().getFlat(0)).as("sentences of seed %d", seed).isCloseTo(sum / words, within(1e-12));
            graph.backward(loss);
        }
    }

    @Test
    void should_refuse_what_it_cannot_record() {
        List<SequenceExample<Label>> examples = Sentences.examples(0, 1);
        Unroll other = trained(2).unroll();
        assertThatThrownBy(() -> MODEL.loss(new Graph(), other, examples))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the other unroll has the parameters ");
        assertThatThrownBy(() -> MODEL.loss(new Graph(), MODEL.unroll(), List.of(new SequenceExample<>())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected at least one with some");
    }
}
