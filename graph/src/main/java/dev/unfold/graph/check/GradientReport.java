package dev.unfold.graph.check;

import dev.unfold.graph.Shape;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * What a {@link GradientCheck} found.
 *
 * @param elements every element of every parameter, in order
 * @param warnings in words: elements at which the function seems to have a kink, parameters whose gradient is all zero
 * @param tolerance the largest error that passes
 */
public record GradientReport(List<Element> elements, List<String> warnings, double tolerance) {
    /** Copies the lists. */
    public GradientReport {
        elements = List.copyOf(elements);
        warnings = List.copyOf(warnings);
    }

    /**
     * One element of one parameter.
     *
     * @param parameter the parameter's name
     * @param shape the parameter's shape
     * @param position the element's place in row-major order
     * @param gradient the gradient by backward
     * @param numeric the gradient by central differences
     * @param error {@code |gradient - numeric| / max(floor, |gradient| + |numeric|)}; NaN where either is
     */
    public record Element(String parameter, Shape shape, int position, double gradient, double numeric, double error) {
        /** Returns the parameter's name and the element's index, as in {@code rnn.wx[3, 0]}. */
        public String place() {
            int[] index = new int[shape.rank()];
            for (int axis = 0; axis < index.length; axis++) {
                index[axis] = position / shape.inner(axis) % shape.dim(axis);
            }
            return parameter + Arrays.toString(index);
        }
    }

    /** Returns the element with the largest error; NaN counts as the largest of all. */
    public Element worst() {
        return elements.stream().max(Comparator.comparingDouble(Element::error)).orElseThrow();
    }

    /** Returns whether every gradient by backward is exactly zero, in which case nothing was checked. */
    public boolean vacuous() {
        return elements.stream().allMatch(element -> element.gradient() == 0);
    }

    /** Returns whether the gradients agree, are finite, and are not all zero. */
    public boolean passed() {
        return !vacuous() && worst().error() <= tolerance;
    }

    /** Says in words whether the check passed and where it is worst. */
    @Override
    public String toString() {
        Element worst = worst();
        String where = String.format(
                Locale.ROOT,
                "%s: gradient %.10g, numeric %.10g, error %.3g",
                worst.place(),
                worst.gradient(),
                worst.numeric(),
                worst.error());
        String found = "gradient check passed over " + elements.size() + " elements; worst at " + where;
        if (vacuous()) {
            found = "gradient check is vacuous: all " + elements.size()
                    + " gradients are zero, so nothing was checked; does the loss depend on the parameters?";
        } else if (!passed()) {
            found = "gradient check failed at " + where + " (tolerance " + tolerance + ")";
        }
        return warnings.isEmpty() ? found : found + "; warnings: " + String.join("; ", warnings);
    }
}
