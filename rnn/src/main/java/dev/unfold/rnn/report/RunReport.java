package dev.unfold.rnn.report;

import com.google.common.collect.Lists;
import dev.unfold.graph.Graph;
import dev.unfold.graph.GraphDiagram;
import dev.unfold.graph.MemoryReport;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Merge;
import dev.unfold.rnn.unroll.Structure;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.unroll.Unrolled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * What a run of a network looks like, as sections of a page: one step as a plan replays it, the steps side by side as they are recorded, with
 * the gradients that came to them, what both ways of unrolling hold over a training step, and how far gradients flow back.
 *
 * <pre>{@code
 * RunReport run = RunReport.of("LSTM", unroll, (graph, way) -> model.unrolled(way).loss(graph, inputs, labels));
 * ReportPage page = new ReportPage("Digits");
 * run.addTo(page);
 * page.write(Path.of("digits.html"));
 * }</pre>
 *
 * <p>The batch is run both ways, whichever one the unroll has, as in training, without its budgets and truncation; gradients are followed
 * without dropout. Gradients of all parameters that the loss uses are left at zero.
 */
public final class RunReport {
    private static final int MOST_DRAWN = 200;
    private static final int MOST_FOLDED = 100;
    private static final int FEW_STEPS = 6;
    /** So many steps the loss is looked at of. */
    private static final int MOST_ENDS = 16;

    private static final int MOST_MAPS = 4;
    private static final int MOST_LINES = 8;
    /** So many steps are drawn side by side at least, and no more than have so many values. */
    private static final int LEAST_STEPS = 2;

    private static final int MOST_BESIDE = 60;
    private static final long SEED = 1;

    private static final String MEMORY = """
            What a training step takes beside the parameters and their gradients, from event to event: forward, then backward. Activations \
            are values that backward still reads, workspace is all else. A dynamic run takes room as it goes and gives it back; a plan has \
            its room for as long as there is the plan, so its height does not change.""";

    private static final String FLOW = """
            L(t) is the sum of the outputs of step t, divided so that its own gradient has norm 1. What is told of \
            each step is the norm of the gradient of L(t) by the state s that the step has left: where it falls towards 0 the network \
            cannot learn what lies so far back, where it grows beyond bounds training diverges.

            In layers, fields are named by layer, counted from 0, and direction: 1.backward.c is c of the backward cell of layer 1. What \
            the output does not depend on directly, as on c of an LSTM, has no gradient at lag 0.""";
    /** So many rows gradients are followed in. */
    private static final int MOST_ROWS = 8;

    private final String name;
    private final Unroll unroll;
    private final Loss loss;

    /** Says what a run is for. */
    @FunctionalInterface
    public interface Loss {
        /**
         * Records the loss of one batch, the same one at each call.
         *
         * @param graph where to record; on one that {@link Graph#isPlanned is planned} there are no values yet
         * @param unroll the network, to be unrolled this way and once
         * @return one number
         */
        Node record(Graph graph, Unroll unroll);
    }

    private RunReport(String name, Unroll unroll, Loss loss) {
        this.name = name;
        this.unroll = unroll;
        this.loss = loss;
    }

    /**
     * Reports on a network on its way to a loss.
     *
     * @param name what headings call the network, for example {@code LSTM}
     * @param unroll the network
     * @param loss records its loss
     */
    public static RunReport of(String name, Unroll unroll, Loss loss) {
        return new RunReport(name, unroll, loss);
    }

    /**
     * Reports on a network by itself: the loss is the sum of all its outputs.
     *
     * @param name what headings call the network
     * @param inputs {@code [T, N, D]}
     * @param lengths which steps of which rows count
     */
    public static RunReport of(String name, Unroll unroll, Tensor inputs, Lengths lengths) {
        return of(name, unroll, (graph, way) -> sum(way, way.over(graph, inputs, lengths)));
    }

    private static Node sum(Unroll unroll, Unrolled run) {
        return givesOutBoth(unroll)
                ? Ops.sum(run.forward().outputs()).plus(Ops.sum(run.backward().outputs()))
                : Ops.sum(run.outputs());
    }

    private static boolean givesOutBoth(Unroll unroll) {
        return unroll.structure() instanceof Structure.BothWays both && both.merge() == Merge.NONE;
    }

