package dev.unfold.graph;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the steps of a loop take up on a tape, found out by rehearsal: by steps that all have the rows, and the inputs, of the first. Where a
 * step asks for values a few are computed, and for the others it is supposed that they take as much.
 */
final class TapedExtents {
    /** Each step behind these takes as much as the one before: first and last stretch have one between them. */
    private static final int LONG = 3 * Loop.STRETCH;

    /** Where gradients come to results from outside, besides the last step. Places depend on it a little, and not always as one would think. */
    private enum Comes {
        TO_ALL,
        TO_NONE,
        TO_EVERY_OTHER,
        TO_SOME_OUTPUTS;

        boolean at(int step, int result) {
            return switch (this) {
                case TO_ALL -> true;
                case TO_NONE -> false;
                case TO_EVERY_OTHER -> step % 2 == 0;
                case TO_SOME_OUTPUTS -> result == 0 && step % SOME == 0;
            };
        }
    }

    private static final int SOME = 7;
    /** So many of the largest values there is room for besides, for gradients that come in yet other ways. */
    private static final long SLACK = 2;

    private final Graph outside;
    private final Loop loop;
    private final TapedMemory memory;
    private final List<TapedSteps.Outside> inputs;
    private final List<TapedSteps.Outside> initial;
    private final boolean[] learnedSequences;
    private final TapedMemory.Found found;

