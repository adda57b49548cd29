package dev.unfold.rnn.check;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import dev.unfold.graph.check.GradientCheck;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.check.ContractReport.Violation;
import dev.unfold.rnn.check.Ways.Way;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Unroll;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/** Holds one cell to laws, once. */
final class ContractRun {
    private static final List<DType> PRECISIONS = List.of(DType.FLOAT64, DType.FLOAT32);
    private static final int MOST_THREADS = 3;
    /** The laws that speak of one cell and of several alike. */
    private static final Set<Law> COMMON =
            EnumSet.of(Law.REPEATABLE, Law.GRADIENTS, Law.LEARNING, Law.PADDING, Law.ROWS, Law.EMPTY);

    private final Ways ways;
    private final Batches batches;
    private final Runs runs;
    private final GradientCheck gradientCheck;
    private final Tensor firstInputs;

    private final Set<Law> kept = EnumSet.noneOf(Law.class);
    private final Set<Law> checked = EnumSet.noneOf(Law.class);
    private final List<Violation> violations = new ArrayList<>();
    private final Set<String> warnings = new LinkedHashSet<>();

    ContractRun(Ways ways, Batches batches, Runs runs, GradientCheck gradientCheck) {
        this.ways = ways;
        this.batches = batches;
        this.runs = runs;
        this.gradientCheck = gradientCheck;
        this.firstInputs = batches.x(new NumpyRandom(runs.seed()), DType.FLOAT64, 2, 3);
    }

    /** Checks laws in their order, each that speaks of several cells by those that hold of one. */
    ContractReport report(String cell, Set<Law> laws) {
        for (Law law : laws) {
            int before = violations.size();
            check(law);
            checked.add(law);
            if (violations.size() == before) {
                kept.add(law);
            } else if (law == Law.DECLARED && !runs()) {
                break;
            }
        }
        return new ContractReport(cell, runs.seed(), checked, violations, List.copyOf(warnings));
    }

    private void check(Law law) {
        switch (law) {
            case DECLARED -> declared();
            case STATIC -> fixed();
            case STACKED -> several(law, dtype -> List.of(ways.stack(dtype, Unroll::dynamic)));
            case BOTH_WAYS -> several(law, ways::bothWays);
            case LEARNING, STEPS, THREADS -> alone(law, 1);
            default -> alone(law, 2);
        }
    }

    /** Checks a law of a single cell, forwards or also backwards. */
    private void alone(Law law, int directions) {
        for (DType dtype : precisions(law)) {
            for (Way way : ways.alone(dtype, Unroll::dynamic).subList(0, directions)) {
                hold(law, way.toString(), broken -> apply(law, way, broken));
            }
        }
    }

    /** Gradients are a matter of float64: differences of float32 are too coarse. */
    private static List<DType> precisions(Law law) {
        return law == Law.GRADIENTS || law == Law.LEARNING ? List.of(DType.FLOAT64) : PRECISIONS;
    }

    /** Runs a check of a law; what it throws breaks the law too. */
    private void hold(Law law, String where, Consumer<Consumer<String>> check) {
        try {
            check.accept(what -> violations.add(new Violation(law, where + ": " + what, null)));
        } catch (RuntimeException e) {
            violations.add(new Violation(law, where + ": threw " + e, e));
        }
    }

    private void declared() {
        Set<String> seen = new LinkedHashSet<>();
        for (DType dtype : PRECISIONS) {
            hold(Law.DECLARED, dtype.toString(), broken -> {
                // What is wrong in both precisions is told once.
                Consumer<String> first = what -> {
                    if (seen.add(what)) {
                        broken.accept(what);
                    }
                };
                Parameters parameters = ways.parameters("cell", dtype);
                Cell cell = ways.cell(parameters);
                if (cell == ways.cell("cell", dtype)) {
                    first.accept("the factory gives the same cell again; make a new one each time");
                }
                Declaration declaration = new Declaration(cell, dtype, first);
                declaration.parameters(parameters.made());
                declaration.steps(firstInputs.to(dtype));
            });
        }
    }

