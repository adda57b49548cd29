package dev.unfold.rnn.train;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Parameter;
import java.util.List;
import java.util.Optional;

/** Training has left the finite numbers; the message names the first operation, and the step, where it happened. */
public final class DivergedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Makes an exception of a message. */
    public DivergedException(String message) {
        super(message);
    }

    /** Makes the exception for a loss that is NaN or infinite, from the graph that recorded it. */
    public static DivergedException ofLoss(double loss, Graph graph) {
        return ofLoss(loss, graph.firstNonFinite());
    }

    /** The same, from where the first value that is not finite was found. */
    static DivergedException ofLoss(double loss, Optional<String> firstNonFinite) {
        String where = firstNonFinite
                .map(place -> "the first value that is not finite is " + place)
                .orElse("every value of the graph is finite");
        return new DivergedException("the loss is " + loss + "; " + where
                + "; lower the learning rate, clip the gradients' norm, or look at the inputs");
    }

    /** Gradients that are NaN or infinite though the loss is not. */
    static DivergedException ofGradients(double norm, List<Parameter> parameters) {
        String first = parameters.stream()
                .filter(each -> each.gradientRows().gradient().firstNonFinite() >= 0)
                .findFirst()
                .map(Parameter::name)
                .orElse("none: their squares overflow");
        return new DivergedException(
                "the norm of the gradients is " + norm + "; the first parameter with a gradient that is"
                        + " not finite: " + first + "; lower the learning rate");
    }
}
