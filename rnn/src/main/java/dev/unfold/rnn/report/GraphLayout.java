package dev.unfold.rnn.report;

import com.google.common.collect.Lists;
import dev.unfold.rnn.report.GraphDrawing.Edge;
import dev.unfold.rnn.report.GraphDrawing.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Places of nodes. Within a group, a node's layer is the longest path to it, and each layer is ordered by the means of what its nodes are
 * joined to. Groups of the same nodes look the same.
 */
final class GraphLayout {
    static final int LONGEST_LABEL = 22;

    private static final double MARGIN = 8;
    private static final double CHARACTER = 7.2;
    private static final double LINE = 15;
    private static final double BETWEEN = 14;
    private static final double BETWEEN_LAYERS = 34;
    private static final double BETWEEN_GROUPS = 46;
    private static final double HEADING = 26;
    private static final int MOST_HEADING_LINES = 4;
    private static final int SWEEPS = 4;
    private static final int MOST_IN_COLUMN = 10;
    /** How far from boxes an edge runs past a row of them. */
    private static final double CLEAR = 5;
    /** At how many points it is looked whether an edge runs into a box. */
    private static final int LOOKS = 64;

    /** A rectangle with a name, which is cut into lines where it is a heading. */
    record Box(String name, List<String> heading, double x, double y, double width, double height) {
        private double middle() {
            return x + width / 2;
        }

        private double right() {
            return x + width;
        }

        private double centre() {
            return y + height / 2;
        }

        private boolean holds(double left, double top) {
            return left > x && left < right() && top > y && top < y + height;
        }
    }

    private final Map<String, Box> places = new HashMap<>();
    private final Map<String, String> groupOf = new HashMap<>();
    private final List<Box> boxes = new ArrayList<>();
    /** By group: where it ends at the right. */
    private final Map<String, Double> ends = new HashMap<>();

    private final double nodeWidth;
    private final double nodeHeight;
    private double width = MARGIN;
    private double height = 2 * MARGIN;

    GraphLayout(List<Node> nodes, List<Edge> edges) {
        int longest = nodes.stream()
                .flatMap(node -> node.lines().stream())
                .mapToInt(String::length)
                .max()
                .orElse(1);
        int most = nodes.stream().mapToInt(node -> node.lines().size()).max().orElse(1);
        nodeWidth = Math.max(44, 14 + CHARACTER * Math.min(LONGEST_LABEL, longest));
        nodeHeight = 8 + LINE * Math.max(1, most);
        Map<String, List<String>> groups = new LinkedHashMap<>();
        groups.put("", new ArrayList<>());
        for (Node node : nodes) {
            groupOf.put(node.id(), node.group());
            groups.computeIfAbsent(node.group(), each -> new ArrayList<>()).add(node.id());
        }
        Map<String, List<Edge>> inner = new HashMap<>();
        for (Edge edge : edges) {
            String group = groupOf(edge.from());
            if (!edge.nextStep() && group.equals(groupOf(edge.to()))) {
                inner.computeIfAbsent(group, each -> new ArrayList<>()).add(edge);
            }
        }
        Map<String, List<List<String>>> laid = new LinkedHashMap<>();
        groups.forEach((group, members) -> {
            if (!members.isEmpty()) {
                List<Edge> own = inner.getOrDefault(group, List.of());
                laid.put(group, group.isEmpty() || own.isEmpty() ? columns(members) : layers(members, own));
            }
        });
        Map<String, List<String>> headings = new HashMap<>();
        laid.forEach((group, layers) -> headings.put(group, heading(group, boxWidth(group, layers))));
        int lines = headings.values().stream().mapToInt(List::size).max().orElse(1);
        double top = MARGIN + HEADING + LINE * (lines - 1);
        laid.forEach((group, layers) -> place(group, Objects.requireNonNull(headings.get(group)), layers, top));
        width += MARGIN - (places.isEmpty() ? 0 : BETWEEN_GROUPS);
    }

