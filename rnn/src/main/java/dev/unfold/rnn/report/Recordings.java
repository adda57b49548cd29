package dev.unfold.rnn.report;

import dev.unfold.graph.GraphDiagram;
import dev.unfold.graph.GraphDiagram.Cluster;
import dev.unfold.graph.GraphDiagram.Kind;
import dev.unfold.graph.GraphDiagram.Vertex;
import dev.unfold.graph.MemoryReport;
import dev.unfold.graph.MemoryUse;
import dev.unfold.rnn.report.GraphDrawing.Edge;
import dev.unfold.rnn.report.GraphDrawing.Node;
import dev.unfold.rnn.report.StackedArea.Panel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What the library tells of a recording, as parts of a page: the graph, and how it is run. */
public final class Recordings {
    private static final String DEEPER = "    ";
    /** What stands at the side. */
    private static final Set<Kind> TAKEN_IN = EnumSet.of(Kind.PARAMETER, Kind.INPUT, Kind.VARIABLE);

    private Recordings() {}

    /**
     * Returns a diagram as a drawing: a box for each step, or each phase of a loop, and one for what is recorded between. Shades tell the
     * norms of gradients, where there are any.
     *
     * @param title what it is
     * @param diagram at most 400 vertices and 2,000 edges
     */
    public static GraphDrawing drawing(String title, GraphDiagram diagram) {
        return new Mapping(diagram).drawing(title);
    }

    /**
     * Returns an explanation as a table.
     *
     * @param text as {@code explain()} of a plan or a graph returns it
     */
    public static DataTable explanation(String title, String text) {
        List<List<String>> rows = new ArrayList<>();
        text.lines().forEach(line -> {
            int last = rows.size() - 1;
            if (line.startsWith(DEEPER) && last >= 0) {
                String before = rows.get(last).get(1);
                rows.set(last, List.of(rows.get(last).get(0), before + (before.isEmpty() ? "" : "; ") + line.strip()));
                return;
            }
            String[] parts = line.strip().split(":\\s*", 2);
            rows.add(List.of(parts[0], parts.length == 1 ? "" : parts[1]));
        });
        return new DataTable(title, List.of("what", "how"), rows);
    }

    /**
     * Returns what runs hold from event to event, by each use that there is, side by side.
     *
     * @param runs by what to call them
     */
    public static StackedArea memory(String title, Map<String, MemoryReport> runs) {
        List<MemoryUse> uses = Arrays.stream(MemoryUse.values())
                .filter(use -> runs.values().stream()
                        .anyMatch(run -> run.moments().stream().anyMatch(each -> each.bytes(use) > 0)))
                .toList();
        List<Panel> panels = new ArrayList<>();
        runs.forEach((name, run) -> panels.add(
                new Panel(name, uses.stream().map(use -> curve(use, run)).toList())));
        return new StackedArea(title, "event", "bytes", panels);
    }

    private static Curve curve(MemoryUse use, MemoryReport run) {
        return new Curve(
                use.name().toLowerCase(Locale.ROOT),
                run.moments().stream().map(each -> (double) each.bytes(use)).toList());
    }

    /** A diagram on its way to a drawing. */
    private static final class Mapping {
        private final GraphDiagram diagram;
        private final List<String> groups = new ArrayList<>();
        private final DoubleSummaryStatistics norms;
        /** By vertex: what the next step reads it as. */
        private final Map<Integer, String> nextStep = new LinkedHashMap<>();

        Mapping(GraphDiagram diagram) {
            this.diagram = diagram;
            this.norms = diagram.vertices().stream()
                    .mapToDouble(Mapping::normOfEach)
                    .filter(each -> each > 0 && Double.isFinite(each))
                    .summaryStatistics();
            Set<String> taken = new HashSet<>();
            for (Cluster cluster : diagram.clusters()) {
                String label = cluster.label();
                for (int i = 2; !taken.add(label); i++) {
                    label = cluster.label() + " (" + i + ")";
                }
                groups.add(label);
            }
        }

