package dev.unfold.graph;

import java.util.ArrayList;
import java.util.List;

/** Shows tests of operations what a graph keeps to itself; lies here because these things are visible nowhere else. */
public final class Recorded {
    private Recorded() {}

    /** An operation as a graph recorded it: the object, its output and inputs, and which of them need a gradient. */
    public record Use(Op op, Node output, List<Node> inputs, List<Boolean> differentiated) {}

    /** Returns every operation on a graph, in order. */
    public static List<Use> uses(Graph graph) {
        List<Use> uses = new ArrayList<>();
        for (int id = 0; id < graph.size(); id++) {
            Node node = graph.node(id);
            Op op = node.op;
            if (op != null) {
                List<Boolean> differentiated = new ArrayList<>();
                for (int i = 0; i < node.inputs.length; i++) {
                    differentiated.add(node.inputs[i].needsGradient && op.differentiates(i));
                }
                uses.add(new Use(op, node, List.of(node.inputs), differentiated));
            }
        }
        return uses;
    }

    /** Returns the parameter that a node stands for. */
    public static Parameter parameter(Node node) {
        Parameter parameter = node.parameter;
        if (parameter == null) {
            throw new IllegalArgumentException(node + " is no parameter");
        }
        return parameter;
    }

    /** Returns a part of a tensor as a tensor of its own: the elements from a position on. */
    public static Tensor part(Tensor whole, int position, Shape shape) {
        Object array = switch (whole.dtype()) {
            case FLOAT32 -> whole.floats();
            case FLOAT64 -> whole.doubles();
            case INT32 -> whole.ints();
        };
        return new Tensor(whole.dtype(), shape, array, whole.offset() + position);
    }
}
