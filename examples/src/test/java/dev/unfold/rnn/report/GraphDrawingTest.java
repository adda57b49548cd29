package dev.unfold.rnn.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.rnn.report.GraphDrawing.Edge;
import dev.unfold.rnn.report.GraphDrawing.Node;
import dev.unfold.rnn.report.GraphLayout.Box;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GraphDrawingTest {
    @Test
    void should_draw_each_node_edge_and_group() {
        Markup graph = Markup.of(SamplePages.graph(3));
        assertThat(graph.marks()).hasSize(3 + 3 * 13).contains("h of step 3\n8,192 bytes");
        assertThat(graph.classed("edge")).hasSize(3 * 18 + 2 * 2);
        assertThat(graph.classed("group")).hasSize(3);
        assertThat(graph.classed("mark"))
                .extracting(each -> each.getAttribute("data-node"))
                .doesNotHaveDuplicates();
        assertThat(graph.classed("edge").get(0).getAttribute("data-from"))
                .as("those of parameters lie below")
                .isEqualTo("0");
    }

    @Test
    void should_let_headings_be_read_whole() {
        String phase = "hoisted, over the rows of a window of steps at once";
        List<Node> nodes = List.of(
                new Node("a", List.of("a"), "", phase, Double.NaN),
                new Node("b", List.of("b"), "", "short", Double.NaN));
        Markup graph = Markup.of(graph(nodes, List.of()));
        assertThat(graph.texts("name"))
                .containsExactly("hoisted, over the rows", "of a window of steps", "at once", "short");
        GraphLayout layout = new GraphLayout(nodes, List.of());
        assertThat(layout.place("a").y()).isEqualTo(layout.place("b").y()).isGreaterThan(8 + 17 + 2 * 15);
        String endless = "x".repeat(1_000);
        Markup cut = Markup.of(graph(List.of(new Node("a", List.of("a"), "", endless, Double.NaN)), List.of()));
        assertThat(cut.texts("name")).hasSize(4).last().asString().endsWith("…");
        assertThat(cut.classed("group").get(0).getTextContent().strip())
                .as("its tooltip")
                .isEqualTo(endless);
    }

    @Test
    void should_place_steps_alike() {
        GraphDrawing graph = SamplePages.graph(3);
        GraphLayout layout = new GraphLayout(graph.nodes(), graph.edges());
        for (String name : List.of("x", "hWh", "f", "c", "h")) {
            assertThat(layout.place(name + 1).y())
                    .isEqualTo(layout.place(name + 3).y());
            assertThat(layout.place(name + 2).x() - layout.place(name + 1).x())
                    .isEqualTo(
                            layout.place(name + 3).x() - layout.place(name + 2).x(), within(1e-6));
        }
        assertThat(layout.place("Wx").x()).isLessThan(layout.place("x1").x());
    }

    @Test
    void should_place_any_graph_without_overlap_and_with_readers_below() {
        for (long seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            int size = 1 + random.nextInt(60);
            int groups = 1 + random.nextInt(4);
            List<Node> nodes = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                int group = random.nextInt(groups + 1);
                nodes.add(new Node("n" + i, List.of("n" + i), "", group == 0 ? "" : "step " + group, Double.NaN));
            }
            List<Edge> edges = new ArrayList<>();
            for (int i = 0; size > 1 && i < 2 * size; i++) {
                int to = 1 + random.nextInt(size - 1);
                edges.add(new Edge("n" + random.nextInt(to), "n" + to));
            }
            check("seed " + seed, nodes, edges);
        }
    }

    private static void check(String name, List<Node> nodes, List<Edge> edges) {
        GraphDrawing graph = new GraphDrawing(name, "", nodes, edges);
        GraphLayout layout = new GraphLayout(nodes, edges);
        assertThat(Markup.of(graph).marks()).hasSize(nodes.size());
        for (int i = 0; i < nodes.size(); i++) {
            Box one = layout.place(nodes.get(i).id());
            assertThat(one.x() + one.width()).as(name).isLessThanOrEqualTo(layout.width());
            assertThat(one.y() + one.height()).as(name).isLessThanOrEqualTo(layout.height());
            for (int j = 0; j < i; j++) {
                Box other = layout.place(nodes.get(j).id());
                boolean apart =
                        Math.abs(one.x() - other.x()) >= one.width() || Math.abs(one.y() - other.y()) >= one.height();
                assertThat(apart).as("%s: %s and %s", name, one, other).isTrue();
            }
        }
        for (Edge edge : edges) {
            String group = nodes.stream()
                    .filter(each -> each.id().equals(edge.from()))
                    .findFirst()
                    .orElseThrow()
                    .group();
            boolean within = nodes.contains(new Node(edge.to(), List.of(edge.to()), "", group, Double.NaN));
            if (within && !group.isEmpty()) {
                assertThat(layout.place(edge.from()).y())
                        .as(name + ": " + edge)
                        .isLessThan(layout.place(edge.to()).y());
            }
        }
    }

    @Test
    void should_stack_what_nothing_of_its_group_reads() {
        List<Node> nodes = List.of(in("a", "loop"), in("b", "loop"), in("c", "hoisted"), in("d", "step"));
        List<Edge> edges = List.of(new Edge("a", "c"), new Edge("c", "d"), new Edge("b", "d"));
        GraphLayout layout = new GraphLayout(nodes, edges);
        assertThat(layout.place("b").x()).isEqualTo(layout.place("a").x());
        assertThat(layout.place("b").y())
                .isGreaterThan(layout.place("a").y() + layout.place("a").height());
    }

    @Test
    void should_lead_edges_past_boxes_in_their_row() {
        List<Node> nodes = List.of(in("x", ""), in("a", "step 0"), in("b", "step 1"), in("c", "step 2"));
        List<Edge> edges = List.of(new Edge("x", "a"), new Edge("x", "b"), new Edge("x", "c"), new Edge("a", "c"));
        checkPaths("a row", nodes, edges);
        for (long seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            List<Node> some = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                int group = i / 8;
                some.add(in("n" + i, group == 0 ? "" : "step " + group));
            }
            List<Edge> between = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                int to = 1 + random.nextInt(39);
                between.add(new Edge("n" + random.nextInt(to), "n" + to));
            }
            checkPaths("seed " + seed, some, between);
        }
    }

    /** Edges from group to group run into no third box, but for a corner. */
    private static void checkPaths(String name, List<Node> nodes, List<Edge> edges) {
        GraphLayout layout = new GraphLayout(nodes, edges);
        Map<String, String> groups = nodes.stream().collect(Collectors.toMap(Node::id, Node::group));
        for (Edge edge : edges) {
            if (Objects.equals(groups.get(edge.from()), groups.get(edge.to()))) {
                continue;
            }
            for (double[] point : points(layout.path(edge))) {
                for (Node node : nodes) {
                    Box box = layout.place(node.id());
                    boolean runsInto = Math.abs(point[0] - box.x() - box.width() / 2) < box.width() / 2 - 4
                            && Math.abs(point[1] - box.y() - box.height() / 2) < box.height() / 2 - 4;
                    assertThat(runsInto)
                            .as("%s: %s at %s, %s in '%s'", name, edge, point[0], point[1], node.id())
                            .isFalse();
                }
            }
        }
    }

    /** Returns many points of a path, of lines and curves. */
    private static List<double[]> points(String path) {
        List<double[]> points = new ArrayList<>();
        double[] at = {0, 0};
        Matcher piece = Pattern.compile("([MLC])([^MLC]+)").matcher(path);
        while (piece.find()) {
            double[] to = Arrays.stream(piece.group(2).split("[ ,]+"))
                    .mapToDouble(Double::parseDouble)
                    .toArray();
            double endX = to[to.length - 2];
            double endY = to[to.length - 1];
            boolean curve = piece.group(1).equals("C");
            for (int i = 0; i < 200 && !piece.group(1).equals("M"); i++) {
                double t = i / 200.0;
                double rest = 1 - t;
                points.add(
                        curve
                                ? new double[] {
                                    bezier(t, at[0], to[0], to[2], endX), bezier(t, at[1], to[1], to[3], endY)
                                }
                                : new double[] {rest * at[0] + t * endX, rest * at[1] + t * endY});
            }
            at = new double[] {endX, endY};
        }
        return points;
    }

    private static double bezier(double t, double a, double b, double c, double d) {
        double rest = 1 - t;
        return rest * rest * rest * a + 3 * rest * rest * t * b + 3 * rest * t * t * c + t * t * t * d;
    }

    @Test
    void should_draw_what_the_next_step_reads_as_dashed_edges_back() {
        List<Node> nodes = List.of(in("h", "loop"), in("a", "step"), in("b", "step"), in("c", "step"));
        List<Edge> forward = List.of(new Edge("h", "a"), new Edge("a", "b"), new Edge("b", "c"));
        List<Edge> back = List.of(new Edge("c", "h", true), new Edge("c", "a", true), new Edge("b", "b", true));
        Markup graph = Markup.of(
                graph(nodes, Stream.of(forward, back).flatMap(List::stream).toList()));
        assertThat(graph.classed("edge")).hasSize(6);
        assertThat(graph.classed("next"))
                .extracting(each -> each.getAttribute("data-from") + " " + each.getAttribute("data-to"))
                .containsExactly("3 0", "3 1", "2 2");
        assertThat(graph.texts("words")).contains("h, c of the step before");
        checkPaths("back", nodes, back);
        GraphLayout layout = new GraphLayout(nodes, back);
        Box self = layout.place("b");
        assertThat(points(layout.path(back.get(2))))
                .as("one to itself goes out and comes back")
                .anyMatch(each -> each[0] > self.x() + self.width() + 4)
                .allMatch(each -> each[0] < layout.width());
    }

    @Test
    void should_refuse_what_is_too_large_to_look_at() {
        List<Node> nodes =
                IntStream.rangeClosed(0, 400).mapToObj(i -> node("n" + i)).toList();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph(nodes, List.of()))
                .withMessage("graph 'A': 401 nodes and 0 edges; expected at most 400 and 2000, so fold it first");
        assertThat(Markup.of(graph(nodes.subList(0, 400), List.of())).marks()).hasSize(400);
    }

    @Test
    void should_refuse_what_is_no_graph() {
        List<Node> nodes = List.of(node("a"), node("b"), node("c"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph(nodes, List.of(new Edge("a", "b"), new Edge("b", "c"), new Edge("c", "b"))))
                .withMessage("graph 'A': edges go in a circle that 'b' is on or behind; expected none");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph(nodes, List.of(new Edge("a", "z"))))
                .withMessage("graph 'A': an edge from 'a' to 'z'; expected ids of nodes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graph(List.of(node("a"), node("a")), List.of()))
                .withMessage("graph 'A': two nodes 'a'; expected an id of its own for each");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Node("a", List.of(), "", "", 1.5))
                .withMessage("node 'a': heat 1.5; expected 0 to 1, or NaN for none");
    }

    private static GraphDrawing graph(List<Node> nodes, List<Edge> edges) {
        return new GraphDrawing("A", "", nodes, edges);
    }

    private static Node in(String id, String group) {
        return new Node(id, List.of(id), "", group, Double.NaN);
    }

    private static Node node(String id) {
        return new Node(id, List.of(id), "", "step 1", Double.NaN);
    }
}
