package dev.unfold.rnn.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.rnn.report.GraphDrawing.Edge;
import dev.unfold.rnn.report.GraphDrawing.Node;
import dev.unfold.rnn.report.GraphLayout.Box;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
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

    private static Node node(String id) {
        return new Node(id, List.of(id), "", "step 1", Double.NaN);
    }
}
