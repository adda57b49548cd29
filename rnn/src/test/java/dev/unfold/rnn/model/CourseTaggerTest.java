package dev.unfold.rnn.model;

import static dev.unfold.ops.Ops.crossEntropy;
import static dev.unfold.rnn.Weighted.set;
import static dev.unfold.rnn.Weighted.transposed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.Golden;
import dev.unfold.rnn.Mode;
import dev.unfold.rnn.cell.Activation;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.layer.Dense;
import dev.unfold.rnn.layer.Embedding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The tagger of the LxMLS course built from the library's parts: figures that the course's own test asserts. */
@ParameterizedClass
@EnumSource(Mode.class)
class CourseTaggerTest {
    private final Mode mode;

    CourseTaggerTest(Mode mode) {
        this.mode = mode;
    }

    private static final int VOCABULARY = 4786;
    private static final int EMBEDDING = 50;
    private static final int HIDDEN = 20;
    private static final int TAGS = 12;

    @Test
    void first_sentence_of_the_course_should_have_its_loss_and_gradient() {
        Golden golden = Golden.load("lxmls_course_ud_ewt");
        NumpyRandom random = new NumpyRandom(1234);
        Parameters parameters = new Parameters("tagger", DType.FLOAT64, new NumpyRandom(0));
        Embedding embedding = new Embedding(parameters.below("words"), VOCABULARY, EMBEDDING);
        VanillaCell cell = new VanillaCell(parameters.below("rnn"), EMBEDDING, HIDDEN, Activation.SIGMOID, false);
        Dense output = new Dense(parameters.below("tags"), HIDDEN, TAGS, false);
        embedding
                .table()
                .value()
                .copyFrom(Graph.inference()
                        .input(Tensor.of(random.uniform(VOCABULARY * EMBEDDING), VOCABULARY, EMBEDDING))
                        .times(0.01)
                        .value());
        set(cell, "wx", transposed(Tensor.of(random.uniform(HIDDEN * EMBEDDING), HIDDEN, EMBEDDING)));
        set(cell, "wh", transposed(Tensor.of(random.uniform(HIDDEN * HIDDEN), HIDDEN, HIDDEN)));
        output.w().value().copyFrom(transposed(Tensor.of(random.uniform(TAGS * HIDDEN), TAGS, HIDDEN)));

        Graph graph = new Graph();
        Node indices = graph.input(Tensor.of(golden.firstSentence("indices"), 5, 1));
        Node tags = graph.input(Tensor.of(golden.firstSentence("tags"), 5, 1));
        Node logits = output.of(mode.unroll(cell).over(embedding.of(indices)).outputs());
        Node loss = crossEntropy(logits, tags);
        graph.backward(loss);

        assertThat(output.w().value().get(0, 0)).isEqualTo(0.6374233957270082, within(1e-15));
        assertThat(loss.item()).isEqualTo(golden.firstSentenceNumber("loss"), within(1e-10 * loss.item()));
        assertThat(output.w().gradient().get(0, 0))
                .isEqualTo(golden.firstSentenceNumber("gradient_Wy_0_0"), within(0.29e-10));
        assertThat(Ops.softmax(Graph.inference().input(logits.value())).shape()).isEqualTo(logits.shape());
    }
}
