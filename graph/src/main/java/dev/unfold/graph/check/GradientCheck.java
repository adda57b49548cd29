package dev.unfold.graph.check;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Compares the gradients of a function by {@code backward} with central differences, for every element of every
 * parameter. What is an input to the function can be wrapped in a {@link Parameter} to be checked as well.
 *
 * <pre>{@code
 * new GradientCheck().check(List.of(w, b), graph -> sum(square(affine(graph.input(x), w, b))));
 * }</pre>
 *
 * <p>The error of an element is {@code |a - n| / max(floor, |a| + |n|)}, with a the gradient by backward and n the
 * numeric one {@code (f(x + step) - f(x - step)) / (2 step)}. A check that could not fail is itself a failure: see
 * {@link #check}.
 */
public final class GradientCheck {
    private static final double KINK = 0.05;

    private final double step;
    private final double tolerance;
    private final double floor;

    /** Makes a check with step 1e-5, tolerance 1e-6 and floor 1e-3. */
    public GradientCheck() {
        this(1e-5, 1e-6, 1e-3);
    }

    /**
     * Makes a check.
     *
     * @param step how far an element is moved to either side
     * @param tolerance the largest error that passes
     * @param floor below this size of {@code |a| + |n|}, errors are taken relative to the floor, since a difference
     *     quotient cannot tell small gradients from rounding
     * @throws IllegalArgumentException unless all three are positive and finite
     */
    public GradientCheck(double step, double tolerance, double floor) {
        if (!(step > 0 && tolerance > 0 && floor > 0 && step + tolerance + floor < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("gradient check: step " + step + ", tolerance " + tolerance + ", floor "
                    + floor + "; all must be positive and finite");
        }
        this.step = step;
        this.tolerance = tolerance;
        this.floor = floor;
    }

    /**
     * Returns this check with a tenth of the step. An element that fails this one and passes that one is not wrong: the function
     * bends much there, or has a kink.
     */
    public GradientCheck finer() {
        return new GradientCheck(step / 10, tolerance, floor);
    }

    /**
     * Checks a function and throws where it does not pass.
     *
     * @param parameters what to differentiate by, all float64; their values and gradients are left as they were, but the
     *     gradients of other parameters that the function uses grow
     * @param function records a loss of one element on the graph it is given
     * @return the report, whose {@link GradientReport#warnings() warnings} are worth a look
     * @throws AssertionError where gradients disagree, are NaN or infinite, or are all zero (vacuous: nothing was
     *     checked); the message names the worst element by parameter and index
     * @throws IllegalArgumentException for no parameters or only empty ones, for float32, and where two runs of the function on the same
     *     parameters give different bits: it is not a function of its parameters
     */
    public GradientReport check(List<Parameter> parameters, Function<Graph, Node> function) {
        GradientReport report = report(parameters, function);
        if (!report.passed()) {
            throw new AssertionError(report.toString());
        }
        return report;
    }

    /**
     * Checks a function without judging.
     *
     * @throws IllegalArgumentException as {@link #check}
     */
    public GradientReport report(List<Parameter> parameters, Function<Graph, Node> function) {
        refuseUnfit(parameters, function);
        List<Tensor> gradients = gradients(parameters, function);
        List<GradientReport.Element> elements = new ArrayList<>();
        List<String> kinks = new ArrayList<>();
        double here = value(function);
        for (int i = 0; i < parameters.size(); i++) {
            Parameter parameter = parameters.get(i);
            for (int j = 0; j < parameter.value().size(); j++) {
                elements.add(compare(parameter, j, gradients.get(i).getFlat(j), here, function, kinks));
            }
        }
        return new GradientReport(elements, kinks, tolerance);
    }

    private GradientReport.Element compare(
            Parameter parameter,
            int position,
            double gradient,
            double here,
            Function<Graph, Node> function,
            List<String> kinks) {
        Tensor value = parameter.value();
        double original = value.getFlat(position);
        double above;
        double below;
        try {
            value.setFlat(position, original + step);
            above = value(function);
            value.setFlat(position, original - step);
            below = value(function);
        } finally {
            value.setFlat(position, original);
        }
        double numeric = (above - below) / (2 * step);
        double error = Math.abs(gradient - numeric) / Math.max(floor, Math.abs(gradient) + Math.abs(numeric));
        GradientReport.Element element =
                new GradientReport.Element(parameter.name(), value.shape(), position, gradient, numeric, error);
        double right = (above - here) / step;
        double left = (here - below) / step;
        if (Math.abs(right - left) > KINK * Math.max(10 * floor, Math.abs(right) + Math.abs(left))) {
            kinks.add(String.format(
                    Locale.ROOT,
                    "%s: the slopes to either side disagree, %.6g and %.6g: a kink within the step, or a step too large",
                    element.place(),
                    left,
                    right));
        }
        return element;
    }

    private static void refuseUnfit(List<Parameter> parameters, Function<Graph, Node> function) {
        if (parameters.stream().allMatch(each -> each.shape().size() == 0)) {
            throw new IllegalArgumentException("gradient check: no parameters given, so there is nothing to check");
        }
        for (Parameter parameter : parameters) {
            if (parameter.dtype() != DType.FLOAT64) {
                throw new IllegalArgumentException("gradient check: " + parameter
                        + " is not float64; differences of float32 are too coarse to judge by");
            }
        }
        double first = value(function);
        double second = value(function);
        if (Double.doubleToLongBits(first) != Double.doubleToLongBits(second)) {
            throw new IllegalArgumentException("gradient check: two runs gave " + first + " and " + second
                    + ": not a function of its parameters; fix seeds, and draw nothing anew inside the function");
        }
    }

    /** Returns the gradients by backward, leaving those that the parameters held as they were. */
    private static List<Tensor> gradients(List<Parameter> parameters, Function<Graph, Node> function) {
        List<Tensor> before = copyGradients(parameters);
        parameters.forEach(Parameter::zeroGradient);
        try {
            Graph graph = new Graph();
            graph.backward(function.apply(graph));
            return copyGradients(parameters);
        } finally {
            for (int i = 0; i < parameters.size(); i++) {
                parameters.get(i).gradient().copyFrom(before.get(i));
            }
        }
    }

    private static List<Tensor> copyGradients(List<Parameter> parameters) {
        return parameters.stream().map(each -> each.gradient().copy()).toList();
    }

    private static double value(Function<Graph, Node> function) {
        return function.apply(new Graph()).item();
    }
}
