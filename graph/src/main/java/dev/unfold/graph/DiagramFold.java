package dev.unfold.graph;

import static dev.unfold.graph.GraphDiagram.NONE;

import dev.unfold.graph.GraphDiagram.Cluster;
import dev.unfold.graph.GraphDiagram.ClusterKind;
import dev.unfold.graph.GraphDiagram.Edge;
import dev.unfold.graph.GraphDiagram.Kind;
import dev.unfold.graph.GraphDiagram.Vertex;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Draws a diagram with fewer vertices: some are merged into one of them, in whose place they are drawn, or left out. */
final class DiagramFold {
    private static final int NAMED = 3;

    private final GraphDiagram diagram;
    private final List<Vertex> vertices;
    private final List<Cluster> clusters;
    /** By vertex: the one that it is merged into, itself unless others are. */
    private final int[] into;
    /** By cluster: its vertices. */
    private final List<List<Integer>> inside = new ArrayList<>();
    /** By vertex: which one of its cluster it is. */
    private final int[] places;
    /** By vertex: the edges that go to it. */
    private final List<List<Edge>> used = new ArrayList<>();

    /** Makes one vertex of some. */
    private interface Merger {
        /** Returns what is drawn of the one that others are merged into; numbers of nodes and bytes are added up elsewhere. */
        Vertex merge(Vertex into, List<Vertex> all);
    }

    private DiagramFold(GraphDiagram diagram) {
        this.diagram = diagram;
        this.vertices = diagram.vertices();
        this.clusters = new ArrayList<>(diagram.clusters());
        this.into = IntStream.range(0, vertices.size()).toArray();
        this.places = new int[into.length];
        clusters.forEach(each -> inside.add(new ArrayList<>()));
        for (int i = 0; i < into.length; i++) {
            used.add(new ArrayList<>());
            if (vertices.get(i).cluster() != NONE) {
                List<Integer> around = inside.get(vertices.get(i).cluster());
                places[i] = around.size();
                around.add(i);
            }
        }
        diagram.edges().forEach(each -> used.get(each.to()).add(each));
    }

    static GraphDiagram fold(GraphDiagram diagram, int most) {
        List<UnaryOperator<GraphDiagram>> ways = List.of(
                each -> new DiagramFold(each).steps(false),
                each -> new DiagramFold(each).steps(true),
                each -> new DiagramFold(each).chains(),
                each -> new DiagramFold(each).clusters(),
                each -> new DiagramFold(each).runs(most));
        GraphDiagram folded = diagram;
        for (UnaryOperator<GraphDiagram> way : ways) {
            if (folded.vertices().size() > most) {
                folded = way.apply(folded);
            }
        }
        return folded;
    }

    /** Leaves out the steps before one. */
    static GraphDiagram from(GraphDiagram diagram, int firstStep) {
        return new DiagramFold(diagram).from(firstStep);
    }

    private GraphDiagram from(int firstStep) {
        boolean[] wasUsed = new boolean[into.length];
        diagram.edges().forEach(each -> wasUsed[each.from()] = true);
        boolean[] isUsed = new boolean[into.length];
        boolean[] stays = new boolean[into.length];
        for (int i = into.length - 1; i >= 0; i--) {
            int cluster = vertices.get(i).cluster();
            int step = cluster == NONE ? NONE : clusters.get(cluster).step();
            stays[i] = cluster == NONE ? isUsed[i] || !wasUsed[i] : step == NONE || step >= firstStep;
            if (stays[i]) {
                used.get(i).forEach(each -> isUsed[each.from()] = true);
            }
        }
        List<Vertex> kept = new ArrayList<>();
        int[] numbers = new int[into.length];
        for (int i = 0; i < into.length; i++) {
            numbers[i] = kept.size();
            if (stays[i]) {
                kept.add(vertices.get(i));
            }
        }
        List<Edge> edges = diagram.edges().stream()
                .filter(each -> stays[each.from()] && stays[each.to()])
                .map(each -> new Edge(numbers[each.from()], numbers[each.to()], each.input(), each.nextStep()))
                .toList();
        List<String> folds = new ArrayList<>(diagram.folds());
        folds.add("steps 0 to " + (firstStep - 1) + " are left out");
        return used(kept, edges, folds);
    }

    private boolean isParameter(int vertex) {
        return vertices.get(vertex).kind() == Kind.PARAMETER;
    }

