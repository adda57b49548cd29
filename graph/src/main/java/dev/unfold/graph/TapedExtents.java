package dev.unfold.graph;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What the steps of a loop take up on a tape, found out by rehearsal: by steps that all have the rows, and the inputs, of the first. Where a
 * step asks for values a few are computed, and for the others it is supposed that they take as much.
 */
final class TapedExtents {
    /** Each step behind these takes as much as the one before: first and last stretch have one between them. */
    private static final int LONG = 3 * Loop.STRETCH;

    private final Graph outside;
    private final Loop loop;
    private final TapedMemory memory;
    private final List<TapedSteps.Outside> inputs;
    private final List<TapedSteps.Outside> initial;
    private final boolean[] learnedSequences;
    private final Map<Integer, TapedMemory.Extent> known;
    private Graph.Does does;
    private List<Node> results = List.of();
    private List<Parameter> parameters = List.of();

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
        this.does = Graph.Does.NOTHING;
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
        this.known =
                memory.extents(new TapedMemory.Key(shapes, dtype, outside.isTraining(), outside.threads(), gradients));
        // Shapes and types of results are wanted in any case.
        tryOut(2);
    }

    private void tryOut(int steps) {
        Graph tape = memory.newTape(does);
        try {
            rehearse(tape, steps, true);
        } catch (IllegalStateException e) {
            if (!tape.isAskedForValues() || outside.does() == Graph.Does.NOTHING) {
                throw e;
            }
            does = Graph.Does.FORWARD;
            rehearse(memory.newTape(does), steps, true);
        }
    }

    /** Returns what is enough for a number of steps. */
    TapedMemory.Extent of(int steps) {
        TapedMemory.Extent extent = known.get(steps);
        if (extent != null) {
            return extent;
        }
        if (does == Graph.Does.FORWARD && steps > LONG) {
            return about(steps);
        }
        extent = rehearse(steps, true);
        if (outside.recordsForBackward()) {
            extent = extent.or(rehearse(steps, false));
        }
        known.put(steps, extent);
        return extent;
    }

    private TapedMemory.Extent rehearse(int steps, boolean taken) {
        Graph tape = memory.newTape(does);
        if (does == Graph.Does.FORWARD) {
            // What was taken up in pieces may fit into less in one.
            tape.memoryOfSteps()
                    .reserve(rehearse(memory.newTape(does), steps, taken).elements());
        }
        return rehearse(tape, steps, taken);
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

    /**
     * Records steps, and goes back through them.
     *
     * @param taken whether gradients come to all results from outside, not only to the last
     */
    private TapedMemory.Extent rehearse(Graph tape, int count, boolean taken) {
        Memory ofTape = tape.memoryOfSteps();
        if (does == Graph.Does.NOTHING) {
            ofTape.makeBoundless();
        }
        boolean backward = outside.recordsForBackward();
        tape.beginSteps(outside, backward);
        TapedSteps steps = new TapedSteps(tape, loop, null);
        steps.begin(initial.stream().map(each -> each.on(tape, backward)).toList());
        int rows = initial.isEmpty()
                ? inputs.get(0).view().cursor().shape().dim(0)
                : initial.get(0).view().cursor().shape().dim(0);
        for (int step = 0; step < count; step++) {
            boolean beginsStretch = step == 0 || (count - step) % Loop.STRETCH == 0;
            results = steps.record(step, rows, beginsStretch, inputs, learnedSequences);
        }
        parameters = new ArrayList<>();
        for (int id = 0; id < tape.size(); id++) {
            Parameter parameter = tape.node(id).parameter;
            if (parameter != null) {
                parameters.add(parameter);
            }
        }
        if (backward) {
            steps.goBack(number -> takeIn(tape, steps, number, taken));
        }
        return new TapedMemory.Extent(ofTape.reached(), tape.scratchBytes());
    }

    private static void takeIn(Graph tape, TapedSteps steps, int number, boolean taken) {
        boolean last = number == steps.size() - 1;
        for (int k = 0; number >= 0 && k < steps.results(number).size(); k++) {
            Node node = steps.results(number).get(k);
            if (node.needsGradient && !node.reached && taken) {
                tape.reach(node);
            } else if (node.needsGradient && !node.reached && last) {
                StepReleases.keep(node);
                node.gradient = Tensor.unplaced(node.dtype(), node.shape());
                node.reached = true;
            }
        }
    }

    /** The parameters that steps use. */
    List<Parameter> parameters() {
        return parameters;
    }

    Shape shape(int index) {
        return results.get(index).shape();
    }

    DType dtype() {
        return results.get(0).dtype();
    }

    /** The first of the results that are the same value as one. */
    int owner(int index) {
        return results.indexOf(results.get(index));
    }

    /** Whether a result depends on anything that is learned. */
    boolean learned(int index) {
        return results.get(index).needsGradient;
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
