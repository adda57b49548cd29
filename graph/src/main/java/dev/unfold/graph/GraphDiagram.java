package dev.unfold.graph;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A recorded graph as data to be drawn: its nodes, what flows between them, and the steps and loops that they belong to. It holds no
 * tensors and does not change with the graph.
 *
 * <p>Of steps that are recorded one by one there is a cluster each, {@code step 0}, {@code step 1} and so on, also where their values have
 * been given back. A loop that is replayed is a cluster with its one recorded step, told apart by the phases in which it runs. A loop
 * within a budget that is recorded anew is one vertex. A parameter is there once, outside of all clusters.
 *
 * <pre>{@code
 * Node loss = model.loss(graph, batch);
 * String picture = GraphDiagram.of(graph).folded(100).mermaid();
 * }</pre>
 *
 * <p>What is recorded the same way gives the same text, so that it can be compared in tests.
 *
 * @param vertices in the order of recording
 * @param edges in the order of the vertices that they go to, those to the next step last
 * @param clusters in the order of recording, a parent before what lies in it
 * @param folds what has been drawn together, a line each; none unless {@link #folded}
 */
public record GraphDiagram(List<Vertex> vertices, List<Edge> edges, List<Cluster> clusters, List<String> folds) {
    /** In place of a step, a cluster or the number of an operand: none. */
    public static final int NONE = -1;

    /** What a vertex stands for. */
    public enum Kind {
        /** A tensor that is taken in as a constant. */
        INPUT,
        /** A tensor that is taken in and whose gradient is wanted. */
        VARIABLE,
        /** A parameter. */
        PARAMETER,
        /** The output of an operation; folded, that of the last of some operations which nobody but the next uses. */
        OPERATION,
        /** Part of another value, which is not copied. */
        VIEW,
        /** A loop whose steps are recorded anew. */
        LOOP,
        /** What is taken out of a loop. */
        RESULT,
        /** In the step of a loop: what comes with it. */
        SEQUENCE,
        /** In the step of a loop: what the step before has left. */
        CARRIED,
        /** Nodes that are drawn as one. */
        FOLDED
    }

    /**
     * A value.
     *
     * @param id the number of the node in its graph, or in the recorded step of its loop
     * @param operation the name of the operation, the parameter, or what else it is
     * @param kind what it stands for
     * @param shape its shape; in the step of a loop that of all rows of the batch
     * @param dtype the type of its elements
     * @param bytes what the values of all the nodes that it stands for take, those of one step in a loop; 0 where that lies in another's
     * @param step the step of the sequence during which it was recorded, the first of them where it stands for several; {@link #NONE}
     *     outside of any and in a loop
     * @param cluster the number of the innermost cluster that it lies in, or {@link #NONE}
     * @param learned whether gradients come to it in backward
     * @param gradientNorm the Euclidean norm of its gradient; null before backward, in the step of a loop, and where the gradient is not
     *     wanted or has been given back: see {@link Graph#keep} and {@link Graph#keepAll}
     * @param nodes how many nodes it stands for
     */
    public record Vertex(
            int id,
            String operation,
            Kind kind,
            Shape shape,
            DType dtype,
            long bytes,
            int step,
            int cluster,
            boolean learned,
            @Nullable Double gradientNorm,
            int nodes) {}

    /**
     * That a value is used.
     *
     * @param from the number of the vertex that is used
     * @param to the number of the one that uses it, greater unless it does so at the next step
     * @param input which operand it is, from 0; {@link #NONE} where the vertex stands for several operations
     * @param nextStep whether it is used at the next step
     */
    public record Edge(int from, int to, int input, boolean nextStep) {}

    /**
     * Vertices that lie together.
     *
     * @param kind what they have in common
     * @param label says so
     * @param parent the number of the cluster that it lies in, which lies in none, or {@link #NONE}
     * @param step the first step; {@link #NONE} for a loop and its phases
     * @param times how many steps it stands for: of a loop those that were run last, or, before the first run, that may be
     */
    public record Cluster(ClusterKind kind, String label, int parent, int step, int times) {}

    /** What the vertices of a cluster have in common. */
    public enum ClusterKind {
        /** A step, or successive steps that are alike. */
        STEP,
        /** A loop that is replayed. */
        LOOP,
        /** Operations of a loop that run together. */
        PHASE
    }

    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException where an edge or a vertex names one that is not there, an edge goes backwards within a step, or
     *     clusters lie more than two deep
     */
    public GraphDiagram {
        vertices = List.copyOf(vertices);
        edges = List.copyOf(edges);
        clusters = List.copyOf(clusters);
        folds = List.copyOf(folds);
        for (Edge edge : edges) {
            Objects.checkIndex(edge.from, vertices.size());
            Objects.checkIndex(edge.to, vertices.size());
            if (edge.from >= edge.to && !edge.nextStep) {
                throw new IllegalArgumentException("diagram: " + edge
                        + " goes back; expected vertices in an order in which each comes behind what it uses");
            }
        }
        for (Vertex vertex : vertices) {
            if (vertex.cluster != NONE) {
                Objects.checkIndex(vertex.cluster, clusters.size());
            }
        }
        for (Cluster cluster : clusters) {
            if (cluster.parent != NONE && clusters.get(cluster.parent).parent != NONE) {
                throw new IllegalArgumentException(
                        "diagram: " + cluster + " lies in one that lies in another; expected two levels at most");
            }
        }
    }

    /** Draws what is recorded on a graph, all of it. */
    public static GraphDiagram of(Graph graph) {
        return new DiagramRecorder(graph).draw();
    }

    /** Draws the recording of the present size of a plan. */
    public static GraphDiagram of(Plan plan) {
        return of(plan.graph());
    }

    /**
     * Returns a diagram of so many vertices at most, this one where it is no larger. As far as it takes, and in this order: successive steps
     * are drawn once where they are equal in all that is drawn of them, then also where they are alike but for the number of rows and what
     * they take in; operations that only the next one uses are drawn with it; each step or loop becomes one vertex; and what is recorded
     * one behind the other does.
     *
     * @param most at least 2: parameters are drawn apart from all else
     * @throws IllegalArgumentException for less
     */
    public GraphDiagram folded(int most) {
        if (most < 2) {
            throw new IllegalArgumentException(
                    "diagram: is to be folded into " + most + " vertices; expected at least 2");
        }
        return DiagramFold.fold(this, most);
    }

    /**
     * Returns a diagram of the last steps: the earlier ones are left out, and what stands outside of steps and is used by nothing else. It
     * is this one where there are no more steps.
     *
     * @param count how many steps, at least 1; of sequences that are gone through both ways, those at the end of the sequence
     * @throws IllegalArgumentException for less, or where steps have been {@link #folded}
     */
    public GraphDiagram lastSteps(int count) {
        int last = NONE;
        for (Cluster cluster : clusters) {
            if (cluster.times > 1 && cluster.kind == ClusterKind.STEP) {
                throw new IllegalArgumentException("diagram: " + cluster
                        + " stands for several steps; take the last steps first, and fold what is left");
            }
            last = Math.max(last, cluster.step);
        }
        if (count < 1) {
            throw new IllegalArgumentException("diagram: the last " + count + " steps; expected at least 1");
        }
        return last < count ? this : DiagramFold.from(this, last - count + 1);
    }

    /** Returns this as a digraph in the language of Graphviz, time from left to right. */
    public String dot() {
        return DiagramText.dot(this);
    }

    /** Returns this as a Mermaid flowchart, time from left to right. */
    public String mermaid() {
        return DiagramText.mermaid(this);
    }
}