    /**
     * Draws steps once that follow each other and are equal.
     *
     * @param alike whether it is enough if they are alike but for the number of rows and what they take in
     */
    private GraphDiagram steps(boolean alike) {
        List<Trait> before = List.of();
        int from = 0;
        int drawn = 0;
        int all = 0;
        Set<Integer> different = new HashSet<>();
        for (int cluster = 0; cluster < clusters.size(); cluster++) {
            Cluster now = diagram.clusters().get(cluster);
            if (now.kind() != ClusterKind.STEP) {
                continue;
            }
            all += now.times();
            IntStream.range(now.step(), now.step() + now.times()).forEach(different::add);
            boolean follows = follows(cluster);
            List<Trait> traits = traits(cluster, follows, alike);
            boolean goesOn = follows && traits.equals(before);
            before = traits;
            if (!goesOn) {
                from = cluster;
                drawn++;
                continue;
            }
            Cluster first = clusters.get(from);
            int times = first.times() + now.times();
            clusters.set(
                    from,
                    new Cluster(
                            ClusterKind.STEP,
                            "steps " + first.step() + " to " + (first.step() + times - 1) + " (x " + times + ")",
                            first.parent(),
                            first.step(),
                            times));
            for (int i = 0; i < inside.get(cluster).size(); i++) {
                into[inside.get(cluster).get(i)] = inside.get(from).get(i);
            }
        }
        // Several layers, and both ways, go through the same steps.
        String steps = (all > different.size() ? all + " passes through " : "") + different.size() + " steps";
        String which = alike ? "that are alike but for their rows and what they take in" : "that are equal";
        return merged((one, several) -> one, true, steps + " are drawn as ", drawn + ": successive ones " + which);
    }

    /** Whether a step comes right behind that of the cluster before. */
    private boolean follows(int cluster) {
        Cluster now = diagram.clusters().get(cluster);
        Cluster before = diagram.clusters().get(Math.max(0, cluster - 1));
        if (before.kind() != ClusterKind.STEP || before.step() + before.times() != now.step()) {
            return false;
        }
        List<Integer> own = inside.get(cluster);
        List<Integer> others = inside.get(cluster - 1);
        boolean follows = own.size() == others.size();
        for (int between = others.get(others.size() - 1) + 1; follows && between < own.get(0); between++) {
            follows = isParameter(between);
        }
        return follows;
    }

    /** Where a value that is used comes from. */
    private enum Source {
        HERE,
        PARAMETER,
        STEP_BEFORE,
        OUTSIDE,
        ELSEWHERE
    }

    /**
     * What an operation uses.
     *
     * @param number which one of its source
     * @param like null where the number tells
     */
    private record Use(
            int input,
            Source source,
            int number,
            @Nullable String operation,
            @Nullable Shape like) {}

    /** What makes an operation of a step that operation. */
    private record Trait(String operation, Kind kind, DType dtype, Shape shape, boolean learned, Set<Use> uses) {}

    private List<Trait> traits(int cluster, boolean follows, boolean alike) {
        List<Trait> traits = new ArrayList<>();
        for (int each : inside.get(cluster)) {
            Vertex vertex = vertices.get(each);
            Shape shape = alike && vertex.shape().rank() > 0 ? vertex.shape().withDim(0, 0) : vertex.shape();
            Set<Use> uses = new LinkedHashSet<>();
            for (Edge edge : used.get(each)) {
                if (!edge.nextStep()) {
                    uses.add(use(edge, cluster, follows, alike));
                }
            }
            traits.add(new Trait(vertex.operation(), vertex.kind(), vertex.dtype(), shape, vertex.learned(), uses));
        }
        return traits;
    }

    private Use use(Edge edge, int cluster, boolean follows, boolean alike) {
        int number = edge.from();
        Vertex vertex = vertices.get(number);
        if (vertex.cluster() == cluster) {
            return new Use(edge.input(), Source.HERE, places[number], null, null);
        }
        if (isParameter(number)) {
            return new Use(edge.input(), Source.PARAMETER, number, null, null);
        }
        if (alike) {
            return new Use(edge.input(), Source.ELSEWHERE, 0, null, null);
        }
        return follows && vertex.cluster() == cluster - 1
                ? new Use(edge.input(), Source.STEP_BEFORE, places[number], null, null)
                : new Use(edge.input(), Source.OUTSIDE, 0, vertex.operation(), vertex.shape());
    }