    /** Throws where two nodes have one name, an edge names none, or edges go in a circle. */
    static void check(String name, List<Node> nodes, List<Edge> edges) {
        List<String> ids = nodes.stream().map(Node::id).toList();
        Map<String, Integer> depths = new HashMap<>();
        for (String id : ids) {
            if (depths.put(id, 0) != null) {
                throw new IllegalArgumentException(
                        name + ": two nodes '" + id + "'; expected an id of its own for each");
            }
        }
        for (Edge edge : edges) {
            if (!depths.containsKey(edge.from()) || !depths.containsKey(edge.to())) {
                throw new IllegalArgumentException(
                        name + ": an edge from '" + edge.from() + "' to '" + edge.to() + "'; expected ids of nodes");
            }
        }
        List<Edge> within = edges.stream().filter(edge -> !edge.nextStep()).toList();
        depths.keySet().removeAll(depths(ids, within).keySet());
        if (!depths.isEmpty()) {
            String first = ids.stream().filter(depths::containsKey).findFirst().orElseThrow();
            throw new IllegalArgumentException(
                    name + ": edges go in a circle that '" + first + "' is on or behind; expected none");
        }
    }

    /** Returns the longest path to each node; nodes on a circle, and behind one, are left out. */
    private static Map<String, Integer> depths(List<String> ids, List<Edge> edges) {
        Map<String, List<String>> readers = new HashMap<>();
        Map<String, Integer> unread = new HashMap<>();
        for (Edge edge : edges) {
            readers.computeIfAbsent(edge.from(), each -> new ArrayList<>()).add(edge.to());
            unread.merge(edge.to(), 1, Integer::sum);
        }
        Map<String, Integer> depths = new LinkedHashMap<>();
        Deque<String> ready = new ArrayDeque<>();
        Map<String, Integer> longest = new HashMap<>();
        ids.stream().filter(id -> !unread.containsKey(id)).forEach(ready::add);
        while (!ready.isEmpty()) {
            String id = ready.remove();
            int depth = longest.getOrDefault(id, 0);
            depths.put(id, depth);
            for (String reader : readers.getOrDefault(id, List.of())) {
                longest.merge(reader, depth + 1, Math::max);
                if (unread.merge(reader, -1, Integer::sum) == 0) {
                    ready.add(reader);
                }
            }
        }
        return depths;
    }

