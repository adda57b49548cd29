package dev.unfold.rnn.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.GraphDiagram;
import dev.unfold.graph.GraphDiagram.Vertex;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.report.GraphDrawing.Edge;
import dev.unfold.rnn.report.GraphDrawing.Node;
import dev.unfold.rnn.unroll.Unroll;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RecordingsTest {
    private static VanillaCell cell() {
        return new VanillaCell(new Parameters("rnn", DType.FLOAT32, new NumpyRandom(1)), 3, 4);
    }

    private static Tensor inputs(int steps) {
        return Tensor.of(new NumpyRandom(2).randn(steps * 2 * 3), steps, 2, 3).to(DType.FLOAT32);
    }

    private static GraphDiagram recorded(int steps, boolean keepAll) {
        Graph graph = new Graph();
        graph.keepAll(keepAll);
        graph.backward(Ops.sum(Unroll.dynamic(cell()).over(graph, inputs(steps)).last()));
        return GraphDiagram.of(graph);
    }

    private static Plan plan(int steps) {
        Unroll unroll = Unroll.fixed(cell(), steps, 2);
        return Plan.training(
                (graph, in) -> Ops.sum(unroll.over(graph, in.get(0)).last()), inputs(steps));
    }

    private static Node node(GraphDrawing drawing, String group, String operation) {
        return drawing.nodes().stream()
                .filter(each ->
                        each.group().equals(group) && each.lines().get(0).equals(operation))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + operation + " in " + group + " of " + drawing.nodes()));
    }

    @Test
    void should_draw_a_dynamic_graph_step_beside_step() {
        GraphDrawing drawing = Recordings.drawing("Two steps", recorded(2, true));
        assertThat(drawing.nodes().stream().map(Node::group).distinct())
                .containsExactlyInAnyOrder("", "step 0", "step 1", "behind step 1");
        assertThat(drawing.nodes().stream()
                        .filter(each -> each.group().isEmpty())
                        .map(each -> each.lines().get(0)))
                .as("what is taken in stands at the side")
                .containsExactlyInAnyOrder("input", "input", "input", "rnn.wx", "rnn.wh", "rnn.b");
        String before = node(drawing, "step 0", "tanh").id();
        String reader = node(drawing, "step 1", "addmm").id();
        assertThat(drawing.edges()).contains(new Edge(before, reader)).doesNotHaveDuplicates();
        assertThat(Markup.of(drawing).classed("group")).hasSize(3);
    }

    @Test
    void should_tell_shape_bytes_and_gradient() {
        GraphDrawing drawing = Recordings.drawing("Two steps", recorded(2, true));
        Node tanh = node(drawing, "step 0", "tanh");
        assertThat(tanh.lines()).containsExactly("tanh", "[2, 4]");
        assertThat(tanh.tooltip().lines())
                .hasSize(4)
                .startsWith("tanh (" + tanh.id() + "), operation", "float32 [2, 4]", "32 bytes")
                .last()
                .asString()
                .matches("norm of the gradient: [\\d.,E-]+");
        assertThat(node(drawing, "step 0", "slice of input").tooltip()).contains("lies in another value");
        assertThat(node(drawing, "", "rnn.wx").tooltip())
                .contains(", parameter\n")
                .contains("48 bytes");
    }

    @Test
    void should_shade_by_the_logarithm_of_the_gradient() {
        GraphDiagram diagram = recorded(3, true);
        GraphDrawing drawing = Recordings.drawing("Three steps", diagram);
        double[] norms = diagram.vertices().stream()
                .filter(each -> each.gradientNorm() != null && each.gradientNorm() > 0)
                .mapToDouble(each -> each.gradientNorm())
                .toArray();
        double least = Arrays.stream(norms).min().orElseThrow();
        double most = Arrays.stream(norms).max().orElseThrow();
        assertThat(least).isLessThan(most);
        for (int i = 0; i < diagram.vertices().size(); i++) {
            Double norm = diagram.vertices().get(i).gradientNorm();
            double heat = drawing.nodes().get(i).heat();
            if (norm == null) {
                assertThat(heat).as("node " + i).isNaN();
            } else if (norm == 0) {
                assertThat(heat).as("node " + i).isZero();
            } else {
                assertThat(heat)
                        .as("node " + i)
                        .isEqualTo(Math.log(norm / least) / Math.log(most / least), within(1e-9));
            }
        }
        assertThat(drawing.note())
                .isEqualTo("Shades tell the norm of the gradient, by its logarithm: " + Numbers.text(least) + " to "
                        + Numbers.text(most) + ".");
    }

    @Test
    void should_leave_out_gradients_where_there_are_none() {
        Graph graph = new Graph();
        Ops.sum(Unroll.dynamic(cell()).over(graph, inputs(2)).last());
        GraphDrawing drawing = Recordings.drawing("Forward", GraphDiagram.of(graph));
        assertThat(drawing.note()).isEmpty();
        assertThat(drawing.nodes())
                .allSatisfy(each -> assertThat(each.heat()).isNaN())
                .noneMatch(each -> each.tooltip().contains("gradient"));
    }

    @Test
    void should_draw_the_one_step_of_a_plan_and_say_what_the_next_reads() {
        GraphDrawing drawing = Recordings.drawing("A plan", GraphDiagram.of(plan(5)));
        assertThat(drawing.nodes().stream().map(Node::group))
                .contains("hoisted, over the rows of a window of steps at once", "step by step");
        Node tanh = node(drawing, "step by step", "tanh");
        assertThat(tanh.tooltip()).containsPattern("\nread by the next step as .+ \\(\\d+\\)");
        assertThat(drawing.edges())
                .allSatisfy(each -> assertThat(Integer.parseInt(each.from()) < Integer.parseInt(each.to()))
                        .as("only to the next step an edge goes back")
                        .isNotEqualTo(each.nextStep()));
        String carried = node(drawing, "loop of cell 'rnn' (x 5)", "carried 0").id();
        assertThat(drawing.edges()).filteredOn(Edge::nextStep).containsExactly(new Edge(tanh.id(), carried, true));
        assertThat(drawing.note()).isEqualTo("Dashed: what the next step reads.");
        assertThat(Markup.of(drawing).classed("next")).hasSize(1);
        assertThat(Markup.of(drawing).texts("name"))
                .as("a heading is read whole")
                .containsSubsequence("step by step");
        assertThat(String.join(" ", Markup.of(drawing).texts("name")))
                .contains("hoisted, over the rows of a window of steps at once");
    }

    @Test
    void should_say_what_is_drawn_together() {
        GraphDrawing drawing = Recordings.drawing("Folded", recorded(40, false).folded(40));
        assertThat(drawing.note()).contains("To save room: 40 steps are drawn as 2");
        assertThat(drawing.nodes())
                .hasSizeLessThanOrEqualTo(40)
                .anyMatch(each -> each.tooltip().contains("stands for "));
        assertThat(drawing.nodes().stream().map(Node::group))
                .contains("steps 1 to 39 (x 39)")
                .as("what stands behind them is there once")
                .contains("behind steps 1 to 39");
    }

    @Test
    void should_shade_what_stands_for_several_as_one_of_them() {
        GraphDiagram diagram = recorded(40, true).folded(40);
        GraphDrawing drawing = Recordings.drawing("Folded", diagram);
        Node tanh = node(drawing, "steps 1 to 39 (x 39)", "tanh");
        Vertex vertex = diagram.vertices().get(Integer.parseInt(tanh.id()) - 1);
        double norm = Objects.requireNonNull(vertex.gradientNorm());
        double each = norm / Math.sqrt(39);
        assertThat(tanh.tooltip())
                .contains("\n1,248 bytes, over all 39\n", "\nnorm of the gradient, over all 39: " + Numbers.text(norm))
                .endsWith("\nroot mean square of their norms: " + Numbers.text(each));
        double[] norms = diagram.vertices().stream()
                .filter(one -> one.gradientNorm() != null && one.gradientNorm() > 0)
                .mapToDouble(one -> Objects.requireNonNull(one.gradientNorm()) / Math.sqrt(one.nodes()))
                .toArray();
        double least = Arrays.stream(norms).min().orElseThrow();
        double most = Arrays.stream(norms).max().orElseThrow();
        assertThat(tanh.heat()).isEqualTo(Math.log(each / least) / Math.log(most / least), within(1e-9));
        assertThat(drawing.note())
                .startsWith("Shades tell the norm of the gradient, where one stands for several nodes the root mean"
                        + " square of theirs, by its logarithm: " + Numbers.text(least) + " to ");
    }

    @Test
    void should_explain_as_a_table() {
        DataTable table =
                Recordings.explanation("How", "loop: replayed\n    5 times\n    rows 2\nmemory:\n    small\nplain\n");
        assertThat(table.columns()).containsExactly("what", "how");
        assertThat(table.rows())
                .isEqualTo(List.of(
                        List.of("loop", "replayed; 5 times; rows 2"),
                        List.of("memory", "small"),
                        List.of("plain", "")));
        DataTable real = Recordings.explanation("How", plan(5).explain());
        assertThat(real.rows())
                .isNotEmpty()
                .allSatisfy(row -> assertThat((String) row.get(0)).isNotBlank());
        assertThat(Recordings.explanation("Nothing", "").rows()).isEmpty();
    }
}
