package dev.unfold.graph;

import static dev.unfold.graph.GraphDiagram.NONE;

import dev.unfold.graph.GraphDiagram.Cluster;
import dev.unfold.graph.GraphDiagram.ClusterKind;
import dev.unfold.graph.GraphDiagram.Edge;
import dev.unfold.graph.GraphDiagram.Kind;
import dev.unfold.graph.GraphDiagram.Vertex;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Walks over a recorded graph to draw it. */
final class DiagramRecorder {
    private final Graph graph;
    private final List<Vertex> vertices = new ArrayList<>();
    private final List<Edge> edges = new ArrayList<>();
    private final List<Edge> carries = new ArrayList<>();
    private final List<Cluster> clusters = new ArrayList<>();
    /** By node of the graph. */
    private final int[] drawn;

    private final IdentityHashMap<Parameter, Integer> parameters = new IdentityHashMap<>();
    /** By loop and result: the vertex that it is. */
    private final IdentityHashMap<Run, int[]> results = new IdentityHashMap<>();
    /** The cluster of the step at hand. */
    private int current = NONE;

    DiagramRecorder(Graph graph) {
        this.graph = graph;
        this.drawn = new int[graph.size()];
    }

    GraphDiagram draw() {
        for (int id = 0; id < graph.size(); id++) {
            Node node = graph.node(id);
            if (node.stage instanceof LoopRun run) {
                drawn[id] = NONE;
                current = NONE;
                draw(run);
            } else {
                drawn[id] = add(node, kind(node), name(node), node.shape(), clusterOf(node), node.step);
                connect(node, drawn[id]);
            }
        }
        edges.addAll(carries);
        return new GraphDiagram(vertices, edges, clusters, List.of());
    }

    private static Kind kind(Node node) {
        if (node.op != null) {
            return Kind.OPERATION;
        }
        if (node.parameter != null) {
            return Kind.PARAMETER;
        }
        if (node.stage instanceof View) {
            return Kind.VIEW;
        }
        if (node.stage instanceof Run.Taken) {
            return Kind.RESULT;
        }
        if (node.stage instanceof Run) {
            return Kind.LOOP;
        }
        return node.needsGradient ? Kind.VARIABLE : Kind.INPUT;
    }

    private String name(Node node) {
        return node.stage instanceof Run run ? name(run) : node.name();
    }

    private String name(Run run) {
        return run.name() + " (x " + times(run) + ")";
    }

    /** How many steps are run. */
    private int times(Run run) {
        return run.schedule.isWhole() || !graph.hasRun() ? run.schedule.steps() : run.ran();
    }

    /** The cluster of the step that recorded a node; steps follow each other, and none goes on in another stretch of the recording. */
    private int clusterOf(Node node) {
        if (node.parameter != null) {
            return NONE;
        }
        if (node.step < 0) {
            current = NONE;
        } else if (current == NONE || clusters.get(current).step() != node.step || graph.beginsStretch(node.id)) {
            current = add(ClusterKind.STEP, "step " + node.step, NONE, node.step, 1);
        }
        return current;
    }

    private int add(ClusterKind kind, String label, int parent, int step, int times) {
        clusters.add(new Cluster(kind, label, parent, step, times));
        return clusters.size() - 1;
    }

    private int add(Node node, Kind kind, String name, Shape shape, int cluster, int step) {
        boolean own = kind != Kind.VIEW && kind != Kind.RESULT;
        long bytes = own ? (long) shape.size() * node.dtype().bytes() : 0;
        Parameter parameter = node.parameter;
        vertices.add(new Vertex(
                node.id,
                parameter == null ? name : parameter.name(),
                kind,
                shape,
                node.dtype(),
                bytes,
                Math.max(NONE, step),
                cluster,
                node.needsGradient,
                gradientNorm(node),
                1));
        int vertex = vertices.size() - 1;
        if (parameter != null) {
            parameters.put(parameter, vertex);
        }
        return vertex;
    }

