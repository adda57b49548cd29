package dev.unfold.rnn.model;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.layer.Dense;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Unroll;
import java.util.ArrayList;
import java.util.List;

/**
 * One class for a whole sequence: a cell is unfolded over it, and the output of the last step goes through a dense layer.
 *
 * <p>Its methods change nothing in the model, so any number of threads may call them, each with its own graph.
 */
public final class SequenceClassifier {
    private final Unroll unroll;
    private final Dense output;
    private final List<Parameter> parameters;

    /**
     * Makes a classifier.
     *
     * @param parameters makes the weights of the output layer
     * @param cell any cell
     * @param classes K, the number of classes, at least 1
     * @throws IllegalArgumentException for fewer than one class
     */
    public SequenceClassifier(Parameters parameters, Cell cell, int classes) {
        this(parameters, Unroll.dynamic(cell), classes);
    }

    /**
     * Makes a classifier.
     *
     * @param parameters makes the weights of the output layer
     * @param unroll what goes over the sequence, one way or both, in one layer or several
     * @param classes K, the number of classes, at least 1
     * @throws IllegalArgumentException for fewer than one class
     */
    public SequenceClassifier(Parameters parameters, Unroll unroll, int classes) {
        this.unroll = unroll;
        this.output = new Dense(parameters, unroll.outputSize(), parameters.checkSize("number of classes", classes));
        List<Parameter> all = new ArrayList<>(unroll.parameters());
        all.addAll(output.parameters());
        this.parameters = List.copyOf(all);
    }

    /** Returns what goes over the sequence. */
    public Unroll unroll() {
        return unroll;
    }

    /** Returns the output layer. */
    public Dense output() {
        return output;
    }

    /** Returns all parameters: the cell's, then those of the output layer. */
    public List<Parameter> parameters() {
        return parameters;
    }

    /** Returns the weights of the output layer, {@code [H, K]}. */
    public Parameter outputWeights() {
        return output.w();
    }

    private SequenceClassifier(Unroll unroll, Dense output, List<Parameter> parameters) {
        this.unroll = unroll;
        this.output = output;
        this.parameters = parameters;
    }

    /**
     * Returns a classifier with the same parameters, unrolled another way: fixed for training and dynamic for predictions, for example.
     *
     * @throws IllegalArgumentException where the other way has other parameters
     */
    public SequenceClassifier unrolled(Unroll other) {
        if (!other.parameters().equals(unroll.parameters())) {
            throw new IllegalArgumentException("classifier: the other unroll has the parameters " + other.parameters()
                    + "; expected those of this classifier, " + unroll.parameters());
        }
        return new SequenceClassifier(other, output, parameters);
    }

    /**
     * Records the logits of a batch.
     *
     * @param inputs {@code [T, N, D]}
     * @return {@code [N, K]}
     */
    public Node logits(Graph graph, Tensor inputs) {
        return logits(graph, inputs, Lengths.full());
    }

    /**
     * Records the logits of a batch of sequences that end at different steps.
     *
     * @param inputs {@code [T, N, D]}
     * @param lengths which steps of which rows count
     * @return {@code [N, K]}
     */
    public Node logits(Graph graph, Tensor inputs, Lengths lengths) {
        return output.of(unroll.over(graph, inputs, lengths).last());
    }

    /**
     * Records the logits of a batch of values of a graph; gradients flow to them.
     *
     * @param inputs {@code [T, N, D]}
     * @param lengths which steps of which rows count
     * @return {@code [N, K]}
     */
    public Node logits(Node inputs, Lengths lengths) {
        return output.of(unroll.over(inputs, lengths).last());
    }

    /**
     * Records the mean softmax cross entropy of a batch.
     *
     * @param inputs {@code [T, N, D]}
     * @param labels int32 {@code [N]}, each in 0..K-1
     */
    public Node loss(Graph graph, Tensor inputs, Tensor labels) {
        return loss(graph, inputs, Lengths.full(), labels);
    }

    /**
     * Records the mean softmax cross entropy of a batch of sequences that end at different steps.
     *
     * @param inputs {@code [T, N, D]}
     * @param lengths which steps of which rows count
     * @param labels int32 {@code [N]}, each in 0..K-1
     */
    public Node loss(Graph graph, Tensor inputs, Lengths lengths, Tensor labels) {
        return Ops.crossEntropy(logits(graph, inputs, lengths), graph.input(labels));
    }

    /**
     * Returns the probabilities of the classes.
     *
     * @param inputs {@code [T, N, D]}
     * @return {@code [N, K]}
     */
    public Tensor probabilities(Tensor inputs) {
        Graph graph = Graph.inference();
        return Ops.softmax(logits(graph, inputs)).value();
    }
}
