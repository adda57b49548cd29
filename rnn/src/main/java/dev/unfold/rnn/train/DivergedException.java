package dev.unfold.rnn.train;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import java.util.List;

/** Training has left the finite numbers; the message names the first operation, and the step, where it happened. */
public final class DivergedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Makes an exception of a message. */
    public DivergedException(String message) {
        super(message);
    }

    /** Makes the exception for a loss that is NaN or infinite, from the graph that recorded it. */
    public static DivergedException ofLoss(double loss, Graph graph) {
        String where = graph.firstNonFinite()
                .map(first -> describe(first, graph))
                .orElse("every value of the graph is finite");
        return new DivergedException("the loss is " + loss + "; " + where
                + "; lower the learning rate, clip the gradients' norm, or look at the inputs");
    }

    /** Gradients that are NaN or infinite though the loss is not. */
    static DivergedException ofGradients(double norm, List<Parameter> parameters) {
        String first = parameters.stream()
                .filter(each -> each.gradient().firstNonFinite() >= 0)
                .findFirst()
                .map(Parameter::name)
                .orElse("none: their squares overflow");
        return new DivergedException(
                "the norm of the gradients is " + norm + "; the first parameter with a gradient that is"
                        + " not finite: " + first + "; lower the learning rate");
    }

    private static String describe(Node first, Graph graph) {
        String where = "the first value that is not finite is in " + first;
        for (int id = first.id(); first.isLeaf() && id < graph.size(); id++) {
            Node node = graph.node(id);
            if (!node.isLeaf() && node.value().firstNonFinite() >= 0) {
                return where + " and the first operation that it spoils is " + node;
            }
        }
        return where;
    }
}
