package dev.unfold.rnn.model;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.CrossEntropy;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.layer.Dense;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Unroll;
import java.util.ArrayList;
import java.util.List;

/**
 * One class for every step of a sequence: something is unfolded over it, and each output goes through one dense layer. What comes in are
 * nodes, such as the vectors of an embedding.
 *
 * <p>Its methods change nothing in the model, so any number of threads may call them, each with its own graph.
 */
public final class SequenceTagger {
    private final Unroll unroll;
    private final Dense output;

    /**
     * Makes a tagger.
     *
     * @param parameters makes the weights of the output layer
     * @param unroll what goes over the sequence, one way or both, in one layer or several
     * @param classes K, the number of classes, at least 1
     * @throws IllegalArgumentException for fewer than one class
     */
    public SequenceTagger(Parameters parameters, Unroll unroll, int classes) {
        this(unroll, new Dense(parameters, unroll.outputSize(), parameters.checkSize("number of classes", classes)));
    }

    private SequenceTagger(Unroll unroll, Dense output) {
        this.unroll = unroll;
        this.output = output;
    }

    /** Returns what goes over the sequence. */
    public Unroll unroll() {
        return unroll;
    }

    /** Returns the output layer. */
    public Dense output() {
        return output;
    }

    /** Returns all parameters: those of what is unfolded, then those of the output layer. */
    public List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>(unroll.parameters());
        all.addAll(output.parameters());
        return List.copyOf(all);
    }

    /**
     * Returns a tagger with the same parameters, unrolled another way: fixed for training and dynamic for predictions, for example.
     *
     * @throws IllegalArgumentException where the other way has other parameters
     */
    public SequenceTagger unrolled(Unroll other) {
        if (!other.parameters().equals(unroll.parameters())) {
            throw new IllegalArgumentException("tagger: the other unroll has the parameters " + other.parameters()
                    + "; expected those of this tagger, " + unroll.parameters());
        }
        return new SequenceTagger(other, output);
    }

    /**
     * Records the logits of a batch of sequences that end at different steps.
     *
     * @param inputs {@code [T, N, D]}
     * @param lengths which steps of which rows count
     * @return {@code [T, N, K]}
     */
    public Node logits(Node inputs, Lengths lengths) {
        return output.of(unroll.over(inputs, lengths).outputs());
    }

    /**
     * Records the softmax cross entropy of a batch, the mean over all steps that count.
     *
     * @param inputs {@code [T, N, D]}
     * @param lengths int32 {@code [N]}, each from 0 to T
     * @param labels int32 {@code [T, N]}, each in 0..K-1 where the step counts
     */
    public Node loss(Node inputs, Tensor lengths, Tensor labels) {
        Graph graph = inputs.graph();
        return CrossEntropy.meanOverTokens()
                .lengths(graph.input(lengths))
                .of(logits(inputs, Lengths.of(lengths)), graph.input(labels));
    }

    /**
     * Records the probabilities of the classes.
     *
     * @param inputs {@code [T, N, D]}
     * @param lengths which steps of which rows count; past them, probabilities say nothing
     * @return {@code [T, N, K]}
     */
    public Node probabilities(Node inputs, Lengths lengths) {
        return Ops.softmax(logits(inputs, lengths));
    }
}
