package dev.unfold.rnn.unroll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.GraphDiagram;
import dev.unfold.graph.GraphDiagram.Cluster;
import dev.unfold.graph.GraphDiagram.Edge;
import dev.unfold.graph.GraphDiagram.Kind;
import dev.unfold.graph.GraphDiagram.Vertex;
import dev.unfold.graph.Node;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiagramTest {
    private static Cell vanilla() {
        return new VanillaCell(new Parameters("rnn", DType.FLOAT32, new NumpyRandom(1)), 3, 4);
    }

    private static Cell lstm() {
        return new LstmCell(new Parameters("rnn", DType.FLOAT32, new NumpyRandom(1)), 3, 4);
    }

    private static Tensor inputs(int steps) {
        return Tensor.zeros(DType.FLOAT32, steps, 2, 3);
    }

    private static Graph last(Cell cell, int steps) {
        Graph graph = new Graph();
        graph.backward(Ops.sum(Unroll.dynamic(cell).over(graph, inputs(steps)).last()));
        return graph;
    }

    private static Plan plan(Cell cell, int steps) {
        Unroll unroll = Unroll.fixed(cell, steps, 2);
        return Plan.training(
                (graph, in) -> Ops.sum(unroll.over(graph, in.get(0)).last()), inputs(steps));
    }

    @Test
    void one_step_should_be_drawn_as_it_is_recorded() {
        assertThat(GraphDiagram.of(last(vanilla(), 1)).dot()).isEqualTo("""
                digraph recorded {
                  rankdir=LR; node [shape=box];
                  n0 [label="input\\n[1, 2, 3] float32", shape=ellipse];
                  n1 [label="input\\n[2, 4] float32", shape=ellipse];
                  n2 [label="input\\n[2, 4] float32", shape=ellipse];
                  n4 [label="rnn.wx\\n[3, 4] float32", shape=cylinder];
                  n5 [label="rnn.b\\n[4] float32", shape=cylinder];
                  n7 [label="rnn.wh\\n[4, 4] float32", shape=cylinder];
                  n10 [label="sum\\n[] float32"];
                  subgraph cluster_0 { label="step 0";
                    n3 [label="slice of input\\n[2, 3] float32", style=rounded];
                    n6 [label="affine\\n[2, 4] float32"];
                    n8 [label="addmm\\n[2, 4] float32"];
                    n9 [label="tanh\\n[2, 4] float32"];
                  }
                  n0 -> n3;
                  n3 -> n6 [label="0"];
                  n4 -> n6 [label="1"];
                  n5 -> n6 [label="2"];
                  n6 -> n8 [label="0"];
                  n1 -> n8 [label="1"];
                  n7 -> n8 [label="2"];
                  n8 -> n9;
                  n9 -> n10;
                }
                """);
    }

    @Test
    void two_steps_should_be_drawn_side_by_side() {
        Cell cell = vanilla();
        Tensor inputs = inputs(2);
        // tag::diagram[]
        Graph graph = new Graph();
        graph.backward(Ops.sum(Unroll.dynamic(cell).over(graph, inputs).last()));
        GraphDiagram diagram = GraphDiagram.of(graph);
        String mermaid = diagram.mermaid(); // or dot(), for Graphviz
        String small = diagram.folded(12).mermaid(); // so many nodes at most, however long the sequence
        // end::diagram[]
        assertThat(small.lines().filter(each -> each.contains("["))).hasSizeLessThanOrEqualTo(12 + 1);
        assertThat(mermaid).isEqualTo("""
                flowchart LR
                  n0(["input<br/>[2, 2, 3] float32"])
                  n1(["input<br/>[2, 4] float32"])
                  n2(["input<br/>[2, 4] float32"])
                  n4[("rnn.wx<br/>[3, 4] float32")]
                  n5[("rnn.b<br/>[4] float32")]
                  n7[("rnn.wh<br/>[4, 4] float32")]
                  n14["sum<br/>[] float32"]
                  subgraph g0["step 0"]
                    n3("slice of input<br/>[2, 3] float32")
                    n6["affine<br/>[2, 4] float32"]
                    n8["addmm<br/>[2, 4] float32"]
                    n9["tanh<br/>[2, 4] float32"]
                  end
                  subgraph g1["step 1"]
                    n10("slice of input<br/>[2, 3] float32")
                    n11["affine<br/>[2, 4] float32"]
                    n12["addmm<br/>[2, 4] float32"]
                    n13["tanh<br/>[2, 4] float32"]
                  end
                  n0 --> n3
                  n3 -->|0| n6
                  n4 -->|1| n6
                  n5 -->|2| n6
                  n6 -->|0| n8
                  n1 -->|1| n8
                  n7 -->|2| n8
                  n8 --> n9
                  n0 --> n10
                  n10 -->|0| n11
                  n4 -->|1| n11
                  n5 -->|2| n11
                  n11 -->|0| n12
                  n9 -->|1| n12
                  n7 -->|2| n12
                  n12 --> n13
                  n13 --> n14
                """);
    }

    @Test
    void three_steps_should_be_folded_into_two_and_one() {
        GraphDiagram diagram = GraphDiagram.of(last(vanilla(), 3));
        assertThat(diagram.clusters()).extracting(Cluster::label).containsExactly("step 0", "step 1", "step 2");
        assertThat(diagram.folded(15).mermaid()).isEqualTo("""
                flowchart LR
                  %% "3 steps are drawn as 2: successive ones that are equal"
                  n0(["input<br/>[3, 2, 3] float32"])
                  n1(["input<br/>[2, 4] float32"])
                  n2(["input<br/>[2, 4] float32"])
                  n4[("rnn.wx<br/>[3, 4] float32")]
                  n5[("rnn.b<br/>[4] float32")]
                  n7[("rnn.wh<br/>[4, 4] float32")]
                  n14["sum<br/>[] float32"]
                  subgraph g0["step 0"]
                    n3("slice of input<br/>[2, 3] float32")
                    n6["affine<br/>[2, 4] float32"]
                    n8["addmm<br/>[2, 4] float32"]
                    n9["tanh<br/>[2, 4] float32"]
                  end
                  subgraph g1["steps 1 to 2 (x 2)"]
                    n10("slice of input<br/>[2, 3] float32")
                    n11["affine<br/>[2, 4] float32"]
                    n12["addmm<br/>[2, 4] float32"]
                    n13["tanh<br/>[2, 4] float32"]
                  end
                  n0 --> n3
                  n3 -->|0| n6
                  n4 -->|1| n6
                  n5 -->|2| n6
                  n6 -->|0| n8
                  n1 -->|1| n8
                  n7 -->|2| n8
                  n8 --> n9
                  n0 --> n10
                  n10 -->|0| n11
                  n4 -->|1| n11
                  n5 -->|2| n11
                  n11 -->|0| n12
                  n9 -->|1| n12
                  n7 -->|2| n12
                  n12 --> n13
                  n13 --> n14
                  n13 -.->|1| n12
                """);
        assertThat(diagram.folded(12).mermaid()).isEqualTo("""
                flowchart LR
                  %% "3 steps are drawn as 1: successive ones that are alike but for their rows and what they take in"
                  n0(["input<br/>[3, 2, 3] float32"])
                  n1(["input<br/>[2, 4] float32"])
                  n2(["input<br/>[2, 4] float32"])
                  n4[("rnn.wx<br/>[3, 4] float32")]
                  n5[("rnn.b<br/>[4] float32")]
                  n7[("rnn.wh<br/>[4, 4] float32")]
                  n10["sum<br/>[] float32"]
                  subgraph g0["steps 0 to 2 (x 3)"]
                    n3("slice of input<br/>[2, 3] float32")
                    n6["affine<br/>[2, 4] float32"]
                    n8["addmm<br/>[2, 4] float32"]
                    n9["tanh<br/>[2, 4] float32"]
                  end
                  n0 --> n3
                  n3 -->|0| n6
                  n4 -->|1| n6
                  n5 -->|2| n6
                  n6 -->|0| n8
                  n1 -->|1| n8
                  n7 -->|2| n8
                  n8 --> n9
                  n9 --> n10
                  n9 -.->|1| n8
                """);
    }

    @Test
    void a_static_unroll_should_be_drawn_as_one_step_in_phases() {
        assertThat(GraphDiagram.of(plan(vanilla(), 3)).dot()).isEqualTo("""
                digraph recorded {
                  rankdir=LR; node [shape=box];
                  n0 [label="input\\n[3, 2, 3] float32", shape=ellipse];
                  n1 [label="input\\n[2, 4] float32", shape=ellipse];
                  n2 [label="input\\n[2, 4] float32", shape=ellipse];
                  n3 [label="rnn.wx\\n[3, 4] float32", shape=cylinder];
                  n4 [label="rnn.b\\n[4] float32", shape=cylinder];
                  n5 [label="rnn.wh\\n[4, 4] float32", shape=cylinder];
                  n11 [label="output of cell 'rnn' at step 2\\n[2, 4] float32", style=rounded];
                  n12 [label="sum\\n[] float32"];
                  subgraph cluster_0 { label="loop of cell 'rnn' (x 3)";
                    n6 [label="sequence 0\\n[2, 3] float32", shape=ellipse];
                    n7 [label="carried 0\\n[2, 4] float32", shape=ellipse];
                    subgraph cluster_1 { label="hoisted, over the rows of a window of steps at once";
                      n8 [label="affine\\n[2, 4] float32"];
                    }
                    subgraph cluster_2 { label="step by step";
                      n9 [label="addmm\\n[2, 4] float32"];
                      n10 [label="tanh\\n[2, 4] float32"];
                    }
                  }
                  n0 -> n6;
                  n1 -> n7;
                  n6 -> n8 [label="0"];
                  n3 -> n8 [label="1"];
                  n4 -> n8 [label="2"];
                  n8 -> n9 [label="0"];
                  n7 -> n9 [label="1"];
                  n5 -> n9 [label="2"];
                  n9 -> n10;
                  n10 -> n11;
                  n11 -> n12;
                  n10 -> n7 [style=dashed, constraint=false];
                }
                """);
    }

    @Test
    void a_static_step_of_an_lstm_should_show_its_gates() {
        assertThat(GraphDiagram.of(plan(lstm(), 5)).mermaid()).isEqualTo("""
                flowchart LR
                  n0(["input<br/>[5, 2, 3] float32"])
                  n1(["input<br/>[2, 4] float32"])
                  n2(["input<br/>[2, 4] float32"])
                  n3(["input<br/>[2, 4] float32"])
                  n4[("rnn.w<br/>[3, 16] float32")]
                  n5[("rnn.b<br/>[16] float32")]
                  n6[("rnn.u<br/>[4, 16] float32")]
                  n25("output of cell 'rnn' at step 4<br/>[2, 4] float32")
                  n26["sum<br/>[] float32"]
                  subgraph g0["loop of cell 'rnn' (x 5)"]
                    n7(["sequence 0<br/>[2, 3] float32"])
                    n8(["carried 0<br/>[2, 4] float32"])
                    n9(["carried 1<br/>[2, 4] float32"])
                    subgraph g1["hoisted, over the rows of a window of steps at once"]
                      n10["affine<br/>[2, 16] float32"]
                    end
                    subgraph g2["step by step"]
                      n11["addmm<br/>[2, 16] float32"]
                      n12["slice<br/>[2, 4] float32"]
                      n13["slice<br/>[2, 4] float32"]
                      n14["slice<br/>[2, 4] float32"]
                      n15["slice<br/>[2, 4] float32"]
                      n16["sigmoid<br/>[2, 4] float32"]
                      n17["sigmoid<br/>[2, 4] float32"]
                      n18["tanh<br/>[2, 4] float32"]
                      n19["times<br/>[2, 4] float32"]
                      n20["times<br/>[2, 4] float32"]
                      n21["plus<br/>[2, 4] float32"]
                      n22["sigmoid<br/>[2, 4] float32"]
                      n23["tanh<br/>[2, 4] float32"]
                      n24["times<br/>[2, 4] float32"]
                    end
                  end
                  n0 --> n7
                  n1 --> n8
                  n2 --> n9
                  n7 -->|0| n10
                  n4 -->|1| n10
                  n5 -->|2| n10
                  n10 -->|0| n11
                  n8 -->|1| n11
                  n6 -->|2| n11
                  n11 --> n12
                  n11 --> n13
                  n11 --> n14
                  n11 --> n15
                  n12 --> n16
                  n13 --> n17
                  n14 --> n18
                  n17 -->|0| n19
                  n9 -->|1| n19
                  n16 -->|0| n20
                  n18 -->|1| n20
                  n19 -->|0| n21
                  n20 -->|1| n21
                  n15 --> n22
                  n21 --> n23
                  n22 -->|0| n24
                  n23 -->|1| n24
                  n24 --> n25
                  n25 --> n26
                  n24 -.-> n8
                  n21 -.-> n9
                """);
    }

    @Test
    void rows_that_have_ended_should_be_seen_to_be_left_out() {
        Graph graph = new Graph();
        Ops.sum(Unroll.dynamic(vanilla())
                .over(graph, inputs(2), Lengths.of(2, 1))
                .last());
        assertThat(GraphDiagram.of(graph).mermaid()).isEqualTo("""
                flowchart LR
                  n0(["input<br/>[2, 2, 3] float32"])
                  n1(["input<br/>[2, 4] float32"])
                  n2(["input<br/>[2, 4] float32"])
                  n3["reshape<br/>[4, 3] float32"]
                  n4(["input<br/>[3] int32"])
                  n5["gather<br/>[3, 3] float32"]
                  n6(["input<br/>[2] int32"])
                  n7["gather<br/>[2, 4] float32"]
                  n9[("rnn.wx<br/>[3, 4] float32")]
                  n10[("rnn.b<br/>[4] float32")]
                  n12[("rnn.wh<br/>[4, 4] float32")]
                  n20["concat<br/>[3, 4] float32"]
                  n21(["input<br/>[2] int32"])
                  n22["gatherOrZero<br/>[2, 4] float32"]
                  n23["sum<br/>[] float32"]
                  subgraph g0["step 0"]
                    n8("slice of gather<br/>[2, 3] float32")
                    n11["affine<br/>[2, 4] float32"]
                    n13["addmm<br/>[2, 4] float32"]
                    n14["tanh<br/>[2, 4] float32"]
                  end
                  subgraph g1["step 1"]
                    n15("slice of tanh<br/>[1, 4] float32")
                    n16("slice of gather<br/>[1, 3] float32")
                    n17["affine<br/>[1, 4] float32"]
                    n18["addmm<br/>[1, 4] float32"]
                    n19["tanh<br/>[1, 4] float32"]
                  end
                  n0 --> n3
                  n3 -->|0| n5
                  n4 -->|1| n5
                  n1 -->|0| n7
                  n6 -->|1| n7
                  n5 --> n8
                  n8 -->|0| n11
                  n9 -->|1| n11
                  n10 -->|2| n11
                  n11 -->|0| n13
                  n7 -->|1| n13
                  n12 -->|2| n13
                  n13 --> n14
                  n14 --> n15
                  n5 --> n16
                  n16 -->|0| n17
                  n9 -->|1| n17
                  n10 -->|2| n17
                  n17 -->|0| n18
                  n15 -->|1| n18
                  n12 -->|2| n18
                  n18 --> n19
                  n14 -->|0| n20
                  n19 -->|1| n20
                  n20 -->|0| n22
                  n21 -->|1| n22
                  n22 --> n23
                """);
    }

    @Test
    void a_static_unroll_with_lengths_should_count_the_steps_that_are_run() {
        Graph graph = new Graph();
        Unroll.fixed(vanilla(), 9, 2).over(graph, inputs(5), Lengths.of(3, 1)).outputs();
        assertThat(GraphDiagram.of(graph).clusters())
                .extracting(Cluster::label)
                .containsExactly(
                        "loop of cell 'rnn' (x 3)",
                        "hoisted, over the rows of a window of steps at once",
                        "step by step");
        assertThat(GraphDiagram.of(plan(vanilla(), 7)).clusters())
                .extracting(Cluster::times)
                .containsExactly(7, 7, 7);
    }

    @Test
    void the_text_of_a_plan_should_not_change_with_its_runs() {
        Plan plan = plan(lstm(), 3);
        String before = GraphDiagram.of(plan).dot();
        plan.run(inputs(3));
        plan.backward();
        assertThat(GraphDiagram.of(plan).dot()).isEqualTo(before);
        assertThat(GraphDiagram.of(plan).vertices().stream().filter(each -> each.kind() == Kind.PARAMETER))
                .hasSize(3)
                .allMatch(each -> each.gradientNorm() != null);
        plan.run(inputs(2));
        assertThat(GraphDiagram.of(plan).clusters().get(0).label()).isEqualTo("loop of cell 'rnn' (x 2)");
    }

    @Test
    void an_unroll_within_a_budget_should_be_one_vertex_that_uses_its_parameters() {
        Graph graph = new Graph();
        graph.backward(Ops.sum(
                Unroll.dynamic(vanilla()).budget(1 << 20).over(graph, inputs(5)).last()));
        GraphDiagram diagram = GraphDiagram.of(graph);
        List<Vertex> loops = diagram.vertices().stream()
                .filter(each -> each.kind() == Kind.LOOP)
                .toList();
        assertThat(loops).extracting(Vertex::operation).containsExactly("loop of cell 'rnn' (x 5)");
        int loop = diagram.vertices().indexOf(loops.get(0));
        assertThat(diagram.edges().stream().filter(each -> each.to() == loop).map(Edge::from))
                .extracting(each -> diagram.vertices().get(each).operation())
                .containsExactly("input", "input", "rnn.wx", "rnn.b", "rnn.wh");
        assertThat(diagram.edges()).anyMatch(each -> each.from() == loop);
    }

    @Test
    void gradients_of_results_that_are_taken_out_should_have_norms() {
        Graph graph = new Graph();
        Unrolled unrolled = Unroll.dynamic(vanilla()).over(graph, inputs(6));
        List<Node> states = IntStream.range(0, 6).mapToObj(unrolled::output).toList();
        graph.backward(Ops.sum(unrolled.last()));
        List<Vertex> vertices = GraphDiagram.of(graph).vertices();
        for (Node state : states) {
            double sum = Arrays.stream(state.gradient().toDoubles())
                    .map(each -> each * each)
                    .sum();
            assertThat(vertices.get(state.id()).gradientNorm()).isPositive().isEqualTo(Math.sqrt(sum));
        }
        Graph fixed = new Graph();
        Unrolled other = Unroll.fixed(vanilla(), 6, 2).over(fixed, inputs(6));
        Node taken = other.output(2);
        fixed.backward(Ops.sum(other.last()));
        Node late = other.output(1);
        List<Vertex> ofFixed = GraphDiagram.of(fixed).vertices();
        assertThat(ofFixed.stream().filter(each -> each.id() == taken.id() && each.kind() == Kind.RESULT))
                .extracting(Vertex::gradientNorm)
                .containsExactly(vertices.get(states.get(2).id()).gradientNorm());
        assertThat(ofFixed.get(ofFixed.size() - 1).id()).isEqualTo(late.id());
        assertThat(ofFixed.get(ofFixed.size() - 1).gradientNorm()).isNull();
    }

    @Test
    void a_static_step_should_be_drawn_of_the_operations_of_each_dynamic_step() {
        for (int seed = 0; seed < 100; seed++) {
            DType dtype = seed % 2 == 0 ? DType.FLOAT32 : DType.FLOAT64;
            Tensor inputs = Tensor.zeros(dtype, 4, 2, new RandomCell("cell", seed, dtype).inputSize());
            Graph dynamic = new Graph();
            Unroll.dynamic(new RandomCell("cell", seed, dtype))
                    .over(dynamic, inputs)
                    .outputs();
            Graph fixed = new Graph();
            Unroll.fixed(new RandomCell("cell", seed, dtype), 6, 3)
                    .over(fixed, inputs)
                    .outputs();
            GraphDiagram ofDynamic = GraphDiagram.of(dynamic);
            GraphDiagram ofFixed = GraphDiagram.of(fixed);
            List<String> once = operations(ofFixed, each -> each.cluster() != GraphDiagram.NONE);
            assertThat(once).as("seed %d", seed).isNotEmpty();
            for (int t = 0; t < 4; t++) {
                int step = t;
                assertThat(operations(ofDynamic, each -> each.step() == step))
                        .as("seed %d, step %d", seed, step)
                        .isEqualTo(once);
            }
            assertThat(ofFixed.edges())
                    .as("seed %d", seed)
                    .allMatch(each -> each.from() < each.to() || each.nextStep());
            assertThat(ofDynamic.edges()).as("seed %d", seed).noneMatch(Edge::nextStep);
            assertThat(ofDynamic.folded(20).vertices()).as("seed %d", seed).hasSizeLessThanOrEqualTo(20);
            assertThat(ofFixed.folded(5).vertices()).as("seed %d", seed).hasSizeLessThanOrEqualTo(5);
        }
    }

    private static List<String> operations(GraphDiagram diagram, Predicate<Vertex> which) {
        return diagram.vertices().stream()
                .filter(each -> each.kind() == Kind.OPERATION && which.test(each))
                .map(each -> each.operation() + " " + each.shape() + " " + each.dtype() + " " + each.bytes())
                .toList();
    }

    @Test
    void layers_that_follow_each_other_should_have_steps_of_their_own() {
        Graph graph = new Graph();
        Cell second = new VanillaCell(new Parameters("top", DType.FLOAT32, new NumpyRandom(1)), 4, 4);
        Unroll.stacked(List.of(Unroll.dynamic(vanilla()), Unroll.dynamic(second)))
                .over(graph, inputs(1))
                .outputs();
        assertThat(GraphDiagram.of(graph).clusters()).extracting(Cluster::label).containsExactly("step 0", "step 0");
    }

    @Test
    void a_long_sequence_should_come_to_little_text() {
        Graph graph = new Graph();
        Unroll.dynamic(lstm()).over(graph, inputs(784)).outputs();
        GraphDiagram diagram = GraphDiagram.of(graph);
        assertThat(diagram.vertices()).hasSizeGreaterThan(10_000);
        for (int most : new int[] {100, 30, 12, 2}) {
            GraphDiagram folded = diagram.folded(most);
            assertThat(folded.vertices()).hasSizeLessThanOrEqualTo(most);
            assertThat(folded.dot()).hasSizeLessThan(5_000);
            assertThat(folded.mermaid()).hasSizeLessThan(5_000);
        }
        assertThat(diagram.folded(100).clusters())
                .extracting(Cluster::label)
                .containsExactly("step 0", "steps 1 to 783 (x 783)");
        assertThat(diagram.folded(30).clusters()).extracting(Cluster::label).containsExactly("steps 0 to 783 (x 784)");
    }

    @Test
    void a_batch_of_784_lengths_should_come_to_little_text() {
        Graph graph = new Graph();
        int[] lengths = IntStream.rangeClosed(1, 784).toArray();
        Tensor inputs = Tensor.zeros(DType.FLOAT32, 784, 784, 3);
        Unroll.dynamic(new VanillaCell(new Parameters("rnn", DType.FLOAT32, new NumpyRandom(1)), 3, 1))
                .over(graph, inputs, Lengths.of(lengths))
                .outputs();
        GraphDiagram folded = GraphDiagram.of(graph).folded(40);
        assertThat(folded.vertices()).hasSizeLessThanOrEqualTo(40);
        assertThat(folded.mermaid()).hasSizeLessThan(5_000);
        assertThat(folded.folds()).hasSizeLessThan(6);
    }

    @Test
    void graphviz_should_draw_it(@TempDir Path folder) throws IOException, InterruptedException {
        String path = System.getenv("PATH");
        assumeThat(path == null ? List.<String>of() : List.of(path.split(File.pathSeparator)))
                .as("the program dot of Graphviz is not installed; its check is left out")
                .anyMatch(each -> Files.isExecutable(Path.of(each, "dot")));
        List<GraphDiagram> diagrams = List.of(
                GraphDiagram.of(last(lstm(), 3)),
                GraphDiagram.of(last(lstm(), 9)).folded(20),
                GraphDiagram.of(plan(vanilla(), 3)));
        for (GraphDiagram diagram : diagrams) {
            Path file = Files.writeString(folder.resolve("graph.dot"), diagram.dot());
            Process process = new ProcessBuilder("dot", "-Tplain", file.toString())
                    .redirectErrorStream(true)
                    .start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(out).isZero();
            assertThat(out.lines().filter(each -> each.startsWith("node ")))
                    .hasSize(diagram.vertices().size());
        }
    }
}
