package dev.unfold.rnn.model;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.CrossEntropy;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.layer.Dense;
import dev.unfold.rnn.layer.Embedding;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Stepper;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.unroll.Unrolled;
import java.util.ArrayList;
import java.util.List;

/**
 * The next symbol after every symbol of a sequence: each symbol's vector goes in, something is unfolded forwards over them, and each output
 * goes through one dense layer.
 *
 * <pre>{@code
 * LanguageModel model = new LanguageModel(p, vocabulary, Unroll.dynamic(new LstmCell(p.below("rnn"), 64, 128)));
 * Node loss = model.loss(graph, tokens, next); // both int32 [T, N]
 * LanguageModel.Run run = model.from(state).over(graph.input(tokens), Lengths.full());
 * DetachedState left = run.finalState();
 * }</pre>
 *
 * <p>Its methods change nothing in the model, so any number of threads may call them, each with its own graph.
 */
public final class LanguageModel {
    private final Embedding embedding;
    private final Unroll unroll;
    private final Dense output;

    /**
     * What a model has made of a batch.
     *
     * @param logits of the symbol after each, {@code [T, N, V]}
     * @param unrolled the outputs below them, and the states
     */
    public record Run(Node logits, Unrolled unrolled) {
        /**
         * Records the softmax cross entropy, the mean over all symbols.
         *
         * @param next int32 {@code [T, N]}, each in 0..V-1
         */
        public Node loss(Node next) {
            return CrossEntropy.meanOverTokens().of(logits, next);
        }

        /** Returns the state behind the last symbol of each row as it is in the graph, to go on from with gradients. */
        public State finalNodes() {
            return unrolled.finalNodes();
        }

        /** Returns the values of {@link #finalNodes}, to go on from without gradients. */
        public DetachedState finalState() {
            return unrolled.finalState();
        }
    }

    /**
     * Makes a model; its embedding and its output layer are named {@code embedding} and {@code output}.
     *
     * @param parameters makes the weights of the embedding and of the output layer
     * @param vocabulary V, the number of symbols, at least 1
     * @param unroll what goes over the vectors, in one layer or several, forwards; it says how long the vectors are
     * @throws IllegalArgumentException for fewer than one symbol, or an unroll that goes backwards
     */
    public LanguageModel(Parameters parameters, int vocabulary, Unroll unroll) {
        this(
                new Embedding(parameters.below("embedding"), vocabulary, unroll.inputSize()),
                unroll,
                new Dense(parameters.below("output"), unroll.outputSize(), vocabulary));
    }

    /**
     * Makes a model of layers that are there.
     *
     * @throws IllegalArgumentException where their sizes do not fit, or the unroll goes backwards
     */
    public LanguageModel(Embedding embedding, Unroll unroll, Dense output) {
        if (!unroll.isCausal()) {
            throw new IllegalArgumentException("language model: the unroll goes backwards and so would see the symbols"
                    + " that it is to tell; expected one that goes forwards, in all its layers");
        }
        int vocabulary = embedding.table().shape().dim(0);
        checkSize("an embedding gives", embedding.table().shape().dim(1), "the unroll takes in", unroll.inputSize());
        checkSize("the unroll gives", unroll.outputSize(), "the output layer takes in", rows(output));
        checkSize("the output layer gives", output.w().shape().dim(1), "the vocabulary has", vocabulary);
        this.embedding = embedding;
        this.unroll = unroll;
        this.output = output;
    }

    private static int rows(Dense dense) {
        return dense.w().shape().dim(0);
    }

    private static void checkSize(String giving, int given, String taking, int taken) {
        if (given != taken) {
            throw new IllegalArgumentException(
                    "language model: " + giving + " " + given + " and " + taking + " " + taken + "; expected as many");
        }
    }

    /** Returns the table of the vectors of symbols. */
    public Embedding embedding() {
        return embedding;
    }

    /** Returns what goes over the sequence. */
    public Unroll unroll() {
        return unroll;
    }

    /** Returns the output layer. */
    public Dense output() {
        return output;
    }

    /** Returns all parameters: the embedding, those of what is unfolded, then those of the output layer. */
    public List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>(embedding.parameters());
        all.addAll(unroll.parameters());
        all.addAll(output.parameters());
        return List.copyOf(all);
    }

    /** Returns V, the number of symbols. */
    public int vocabulary() {
        return embedding.table().shape().dim(0);
    }

    /** Returns the precision. */
    public DType dtype() {
        return embedding.table().dtype();
    }

    /**
     * Returns a model with the same parameters, unrolled another way: fixed for training and dynamic for measuring, for example.
     *
     * @throws IllegalArgumentException where the other way has other parameters
     */
    public LanguageModel unrolled(Unroll other) {
        if (!other.parameters().equals(unroll.parameters())) {
            throw new IllegalArgumentException("language model: the other unroll has the parameters "
                    + other.parameters() + "; expected those of this model, " + unroll.parameters());
        }
        return new LanguageModel(embedding, other, output);
    }

    /** Returns this, beginning with a state of the graph, to which gradients flow; its fields are {@code [N, size]}. */
    public LanguageModel from(State initial) {
        return new LanguageModel(embedding, unroll.from(initial), output);
    }

    /** Returns this, beginning with the values of a state; its fields are {@code [N, size]}. */
    public LanguageModel from(DetachedState initial) {
        return new LanguageModel(embedding, unroll.from(initial), output);
    }

    /**
     * Records a run over a batch.
     *
     * @param tokens int32 {@code [T, N]}, each in 0..V-1
     * @param lengths which steps of which rows count
     */
    public Run over(Node tokens, Lengths lengths) {
        Unrolled run = unroll.over(embedding.of(tokens), lengths);
        return new Run(output.of(run.outputs()), run);
    }

    /** Records a run over a batch in which every symbol counts: see {@link #over(Node, Lengths)}. */
    public Run over(Node tokens) {
        return over(tokens, Lengths.full());
    }

    /**
     * Records the softmax cross entropy of a batch, the mean over all symbols.
     *
     * @param tokens int32 {@code [T, N]}, each in 0..V-1
     * @param next the symbols behind them, likewise
     */
    public Node loss(Graph graph, Tensor tokens, Tensor next) {
        return over(graph.input(tokens)).loss(graph.input(next));
    }

    /**
     * Records the softmax cross entropy of a batch of which not every symbol counts, the mean over those that do.
     *
     * @param tokens int32 {@code [T, N]}, each in 0..V-1, where it does not count, too
     * @param counting int32, either the lengths {@code [N]} of the rows or a mask {@code [T, N]}, 0 where a symbol does not count
     * @param next the symbols behind them, each in 0..V-1 where it counts
     * @throws IllegalArgumentException where shapes do not fit
     */
    public Node loss(Graph graph, Tensor tokens, Tensor counting, Tensor next) {
        boolean isMask = counting.shape().rank() == 2;
        CrossEntropy mean = CrossEntropy.meanOverTokens();
        Node given = graph.input(counting);
        return (isMask ? mean.mask(given) : mean.lengths(given))
                .of(
                        over(graph.input(tokens), isMask ? Lengths.mask(counting) : Lengths.of(counting))
                                .logits(),
                        graph.input(next));
    }

    /** Returns the values of the state that a run begins with. */
    public DetachedState start(int rows) {
        return stepper().start(dtype(), rows);
    }

    /**
     * Returns what runs the model symbol by symbol: int32 {@code [N]} goes in, the logits {@code [N, V]} of the next symbols come out. It
     * belongs to one thread at a time.
     */
    public Stepper stepper() {
        return Stepper.of(unroll).reading(embedding::of).giving(output::of);
    }
}
