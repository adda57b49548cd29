package dev.unfold.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unfold.graph.GraphDiagram.Cluster;
import dev.unfold.graph.GraphDiagram.ClusterKind;
import dev.unfold.graph.GraphDiagram.Edge;
import dev.unfold.graph.GraphDiagram.Kind;
import dev.unfold.graph.GraphDiagram.Vertex;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GraphDiagramTest {
    /** Whatever could end a label, begin another, or be taken for markup. */
    private static final String NASTY =
            "a\"]; end --> \\n0\\\" {[(<script>alert('x')</script>&amp;#35;`%%\n|\u0000\ud800é漢;";

    private static final Pattern LABEL = Pattern.compile("\"([^\"]*)\"");
    private static final Pattern DOT_VERTEX = Pattern.compile("n(\\d+) \\[label=\"\"(, \\w+=\\w+)?];");
    private static final Pattern DOT_EDGE =
            Pattern.compile("n(\\d+) -> n(\\d+)( \\[(label=\"\")?(, )?(style=dashed, constraint=false)?])?;");
    private static final Pattern MERMAID_VERTEX =
            Pattern.compile("n(\\d+)(\\[\"\"]|\\(\"\"\\)|\\(\\[\"\"]\\)|\\[\\(\"\"\\)]|\\[\\[\"\"]])");
    private static final Pattern MERMAID_EDGE = Pattern.compile("n(\\d+) -(\\.-|-)>(\\|\\d+\\|)? n(\\d+)");

    /** Records a graph of random operations in steps, some of which end, and differentiates it every other time. */
    private static Graph randomGraph(int seed) {
        Random random = new Random(seed);
        Graph graph = new Graph();
        List<Parameter> parameters = new ArrayList<>();
        for (int i = 0; i < 1 + random.nextInt(3); i++) {
            parameters.add(new Parameter("p" + i, Tensor.zeros(DType.FLOAT64, 2, 3)));
        }
        List<Node> pool = new ArrayList<>();
        pool.add(graph.input(Tensor.zeros(DType.FLOAT64, 2, 3)));
        pool.add(graph.variable(Tensor.zeros(DType.FLOAT64, 2, 3)));
        int steps = random.nextInt(6);
        boolean alike = random.nextBoolean();
        for (int step = 0; step <= steps; step++) {
            graph.atStep(step == steps ? -1 : step);
            int first = graph.size();
            Random draws = alike ? new Random(seed) : random;
            Node result = null;
            int operations = 1 + draws.nextInt(5);
            for (int i = 0; i < operations; i++) {
                Operand a = pool.get(pool.size() - 1 - draws.nextInt(Math.min(2, pool.size())));
                Operand b = parameters.get(draws.nextInt(parameters.size()));
                Op op = List.of(TinyOps.TIMES, TinyOps.PLUS).get(draws.nextInt(2));
                result = draws.nextInt(5) == 0
                        ? graph.slices((Node) a, 0, 2)
                        : graph.record(op, a, draws.nextBoolean() ? b : a);
                pool.add(result);
            }
            if (random.nextInt(3) == 0) {
                graph.endStep(first, List.of(Objects.requireNonNull(result)));
                pool.subList(2, pool.size()).clear();
                pool.add(result);
            }
        }
        Node root =
                graph.record(TinyOps.TOTAL, graph.record(TinyOps.PLUS, pool.get(pool.size() - 1), parameters.get(0)));
        if (random.nextBoolean()) {
            graph.backward(root);
        }
        return graph;
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 200, 300})
    void a_random_graph_should_be_drawn_node_by_node(int begin) {
        for (int seed = begin; seed < begin + 100; seed++) {
            Graph graph = randomGraph(seed);
            GraphDiagram diagram = GraphDiagram.of(graph);
            int edges = 0;
            assertThat(diagram.vertices()).as("seed %d", seed).hasSize(graph.size());
            for (int id = 0; id < graph.size(); id++) {
                Node node = graph.node(id);
                Vertex vertex = diagram.vertices().get(id);
                assertThat(vertex.shape()).as("seed %d, %s", seed, node).isEqualTo(node.shape());
                assertThat(vertex.dtype()).isEqualTo(node.dtype());
                assertThat(vertex.step()).isEqualTo(node.step());
                assertThat(vertex.cluster() == GraphDiagram.NONE)
                        .as("seed %d, %s", seed, node)
                        .isEqualTo(node.step() < 0 || node.parameter != null);
                edges += node.stage instanceof View ? 1 : node.inputs.length;
            }
            assertThat(diagram.edges()).as("seed %d", seed).hasSize(edges).allMatch(each -> each.from() < each.to());
            checkTexts(diagram, "seed " + seed);
            assertThat(GraphDiagram.of(randomGraph(seed))).as("seed %d", seed).isEqualTo(diagram);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {700, 800})
    void the_last_steps_should_be_all_that_is_left_of_steps(int begin) {
        for (int seed = begin; seed < begin + 100; seed++) {
            GraphDiagram diagram = GraphDiagram.of(randomGraph(seed));
            int steps = diagram.clusters().size();
            assertThat(diagram.lastSteps(Math.max(1, steps)))
                    .as("seed %d", seed)
                    .isSameAs(diagram);
            for (int count = 1; count < steps; count++) {
                String what = "seed " + seed + ", the last " + count;
                GraphDiagram last = diagram.lastSteps(count);
                int first = steps - count;
                assertThat(last.clusters())
                        .as(what)
                        .isEqualTo(diagram.clusters().subList(first, steps));
                assertThat(last.folds()).as(what).containsExactly("steps 0 to " + (first - 1) + " are left out");
                List<Vertex> inSteps = last.vertices().stream()
                        .filter(each -> each.cluster() != GraphDiagram.NONE)
                        .toList();
                assertThat(inSteps.stream().map(Vertex::id))
                        .as(what)
                        .isEqualTo(diagram.vertices().stream()
                                .filter(each -> each.cluster() >= first)
                                .map(Vertex::id)
                                .toList());
                // Between vertices that are left, each edge is left.
                Set<Integer> ids =
                        new HashSet<>(last.vertices().stream().map(Vertex::id).toList());
                assertThat(last.edges().size()).as(what).isEqualTo((int) diagram.edges().stream()
                        .filter(each -> ids.contains(each.from()) && ids.contains(each.to()))
                        .count());
                checkTexts(last, what);
            }
        }
    }

    @Test
    void should_refuse_last_steps_of_what_is_folded() {
        GraphDiagram diagram = GraphDiagram.of(randomGraph(1));
        assertThatThrownBy(() -> diagram.lastSteps(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the last 0 steps");
        Cluster several = new Cluster(ClusterKind.STEP, "steps 0 to 3 (x 4)", GraphDiagram.NONE, 0, 4);
        assertThatThrownBy(() -> new GraphDiagram(List.of(), List.of(), List.of(several), List.of()).lastSteps(2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("stands for several steps");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 500, 600})
    void a_folded_graph_should_be_small_and_stand_for_all_of_it(int begin) {
        for (int seed = begin; seed < begin + 100; seed++) {
            GraphDiagram diagram = GraphDiagram.of(randomGraph(seed));
            int size = diagram.vertices().size();
            assertThat(diagram.folded(size)).as("seed %d", seed).isSameAs(diagram);
            for (int most = 2; most < size; most++) {
                String what = "seed " + seed + " in " + most;
                GraphDiagram folded = diagram.folded(most);
                assertThat(folded.vertices()).as(what).hasSizeLessThanOrEqualTo(most);
                assertThat(folded.folds()).as(what).isNotEmpty();
                assertThat(folded.vertices().stream().mapToInt(Vertex::nodes).sum())
                        .as(what)
                        .isEqualTo(size);
                assertThat(folded.vertices().stream().mapToLong(Vertex::bytes).sum())
                        .as(what)
                        .isEqualTo(diagram.vertices().stream()
                                .mapToLong(Vertex::bytes)
                                .sum());
                assertThat(folded.edges()).as(what).doesNotHaveDuplicates();
                assertThat(folded.edges())
                        .as(what)
                        .hasSizeLessThanOrEqualTo(diagram.edges().size());
                if (folded.folds().stream()
                        .noneMatch(each -> each.contains("vertex each") || each.contains("behind"))) {
                    assertThat(steps(folded)).as(what).isEqualTo(steps(diagram));
                }
                assertThat(folded.folded(most)).as(what).isSameAs(folded);
                checkTexts(folded, what);
            }
        }
    }

    private static int steps(GraphDiagram diagram) {
        return diagram.clusters().stream().mapToInt(Cluster::times).sum();
    }

    /** Reads both texts back, far enough to count what is in them. */
    private static void checkTexts(GraphDiagram diagram, String what) {
        check(diagram, diagram.dot(), DOT_VERTEX, DOT_EDGE, "subgraph cluster_\\d+ \\{ label=\"\";", "}", what);
        check(diagram, diagram.mermaid(), MERMAID_VERTEX, MERMAID_EDGE, "subgraph g\\d+\\[\"\"]", "end", what);
    }

    private static void check(
            GraphDiagram diagram, String text, Pattern vertex, Pattern edge, String begin, String end, String what) {
        Set<Integer> vertices = new HashSet<>();
        int edges = 0;
        int clusters = 0;
        int depth = 0;
        for (String full : text.lines().toList()) {
            String line = LABEL.matcher(full.strip()).replaceAll("\"\"");
            Matcher found = vertex.matcher(line);
            if (found.matches()) {
                assertThat(vertices.add(Integer.parseInt(found.group(1))))
                        .as("%s: %s", what, full)
                        .isTrue();
            } else if (edge.matcher(line).matches()) {
                edges++;
            } else if (line.matches(begin)) {
                clusters++;
                depth++;
            } else if (line.equals(end)) {
                depth--;
            } else {
                assertThat(line)
                        .as("%s: %s", what, full)
                        .matches(
                                "digraph recorded \\{|rankdir=LR; node \\[shape=box];|label=\"\";|flowchart LR|%% \"\"");
                depth += line.startsWith("digraph") ? 1 : 0;
            }
        }
        assertThat(vertices).as("%s\n%s", what, text).hasSize(diagram.vertices().size());
        assertThat(edges).as("%s\n%s", what, text).isEqualTo(diagram.edges().size());
        assertThat(clusters)
                .as("%s\n%s", what, text)
                .isEqualTo(diagram.clusters().size());
        assertThat(depth).as("%s\n%s", what, text).isZero();
    }

    @Test
    void names_should_not_break_out_of_their_labels() {
        Graph graph = new Graph();
        Parameter parameter = new Parameter(NASTY, Tensor.zeros(DType.FLOAT64, 2));
        graph.record(TinyOps.TOTAL, parameter);
        GraphDiagram diagram = GraphDiagram.of(graph);
        checkTexts(diagram, "escaped");
        assertThat(diagram.vertices().get(0).operation()).isEqualTo(NASTY);
        assertThat(diagram.dot().lines().toList().get(2))
                .isEqualTo("  n0 [label=\"a&#34;]&#59; end --&#62; &#92;n0&#92;&#34; &#123;[("
                        + "&#60;script&#62;alert('x')&#60;/script&#62;&#38;amp&#59;&#35;35&#59;&#96;&#37;&#37;\\n&#124;  é漢&#59;\\n[2] float64\","
                        + " shape=cylinder];");
        assertThat(diagram.mermaid().lines().toList().get(1))
                .isEqualTo(
                        "  n0[(\"a#34;]#59; end --#62; #92;n0#92;#34; #123;[("
                                + "#60;script#62;alert('x')#60;/script#62;#38;amp#59;#35;35#59;#96;#37;#37;<br/>#124;  é漢#59;<br/>[2] float64\")]");
        GraphDiagram labelled = new GraphDiagram(
                List.of(), List.of(), List.of(new Cluster(ClusterKind.LOOP, NASTY, -1, -1, 1)), List.of(NASTY));
        checkTexts(labelled, "escaped");
    }

    @Test
    void a_diagram_should_stay_as_it_is_when_its_graph_goes_on() {
        Graph graph = new Graph();
        Node x = graph.variable(Tensor.of(new double[] {3, 4}, 2));
        Node y = graph.record(TinyOps.SQUARE, x);
        Node loss = graph.record(TinyOps.TOTAL, y);
        GraphDiagram before = GraphDiagram.of(graph);
        assertThat(before.vertices()).extracting(Vertex::gradientNorm).containsOnlyNulls();
        assertThat(before.vertices())
                .extracting(Vertex::kind)
                .containsExactly(Kind.VARIABLE, Kind.OPERATION, Kind.OPERATION);
        graph.backward(loss);
        assertThat(GraphDiagram.of(graph).vertices())
                .extracting(Vertex::gradientNorm)
                .containsExactly(10.0, Math.sqrt(2), 1.0);
        graph.reset();
        assertThat(before.vertices()).hasSize(3);
        assertThat(GraphDiagram.of(graph)).isEqualTo(new GraphDiagram(List.of(), List.of(), List.of(), List.of()));
        assertThat(GraphDiagram.of(graph).mermaid()).isEqualTo("flowchart LR\n");
    }

    @Test
    void gradients_that_were_given_back_should_be_unknown() {
        Graph graph = new Graph();
        Node x = graph.variable(Tensor.of(new double[] {3, 4}, 2));
        int first = graph.size();
        graph.atStep(0);
        Node inner = graph.record(TinyOps.SQUARE, x);
        Node part = graph.slices(inner, 0, 1);
        Node left = graph.record(TinyOps.SQUARE, inner);
        Node taken = graph.record(TinyOps.COPY, left);
        graph.keep(taken);
        graph.endStep(first, List.of(left));
        graph.atStep(-1);
        Node loss = graph.record(TinyOps.TOTAL, left);
        graph.backward(loss);
        List<Vertex> vertices = GraphDiagram.of(graph).vertices();
        assertThat(vertices.get(inner.id()).gradientNorm()).isNull();
        assertThat(vertices.get(part.id()).gradientNorm()).isNull();
        assertThat(vertices.get(left.id()).gradientNorm()).isNull();
        assertThat(vertices.get(x.id()).gradientNorm()).isEqualTo(Math.hypot(4 * 27, 4 * 64));
        assertThat(vertices.get(inner.id()).shape()).isEqualTo(Shape.of(2));
        assertThat(vertices.get(part.id()).bytes()).isZero();
    }

    @Test
    void a_rehearsal_should_be_drawn_like_the_graph_that_it_rehearses() {
        List<String> texts = new ArrayList<>();
        for (Graph graph : List.of(new Graph(), Graph.rehearsal())) {
            Node x = graph.variable(Tensor.of(new double[] {3, 4}, 2));
            graph.backward(graph.record(TinyOps.TOTAL, graph.record(TinyOps.SQUARE, x)));
            texts.add(GraphDiagram.of(graph).dot());
        }
        assertThat(texts.get(1)).isEqualTo(texts.get(0));
    }

    @Test
    void steps_that_are_equal_should_be_drawn_once() {
        Graph graph = new Graph();
        Parameter w = new Parameter("w", Tensor.zeros(DType.FLOAT64, 2));
        Node h = graph.input(Tensor.zeros(DType.FLOAT64, 2));
        for (int step = 0; step < 9; step++) {
            graph.atStep(step);
            h = graph.record(step == 6 ? TinyOps.PLUS : TinyOps.TIMES, h, w);
            h = graph.record(TinyOps.COPY, h);
        }
        graph.atStep(-1);
        graph.record(TinyOps.TOTAL, h);
        GraphDiagram diagram = GraphDiagram.of(graph);
        GraphDiagram folded = diagram.folded(20);
        assertThat(folded.clusters())
                .extracting(Cluster::label)
                .containsExactly("step 0", "steps 1 to 5 (x 5)", "step 6", "steps 7 to 8 (x 2)");
        assertThat(folded.clusters()).extracting(Cluster::times).containsExactly(1, 5, 1, 2);
        assertThat(folded.folds()).containsExactly("9 steps are drawn as 4: successive ones that are equal");
        assertThat(folded.edges()).contains(new Edge(5, 4, 0, true));
        assertThat(diagram.folded(9).clusters())
                .extracting(Cluster::label)
                .containsExactly("steps 0 to 5 (x 6)", "step 6", "steps 7 to 8 (x 2)");
    }

    @Test
    void notes_should_count_steps_once_and_not_contradict_each_other() {
        Graph graph = new Graph();
        Parameter w = new Parameter("w", Tensor.zeros(DType.FLOAT64, 2));
        Node h = graph.input(Tensor.zeros(DType.FLOAT64, 2));
        for (int layer = 0; layer < 2; layer++) {
            for (int step = 0; step < 6; step++) {
                graph.atStep(step);
                h = graph.record(TinyOps.TIMES, h, w);
            }
            graph.atStep(-1);
            h = graph.record(TinyOps.COPY, h);
        }
        GraphDiagram diagram = GraphDiagram.of(graph);
        assertThat(diagram.folded(8).folds())
                .containsExactly("12 passes through 6 steps are drawn as 4: successive ones that are equal");
        assertThat(diagram.folded(7).folds())
                .containsExactly(
                        "12 passes through 6 steps are drawn as 2: successive ones that are alike but for their"
                                + " rows and what they take in");
        assertThat(diagram.folded(5).folded(3).folds())
                .filteredOn(each -> each.startsWith("what is recorded"))
                .containsExactly("what is recorded one behind the other is drawn in 3 vertices");
    }

    @Test
    void steps_that_draw_on_another_parameter_or_width_should_not_be_drawn_once() {
        Graph graph = new Graph();
        Node h = graph.input(Tensor.zeros(DType.FLOAT64, 2));
        Parameter v = new Parameter("v", Tensor.zeros(DType.FLOAT64, 2));
        Parameter w = new Parameter("w", Tensor.zeros(DType.FLOAT64, 2));
        graph.use(v);
        graph.use(w);
        for (int step = 0; step < 4; step++) {
            graph.atStep(step);
            h = graph.record(TinyOps.TIMES, h, step % 2 == 0 ? v : w);
        }
        assertThat(GraphDiagram.of(graph).folded(3).folds())
                .isNotEmpty()
                .noneMatch(each -> each.contains("steps are drawn as"));
    }

    @Test
    void what_cannot_be_drawn_should_be_refused() {
        GraphDiagram diagram = GraphDiagram.of(new Graph());
        assertThatThrownBy(() -> diagram.folded(1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("diagram: is to be folded into 1 vertices; expected at least 2");
        Vertex vertex = new Vertex(0, "x", Kind.INPUT, Shape.of(1), DType.FLOAT32, 4, -1, -1, false, null, 1);
        List<Vertex> two = List.of(vertex, vertex);
        assertThatThrownBy(() -> new GraphDiagram(two, List.of(new Edge(1, 0, 0, false)), List.of(), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("goes back");
        assertThatThrownBy(() -> new GraphDiagram(two, List.of(new Edge(0, 2, 0, true)), List.of(), List.of()))
                .isInstanceOf(IndexOutOfBoundsException.class);
        Cluster outer = new Cluster(ClusterKind.LOOP, "outer", -1, -1, 1);
        Cluster inner = new Cluster(ClusterKind.PHASE, "inner", 0, -1, 1);
        Cluster innermost = new Cluster(ClusterKind.PHASE, "innermost", 1, -1, 1);
        assertThatThrownBy(() -> new GraphDiagram(two, List.of(), List.of(outer, inner, innermost), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two levels");
    }
}
