package dev.unfold.examples.gradients;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Shape;
import dev.unfold.graph.check.GradientCheck;
import dev.unfold.graph.check.GradientReport;
import dev.unfold.graph.check.GradientReport.Element;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What a gradient check found of one parameter.
 *
 * @param name the parameter's
 * @param difference the greatest difference of any element's two gradients; NaN where one is
 * @param worst the element of the greatest relative difference, NaN being the greatest
 */
record CheckedParameter(String name, Shape shape, double difference, Element worst, Verdict verdict) {
    /** How many finer steps a wrong element is looked at by. */
    private static final int FINER = 2;

    /** Those of a number in float64. */
    private static final double MOST_DIGITS = 16;

    /** What to think of the gradient. */
    enum Verdict {
        OK,
        WRONG,
        /** A comparison with NaN is false: a check that asks whether the error is too large passes 0 / 0. */
        NOT_A_NUMBER,
        /** All zero, so that nothing was compared. */
        VACUOUS;

        /** Returns what users read. */
        @Override
        public String toString() {
            return switch (this) {
                case OK -> "ok";
                case WRONG -> "wrong";
                case NOT_A_NUMBER -> "not a number";
                case VACUOUS -> "vacuous: all zero";
            };
        }
    }

    /**
     * Checks the gradient of every parameter of a loss. An element that is wrong is looked at again by a finer step: where the loss bends much,
     * differences come closer to a right gradient, and no closer to a wrong one.
     */
    static List<CheckedParameter> of(GradientCheck check, List<Parameter> parameters, Function<Graph, Node> loss) {
        GradientReport report = check.report(parameters, loss);
        List<Element> elements = new ArrayList<>(report.elements());
        GradientCheck finer = check;
        for (int i = 0; i < FINER && !elements.stream().allMatch(each -> fits(each, report.tolerance())); i++) {
            finer = finer.finer();
            List<Element> closer = finer.report(parameters, loss).elements();
            for (int j = 0; j < closer.size(); j++) {
                if (!fits(elements.get(j), report.tolerance())) {
                    elements.set(j, closer.get(j));
                }
            }
        }
        Map<String, List<Element>> byName = new LinkedHashMap<>();
        elements.forEach(each -> byName.computeIfAbsent(each.parameter(), name -> new ArrayList<>())
                .add(each));
        return byName.values().stream()
                .map(each -> judge(each, report.tolerance()))
                .toList();
    }

    /** False of NaN. */
    private static boolean fits(Element element, double tolerance) {
        return element.error() <= tolerance;
    }

    private static CheckedParameter judge(List<Element> elements, double tolerance) {
        Element worst = elements.stream()
                .max(Comparator.comparingDouble(Element::error))
                .orElseThrow();
        double difference = elements.stream()
                .map(each -> Math.abs(each.gradient() - each.numeric()))
                .max(Comparator.naturalOrder())
                .orElseThrow();
        Verdict verdict = Verdict.WRONG;
        if (Double.isNaN(worst.error())) {
            verdict = Verdict.NOT_A_NUMBER;
        } else if (fits(worst, tolerance)) {
            verdict = elements.stream().allMatch(each -> each.gradient() == 0) ? Verdict.VACUOUS : Verdict.OK;
        }
        return new CheckedParameter(worst.parameter(), worst.shape(), difference, worst, verdict);
    }

    boolean passed() {
        return verdict == Verdict.OK;
    }

    /** Returns the index of the worst element, as in {@code [3, 0]}. */
    String where() {
        return worst.place().substring(name.length());
    }

    /** Returns to how many digits both gradients of the worst element agree; NaN where one is. */
    double digits() {
        return Math.min(MOST_DIGITS, -Math.log10(worst.error()));
    }

    Map<String, Object> figures() {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("parameter", name);
        figures.put("shape", shape.toString());
        figures.put("greatest_difference", finite(difference));
        figures.put("greatest_relative_difference", finite(worst.error()));
        figures.put("where", where());
        figures.put("backpropagated", finite(worst.gradient()));
        figures.put("numeric", finite(worst.numeric()));
        figures.put("verdict", verdict.toString());
        return figures;
    }

    /** JSON knows no NaN. */
    private static Object finite(double number) {
        return Double.isFinite(number) ? (Object) number : String.valueOf(number);
    }
}
