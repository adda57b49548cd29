package dev.unfold.rnn.model;

import static dev.unfold.rnn.Weighted.joined;
import static dev.unfold.rnn.Weighted.linspace;
import static dev.unfold.rnn.Weighted.set;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.CrossEntropy;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.Golden;
import dev.unfold.rnn.Mode;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Lengths;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The losses that the language modelling assignment prints for its models, of ours. There the hidden units are the scores; here a dense
 * layer of ones on the diagonal hands them on.
 */
@ParameterizedClass
@EnumSource(Mode.class)
class CourseLossesTest {
    private static final int N = 10;
    private static final int D = 20;
    private static final int H = 40;
    private static final int LABELS = 4;
    private static final int T = 13;
    /** The assignment asks for a difference below this. */
    private static final double CLOSE = 1e-10;
    /** A bias that makes a probability exactly 0. */
    private static final double NEVER = -1e4;

    private final Mode mode;
    private final Parameters parameters = new Parameters("course", DType.FLOAT64, new NumpyRandom(1));

    CourseLossesTest(Mode mode) {
        this.mode = mode;
    }

    @ParameterizedTest
    @ValueSource(strings = {"rnn", "lstm"})
    void should_be_those_of_a_tagger_of_the_features(String kind) {
        Golden golden = Golden.load("course_losses");
        SequenceTagger tagger = new SequenceTagger(
                parameters.below("output"), mode.unroll(cell(kind)).from(start(kind)), H);
        handOn(tagger.parameters(), H);
        Graph graph = Graph.inference();
        Node features = Ops.swapAxes(graph.input(linspace(-1.5, 0.3, N, T, D)), 0, 1);
        Node loss = CrossEntropy.sumOverStepsMeanOverRows()
                .of(tagger.logits(features, Lengths.full()), graph.input(labels()));
        assertThat(loss.item()).isEqualTo(golden.tensor(kind).item(), within(CLOSE));
        assertThat(tagger.loss(
                                features,
                                Tensor.of(IntStream.generate(() -> T).limit(N).toArray(), N),
                                labels())
                        .item())
                .as("the mean over tokens")
                .isEqualTo(golden.tensor(kind).item() / T, within(CLOSE));
    }

    /** Every feature vector is that of a symbol of its own; no symbol but those of the hidden units is ever expected. */
    @ParameterizedTest
    @ValueSource(strings = {"rnn", "lstm"})
    void should_be_those_of_a_language_model_with_the_features_as_its_embedding(String kind) {
        Golden golden = Golden.load("course_losses");
        LanguageModel model = new LanguageModel(parameters, N * T, mode.unroll(cell(kind))).from(start(kind));
        model.parameters().get(0).value().copyFrom(linspace(-1.5, 0.3, N * T, D));
        handOn(model.parameters(), N * T);
        Graph graph = Graph.inference();
        LanguageModel.Run run = model.over(graph.input(tokens()));
        Node loss = CrossEntropy.sumOverStepsMeanOverRows().of(run.logits(), graph.input(labels()));
        assertThat(loss.item()).isEqualTo(golden.tensor(kind).item(), within(CLOSE));
        assertThat(model.loss(Graph.inference(), tokens(), labels()).item())
                .as("the mean over tokens")
                .isEqualTo(golden.tensor(kind).item() / T, within(CLOSE));
    }

    private Cell cell(String kind) {
        Parameters own = parameters.below("rnn");
        if (kind.equals("rnn")) {
            VanillaCell cell = new VanillaCell(own, D, H);
            set(cell, "wx", linspace(-1.4, 1.3, D, H));
            set(cell, "wh", linspace(-1.4, 1.3, H, H));
            set(cell, "b", linspace(-1.4, 1.3, H));
            return cell;
        }
        LstmCell cell = new LstmCell(own, D, H);
        set(cell, "w", reordered(linspace(-1.4, 1.3, D, 4 * H)));
        set(cell, "u", reordered(linspace(-1.4, 1.3, H, 4 * H)));
        set(cell, "b", reordered(linspace(-1.4, 1.3, 4 * H)));
        return cell;
    }

    /** The course's gate order is i, f, o, g; ours is i, f, g, o. */
    private static Tensor reordered(Tensor ifog) {
        List<Tensor> gates = Ops.split(Graph.inference().input(ifog), -1, 4).stream()
                .map(Node::value)
                .toList();
        return joined(gates.get(0), gates.get(1), gates.get(3), gates.get(2));
    }

    private static DetachedState start(String kind) {
        DetachedState state = DetachedState.of("h", linspace(-1.5, 0.5, N, H));
        return kind.equals("rnn") ? state : state.with("c", Tensor.zeros(DType.FLOAT64, N, H));
    }

    /** Makes the last two parameters, those of the output layer, give each hidden unit as the score of one class. */
    private static void handOn(List<Parameter> all, int classes) {
        Tensor w = all.get(all.size() - 2).value().fill(0);
        Tensor b = all.get(all.size() - 1).value().fill(NEVER);
        for (int i = 0; i < H; i++) {
            w.set(1, i, i);
            b.set(0, i);
        }
        assertThat(w.shape().dims()).containsExactly(H, classes);
    }

    private static Tensor tokens() {
        return rowByRow(N * T);
    }

    private static Tensor labels() {
        return rowByRow(LABELS);
    }

    /** Counts row by row, from 0 up to but not including a number and on from 0. */
    private static Tensor rowByRow(int modulus) {
        Tensor counted = Tensor.zeros(DType.INT32, T, N);
        for (int row = 0; row < N; row++) {
            for (int step = 0; step < T; step++) {
                counted.set((row * T + step) % modulus, step, row);
            }
        }
        return counted;
    }
}
