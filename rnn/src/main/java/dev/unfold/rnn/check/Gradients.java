package dev.unfold.rnn.check;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.graph.check.GradientCheck;
import dev.unfold.graph.check.GradientReport;
import dev.unfold.graph.check.GradientReport.Element;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.unroll.Unroll;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;

/** What holds of gradients through time, in float64. Each law says in words what breaks it. */
final class Gradients {
    private static final BinaryOperator<Element> WORSE =
            BinaryOperator.maxBy(Comparator.comparingDouble(Element::error));

    /** How many finer steps a wrong element is tried with. */
    private static final int FINER = 2;
    /** How much a tenth of the step lessens the error at least where only the bend is to blame; in theory it is 100. */
    private static final double CONVERGING = 50;

    private final Runs runs;
    private final Consumer<String> broken;

    Gradients(Runs runs, Consumer<String> broken) {
        this.runs = runs;
        this.broken = broken;
    }

    /** Gradients by parameters, inputs and initial state should be those of differences. */
    void agree(Unroll unroll, Batch batch, GradientCheck check, Consumer<String> warnings) {
        Parameter inputs = new Parameter(Runs.INPUTS, batch.x().copy());
        Map<String, Parameter> initial = new LinkedHashMap<>();
        batch.initial()
                .values()
                .forEach((name, value) -> initial.put(name, new Parameter(Runs.initial(name), value.copy())));
        List<Parameter> given = new ArrayList<>();
        List<Parameter> constant = new ArrayList<>();
        (runs.isLearnable(Runs.INPUTS) ? given : constant).add(inputs);
        initial.forEach((name, value) -> (runs.isLearnable(name) ? given : constant).add(value));
        if (!constant.isEmpty()) {
            checkNone(runs.outcome(unroll, new Graph(), batch), batch, constant);
        }
        List<Parameter> all = new ArrayList<>(unroll.parameters());
        all.addAll(given);
        if (all.isEmpty()) {
            return;
        }
        List<String> untouched = compare(batch, check, all, warnings, graph -> {
            graph.training(runs.seed());
            State from = State.EMPTY;
            for (Map.Entry<String, Parameter> field : initial.entrySet()) {
                from = from.with(field.getKey(), graph.use(field.getValue()));
            }
            Unroll begun = from.names().isEmpty() ? unroll : unroll.from(from);
            return runs.loss(begun.over(graph.use(inputs), batch.lengths()));
        });
        given.stream()
                .filter(each -> untouched.contains(each.name()))
                .forEach(each -> warnings.accept(batch + ": " + each.name() + " gets no gradient"));
    }

    private void checkNone(Outcome outcome, Batch batch, List<Parameter> constant) {
        constant.stream()
                .filter(each -> !isZero(outcome.get(Runs.gradientOf(each.name()))))
                .forEach(each ->
                        broken.accept(batch + ": a gradient flows to " + each.name() + ", which is to be without one"));
    }

    /** Returns the parameters whose gradient is all zero. */
    private List<String> compare(
            Batch batch,
            GradientCheck check,
            List<Parameter> by,
            Consumer<String> warnings,
            Function<Graph, Node> loss) {
        GradientReport report = check.report(by, loss);
        GradientReport closer = report;
        GradientCheck finer = check;
        int[] wrong = IntStream.range(0, report.elements().size())
                .filter(i -> !(report.elements().get(i).error() <= report.tolerance()))
                .toArray();
        for (int i = 0; i < FINER && (wrong.length > 0 || !closer.kinks().isEmpty()); i++) {
            finer = finer.finer();
            GradientReport last = closer;
            GradientReport next = finer.report(by, loss);
            wrong = Arrays.stream(wrong)
                    .filter(at ->
                            isWrong(last.elements().get(at), next.elements().get(at), next.tolerance()))
                    .toArray();
            closer = next;
        }
        Map<String, Element> worst = new LinkedHashMap<>();
        for (int at : wrong) {
            worst.merge(report.elements().get(at).parameter(), report.elements().get(at), WORSE);
        }
        worst.values().forEach(element -> broken.accept(batch + ": " + element));
        if (report.vacuous()) {
            broken.accept(batch + ": " + report);
        }
        closer.kinks().forEach(kink -> warnings.accept(batch + ": " + kink));
        return report.untouched();
    }

    /** Where a function bends much, or has a kink within the step, differences come closer to a right gradient by a finer step. */
    private static boolean isWrong(Element last, Element finer, double tolerance) {
        return !(finer.error() <= Math.max(tolerance, last.error() / CONVERGING));
    }

    /** Each parameter should get a gradient by at least one of several batches. */
    void reachAll(Unroll unroll, List<Batch> batches) {
        List<Parameter> without = new ArrayList<>(unroll.parameters());
        for (Batch batch : batches) {
            Outcome outcome = runs.outcome(unroll, new Graph(), batch);
            without.removeIf(parameter -> !isZero(outcome.get(Runs.gradientOf(parameter.name()))));
        }
        without.forEach(parameter -> broken.accept(
                parameter + " gets no gradient in " + batches.size() + " runs; is it used, and not cut off?"));
    }

    private static boolean isZero(Tensor gradient) {
        return Arrays.stream(gradient.toDoubles()).allMatch(each -> each == 0);
    }
}