    /** Draws operations that only the next one uses with that. */
    private GraphDiagram chains() {
        int[] uses = new int[into.length];
        int[] user = new int[into.length];
        for (Edge edge : diagram.edges()) {
            uses[edge.from()]++;
            user[edge.from()] = edge.nextStep() ? edge.from() : edge.to();
        }
        for (int each = into.length - 1; each >= 0; each--) {
            Vertex vertex = vertices.get(each);
            boolean inner = vertex.kind() == Kind.OPERATION || vertex.kind() == Kind.VIEW;
            if (inner && uses[each] == 1 && user[each] != each) {
                Vertex next = vertices.get(user[each]);
                boolean together = next.kind() == Kind.OPERATION && next.cluster() == vertex.cluster();
                into[each] = together ? into[user[each]] : each;
            }
        }
        return merged(
                (last, all) -> as(last, titles(all), Kind.OPERATION, last.cluster()),
                false,
                "operations that only the next one uses",
                " are drawn with it");
    }

    /** Draws each step or loop as one vertex. */
    private GraphDiagram clusters() {
        List<List<Integer>> whole = new ArrayList<>();
        clusters.forEach(each -> whole.add(new ArrayList<>()));
        for (int i = 0; i < into.length; i++) {
            int cluster = vertices.get(i).cluster();
            if (cluster != NONE) {
                whole.get(outermost(cluster)).add(i);
            }
        }
        whole.forEach(this::draw);
        return merged(
                (last, all) -> as(last, clusters.get(outermost(last.cluster())).label(), Kind.FOLDED, NONE),
                false,
                "steps and loops",
                " are drawn as one vertex each");
    }

    private int outermost(int cluster) {
        int parent = clusters.get(cluster).parent();
        return parent == NONE ? cluster : parent;
    }

    /** Draws some vertices as the last of them. */
    private void draw(List<Integer> some) {
        for (int each : some) {
            into[each] = some.get(some.size() - 1);
        }
    }

    /** Draws parameters as one where there are many, and what follows each other in so few runs that all in all there are so many vertices. */
    private GraphDiagram runs(int most) {
        List<Integer> parameters = new ArrayList<>();
        List<Integer> others = new ArrayList<>();
        for (int i = 0; i < into.length; i++) {
            (isParameter(i) ? parameters : others).add(i);
        }
        int left = most - parameters.size();
        if (parameters.size() > most / 2) {
            // The first, since what is recorded next may use it.
            parameters.forEach(each -> into[each] = parameters.get(0));
            left = most - 1;
        }
        for (int run = 0; others.size() > left && run < left; run++) {
            draw(others.subList(begin(run, left, others.size()), begin(run + 1, left, others.size())));
        }
        return merged(
                (last, all) -> as(last, titles(all), Kind.FOLDED, NONE),
                false,
                "what is recorded one behind the other",
                " is drawn in " + most + " vertices");
    }

    private static int begin(int run, int runs, int size) {
        return (int) ((long) run * size / runs);
    }

    private static Vertex as(Vertex vertex, String title, Kind kind, int cluster) {
        return new Vertex(
                vertex.id(),
                title,
                kind,
                vertex.shape(),
                vertex.dtype(),
                vertex.bytes(),
                vertex.step(),
                cluster,
                vertex.learned(),
                vertex.gradientNorm(),
                vertex.nodes());
    }

    private static String titles(List<Vertex> some) {
        List<String> names = some.stream().map(Vertex::operation).distinct().toList();
        return names.size() <= NAMED + 1
                ? String.join(", ", names)
                : String.join(", ", names.subList(0, NAMED)) + " and " + (names.size() - NAMED) + " more";
    }