        GraphDrawing drawing(String title) {
            List<Edge> edges = new ArrayList<>();
            for (GraphDiagram.Edge edge : diagram.edges()) {
                if (edge.nextStep()) {
                    nextStep.merge(edge.from(), "as " + name(edge.to()), (one, other) -> one + ", " + other);
                }
                edges.add(new Edge(id(edge.from()), id(edge.to()), edge.nextStep()));
            }
            List<Node> nodes = new ArrayList<>();
            String between = "before";
            for (int i = 0; i < diagram.vertices().size(); i++) {
                Vertex vertex = diagram.vertices().get(i);
                String group = between;
                if (vertex.cluster() == GraphDiagram.NONE && TAKEN_IN.contains(vertex.kind())) {
                    group = "";
                } else if (vertex.cluster() != GraphDiagram.NONE) {
                    group = groups.get(vertex.cluster());
                    between = "behind "
                            + group.replace(
                                    " (x "
                                            + diagram.clusters()
                                                    .get(vertex.cluster())
                                                    .times() + ")",
                                    "");
                }
                nodes.add(new Node(
                        id(i),
                        List.of(vertex.operation(), vertex.shape().toString()),
                        tooltip(i),
                        group,
                        heat(vertex)));
            }
            List<String> notes = new ArrayList<>();
            if (norms.getCount() > 0) {
                boolean folded = diagram.vertices().stream().anyMatch(each -> each.nodes() > 1);
                notes.add("Shades tell the norm of the gradient, "
                        + (folded ? "where one stands for several nodes the root mean square of theirs, " : "")
                        + "by its logarithm: " + Numbers.text(norms.getMin())
                        + " to " + Numbers.text(norms.getMax()) + ".");
            }
            if (!nextStep.isEmpty()) {
                notes.add("Dashed: what the next step reads.");
            }
            if (!diagram.folds().isEmpty()) {
                notes.add("To save room: " + String.join("; ", diagram.folds()) + ".");
            }
            return new GraphDrawing(
                    title,
                    String.join(" ", notes),
                    nodes,
                    edges.stream().distinct().toList());
        }

        private static String id(int vertex) {
            return Integer.toString(vertex + 1);
        }

        private String name(int vertex) {
            return diagram.vertices().get(vertex).operation() + " (" + id(vertex) + ")";
        }

        /** Returns the norm of a node's gradient, the root mean square of several; NaN where it is not known. */
        private static double normOfEach(Vertex vertex) {
            Double norm = vertex.gradientNorm();
            return norm == null ? Double.NaN : norm / Math.sqrt(vertex.nodes());
        }

        private double heat(Vertex vertex) {
            double norm = normOfEach(vertex);
            if (!Double.isFinite(norm)) {
                return Double.NaN;
            }
            if (norm == 0 || norms.getCount() == 0) {
                return 0;
            }
            double range = Math.log(norms.getMax()) - Math.log(norms.getMin());
            return range == 0 ? 1 : Math.min(1, (Math.log(norm) - Math.log(norms.getMin())) / range);
        }

        private String tooltip(int index) {
            Vertex vertex = diagram.vertices().get(index);
            List<String> lines = new ArrayList<>();
            lines.add(name(index) + ", " + vertex.kind().name().toLowerCase(Locale.ROOT));
            lines.add(vertex.dtype() + " " + vertex.shape());
            String over = vertex.nodes() == 1 ? "" : ", over all " + Numbers.text(vertex.nodes());
            lines.add(
                    vertex.bytes() == 0
                            ? "lies in another value"
                            : Numbers.text((double) vertex.bytes()) + " bytes" + over);
            if (vertex.nodes() > 1) {
                lines.add("stands for " + vertex.nodes() + " nodes");
            }
            if (nextStep.containsKey(index)) {
                lines.add("read by the next step " + nextStep.get(index));
            }
            if (vertex.gradientNorm() != null) {
                lines.add("norm of the gradient" + over + ": " + Numbers.text(vertex.gradientNorm()));
                if (vertex.nodes() > 1) {
                    lines.add("root mean square of their norms: " + Numbers.text(normOfEach(vertex)));
                }
            }
            return String.join("\n", lines);
        }
    }
}