    private @Nullable Double gradientNorm(Node node) {
        boolean computed = graph.does() == Graph.Does.ALL && graph.isSpent();
        if (node.graph != graph || !computed || !node.hasGradient()) {
            return null;
        }
        Tensor gradient = node.gradientWhereItLies();
        double sum = 0;
        for (int i = 0; gradient != null && i < gradient.size(); i++) {
            sum += gradient.getFlat(i) * gradient.getFlat(i);
        }
        return Math.sqrt(sum);
    }

    /** Draws what a node uses. */
    private void connect(Node node, int to) {
        for (int i = 0; i < node.inputs.length; i++) {
            edge(drawn[node.inputs[i].id], to, i);
        }
        if (node.stage instanceof View view) {
            edge(drawn[view.base().id], to, 0);
        } else if (node.stage instanceof Run.Taken taken) {
            edge(Objects.requireNonNull(results.get(taken.run()))[taken.index()], to, 0);
        } else if (node.stage instanceof TapedRun run) {
            List<Integer> used = new ArrayList<>();
            run.eachInput(input -> used.add(drawn[input.id]));
            run.parameters().forEach(each -> used.add(vertexOf(each)));
            for (int i = 0; i < used.size(); i++) {
                edge(used.get(i), to, i);
            }
            int[] whole = new int[1 + run.initial.length];
            Arrays.fill(whole, to);
            results.put(run, whole);
        }
    }

    private void edge(int from, int to, int input) {
        edges.add(new Edge(from, to, input, false));
    }

    /** A loop takes its parameters into the graph before it is recorded. */
    private int vertexOf(Parameter parameter) {
        return Objects.requireNonNull(parameters.get(parameter));
    }

    /** Draws the step that a loop replays. */
    private void draw(LoopRun run) {
        StepRecord step = run.record();
        int times = times(run);
        int loop = add(ClusterKind.LOOP, name(run), NONE, NONE, times);
        int[] phases = new int[step.phases().size()];
        for (Phase phase : step.phases()) {
            phases[phase.number()] = add(ClusterKind.PHASE, phase.runs(), loop, NONE, times);
        }
        int[] inner = new int[step.size()];
        for (int id = 0; id < inner.length; id++) {
            Node node = step.node(id);
            if (node.parameter != null) {
                inner[id] = vertexOf(node.parameter);
                continue;
            }
            int phase = step.phaseOf(node);
            inner[id] = add(
                    node,
                    kind(step, node),
                    name(step, node),
                    step.isApart() && step.moves(node) ? step.shape(node, run.batch()) : node.shape(),
                    phase < 0 ? loop : phases[phase],
                    NONE);
            for (int i = 0; i < node.inputs.length; i++) {
                edge(inner[node.inputs[i].id], inner[id], i);
            }
            if (step.isStandIn(node)) {
                int carried = step.carriedIndex(node);
                Node outside = carried < 0 ? run.sequences[step.sequenceIndex(node)] : run.initial[carried];
                edge(drawn[outside.id], inner[id], 0);
            }
        }
        int[] left = new int[1 + run.initial.length];
        for (int i = 0; i < left.length; i++) {
            left[i] = inner[step.result(i).id];
            if (i > 0) {
                carries.add(new Edge(left[i], inner[step.carried()[i - 1].id], 0, true));
            }
        }
        results.put(run, left);
    }

    private static Kind kind(StepRecord step, Node node) {
        return !step.isStandIn(node) ? kind(node) : step.carriedIndex(node) < 0 ? Kind.SEQUENCE : Kind.CARRIED;
    }

    private static String name(StepRecord step, Node node) {
        int carried = step.carriedIndex(node);
        return !step.isStandIn(node)
                ? node.name()
                : carried < 0 ? "sequence " + step.sequenceIndex(node) : "carried " + carried;
    }
}