    /**
     * Returns the diagram with what is merged.
     *
     * @param copies whether vertices that are merged stand for the same at different steps
     * @param what begins the note; an earlier one that begins so is no longer true
     * @param how goes on with it
     */
    private GraphDiagram merged(Merger merger, boolean copies, String what, String how) {
        List<List<Vertex>> all = new ArrayList<>();
        int[] numbers = new int[into.length];
        for (int i = 0; i < into.length; i++) {
            all.add(new ArrayList<>());
        }
        for (int i = 0; i < into.length; i++) {
            all.get(into[i]).add(vertices.get(i));
        }
        List<Vertex> kept = new ArrayList<>();
        for (int i = 0; i < into.length; i++) {
            List<Vertex> several = all.get(i);
            numbers[i] = kept.size();
            if (several.size() == 1) {
                kept.add(vertices.get(i));
            } else if (!several.isEmpty()) {
                kept.add(sum(merger.merge(vertices.get(i), several), several));
            }
        }
        if (kept.size() == into.length) {
            return diagram;
        }
        Set<Edge> edges = new LinkedHashSet<>();
        for (int i = 0; i < into.length; i++) {
            Set<Integer> several = several(i);
            int to = into[i];
            for (Edge edge : used.get(i)) {
                int from = into[edge.from()];
                boolean next = edge.nextStep() || (copies && isOfOtherStep(edge, from, to));
                if (from != to || next) {
                    boolean one = (copies || all.get(to).size() == 1) && !several.contains(from);
                    edges.add(new Edge(numbers[from], numbers[to], one ? edge.input() : NONE, next));
                }
            }
        }
        List<String> folds = new ArrayList<>(diagram.folds());
        folds.removeIf(each -> each.startsWith(what));
        folds.add(what + how);
        List<Edge> ordered = new ArrayList<>(edges);
        ordered.sort(Comparator.comparing(Edge::nextStep).thenComparing(Edge::to));
        return used(kept, ordered, folds);
    }

    /** Returns what stands for several of the operands of a vertex. */
    private Set<Integer> several(int vertex) {
        if (used.get(vertex).size() < 2) {
            return Set.of();
        }
        Map<Integer, Edge> firsts = new HashMap<>();
        Set<Integer> several = new HashSet<>();
        for (Edge edge : used.get(vertex)) {
            Edge first = firsts.putIfAbsent(into[edge.from()], edge);
            if (first != null && first.from() != edge.from() && first.input() != edge.input()) {
                several.add(into[edge.from()]);
            }
        }
        return several;
    }

    /** Whether both ends are drawn in one step, which they are not parts of. */
    private boolean isOfOtherStep(Edge edge, int from, int to) {
        return vertices.get(from).cluster() != NONE
                && vertices.get(from).cluster() == vertices.get(to).cluster()
                && vertices.get(edge.from()).cluster()
                        != vertices.get(edge.to()).cluster();
    }

    private static Vertex sum(Vertex vertex, List<Vertex> all) {
        Double squares = 0.0;
        boolean learned = false;
        long bytes = 0;
        int nodes = 0;
        for (Vertex each : all) {
            squares = added(squares, each.gradientNorm());
            learned |= each.learned();
            bytes += each.bytes();
            nodes += each.nodes();
        }
        return new Vertex(
                vertex.id(),
                vertex.operation(),
                vertex.kind(),
                vertex.shape(),
                vertex.dtype(),
                bytes,
                vertex.step(),
                vertex.cluster(),
                learned,
                squares == null ? null : (Double) Math.sqrt(squares),
                nodes);
    }

    /** Adds the square of a norm; what is not known makes the sum unknown. */
    private static @Nullable Double added(@Nullable Double squares, @Nullable Double norm) {
        return squares == null || norm == null ? null : (Double) (squares + norm * norm);
    }

    /** Returns the diagram with the clusters that are still used. */
    private GraphDiagram used(List<Vertex> kept, List<Edge> edges, List<String> folds) {
        boolean[] needed = new boolean[clusters.size()];
        for (Vertex each : kept) {
            if (each.cluster() != NONE) {
                needed[each.cluster()] = true;
                needed[outermost(each.cluster())] = true;
            }
        }
        int[] numbers = new int[clusters.size()];
        Arrays.fill(numbers, NONE);
        List<Cluster> left = new ArrayList<>();
        for (int i = 0; i < needed.length; i++) {
            Cluster each = clusters.get(i);
            if (needed[i]) {
                numbers[i] = left.size();
                int parent = each.parent() == NONE ? NONE : numbers[each.parent()];
                left.add(new Cluster(each.kind(), each.label(), parent, each.step(), each.times()));
            }
        }
        List<Vertex> placed = new ArrayList<>();
        for (Vertex each : kept) {
            int cluster = each.cluster() == NONE ? NONE : numbers[each.cluster()];
            placed.add(as(each, each.operation(), each.kind(), cluster));
        }
        return new GraphDiagram(placed, edges, left, folds);
    }
}
