package dev.unfold.rnn.report;

import com.google.common.collect.Iterables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A graph: nodes in boxes, one for each group such as a step, from left to right; within a box, what is read stands above what reads it.
 * Nodes of no group, such as parameters, stand at the left.
 *
 * @param title what it is
 * @param note a sentence below it, or nothing
 * @param nodes at most 400
 * @param edges at most 2,000, without a cycle but for those to the next step
 */
public record GraphDrawing(String title, String note, List<Node> nodes, List<Edge> edges) implements Block {
    private static final int MOST_NODES = 400;
    private static final int MOST_EDGES = 2_000;
    private static final double LINE = 15;

    /**
     * A node.
     *
     * @param id by which edges name it
     * @param lines its label, the first in bold
     * @param tooltip what is told of it to whoever points at it
     * @param group the box it stands in; nothing for the side
     * @param heat its shade, from 0 to 1; NaN for none
     */
    public record Node(String id, List<String> lines, String tooltip, String group, double heat) {
        /**
         * Copies the lines.
         *
         * @throws IllegalArgumentException where heat is out of its range
         */
        public Node {
            lines = List.copyOf(lines);
            if (heat < 0 || heat > 1) {
                throw new IllegalArgumentException(
                        "node '" + id + "': heat " + heat + "; expected 0 to 1, or NaN for none");
            }
        }
    }

    /**
     * An edge.
     *
     * @param from the node that is read
     * @param to the node that reads it
     * @param nextStep whether it does so at the next step; such an edge is dashed and may go back
     */
    public record Edge(String from, String to, boolean nextStep) {
        /** Makes one within a step, or to a step that is drawn by itself. */
        public Edge(String from, String to) {
            this(from, to, false);
        }
    }

    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException where there are too many nodes or edges, two nodes have one name, an edge names none, or edges go in
     *     a circle
     */
    public GraphDrawing {
        nodes = List.copyOf(nodes);
        edges = List.copyOf(edges);
        if (nodes.size() > MOST_NODES || edges.size() > MOST_EDGES) {
            throw new IllegalArgumentException("graph '" + title + "': " + nodes.size() + " nodes and " + edges.size()
                    + " edges; expected at most " + MOST_NODES + " and " + MOST_EDGES + ", so fold it first");
        }
        GraphLayout.check("graph '" + title + "'", nodes, edges);
    }

    @Override
    public Tag html() {
        GraphLayout layout = new GraphLayout(nodes, edges);
        Tag svg = Figure.drawing("graph", layout.width(), layout.height(), title, description());
        for (GraphLayout.Box box : layout.boxes()) {
            svg.add(Figure.box("group", box.x(), box.y(), box.width(), box.height())
                    .set("rx", 6)
                    .add(Tag.of("title").text(box.name())));
            for (int i = 0; i < box.heading().size(); i++) {
                svg.add(Figure.label(
                        "name",
                        box.x() + 8,
                        box.y() + 17 + LINE * i,
                        box.heading().get(i)));
            }
        }
        Map<String, Integer> numbers = new HashMap<>();
        nodes.forEach(node -> numbers.put(node.id(), numbers.size()));
        // In a group of their own, those of parameters can be faint however many lie on each other.
        Tag fromSide = Tag.of("g", "sides");
        Tag others = Tag.of("g");
        for (Edge edge : edges) {
            (layout.fromSide(edge) ? fromSide : others)
                    .add(Tag.of("path", edge.nextStep() ? "edge next" : "edge")
                            .set("data-from", number(numbers, edge.from()))
                            .set("data-to", number(numbers, edge.to()))
                            .set("d", layout.path(edge)));
        }
        svg.add(fromSide, others);
        for (Node node : nodes) {
            svg.add(node(node, layout).set("data-node", number(numbers, node.id())));
        }
        return Figure.of("wide", title, note, List.of(svg), List.of(), table());
    }

    private static String number(Map<String, Integer> numbers, String id) {
        return String.valueOf(numbers.get(id));
    }

    private static Tag node(Node node, GraphLayout layout) {
        GraphLayout.Box place = layout.place(node.id());
        boolean plain = Double.isNaN(node.heat());
        String shade = plain ? "" : " h" + Math.round(node.heat() * (Palette.SHADES - 1));
        Tag mark = Figure.mark(
                node.tooltip(),
                Figure.box(
                                (plain ? "node" : "node warm" + shade)
                                        + (node.group().isEmpty() ? " side" : ""),
                                place.x(),
                                place.y(),
                                place.width(),
                                place.height())
                        .set("rx", 5));
        for (int i = 0; i < node.lines().size(); i++) {
            String line = Figure.cut(node.lines().get(i), GraphLayout.LONGEST_LABEL);
            String classes = (i == 0 ? "middle first" : "middle") + (plain ? " label" : " count" + shade);
            mark.add(Figure.label(classes, place.x() + place.width() / 2, place.y() + LINE * (i + 1) + 1, line));
        }
        return mark;
    }

    private String description() {
        return nodes.size() + " nodes and " + edges.size() + " edges. The arrow keys go from node to node.";
    }

    private DataTable table() {
        Map<String, List<String>> reads = new HashMap<>();
        edges.forEach(edge -> reads.computeIfAbsent(edge.to(), each -> new ArrayList<>())
                .add(edge.from() + (edge.nextStep() ? " of the step before" : "")));
        List<List<?>> rows = new ArrayList<>();
        for (Node node : nodes) {
            rows.add(List.of(
                    node.id(),
                    node.group(),
                    Iterables.getFirst(node.lines(), ""),
                    String.join(", ", reads.getOrDefault(node.id(), List.of())),
                    node.tooltip()));
        }
        return new DataTable(title, List.of("node", "group", "label", "reads", "more"), rows);
    }
}