    /**
     * Runs the network and appends the sections.
     *
     * @throws IllegalArgumentException where the loss does not use the unroll
     */
    public void addTo(ReportPage page) {
        List<Batch> batches = new ArrayList<>();
        MemoryReport taped = memory(new Watched(dynamic(), batches::add));
        if (batches.size() != 1) {
            throw new IllegalArgumentException("report on " + name + ": its loss has run the unroll that it was given "
                    + batches.size() + " times; expected once");
        }
        Batch batch = batches.get(0);
        int steps = batch.inputs.shape().dim(0);
        int rows = batch.inputs.shape().dim(1);
        List<Block> graphs = new ArrayList<>();
        Map<String, MemoryReport> memory = new LinkedHashMap<>();
        memory.put("dynamic", taped);
        List<Block> plans = new ArrayList<>();
        Unroll fixed = unroll.structure().unrolled((path, part) -> Unroll.fixed(part.cell(), steps, rows));
        Plan plan = null;
        try {
            plan = Plan.training((graph, none) -> loss.record(graph, fixed));
        } catch (IllegalArgumentException | IllegalStateException refused) {
            // Any cell can be unfolded dynamically, not any can be replayed; what is refused is told.
            graphs.add(Text.paragraphs("There is no plan of this network: " + refused.getMessage()));
        }
        if (plan != null) {
            graphs.add(Recordings.drawing("One step, as the plan replays it", fitting(GraphDiagram.of(plan))));
            memory.put("static", plan.memory());
            plans.add(Recordings.explanation("How the plan is run", plan.explain()));
        }
        graphs.addAll(steps(steps));
        graphs.addAll(plans);
        page.section(name + ": graph", graphs)
                .section(
                        name + ": memory",
                        Text.paragraphs(MEMORY),
                        Recordings.memory("Bytes over a training step, by use", memory))
                .section(name + ": gradient flow", flow(batch));
    }

    private Unroll dynamic() {
        return unroll.structure().unrolled((path, part) -> Unroll.dynamic(part.cell()));
    }

    private MemoryReport memory(Unroll dynamic) {
        Graph graph = new Graph();
        graph.watchMemory(true);
        train(graph, dynamic);
        zeroGradients(graph);
        return graph.memory();
    }

    /** Runs forward and back as training does, from gradients of zero. */
    private void train(Graph graph, Unroll dynamic) {
        graph.training(SEED);
        Node root = loss.record(graph, dynamic);
        zeroGradients(graph);
        graph.backward(root);
    }

    private static void zeroGradients(Graph graph) {
        for (int id = 0; id < graph.size(); id++) {
            Parameter parameter = graph.node(id).parameter();
            if (parameter != null) {
                parameter.zeroGradient();
            }
        }
    }

    /** Draws what is recorded, with gradients of the loss. */
    private List<Block> steps(int steps) {
        Graph graph = new Graph();
        graph.keepAll(true);
        train(graph, dynamic());
        GraphDiagram all = GraphDiagram.of(graph);
        zeroGradients(graph);
        List<Block> blocks = new ArrayList<>();
        long perStep = all.lastSteps(1).vertices().stream()
                .filter(each -> each.cluster() != GraphDiagram.NONE)
                .count();
        int few = (int) Math.max(LEAST_STEPS, Math.min(FEW_STEPS, MOST_BESIDE / Math.max(1, perStep)));
        if (steps > few) {
            blocks.add(Recordings.drawing(
                    "The last " + few + " of " + steps + " steps, as they are recorded", fitting(all.lastSteps(few))));
        }
        blocks.add(Recordings.drawing(
                steps == 1 ? "The step, as it is recorded" : "All " + steps + " steps, as they are recorded",
                fitting(all)));
        return blocks;
    }

    private static GraphDiagram fitting(GraphDiagram diagram) {
        return diagram.vertices().size() <= MOST_DRAWN ? diagram : diagram.folded(MOST_FOLDED);
    }