    /** Checks that static unrolling leaves what dynamic unrolling leaves, batch after batch on one graph. */
    private void fixed() {
        for (DType dtype : PRECISIONS) {
            hold(Law.STATIC, dtype.toString(), all -> {
                List<Way> dynamic = ways.each(dtype, Unroll::dynamic);
                List<Way> fixed = ways.each(dtype, cell -> Unroll.fixed(cell, Batches.MOST_STEPS, Batches.MOST_ROWS));
                for (int i = 0; i < dynamic.size(); i++) {
                    Unroll actual = fixed.get(i).unroll();
                    Unroll expected = dynamic.get(i).unroll();
                    hold(Law.STATIC, dynamic.get(i).toString(), broken -> fixed(expected, actual, dtype, broken));
                }
            });
        }
    }

    private void fixed(Unroll expected, Unroll actual, DType dtype, Consumer<String> broken) {
        UnrollLaws laws = new UnrollLaws(runs, broken);
        List<Batch> all = batches.all(expected, dtype);
        IdentityHashMap<Batch, List<Outcome>> outcomes = new IdentityHashMap<>();
        all.forEach(batch -> outcomes.put(batch, laws.outcomes(expected, batch)));
        for (int threads = 1; threads <= MOST_THREADS; threads++) {
            Graph graph = new Graph();
            graph.threads(threads);
            laws.same(
                    "static, threads " + threads,
                    batch -> Objects.requireNonNull(outcomes.get(batch)),
                    actual,
                    graph,
                    all);
        }
    }

    /** Returns whether the cell runs at all, so that other laws can be checked. */
    private boolean runs() {
        try {
            for (DType dtype : PRECISIONS) {
                Unroll unroll = ways.alone(dtype, Unroll::dynamic).get(0).unroll();
                batches.all(unroll, dtype).forEach(batch -> batch.over(unroll, Graph.inference()));
            }
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    /** Checks that what holds of the cell alone holds of several, in each of some ways. */
    private void several(Law law, Function<DType, List<Way>> waysOf) {
        for (DType dtype : PRECISIONS) {
            hold(law, dtype.toString(), broken -> {
                List<Way> several = waysOf.apply(dtype);
                for (int i = 0; i < several.size(); i++) {
                    Way way = several.get(i);
                    hold(law, way.toString(), found -> new UnrollLaws(runs, found).names(way.unroll()));
                    for (Law common : COMMON) {
                        // Differences are dear, and would find little in the other ways.
                        boolean spared = common == Law.GRADIENTS && i > 0;
                        if (kept.contains(common) && precisions(common).contains(dtype) && !spared) {
                            hold(law, common + ": " + way, found -> apply(common, way, found));
                        }
                    }
                }
            });
        }
    }

    private void apply(Law law, Way way, Consumer<String> broken) {
        UnrollLaws bits = new UnrollLaws(runs, broken);
        Gradients gradients = new Gradients(runs, broken);
        Unroll unroll = way.unroll();
        List<Batch> all = batches.all(unroll, way.dtype());
        List<Batch> withSteps = all.subList(0, Batches.WITH_STEPS);
        switch (law) {
            case REPEATABLE -> {
                bits.same("again", unroll, unroll, new Graph(), all);
                bits.same("by a cell made alike", unroll, way.again(), new Graph(), all);
            }
            case GRADIENTS -> {
                for (Batch batch : all.subList(0, Batches.RAGGED)) {
                    gradients.agree(unroll, batch, gradientCheck, warning -> warnings.add(way + ": " + warning));
                }
            }
            case LEARNING -> gradients.reachAll(unroll, withSteps);
            case PADDING -> withSteps.forEach(batch -> bits.padding(unroll, batch));
            case ROWS -> withSteps.forEach(batch -> bits.rows(unroll, batch));
            case EMPTY -> all.forEach(batch -> bits.empty(unroll, batch));
            case STEPS -> {
                for (int i = 0; i < withSteps.size(); i++) {
                    bits.steps(unroll, withSteps.get(i), withSteps.get((i + 1) % withSteps.size()));
                }
            }
            case THREADS -> bits.threads(unroll, withSteps);
            default -> throw new IllegalArgumentException(law + " is not a law of a single way");
        }
    }
}