    TapedExtents(
            Graph outside,
            Loop loop,
            TapedMemory memory,
            List<TapedSteps.Outside> inputs,
            List<TapedSteps.Outside> initial,
            boolean[] learnedSequences) {
        this.outside = outside;
        this.loop = loop;
        this.memory = memory;
        this.inputs = inputs;
        this.initial = initial;
        this.learnedSequences = learnedSequences;
        List<Shape> shapes = new ArrayList<>();
        List<Boolean> gradients = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            shapes.add(inputs.get(i).view().cursor().shape());
            gradients.add(learnedSequences[i]);
        }
        for (TapedSteps.Outside each : initial) {
            shapes.add(each.view().cursor().shape());
        }
        DType dtype = inputs.get(0).view().cursor().dtype();
        this.found = memory.found(
                new TapedMemory.Key(shapes, dtype, outside.isTraining(), outside.threads(), gradients), this::find);
    }

    private TapedMemory.Found find() {
        Graph tape = memory.newTape(Graph.Does.NOTHING);
        try {
            return find(tape);
        } catch (IllegalStateException e) {
            if (!tape.isAskedForValues() || outside.does() == Graph.Does.NOTHING) {
                throw e;
            }
            return find(memory.newTape(Graph.Does.FORWARD));
        }
    }

    /** Finds out from one step, for which all that is carried may have been learned. */
    private TapedMemory.Found find(Graph tape) {
        TapedSteps steps = rehearse(tape, 1, Comes.TO_ALL);
        List<Parameter> parameters = new ArrayList<>();
        Map<DType, Long> slack = new EnumMap<>(DType.class);
        for (int id = 0; id < tape.size(); id++) {
            Node node = tape.node(id);
            if (node.parameter != null) {
                parameters.add(node.parameter);
            }
            if (node.op != null) {
                slack.merge(node.dtype(), SLACK * node.shape().size(), Math::max);
            }
        }
        return new TapedMemory.Found(tape.does(), steps.results(0), parameters, slack, new HashMap<>());
    }

    /** Returns what is enough for a number of steps. */
    TapedMemory.Extent of(int steps) {
        TapedMemory.Extent extent = found.extents().get(steps);
        if (extent != null) {
            return extent;
        }
        if (found.does() == Graph.Does.FORWARD && steps > LONG) {
            return about(steps);
        }
        for (Comes comes : Comes.values()) {
            TapedMemory.Extent next = rehearse(steps, comes);
            extent = extent == null ? next : extent.or(next);
        }
        extent = Objects.requireNonNull(extent).with(found.slack());
        found.extents().put(steps, extent);
        return extent;
    }

    private TapedMemory.Extent rehearse(int steps, Comes comes) {
        TapedMemory.Extent extent = null;
        if (found.does() == Graph.Does.FORWARD) {
            // What is taken up in pieces may fit into less in one.
            extent = rehearse(steps, comes, null);
        }
        return rehearse(steps, comes, extent);
    }

    private TapedMemory.Extent rehearse(int steps, Comes comes, TapedMemory.@Nullable Extent within) {
        Graph tape = memory.newTape(found.does());
        if (within != null) {
            tape.memoryOfSteps().reserve(within.elements());
        }
        rehearse(tape, steps, comes);
        return new TapedMemory.Extent(tape.memoryOfSteps().reached(), tape.scratchBytes());
    }

    /** Returns about what a number of steps takes up, without trying out so many. */
    TapedMemory.Extent about(int steps) {
        if (steps <= LONG) {
            return of(steps);
        }
        TapedMemory.Extent some = of(LONG - Loop.STRETCH);
        TapedMemory.Extent more = of(LONG);
        Map<DType, Long> all = new EnumMap<>(DType.class);
        more.elements().forEach((dtype, count) -> {
            long step = (count - some.elements().getOrDefault(dtype, 0L)) / Loop.STRETCH;
            all.put(dtype, count + (steps - LONG) * step);
        });
        return new TapedMemory.Extent(all, more.scratch());
    }

    /** Returns the bytes that each further step takes. */
    long step() {
        return Math.max(0, about(LONG + 1).bytes() - about(LONG).bytes());
    }

    /** Returns the bytes that any number of steps takes besides. */
    long fixed() {
        long fixed = 0;
        for (int steps = Loop.STRETCH; steps <= LONG; steps += Loop.STRETCH) {
            fixed = Math.max(fixed, of(steps).bytes() - steps * step());
        }
        return fixed;
    }

    /** Whether a number of steps fits into arrays. */
    boolean fit(int steps) {
        for (long elements : about(steps).elements().values()) {
            if (elements > Arena.LARGEST_ARRAY) {
                return false;
            }
        }
        return true;
    }

    /** Returns how many steps at most, of so many in whole stretches, fit into arrays; at least a stretch. */
    int most(int steps) {
        int most = steps;
        while (most > Loop.STRETCH && !fit(most)) {
            most = most / 2 / Loop.STRETCH * Loop.STRETCH;
        }
        return Math.max(Loop.STRETCH, most);
    }

    /** Records steps, and goes back through them. */
    private TapedSteps rehearse(Graph tape, int count, Comes comes) {
        if (tape.does() == Graph.Does.NOTHING) {
            tape.memoryOfSteps().makeBoundless();
        }
        boolean backward = outside.recordsForBackward();
        tape.beginSteps(outside, backward);
        TapedSteps steps = new TapedSteps(tape, loop, null);
        steps.begin(initial.stream().map(each -> each.on(tape, backward)).toList());
        Shape rows =
                (initial.isEmpty() ? inputs : initial).get(0).view().cursor().shape();
        for (int step = 0; step < count; step++) {
            boolean beginsStretch = step == 0 || (count - step) % Loop.STRETCH == 0;
            steps.record(step, rows.dim(0), beginsStretch, inputs, learnedSequences);
        }
        if (backward) {
            steps.goBack(number -> takeIn(tape, steps, number, comes));
        }
        return steps;
    }

    private static void takeIn(Graph tape, TapedSteps steps, int number, Comes comes) {
        for (int k = 0; number >= 0 && k < steps.results(number).size(); k++) {
            Node node = steps.results(number).get(k);
            boolean first = steps.results(number).indexOf(node) == k;
            if (first && node.needsGradient) {
                node.gradient = tape.placeGradient(node);
                node.reached = number == steps.size() - 1 || comes.at(number, k);
            }
        }
    }

    /** The parameters that steps use. */
    List<Parameter> parameters() {
        return found.parameters();
    }

    Shape shape(int index) {
        return found.results().get(index).shape();
    }

    DType dtype() {
        return found.results().get(0).dtype();
    }

    /** The first of the results that are the same value as one. */
    int owner(int index) {
        return found.results().indexOf(found.results().get(index));
    }

    /** Whether a result depends on anything that is learned. */
    boolean learned(int index) {
        return found.results().get(index).needsGradient;
    }

    /** Refuses results of which others are the same value. */
    void checkAlike(List<Node> others) {
        for (int k = 0; k < others.size(); k++) {
            if (others.indexOf(others.get(k)) != owner(k)) {
                throw new IllegalStateException(loop.name() + ": result " + k + " of " + others.get(k)
                        + " is another one of the step's results, or is not, other than at the first step; within a budget steps must"
                        + " be alike in that");
            }
        }
    }
}
