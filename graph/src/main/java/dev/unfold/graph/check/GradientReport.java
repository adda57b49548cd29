package dev.unfold.graph.check;

import dev.unfold.graph.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a {@link GradientCheck} found.
 *
 * @param elements every element of every parameter, in order
 * @param kinks in words: elements at which the function seems to have a kink
 * @param tolerance the largest error that passes
 */
public record GradientReport(List<Element> elements, List<String> kinks, double tolerance) {
    /** Copies the lists. */
    public GradientReport {
        elements = List.copyOf(elements);
        kinks = List.copyOf(kinks);
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
            return parameter + Arrays.toString(shape.index(position));
        }

        /** Returns the place, both gradients and the error. */
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT, "%s: gradient %.10g, numeric %.10g, error %.3g", place(), gradient, numeric, error);
        }
    }

    /** Returns the names of the parameters whose gradient is zero in every element, so that little of them was checked. */
    public List<String> untouched() {
        Set<String> names = new LinkedHashSet<>();
        elements.forEach(element -> names.add(element.parameter()));
        elements.stream()
                .filter(element -> element.gradient() != 0)
                .forEach(element -> names.remove(element.parameter()));
        return List.copyOf(names);
    }

    /** Returns in words what is worth a look: the parameters that are untouched, and the kinks. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        untouched().forEach(name -> warnings.add(name + ": its gradient is all zero, so nothing of it was checked"));
        warnings.addAll(kinks);
        return warnings;
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
        String found = "gradient check passed over " + elements.size() + " elements; worst at " + worst();
        if (vacuous()) {
            found = "gradient check is vacuous: all " + elements.size()
                    + " gradients are zero, so nothing was checked; does the loss depend on the parameters?";
        } else if (!passed()) {
            found = "gradient check failed at " + worst() + " (tolerance " + tolerance + ")";
        }
        return warnings().isEmpty() ? found : found + "; warnings: " + String.join("; ", warnings());
    }
}