    private List<Block> flow(Batch batch) {
        if (givesOutBoth(unroll)) {
            return List.of(
                    Text.paragraphs("Both directions are given out apart: there is no one output to look back from."));
        }
        Tensor inputs = batch.longest();
        int steps = inputs.shape().dim(0);
        int rows = inputs.shape().dim(1);
        if (steps == 0) {
            return List.of(Text.paragraphs("No step of any row counts: there is nothing to look back on."));
        }
        Tensor v = Tensor.zeros(inputs.dtype(), rows, unroll.outputSize());
        v.fill(1 / Math.sqrt(v.size()));
        int count = Math.min(steps, MOST_ENDS);
        List<GradientFlow> flows = IntStream.rangeClosed(1, count)
                .map(i -> (int) ((long) i * steps / count) - 1)
                .mapToObj(end -> GradientFlow.of(unroll, inputs, end, v))
                .toList();
        unroll.parameters().forEach(Parameter::zeroGradient);
        GradientFlow told = flows.get(unroll.isCausal() ? count - 1 : count / 2);
        List<String> fields = List.copyOf(told.norms().keySet());
        List<String> mapped = fields.subList(Math.max(0, fields.size() - MOST_MAPS), fields.size());
        List<Block> blocks = new ArrayList<>();
        blocks.add(Text.paragraphs(FLOW + "\n\nRows that are followed: " + rows + ", steps: " + steps + "."
                + (mapped.size() < fields.size()
                        ? "\n\nMaps are of the last " + mapped.size() + " of " + fields.size() + " fields."
                        : "")));
        List<List<String>> charts = Lists.partition(fields, MOST_LINES);
        for (List<String> some : charts) {
            String which = charts.size() == 1 ? "" : ": " + some.get(0) + " to " + some.get(some.size() - 1);
            blocks.add(new LineChart(
                    "How far L(" + told.end() + ") reaches back" + which,
                    unroll.isCausal() ? "lag k" : "lag k; below 0: behind t",
                    "norm of dL(t) / ds(t-k)",
                    Scale.LOGARITHMIC,
                    some.stream().map(field -> byLag(field, told)).toList()));
        }
        for (String field : mapped) {
            blocks.add(new HeatMap(
                    "Gradient of L(t) by " + field + " of each step",
                    "t",
                    "step",
                    flows.stream().map(each -> Integer.toString(each.end())).toList(),
                    IntStream.range(0, steps).mapToObj(Integer::toString).toList(),
                    flows.stream()
                            .map(each -> each.norms(field).stream()
                                    .map(norm -> Double.isFinite(norm) ? norm : Double.NaN)
                                    .toList())
                            .toList(),
                    Scale.LOGARITHMIC));
        }
        return blocks;
    }

    private Line byLag(String field, GradientFlow flow) {
        List<Double> norms = flow.norms(field);
        int last = unroll.isCausal() ? flow.end() : norms.size() - 1;
        List<Double> lags = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        for (int step = last; step >= 0; step--) {
            lags.add((double) flow.end() - step);
            values.add(norms.get(step));
        }
        return new Line(field, lags, values);
    }

    /** What an unroll was run over. */
    private record Batch(Tensor inputs, Lengths lengths) {
        /** Returns those of the rows with the most steps before any that does not count, as far as these go, and so many at most. */
        Tensor longest() {
            int rows = inputs.shape().dim(1);
            Tensor counting = lengths.maskFor(inputs.shape().dim(0), rows);
            int[] steps = new int[rows];
            for (int row = 0; row < rows; row++) {
                while (steps[row] < counting.shape().dim(0) && counting.get(steps[row], row) != 0) {
                    steps[row]++;
                }
            }
            int most = Arrays.stream(steps).max().orElse(0);
            int[] chosen = IntStream.range(0, rows)
                    .filter(row -> steps[row] == most)
                    .limit(MOST_ROWS)
                    .toArray();
            int size = inputs.shape().dim(2);
            Tensor longest = Tensor.zeros(inputs.dtype(), most, chosen.length, size);
            for (int step = 0; step < most; step++) {
                for (int i = 0; i < chosen.length; i++) {
                    longest.at(step).at(i).copyFrom(inputs.at(step).at(chosen[i]));
                }
            }
            return longest;
        }
    }

    /**
     * Tells what an unroll is run over.
     *
     * @param seen takes it in
     */
    private record Watched(Unroll unroll, Consumer<Batch> seen) implements Unroll {
        @Override
        public Unroll from(State initial) {
            return new Watched(unroll.from(initial), seen);
        }

        @Override
        public Unroll from(DetachedState initial) {
            return new Watched(unroll.from(initial), seen);
        }

        @Override
        public Unroll reversed() {
            return new Watched(unroll.reversed(), seen);
        }

        @Override
        public Structure structure() {
            return unroll.structure();
        }

        @Override
        public boolean isCausal() {
            return unroll.isCausal();
        }

        @Override
        public int inputSize() {
            return unroll.inputSize();
        }

        @Override
        public int outputSize() {
            return unroll.outputSize();
        }

        @Override
        public List<Parameter> parameters() {
            return unroll.parameters();
        }

        @Override
        public Unrolled over(Graph graph, Tensor inputs, Lengths lengths) {
            seen.accept(new Batch(inputs, lengths));
            return unroll.over(graph, inputs, lengths);
        }

        @Override
        public Unrolled over(Node inputs, Lengths lengths) {
            seen.accept(new Batch(inputs.value(), lengths));
            return unroll.over(inputs, lengths);
        }
    }
}
