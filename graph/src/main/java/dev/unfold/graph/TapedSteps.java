package dev.unfold.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Some steps of a loop, recorded one after the other on a tape of their own. */
final class TapedSteps {
    private final Graph tape;
    private final Loop loop;
    private final Loop.@Nullable Schedule order;
    private final List<List<Node>> results = new ArrayList<>();
    private final List<Integer> firsts = new ArrayList<>();
    private List<Node> before = List.of();
    private List<Node> state = List.of();

    /**
     * A value of another graph.
     *
     * @param view of the other graph
     * @param reaches whether gradients go there; else they go nowhere
     */
    record Outside(View view, boolean reaches) implements Stage.Within {
        @Override
        public String name() {
            return view.base().name();
        }

        @Override
        public void forward(Node node) {
            view.forward(node);
        }

        @Override
        public Tensor reach() {
            return reaches ? view.reach() : view.cursor();
        }

        @Override
        public @Nullable Tensor gradient() {
            return reaches ? view.gradient() : null;
        }

        Node on(Graph tape, boolean needsGradient) {
            return tape.record(
                    this, Tensor.unplaced(view.cursor().dtype(), view.cursor().shape()), needsGradient);
        }
    }

    /** A state that the steps before have left. */
    record Carried(Loop loop) implements Stage {
        @Override
        public String name() {
            return "state of " + loop.name();
        }

        @Override
        public void forward(Node node) {}

        @Override
        public void backward(Node node) {}
    }

    TapedSteps(Graph tape, Loop loop, Loop.@Nullable Schedule order) {
        this.tape = tape;
        this.loop = loop;
        this.order = order;
    }

    /** Begins with a state. */
    void begin(List<Node> first) {
        results.clear();
        firsts.clear();
        before = first;
        state = first;
    }

    /**
     * Records a step.
     *
     * @param rows how many there are, maybe fewer than at the step before
     * @param beginsStretch whether parameters get their gradients from the steps up to here before they get any from those behind
     * @param inputs one for each sequence
     * @param learned by sequence, whether gradients are wanted
     */
    List<Node> record(int step, int rows, boolean beginsStretch, List<Outside> inputs, boolean[] learned) {
        tape.atStep(step);
        if (beginsStretch) {
            tape.beginStretch();
        }
        int first = tape.size();
        List<Node> carried = state;
        if (!state.isEmpty() && state.get(0).shape().dim(0) > rows) {
            carried = state.stream().map(each -> tape.slices(each, 0, rows)).toList();
        }
        List<Node> given = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            given.add(inputs.get(i).on(tape, learned[i]));
        }
        tape.inOrder(order);
        List<Node> left = loop.body().record(given, carried);
        check(left, carried);
        tape.endStep(first, left);
        firsts.add(first);
        results.add(left);
        state = left.subList(1, left.size());
        return left;
    }

    private void check(List<Node> left, List<Node> carried) {
        if (left.size() != 1 + carried.size()) {
            throw new IllegalArgumentException(loop.name() + ": the step gives back " + left.size()
                    + " values; expected the output and the " + carried.size() + " that are carried");
        }
        for (int k = 0; k < left.size(); k++) {
            Node result = left.get(k);
            if (result.graph != tape || result.op == null) {
                throw new IllegalArgumentException(loop.name() + ": result " + k + ", " + result
                        + ", is no operation of the step; copy it there by one");
            }
            Node before = left.get(0);
            if (k > 0) {
                before = carried.get(k - 1);
                if (!result.shape().equals(before.shape())) {
                    throw new IllegalArgumentException(loop.name() + ": carried value " + (k - 1) + " comes as "
                            + before.shape() + " and is left as " + result.shape() + "; it must stay alike");
                }
            }
            if (result.dtype() != before.dtype()
                    || result.dtype() != left.get(0).dtype()) {
                throw new IllegalArgumentException(loop.name() + ": result " + k + ", " + result + ", is "
                        + result.dtype() + "; within a budget all results of a step are of one type");
            }
        }
    }

    /** The number of steps. */
    int size() {
        return results.size();
    }

    /** The results of a step, counted from the first. */
    List<Node> results(int number) {
        return results.get(number);
    }

    /** What the first step began with. */
    List<Node> before() {
        return before;
    }

    /** Lets the gradient of a node lie outside of the tape. */
    static void lend(Node node, Tensor gradient, boolean reached) {
        StepReleases.keep(node);
        node.gradient = gradient;
        node.reached = reached;
    }

    /**
     * Goes back through all steps.
     *
     * @param takeIn adds to the gradients of a step's results, or for -1 of {@link #before}, what comes to them from elsewhere; it is called
     *     before the step behind adds to them, with the number of the step, counted from the first
     */
    void goBack(IntConsumer takeIn) {
        tape.beginSweep();
        takeIn.accept(size() - 1);
        int last = tape.size() - 1;
        for (int number = size() - 1; number >= 0; number--) {
            takeIn.accept(number - 1);
            tape.sweep(last, firsts.get(number));
            last = firsts.get(number) - 1;
        }
        tape.sweep(last, 0);
        tape.endSweep();
    }
}