    private static List<List<String>> layers(List<String> members, List<Edge> edges) {
        Map<String, Integer> depths = depths(members, edges);
        int deepest = depths.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        List<List<String>> layers = new ArrayList<>();
        for (int i = 0; i <= deepest; i++) {
            layers.add(new ArrayList<>());
        }
        // What nothing above leads to stands right above its first reader.
        for (String id : members) {
            int depth = Objects.requireNonNull(depths.get(id));
            int lowest = edges.stream()
                    .filter(edge -> edge.from().equals(id))
                    .mapToInt(edge -> Objects.requireNonNull(depths.get(edge.to())) - 1)
                    .min()
                    .orElse(depth);
            layers.get(depth == 0 ? lowest : depth).add(id);
        }
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            order(sweep % 2 == 0 ? layers : Lists.reverse(layers), edges);
        }
        return layers;
    }

    /** Sorts each layer by the mean place of neighbours in the layers that have their order. */
    private static void order(List<List<String>> layers, List<Edge> edges) {
        Map<String, Double> middles = new HashMap<>();
        for (List<String> layer : layers) {
            Map<String, Double> means = new HashMap<>();
            for (int i = 0; i < layer.size(); i++) {
                String id = layer.get(i);
                double own = i - layer.size() / 2.0;
                means.put(
                        id,
                        edges.stream()
                                .map(edge -> edge.from().equals(id)
                                        ? edge.to()
                                        : edge.to().equals(id) ? edge.from() : "")
                                .filter(middles::containsKey)
                                .mapToDouble(other -> Objects.requireNonNull(middles.get(other)))
                                .average()
                                .orElse(own));
            }
            layer.sort(Comparator.comparing(means::get));
            for (int i = 0; i < layer.size(); i++) {
                middles.put(layer.get(i), i - layer.size() / 2.0);
            }
        }
    }

    /** Returns rows of nodes that are not in layers. */
    private static List<List<String>> columns(List<String> members) {
        int columns = (members.size() + MOST_IN_COLUMN - 1) / MOST_IN_COLUMN;
        return Lists.partition(members, columns);
    }

    private double boxWidth(String group, List<List<String>> layers) {
        int widest = layers.stream().mapToInt(List::size).max().orElse(1);
        double inner = widest * (nodeWidth + BETWEEN) - BETWEEN;
        return Math.max(inner + 2 * BETWEEN, 16 + CHARACTER * Math.min(LONGEST_LABEL, group.length()));
    }

    /** Returns a name in lines that are as long as there is room; what is beyond the last is cut. */
    private static List<String> heading(String name, double width) {
        int most = Math.max(1, (int) ((width - 16) / CHARACTER));
        List<String> lines = new ArrayList<>();
        String left = name;
        while (left.length() > most && lines.size() < MOST_HEADING_LINES - 1) {
            int space = left.lastIndexOf(' ', most);
            int end = space > 0 ? space : left.offsetByCodePoints(0, left.codePointCount(0, most));
            lines.add(left.substring(0, end));
            left = left.substring(end).strip();
        }
        lines.add(Figure.cut(left, most));
        return lines;
    }

    private void place(String group, List<String> heading, List<List<String>> layers, double top) {
        boolean side = group.isEmpty();
        double between = side ? BETWEEN : BETWEEN_LAYERS;
        double boxWidth = boxWidth(group, layers);
        double y = top;
        for (List<String> layer : layers) {
            double x = width + (boxWidth - layer.size() * (nodeWidth + BETWEEN) + BETWEEN) / 2;
            for (String id : layer) {
                places.put(id, new Box(id, List.of(), x, y, nodeWidth, nodeHeight));
                x += nodeWidth + BETWEEN;
            }
            y += nodeHeight + between;
        }
        double bottom = y - between + BETWEEN;
        if (!side) {
            boxes.add(new Box(group, heading, width, MARGIN, boxWidth, bottom - MARGIN));
        }
        ends.put(group, width + boxWidth);
        width += boxWidth + BETWEEN_GROUPS;
        height = Math.max(height, bottom + MARGIN);
    }

    double width() {
        return width;
    }

    double height() {
        return height;
    }

    List<Box> boxes() {
        return boxes;
    }

    Box place(String id) {
        return Objects.requireNonNull(places.get(id), id);
    }

    private String groupOf(String id) {
        return Objects.requireNonNull(groupOf.get(id), id);
    }

    /** Returns whether an edge comes from a node of no group; there may be very many of them. */
    boolean fromSide(Edge edge) {
        return groupOf(edge.from()).isEmpty();
    }

    /** Returns the path of an edge, with its head: down within a group, else to the right, and back to what the next step reads. */
    String path(Edge edge) {
        Box from = place(edge.from());
        Box to = place(edge.to());
        double end = Objects.requireNonNull(ends.get(groupOf(edge.from())));
        boolean same = groupOf(edge.from()).equals(groupOf(edge.to()));
        if (same && edge.nextStep()) {
            return round(from, to, end);
        }
        if (!same || to.y() <= from.y()) {
            if (edge.nextStep() && to.right() < from.x()) {
                return back(from, to, Objects.requireNonNull(ends.get(groupOf(edge.to()))));
            }
            return !same && to.x() > end && meets(from, to) ? above(from, to, end) : across(from, to);
        }
        double x = from.middle();
        double y = from.y() + from.height();
        // A curve over several layers goes round what stands between.
        double bend = to.y() - y > 2 * BETWEEN_LAYERS && Math.abs(to.middle() - x) < nodeWidth ? nodeWidth * 0.8 : 0;
        double half = (to.y() - y) / 2;
        return path(x, y, x - bend, y + half, to.middle() - bend, to.y() - half, to.middle(), to.y())
                + head(to.middle(), to.y(), -4, -7, 4, -7);
    }

    private static String across(Box from, Box to) {
        boolean right = to.x() > from.x();
        double x = right ? from.right() : from.x();
        double endX = right ? to.x() : to.right();
        double bend = (right ? 1 : -1) * bend(x, endX);
        double back = right ? -7 : 7;
        double y = to.centre();
        return path(x, from.centre(), x + bend, from.centre(), endX - bend, y, endX, y)
                + head(endX, y, back, -4, back, 4);
    }

    private static double bend(double x, double endX) {
        return Math.min(60, Math.max(30, Math.abs(endX - x) / 2));
    }

    /** Returns whether an edge to the right would run behind another box, as if that were on its way. */
    private boolean meets(Box from, Box to) {
        double x = from.right();
        double width = to.x() - x;
        double bend = bend(x, to.x());
        List<Box> near = places.values().stream()
                .filter(each -> !each.equals(from) && !each.equals(to) && each.right() > x && each.x() < to.x())
                .toList();
        for (int i = 1; i < LOOKS; i++) {
            double t = (double) i / LOOKS;
            double rest = 1 - t;
            double left = x + 3 * rest * t * (rest * bend + t * (width - bend)) + t * t * t * width;
            double top = from.centre() + t * t * (3 * rest + t) * (to.centre() - from.centre());
            if (near.stream().anyMatch(each -> each.holds(left, top))) {
                return true;
            }
        }
        return false;
    }

    /** Goes above the row of each end and from one to the other between groups: rows are at the same height in all but the side. */
    private static String above(Box from, Box to, double end) {
        double y = from.y() - CLEAR;
        double endY = to.y() - CLEAR;
        return "M" + pair(from.right(), from.centre())
                + swing(from.right(), from.centre(), from.right() + BETWEEN, y)
                + swing(end, y, end + BETWEEN_GROUPS, endY)
                + swing(to.x() - BETWEEN, endY, to.x(), to.centre())
                + head(to.x(), to.centre(), -7, -4, -7, 4);
    }

    /** Goes to the left, below the rows. */
    private static String back(Box from, Box to, double end) {
        double y = from.y() + from.height() + CLEAR;
        double endY = to.y() + to.height() + CLEAR;
        double entry = to.centre() + 2 * CLEAR;
        return "M" + pair(from.x(), from.centre())
                + swing(from.x(), from.centre(), from.x() - BETWEEN, y)
                + swing(end + BETWEEN_GROUPS, y, end, endY)
                + swing(to.right() + BETWEEN, endY, to.right(), entry)
                + head(to.right(), entry, 7, -4, 7, 4);
    }

    /** Goes to the right end of the group and back. */
    private static String round(Box from, Box to, double end) {
        double y = from.centre() + CLEAR;
        double endY = to.centre() - CLEAR;
        return "M" + pair(from.right(), y) + "L" + pair(end - BETWEEN, y)
                + "C" + pair(end + 4, y) + " " + pair(end + 4, endY) + " " + pair(end - BETWEEN, endY)
                + "L" + pair(to.right(), endY)
                + head(to.right(), endY, 7, -4, 7, 4);
    }

    /** Goes straight to a place and from there in an S to another. */
    private static String swing(double x, double y, double endX, double endY) {
        double half = (x + endX) / 2;
        return "L" + pair(x, y) + "C" + pair(half, y) + " " + pair(half, endY) + " " + pair(endX, endY);
    }

    private static String path(double x, double y, double x1, double y1, double x2, double y2, double toX, double toY) {
        return "M" + pair(x, y) + "C" + pair(x1, y1) + " " + pair(x2, y2) + " " + pair(toX, toY);
    }

    private static String head(double x, double y, double x1, double y1, double x2, double y2) {
        return "M" + pair(x + x1, y + y1) + "L" + pair(x, y) + "L" + pair(x + x2, y + y2);
    }

    private static String pair(double x, double y) {
        return Numbers.place(x) + " " + Numbers.place(y);
    }
}
